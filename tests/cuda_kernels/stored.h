#pragma once
// What a cache on the GPU holds, whatever type it stores.

#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/half.h"
#include "kernels/kv_layout.h"

namespace moescope {

/// `count` values of a cache whose bytes are those of a head or of latents: in Q8_0, (count) int8, then F32 scales.
inline std::vector<double> readStored(KvType type, const std::vector<unsigned char>& bytes, std::size_t count) {
    std::vector<double> result(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (type == KvType::kF32) {
            float f;
            std::memcpy(&f, &bytes[4 * i], 4);
            result[i] = f;
        } else if (type == KvType::kF16) {
            std::uint16_t h;
            std::memcpy(&h, &bytes[2 * i], 2);
            result[i] = halfToFloat(h);
        } else {
            float d;
            std::memcpy(&d, &bytes[count + i / 32 * 4], 4);
            result[i] = static_cast<double>(d) * static_cast<std::int8_t>(bytes[i]);
        }
    }
    return result;
}

}  // namespace moescope
