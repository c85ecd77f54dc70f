#pragma once
// Weights repacked for a GPU: planes from which a thread loads the 32 weights of a block with 16-byte loads, and the
// threads of a warp neighboring blocks. Plain C++; no CUDA.
//
// Rows are sequences of blocks of 32 columns, eight of which make a super-block for the types that have one. A matrix
// is a sequence of planes, each beginning at a multiple of 256 bytes; within a plane rows follow one another, and
// within a row blocks (or super-blocks). Integers are kept as in the file, only their places change:
//
//   number plane, 4 or 8 bytes       numbers of a codebook's vectors, their lowest bits (kernels/codebooks.h)
//   nibble plane, 16 bytes per block byte 4 l + c: low nibble is column 8 l + c, high nibble column 8 l + 4 + c
//   byte planes, 16 bytes per block  two: columns 0..15, and columns 16..31, signed
//   pair plane, 8 bytes per block    byte 4 v + c: bits 2 f, 2 f + 1 are those of column 16 v + 4 f + c
//   bit plane, 4 bytes per block     byte c: bit j is that of column 4 j + c
//   scale plane                      bytes per block or super-block, see Scales
//   super plane                      d (and dmin) of super-blocks whose scale plane does not hold them
//
// So a 32-bit word shifted and masked gives four neighboring columns, what __dp4a and mma take.
// Float types keep the file's rows, each padded with zeros to a multiple of 16 bytes.

#include <cstddef>
#include <cstdint>

#include "kernels/codebooks.h"
#include "kernels/tensor_type.h"

namespace moescope::cuda {

/// What the scale plane holds. Halves are as in the file.
enum class Scales : std::uint8_t {
    kFloat,      ///< nothing: F32, F16, BF16
    kHalf,       ///< a block: half d. Q8_0, Q4_0, Q5_0, IQ4_NL
    kHalfMin,    ///< a block: half d, half min. Q4_1, Q5_1
    kSixBits,    ///< a super-block, four words: half d | dmin << 16; low nibbles of 8 scales; of 8 mins; high pairs of
                 ///< scales | of mins << 16. Q4_K, Q5_K
    kSixBits16,  ///< a super-block, four words: half d; low nibbles of scales 0..7; of 8..15; high pairs of 16 scales,
                 ///< which have 32 added. Q3_K
    kIq4,        ///< a super-block, two words: half d | high pairs << 16; low nibbles of 8 scales, 32 added. IQ4_XS
    kBytes,      ///< a block: two signed bytes; the super plane has half d. Q6_K
    kNibbles,    ///< a block: two bytes, low nibble scale, high nibble min; the super plane has half d, dmin. Q2_K
    kExponents,  ///< a block: a byte, the scale is two to it less 128. MXFP4
    kOdd,        ///< a super-block, a word: nibbles s of eight scales d (2 s + 1); the super plane has half d. IQ3_S
    kTags,       ///< a block: the tag bytes of a type with a codebook; the super plane has half d
};

/// What nibbles stand for where it is not their number.
enum class Levels : std::uint8_t { kNone, kIq4, kMxfp4, kOdd };

/// The packed form of a type. A weight is scale * (q - offset), or scale * q + min (- min in super-blocks).
struct Layout {
    bool nibble_plane = false, byte_planes = false, pair_plane = false, bit_plane = false;
    Scales scales = Scales::kFloat;
    int scale_bytes = 0;  ///< in the scale plane, a block; a super-block if `per_super`
    bool per_super = false;
    int super_bytes = 0;  ///< in the super plane, a super-block
    int offset = 0;       ///< taken from unsigned weights
    Levels levels = Levels::kNone;
    int sub_blocks = 1;  ///< scales in 32 columns
    bool mins = false;
    CodebookUse codes = {};  ///< of types with a codebook, whose signs are the bit plane

    /// Bytes of the first plane, a block: numbers, nibbles, or the first byte plane.
    constexpr std::size_t firstPlane() const {
        if (codes) return static_cast<std::size_t>(codes.vectors);
        return nibble_plane || byte_planes ? 16 : 0;
    }

    /// Bytes of the scale plane that are written at once: a block's, or a super-block's for the types that have one.
    constexpr std::size_t scaleRun() const {
        return static_cast<std::size_t>(per_super || super_bytes == 0 ? scale_bytes : 8 * scale_bytes);
    }
    /// Where those of block `at` begin.
    constexpr std::size_t scaleOffset(std::size_t at) const {
        return (per_super ? at / 8 : at) * static_cast<std::size_t>(scale_bytes);
    }
};

constexpr Layout layout(TensorType type) {
    using enum Levels;
    //             nibble bytes  pair   bit    scales               bytes  super  +  offset levels subs mins
    switch (type) {
        case TensorType::kQ4_0:
            return {true, false, false, false, Scales::kHalf, 2, false, 0, 8, kNone, 1, false};
        case TensorType::kQ4_1:
            return {true, false, false, false, Scales::kHalfMin, 4, false, 0, 0, kNone, 1, true};
        case TensorType::kQ5_0:
            return {true, false, false, true, Scales::kHalf, 2, false, 0, 16, kNone, 1, false};
        case TensorType::kQ5_1:
            return {true, false, false, true, Scales::kHalfMin, 4, false, 0, 0, kNone, 1, true};
        case TensorType::kQ8_0:
            return {false, true, false, false, Scales::kHalf, 2, false, 0, 0, kNone, 1, false};
        case TensorType::kIQ4_NL:
            return {true, false, false, false, Scales::kHalf, 2, false, 0, 0, kIq4, 1, false};
        case TensorType::kIQ4_XS:
            return {true, false, false, false, Scales::kIq4, 8, true, 0, 0, kIq4, 1, false};
        case TensorType::kMXFP4:
            return {true, false, false, false, Scales::kExponents, 1, false, 0, 0, kMxfp4, 1, false};
        case TensorType::kIQ3_S:
            return {true, false, false, false, Scales::kOdd, 4, true, 2, 15, kOdd, 1, false};
        case TensorType::kQ2_K:
            return {false, false, true, false, Scales::kNibbles, 2, false, 4, 0, kNone, 2, true};
        case TensorType::kQ3_K:
            return {false, false, true, true, Scales::kSixBits16, 16, true, 0, 4, kNone, 2, false};
        case TensorType::kQ4_K:
            return {true, false, false, false, Scales::kSixBits, 16, true, 0, 0, kNone, 1, true};
        case TensorType::kQ5_K:
            return {true, false, false, true, Scales::kSixBits, 16, true, 0, 0, kNone, 1, true};
        case TensorType::kQ6_K:
            return {true, false, true, false, Scales::kBytes, 2, false, 2, 32, kNone, 2, false};
        case TensorType::kIQ1_S:
        case TensorType::kIQ1_M:
        case TensorType::kIQ2_XXS:
        case TensorType::kIQ2_XS:
        case TensorType::kIQ2_S:
        case TensorType::kIQ3_XXS: {
            // Signs are put to the vectors when they are looked up, so that only weights with a delta have an offset.
            const CodebookUse use = codebookUse(type);
            const int subs = use.scale_at[0] == use.scale_at[1] ? 1 : 2;
            return {false, false, false, use.signs, Scales::kTags, use.tag_bytes, false, 2, use.signs ? 0 : use.offset,
                    kNone, subs,  false, use};
        }
        case TensorType::kF32:
        case TensorType::kF16:
        case TensorType::kBF16:
            break;
    }
    return {};
}

/// What the scale plane holds of a block or super-block, and the super plane.
struct PackedScales {
    std::uint32_t words[6] = {};
    std::uint32_t super = 0;
};

/// Packs scales and mins that have been taken apart: those of row_block.h, in the order of sub-blocks; of a type with a
/// codebook the bytes of its tags, block after block.
constexpr PackedScales packScales(const Layout& l, const unsigned char* scales, const unsigned char* mins, unsigned d,
                                  unsigned dmin) {
    PackedScales p;
    // Six-bit numbers: low nibbles of eight, high pairs of eight or sixteen.
    const auto nibbles = [](const unsigned char* n, int first, unsigned added) {
        std::uint32_t word = 0;
        for (int i = 0; i < 8; ++i) word |= ((n[first + i] + added) & 15u) << (4 * i);
        return word;
    };
    const auto pairs = [](const unsigned char* n, int count, unsigned added) {
        std::uint32_t word = 0;
        for (int i = 0; i < count; ++i) word |= (((n[i] + added) >> 4) & 3u) << (2 * i);
        return word;
    };
    switch (l.scales) {
        case Scales::kFloat:
            break;
        case Scales::kHalf:
            p.words[0] = d;
            break;
        case Scales::kHalfMin:
            p.words[0] = d | dmin << 16;
            break;
        case Scales::kSixBits:
            p.words[0] = d | dmin << 16;
            p.words[1] = nibbles(scales, 0, 0);
            p.words[2] = nibbles(mins, 0, 0);
            p.words[3] = pairs(scales, 8, 0) | pairs(mins, 8, 0) << 16;
            break;
        case Scales::kSixBits16:
            p.words[0] = d;
            p.words[1] = nibbles(scales, 0, 32);
            p.words[2] = nibbles(scales, 8, 32);
            p.words[3] = pairs(scales, 16, 32);
            break;
        case Scales::kIq4:
            p.words[0] = d | pairs(scales, 8, 32) << 16;
            p.words[1] = nibbles(scales, 0, 32);
            break;
        case Scales::kExponents:
            p.words[0] = scales[0];
            break;
        case Scales::kBytes:
        case Scales::kNibbles:
        case Scales::kOdd:
        case Scales::kTags:
            for (std::size_t i = 0; i < l.scaleRun(); ++i) {
                p.words[i / 4] |= static_cast<std::uint32_t>(scales[i]) << (8 * (i % 4));
            }
            p.super = d | dmin << 16;
            break;
    }
    return p;
}

constexpr bool isFloat(TensorType type) {
    return type == TensorType::kF32 || type == TensorType::kF16 || type == TensorType::kBF16;
}
/// Where the planes of a matrix begin, in bytes from its start; the first plane begins at 0. Planes that a type does
/// not have are empty.
struct Planes {
    std::size_t high_bytes = 0;  ///< the second byte plane
    std::size_t pairs = 0, bits = 0, scales = 0, supers = 0;
    std::size_t end = 0;  ///< bytes of the matrix, a multiple of 256
};

inline constexpr std::size_t kPlaneAlignment = 256;

constexpr std::size_t alignPlane(std::size_t bytes) {
    return (bytes + kPlaneAlignment - 1) / kPlaneAlignment * kPlaneAlignment;
}

/// Bytes of a row of a float type.
constexpr std::size_t floatPitch(TensorType type, std::size_t columns) {
    return (columns * (type == TensorType::kF32 ? 4 : 2) + 15) / 16 * 16;
}

constexpr Planes planes(TensorType type, std::size_t rows, std::size_t columns) {
    Planes p;
    if (isFloat(type)) {
        p.end = alignPlane(rows * floatPitch(type, columns));
        return p;
    }
    const Layout l = layout(type);
    const std::size_t blocks = rows * (columns / 32);
    p.high_bytes = alignPlane(blocks * l.firstPlane());
    p.pairs = p.high_bytes + (l.byte_planes ? alignPlane(blocks * 16) : 0);
    p.bits = p.pairs + (l.pair_plane ? alignPlane(blocks * 8) : 0);
    p.scales = p.bits + (l.bit_plane ? alignPlane(blocks * 4) : 0);
    p.supers = p.scales + alignPlane((l.per_super ? blocks / 8 : blocks) * static_cast<std::size_t>(l.scale_bytes));
    p.end = p.supers + alignPlane(blocks / 8 * static_cast<std::size_t>(l.super_bytes));
    return p;
}

/// Bytes of a packed matrix, a multiple of 256: within a few hundred bytes of the file's; of Q3_K 1.8 % more, of IQ1_M
/// 3.6 %, IQ3_XXS 8.2 %, IQ2_XS 10.8 %, IQ2_XXS 12.1 %, IQ3_S 21.8 %.
constexpr std::size_t packedBytes(TensorType type, std::size_t rows, std::size_t columns) {
    return planes(type, rows, columns).end;
}

/// Packs `count` rows, the first of which is row `first` of a matrix of (rows, columns), from the file's layout.
/// `matrix` is the packed matrix in host memory, packedBytes() long; several threads may pack rows of one matrix at
/// once.
void packRows(TensorType type, std::size_t rows, std::size_t columns, std::size_t first, std::size_t count,
              const std::byte* source, unsigned char* matrix);

/// A packed matrix in device memory (or, in tests, anywhere); 256-byte aligned, belongs to someone else.
struct Matrix {
    TensorType type = TensorType::kF32;
    int rows = 0;
    int columns = 0;  ///< a multiple of the type's block; of float types any number
    const unsigned char* data = nullptr;

    explicit operator bool() const { return data != nullptr; }
};

/// The matrices that a layer's routed experts have for one role. Expert e is at data + slot * packedBytes(), where
/// slot is slots[e], or e if there are no slots.
struct ExpertMatrices {
    TensorType type = TensorType::kF32;
    int rows = 0;
    int columns = 0;
    const unsigned char* data = nullptr;
    const std::int32_t* slots = nullptr;  ///< device memory, one per expert; -1: not on this GPU, adds nothing here

    explicit operator bool() const { return data != nullptr; }
};

/// The matrices from `first` on, of those that need no table.
inline ExpertMatrices matricesFrom(ExpertMatrices m, int first) {
    m.data += static_cast<std::size_t>(first) *
              packedBytes(m.type, static_cast<std::size_t>(m.rows), static_cast<std::size_t>(m.columns));
    return m;
}

}  // namespace moescope::cuda
