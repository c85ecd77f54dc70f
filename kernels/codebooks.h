#pragma once
// The codebooks of IQ1, IQ2 and IQ3: types whose weights are stored as numbers of vectors of four or eight weights.
// Plain C++, for every device.
//
// A codebook is a set of codes in rising order. A code's digits are indices of levels, that of the first weight lowest:
// eight digits of base 3 (IQ1, IQ2) or four of base 8 (IQ3). What is written in codebook_codes.h is which codes there
// are; the vectors are made of them when this program is compiled.

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/codebook_codes.h"
#include "kernels/tensor_type.h"

namespace moescope {

/// Vectors as the bytes of a word, the first weight lowest. IQ2, IQ3: magnitudes. IQ1: 0, 8 and 16 for -1, 0 and 1, to
/// which 2 is added where delta is positive, so that a weight is an eighth of (byte - 9).
struct Codebooks {
    alignas(64) std::array<std::uint64_t, 2048> iq1;
    std::array<std::uint64_t, 256> iq2_xxs;
    std::array<std::uint64_t, 512> iq2_xs;
    std::array<std::uint64_t, 1024> iq2_s;
    std::array<std::uint32_t, 256> iq3_xxs;
    std::array<std::uint32_t, 512> iq3_s;
};

/// How a type numbers vectors and scales them. IQ3_S is not among those that are kept so: its vectors' weights have 16
/// levels, so that as nibbles it takes little more memory and needs no looking up. The lowest eight bits of a number
/// are a byte of their own; what else a block of 32 columns has is kept in one word of "tags".
struct CodebookUse {
    int vectors = 0;       ///< in 32 columns: 4 or 8; 0: the type has no codebook
    int tag_bytes = 0;     ///< of the tag word that are in use
    bool signs = false;    ///< a bit per weight; otherwise a delta per vector
    int offset = 0;        ///< weights are kept as unsigned bytes with this added
    int high_at = 0;       ///< bit of the tags where the upper bits of the first vector's number are
    int high_step = 0;     ///< bits from there to the next vector's
    unsigned high = 0;     ///< mask of the upper bits; 0: there are none
    int scale_at[2] = {};  ///< bit where the scale of the first and of the last 16 columns is: 2 s + 1
    unsigned scale = 0;    ///< mask of a scale
    int delta_at = 0;      ///< bit of the first vector's delta, set if it is negative
    int delta_step = 0;
    float factor = 0;  ///< d times this is the unit of scales

    constexpr explicit operator bool() const { return vectors > 0; }
    constexpr unsigned highBits(unsigned tags, int vector) const {
        return ((tags >> (high_at + high_step * vector)) & high) << 8;
    }
    constexpr int scaleOf(unsigned tags, int sub) const {
        return static_cast<int>(2 * ((tags >> scale_at[sub]) & scale) + 1);
    }
    /// What is added to the bytes of a vector of a type without signs.
    constexpr unsigned delta(unsigned tags, int vector) const {
        return (tags >> (delta_at + delta_step * vector)) & 1u ? 0u : 2u;
    }
};

constexpr CodebookUse codebookUse(TensorType type) {
    //      vectors tags signs offset  high: at step mask  scales: at mask  delta: at step  factor
    switch (type) {
        case TensorType::kIQ1_S:
            return {4, 2, false, 9, 0, 3, 7, {12, 12}, 7, 15, 0, 0.125f};
        case TensorType::kIQ1_M:
            return {4, 3, false, 9, 0, 4, 7, {16, 20}, 7, 3, 4, 0.125f};
        case TensorType::kIQ2_XXS:
            return {4, 1, true, 43, 0, 0, 0, {0, 0}, 15, 0, 0, 0.125f};
        case TensorType::kIQ2_XS:
            return {4, 2, true, 43, 8, 1, 1, {0, 4}, 15, 0, 0, 0.125f};
        case TensorType::kIQ2_S:
            return {4, 2, true, 43, 8, 2, 3, {0, 4}, 15, 0, 0, 0.125f};
        case TensorType::kIQ3_XXS:
            return {8, 1, true, 62, 0, 0, 0, {0, 0}, 15, 0, 0, 0.25f};
        default:
            return {};
    }
}

/// The vectors of a type, as an array of words: `books` is a Codebooks, of whatever device.
template <TensorType kType, class Books>
constexpr const auto* vectorsOf(const Books& books) {
    if constexpr (kType == TensorType::kIQ1_S || kType == TensorType::kIQ1_M)
        return books.iq1.data();
    else if constexpr (kType == TensorType::kIQ2_XXS)
        return books.iq2_xxs.data();
    else if constexpr (kType == TensorType::kIQ2_XS)
        return books.iq2_xs.data();
    else if constexpr (kType == TensorType::kIQ2_S)
        return books.iq2_s.data();
    else
        return books.iq3_xxs.data();
}

namespace codebook {

/// Fills `vectors` from a set of codes: four of them a hex digit, the lowest first.
template <unsigned kLevels, unsigned kWeights, class Word, std::size_t kCount>
constexpr void fill(std::string_view codes, const std::array<unsigned char, kLevels>& levels,
                    std::array<Word, kCount>& vectors) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < 4 * codes.size(); ++i) {
        const char c = codes[i / 4];
        const unsigned digit = static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
        if (!((digit >> (i % 4)) & 1u)) continue;
        Word word = 0;
        std::size_t code = i;
        for (unsigned w = 0; w < kWeights; ++w, code /= kLevels) {
            word |= static_cast<Word>(static_cast<Word>(levels[code % kLevels]) << (8 * w));
        }
        vectors[at++] = word;
    }
}

}  // namespace codebook

constexpr Codebooks makeCodebooks() {
    constexpr std::array<unsigned char, 3> kIq1Levels = {0, 8, 16}, kIq2Levels = {8, 25, 43};
    constexpr std::array<unsigned char, 8> kIq3XxsLevels = {4, 12, 20, 28, 36, 44, 52, 62},
                                           kIq3SLevels = {1, 3, 5, 7, 9, 11, 13, 15};
    Codebooks b = {};
    codebook::fill<3, 8>(codebook::kIq1Codes, kIq1Levels, b.iq1);
    codebook::fill<3, 8>(codebook::kIq2XxsCodes, kIq2Levels, b.iq2_xxs);
    codebook::fill<3, 8>(codebook::kIq2XsCodes, kIq2Levels, b.iq2_xs);
    codebook::fill<3, 8>(codebook::kIq2SCodes, kIq2Levels, b.iq2_s);
    codebook::fill<8, 4>(codebook::kIq3XxsCodes, kIq3XxsLevels, b.iq3_xxs);
    codebook::fill<8, 4>(codebook::kIq3SCodes, kIq3SLevels, b.iq3_s);
    return b;
}

/// The processor's.
extern const Codebooks kCodebooks;

}  // namespace moescope
