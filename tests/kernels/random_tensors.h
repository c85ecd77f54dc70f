#pragma once
// Random rows of every tensor type, with scales of a sensible size.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "kernels/half.h"
#include "kernels/tensor_type.h"

namespace moescope {

/// `rows` rows of `columns` weights in GGUF's layout, of magnitude 1 or so.
inline std::vector<std::byte> randomRows(TensorType type, std::size_t rows, std::size_t columns, std::uint32_t seed) {
    std::mt19937 random(seed);
    const TensorTypeInfo& t = info(type);
    std::vector<std::byte> bytes(rows * rowBytes(type, columns));
    for (auto& b : bytes) b = static_cast<std::byte>(random());
    std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
    const auto putHalf = [&](std::size_t at, float x) {
        const std::uint16_t h = floatToHalf(x);
        std::memcpy(&bytes[at], &h, 2);
    };
    for (std::size_t at = 0; at < bytes.size(); at += t.block_bytes) {
        const float x = uniform(random);
        switch (type) {
            case TensorType::kF32:
                std::memcpy(&bytes[at], &x, 4);
                break;
            case TensorType::kF16:
                putHalf(at, x);
                break;
            case TensorType::kBF16: {
                std::uint32_t bits;
                std::memcpy(&bits, &x, 4);
                const auto high = static_cast<std::uint16_t>(bits >> 16);
                std::memcpy(&bytes[at], &high, 2);
                break;
            }
            case TensorType::kQ2_K:
                putHalf(at + 80, x / 16);
                putHalf(at + 82, uniform(random) / 16);
                break;
            case TensorType::kQ3_K:
                putHalf(at + 108, x / 64);
                break;
            case TensorType::kQ6_K:
                putHalf(at + 208, x / 1024);
                break;
            case TensorType::kIQ1_S:
                putHalf(at, x / 16);
                break;
            case TensorType::kIQ1_M: {  // a nibble of d above each 12 bits of scales
                const std::uint16_t d = floatToHalf(x / 16);
                for (std::size_t i = 0; i < 4; ++i) {
                    std::byte& high = bytes[at + 49 + 2 * i];
                    high = (high & std::byte{15}) | static_cast<std::byte>(((d >> (4 * i)) & 15) << 4);
                }
                break;
            }
            case TensorType::kIQ2_XXS:
            case TensorType::kIQ2_XS:
            case TensorType::kIQ2_S:
                putHalf(at, x / 128);
                break;
            case TensorType::kIQ3_XXS:
            case TensorType::kIQ3_S:
                putHalf(at, x / 512);
                break;
            case TensorType::kMXFP4:
                bytes[at] = static_cast<std::byte>(120 + random() % 6);
                break;
            case TensorType::kIQ4_XS:
                putHalf(at, x / 1024);
                break;
            case TensorType::kQ4_K:
            case TensorType::kQ5_K:
                putHalf(at, x / 512);
                putHalf(at + 2, uniform(random) / 64);
                break;
            case TensorType::kQ4_1:
            case TensorType::kQ5_1:
                putHalf(at, x / 16);
                putHalf(at + 2, uniform(random));
                break;
            default:
                putHalf(at, x / 64);
                break;
        }
    }
    return bytes;
}

}  // namespace moescope
