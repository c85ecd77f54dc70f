#pragma once
// The offsets within a packed super-block of 16 rows; see packed_matrix.h. Shared by the packer and the kernels.

#include <cstddef>

#include "kernels/codebooks.h"
#include "kernels/tensor_type.h"

namespace moescope {

/// How the sub-scales of a super-block are stored.
enum class SubScales {
    kNone,        ///< each block of 32 columns has half scales of its own
    kScaleBytes,  ///< one signed byte a sub-block
    kScaleMin,    ///< one byte a sub-block for the scale, and one for the min (Q4_K, Q5_K)
    kNibbles,     ///< one byte a sub-block: low nibble scale, high nibble min (Q2_K)
    kExponents,   ///< one byte per block, an exponent of two instead of d (MXFP4)
    kOddNibbles,  ///< one nibble s per block, for 2 s + 1: two blocks per byte, the first low (IQ3_S)
    kTags,        ///< the tags of a block, of types with a codebook
};

/// What the nibbles are indices of, if of something.
enum class Levels { kNone, kIq4, kMxfp4, kOdd };

/// The packed form of a type. Integer weights are unsigned; the value of a weight is scale * (q - offset), or
/// scale * q + min for affine types (scale * q - min where there are sub-scales).
struct PackedLayout {
    bool nibble_plane;
    bool pair_plane;  ///< lowest bits if there is no nibble plane, else those above it
    bool bit_plane;   ///< the bit above the planes before it
    bool byte_plane;
    int sub_blocks;  ///< scales in 32 columns: 1 or 2
    SubScales sub_scales;
    bool affine;
    int offset;
    Levels levels;
    CodebookUse codes = {};  ///< of types with a codebook, whose signs are the bit plane

    /// Whether scales have sub-scales, so that a super-block has one d.
    constexpr bool superBlocks() const { return sub_scales != SubScales::kNone && hasD(); }
    constexpr bool hasD() const { return sub_scales != SubScales::kExponents; }

    // Offsets in a super-block of that many blocks; the nibble plane, or that of numbers, is at 0.
    constexpr std::size_t numberBytes() const { return static_cast<std::size_t>(16 * codes.vectors); }  ///< of a block
    constexpr std::size_t pairOffset(std::size_t blocks) const { return blocks * (nibble_plane ? 256 : numberBytes()); }
    constexpr std::size_t bitOffset(std::size_t blocks) const {
        return pairOffset(blocks) + (pair_plane ? blocks * 128 : 0);
    }
    constexpr std::size_t byteOffset(std::size_t blocks) const {
        return bitOffset(blocks) + (bit_plane ? blocks * 64 : 0);
    }
    constexpr std::size_t scaleOffset(std::size_t blocks) const {
        return byteOffset(blocks) + (byte_plane ? blocks * 512 : 0);
    }
    constexpr std::size_t subScaleBytes(std::size_t blocks) const {
        if (sub_scales == SubScales::kNone) return 0;
        if (sub_scales == SubScales::kOddNibbles) return 16 * ((blocks + 1) / 2);
        return 16 * blocks * static_cast<std::size_t>(codes ? codes.tag_bytes : sub_blocks);
    }
    constexpr std::size_t minOffset(std::size_t blocks) const { return scaleOffset(blocks) + subScaleBytes(blocks); }
    constexpr std::size_t dOffset(std::size_t blocks) const {
        return minOffset(blocks) + (sub_scales == SubScales::kScaleMin ? subScaleBytes(blocks) : 0);
    }
    constexpr std::size_t dBytes(std::size_t blocks) const {
        if (!hasD()) return 0;
        return superBlocks() ? 32 : 32 * blocks;
    }
    constexpr std::size_t dminOffset(std::size_t blocks) const { return dOffset(blocks) + dBytes(blocks); }
    constexpr std::size_t bytes(std::size_t blocks) const {
        const std::size_t end = dminOffset(blocks) + (affine ? dBytes(blocks) : 0);
        return (end + 63) / 64 * 64;
    }
};

/// Blocks of 32 columns in a super-block; the last one of a row may have fewer.
inline constexpr std::size_t kSuperBlocks = 8;

/// The layout of a quantized type. Not for the float types.
constexpr PackedLayout packedLayout(TensorType type) {
    using enum SubScales;
    //                                   nibble pair  bit    byte  sub-blocks   affine offset levels
    switch (type) {
        case TensorType::kQ4_0:
            return {true, false, false, false, 1, kNone, false, 8, Levels::kNone};
        case TensorType::kQ4_1:
            return {true, false, false, false, 1, kNone, true, 0, Levels::kNone};
        case TensorType::kQ5_0:
            return {true, false, true, false, 1, kNone, false, 16, Levels::kNone};
        case TensorType::kQ5_1:
            return {true, false, true, false, 1, kNone, true, 0, Levels::kNone};
        case TensorType::kQ8_0:
            return {false, false, false, true, 1, kNone, false, 128, Levels::kNone};
        case TensorType::kQ2_K:
            return {false, true, false, false, 2, kNibbles, true, 0, Levels::kNone};
        case TensorType::kQ3_K:
            return {false, true, true, false, 2, kScaleBytes, false, 4, Levels::kNone};
        case TensorType::kQ4_K:
            return {true, false, false, false, 1, kScaleMin, true, 0, Levels::kNone};
        case TensorType::kQ5_K:
            return {true, false, true, false, 1, kScaleMin, true, 0, Levels::kNone};
        case TensorType::kQ6_K:
            return {true, true, false, false, 2, kScaleBytes, false, 32, Levels::kNone};
        case TensorType::kIQ4_NL:
            return {true, false, false, false, 1, kNone, false, 128, Levels::kIq4};
        case TensorType::kIQ4_XS:
            return {true, false, false, false, 1, kScaleBytes, false, 128, Levels::kIq4};
        case TensorType::kMXFP4:
            return {true, false, false, false, 1, kExponents, false, 12, Levels::kMxfp4};
        case TensorType::kIQ3_S:
            return {true, false, false, false, 1, kOddNibbles, false, 15, Levels::kOdd};
        case TensorType::kIQ1_S:
        case TensorType::kIQ1_M:
        case TensorType::kIQ2_XXS:
        case TensorType::kIQ2_XS:
        case TensorType::kIQ2_S:
        case TensorType::kIQ3_XXS: {
            const CodebookUse use = codebookUse(type);
            const int sub_blocks = use.scale_at[0] == use.scale_at[1] ? 1 : 2;
            return {false, false, use.signs, false, sub_blocks, kTags, false, use.offset, Levels::kNone, use};
        }
        case TensorType::kF32:
        case TensorType::kF16:
        case TensorType::kBF16:
            break;
    }
    return {};
}

constexpr bool isFloatType(TensorType type) {
    return type == TensorType::kF32 || type == TensorType::kF16 || type == TensorType::kBF16;
}

}  // namespace moescope
