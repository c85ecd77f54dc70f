#pragma once
// The block layouts of files' quantized types, split into what repacking and dequantizing both need: unsigned
// integer weights, and the scales they go with. `d`, `dmin` are halves as stored.
//
// Layouts as in ggml's public format description; a block of the 32-weight types holds half scales first, a block of
// the 256-weight "K" types holds 6-bit sub-scales in 12 or 16 bytes.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace moescope {

using Byte = unsigned char;

/// The 16 levels of IQ4_NL and IQ4_XS.
inline constexpr std::array<std::int8_t, 16> kIq4Levels = {-127, -104, -83, -65, -49, -35, -22, -10,
                                                           1,    13,   25,  38,  53,  69,  89,  113};

/// The 16 levels of MXFP4, twice their value.
inline constexpr std::array<std::int8_t, 16> kMxfp4Levels = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/// Half of what an MXFP4 exponent stands for: 2^(e - 128); 255 is NaN.
constexpr float mxfp4Scale(Byte e) {
    if (e == 255) return std::bit_cast<float>(0x7fc00000u);
    return std::bit_cast<float>(e < 2 ? 0x00200000u << e
                                      : static_cast<std::uint32_t>(e - 1) << 23);  // subnormal below 2
}

inline std::uint16_t readHalf(const Byte* p) {
    std::uint16_t h;
    std::memcpy(&h, p, sizeof h);
    return h;
}

/// Low nibbles are weights 0..15, high nibbles 16..31 of a 32-weight block.
inline void splitNibbles32(const Byte* packed, Byte* q) {
    for (int i = 0; i < 16; ++i) {
        q[i] = packed[i] & 15;
        q[i + 16] = packed[i] >> 4;
    }
}

/// Adds the fifth bits of a 32-weight block: bit i of a little-endian word is that of weight i.
inline void addFifthBits32(const Byte* bits, Byte* q) {
    std::uint32_t word;
    std::memcpy(&word, bits, sizeof word);
    for (int i = 0; i < 32; ++i) q[i] = static_cast<Byte>(q[i] | (((word >> i) & 1u) << 4));
}

/// Q4_K, Q5_K: eight 6-bit scales and eight 6-bit mins in 12 bytes.
inline void splitScales12(const Byte* packed, Byte* scales, Byte* mins) {
    for (int i = 0; i < 4; ++i) {
        scales[i] = packed[i] & 63;
        mins[i] = packed[i + 4] & 63;
        scales[i + 4] = static_cast<Byte>((packed[i + 8] & 15) | ((packed[i] >> 6) << 4));
        mins[i + 4] = static_cast<Byte>((packed[i + 8] >> 4) | ((packed[i + 4] >> 6) << 4));
    }
}

/// Q3_K: sixteen 6-bit scales in 12 bytes, stored with 32 added.
inline void splitScalesQ3(const Byte* packed, std::int8_t* scales) {
    for (int i = 0; i < 16; ++i) {
        const int low = i < 8 ? packed[i] & 15 : packed[i - 8] >> 4;
        const int high = (packed[8 + i % 4] >> (2 * (i / 4))) & 3;
        scales[i] = static_cast<std::int8_t>((low | (high << 4)) - 32);
    }
}

/// Q4_K, Q5_K: each 32 bytes hold sub-blocks 2j (low nibbles) and 2j + 1 (high nibbles).
inline void splitNibblesK(const Byte* packed, Byte* q) {
    for (int j = 0; j < 4; ++j) {
        for (int i = 0; i < 32; ++i) {
            q[64 * j + i] = packed[32 * j + i] & 15;
            q[64 * j + 32 + i] = packed[32 * j + i] >> 4;
        }
    }
}

/// Q2_K, Q3_K: each 32 bytes hold four sub-blocks of 32 weights, two bits each.
inline void splitPairsK(const Byte* packed, Byte* q) {
    for (int half = 0; half < 2; ++half) {
        for (int j = 0; j < 4; ++j) {
            for (int i = 0; i < 32; ++i) {
                q[128 * half + 32 * j + i] = (packed[32 * half + i] >> (2 * j)) & 3;
            }
        }
    }
}

/// Q3_K (third bit) and Q5_K (fifth bit): bit j of byte i is that of weight 32 j + i.
inline void addBitK(const Byte* bits, int at, Byte* q) {
    for (int j = 0; j < 8; ++j) {
        for (int i = 0; i < 32; ++i) {
            q[32 * j + i] = static_cast<Byte>(q[32 * j + i] | (((bits[i] >> j) & 1) << at));
        }
    }
}

/// Q6_K: low nibbles in 128 bytes, high bit pairs in 64, by halves of 128 weights.
inline void splitSixBits(const Byte* low, const Byte* high, Byte* q) {
    for (int half = 0; half < 2; ++half) {
        for (int i = 0; i < 32; ++i) {
            const Byte a = low[64 * half + i], b = low[64 * half + 32 + i], h = high[32 * half + i];
            Byte* out = q + 128 * half + i;
            out[0] = static_cast<Byte>((a & 15) | ((h & 3) << 4));
            out[32] = static_cast<Byte>((b & 15) | (((h >> 2) & 3) << 4));
            out[64] = static_cast<Byte>((a >> 4) | (((h >> 4) & 3) << 4));
            out[96] = static_cast<Byte>((b >> 4) | ((h >> 6) << 4));
        }
    }
}

}  // namespace moescope
