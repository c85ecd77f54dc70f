#pragma once
// How the CPU's KV cache is laid out in memory, one head of one layer at a time.
//
// Keys: groups of 16 positions. F32 and F16: dimension after dimension, 16 positions each, so that scores of 16
// positions are computed without horizontal sums. Q8_0: for each 32 dimensions 32 x 16 int8, then 16 F32 scales.
// Values: position after position, dimensions next to one another; Q8_0: for each 32 dimensions 32 int8, then one
// F32 scale. (The scales are F32, not the F16 of the file format: an outlier must not become infinite.)

#include <cstddef>
#include <cstdint>

namespace moescope {

enum class KvType : std::uint8_t { kF32, kF16, kQ8_0 };

inline constexpr std::size_t kKvGroup = 16;

/// Bytes that one position's vector of `dim` values takes. dim is a multiple of 16 (of 32 for Q8_0).
constexpr std::size_t kvBytes(KvType type, std::size_t dim) {
    switch (type) {
        case KvType::kF32:
            return dim * 4;
        case KvType::kF16:
            return dim * 2;
        case KvType::kQ8_0:
            return dim / 32 * 36;
    }
    return 0;
}

/// A view of one head's keys and values; 64-byte aligned memory that belongs to someone else.
struct KvHead {
    KvType type = KvType::kF16;
    std::size_t key_dim = 0;
    std::size_t value_dim = 0;
    unsigned char* keys = nullptr;    ///< kvBytes(type, key_dim) for each position, positions rounded up to 16
    unsigned char* values = nullptr;  ///< kvBytes(type, value_dim) for each position
};

}  // namespace moescope
