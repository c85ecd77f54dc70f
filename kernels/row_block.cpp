#include "kernels/row_block.h"

#include <bit>

#include "kernels/codebooks.h"

namespace moescope {
namespace {

std::uint32_t readWord(const Byte* p) {
    std::uint32_t w;
    std::memcpy(&w, p, sizeof w);
    return w;
}

/// Where signs have seven bits for eight weights, the eighth makes their number even.
std::uint32_t withParity(std::uint32_t seven) {
    const std::uint32_t s = seven & 127;
    return s | (static_cast<std::uint32_t>(std::popcount(s) & 1) << 7);
}

/// Four times seven bits, as IQ2_XXS and IQ3_XXS have them.
std::uint32_t signs28(std::uint32_t word) {
    std::uint32_t signs = 0;
    for (int i = 0; i < 4; ++i) signs |= withParity(word >> (7 * i)) << (8 * i);
    return signs;
}

// Super-blocks of the types with a codebook. `j` counts the blocks of 32 columns.

void takeIq1S(const Byte* b, RowBlock& row) {
    row.d = readHalf(b);
    for (int j = 0; j < 8; ++j) {
        std::memcpy(row.codes[j].numbers, b + 2 + 4 * j, 4);
        row.codes[j].signs = 0;
        row.codes[j].tags = readHalf(b + 34 + 2 * j);
    }
}

void takeIq1M(const Byte* b, RowBlock& row) {
    const Byte* scales = b + 48;  // four times 12 bits of scales below four bits of d
    row.d = 0;
    for (int j = 0; j < 8; ++j) {
        const std::uint32_t word = readHalf(scales + j / 2 * 2), six = word >> (6 * (j % 2));
        if (j % 2 == 0) row.d = static_cast<std::uint16_t>(row.d | (word >> 12) << (2 * j));
        std::memcpy(row.codes[j].numbers, b + 4 * j, 4);
        row.codes[j].signs = 0;
        row.codes[j].tags = readHalf(b + 32 + 2 * j) | (six & 7) << 16 | ((six >> 3) & 7) << 20;
    }
}

void takeIq2Xxs(const Byte* b, RowBlock& row) {
    row.d = readHalf(b);
    for (int j = 0; j < 8; ++j) {
        const std::uint32_t word = readWord(b + 6 + 8 * j);
        std::memcpy(row.codes[j].numbers, b + 2 + 8 * j, 4);
        row.codes[j].signs = signs28(word);
        row.codes[j].tags = word >> 28;
    }
}

void takeIq2Xs(const Byte* b, RowBlock& row) {
    row.d = readHalf(b);
    for (int j = 0; j < 8; ++j) {
        RowBlock::Codes& codes = row.codes[j];
        codes.signs = 0;
        codes.tags = b[66 + j];
        for (int i = 0; i < 4; ++i) {
            const std::uint32_t word = readHalf(b + 2 + 8 * j + 2 * i);
            codes.numbers[i] = static_cast<Byte>(word);
            codes.tags |= ((word >> 8) & 1) << (8 + i);
            codes.signs |= withParity(word >> 9) << (8 * i);
        }
    }
}

void takeIq2S(const Byte* b, RowBlock& row) {
    row.d = readHalf(b);
    for (int j = 0; j < 8; ++j) {
        std::memcpy(row.codes[j].numbers, b + 2 + 4 * j, 4);
        row.codes[j].signs = readWord(b + 34 + 4 * j);
        row.codes[j].tags = b[74 + j] | static_cast<std::uint32_t>(b[66 + j]) << 8;
    }
}

void takeIq3Xxs(const Byte* b, RowBlock& row) {
    row.d = readHalf(b);
    for (int j = 0; j < 8; ++j) {
        const std::uint32_t word = readWord(b + 66 + 4 * j);
        std::memcpy(row.codes[j].numbers, b + 2 + 8 * j, 8);
        row.codes[j].signs = signs28(word);
        row.codes[j].tags = word >> 28;
    }
}

/// As indices of the levels -15, -13 ... 15.
void takeIq3S(const Byte* b, RowBlock& row) {
    row.d = readHalf(b);
    std::memcpy(row.scales, b + 106, 4);
    for (int i = 0; i < 64; ++i) {  // four weights each
        const unsigned high = (b[66 + i / 8] >> (i % 8)) & 1u;
        const std::uint32_t vector = kCodebooks.iq3_s[b[2 + i] | high << 8];
        const unsigned signs = b[74 + i / 2] >> (4 * (i % 2));
        for (int w = 0; w < 4; ++w) {
            const int level = static_cast<int>((vector >> (8 * w)) & 15u);
            row.q[4 * i + w] = static_cast<Byte>((15 + ((signs >> w) & 1u ? -level : level)) / 2);
        }
    }
}

}  // namespace

void takeApart(TensorType type, const Byte* b, RowBlock& row) {
    switch (type) {
        case TensorType::kQ4_0:
        case TensorType::kIQ4_NL:
            row.d = readHalf(b);
            splitNibbles32(b + 2, row.q);
            break;
        case TensorType::kQ4_1:
            row.d = readHalf(b);
            row.dmin = readHalf(b + 2);
            splitNibbles32(b + 4, row.q);
            break;
        case TensorType::kQ5_0:
            row.d = readHalf(b);
            splitNibbles32(b + 6, row.q);
            addFifthBits32(b + 2, row.q);
            break;
        case TensorType::kQ5_1:
            row.d = readHalf(b);
            row.dmin = readHalf(b + 2);
            splitNibbles32(b + 8, row.q);
            addFifthBits32(b + 4, row.q);
            break;
        case TensorType::kQ8_0:
            row.d = readHalf(b);
            for (int i = 0; i < 32; ++i) row.q[i] = b[2 + i] ^ 0x80;
            break;
        case TensorType::kQ2_K:
            std::memcpy(row.scales, b, 16);
            splitPairsK(b + 16, row.q);
            row.d = readHalf(b + 80);
            row.dmin = readHalf(b + 82);
            break;
        case TensorType::kQ3_K:
            splitPairsK(b + 32, row.q);
            addBitK(b, 2, row.q);
            splitScalesQ3(b + 96, reinterpret_cast<std::int8_t*>(row.scales));
            row.d = readHalf(b + 108);
            break;
        case TensorType::kQ4_K:
        case TensorType::kQ5_K: {
            const bool five = type == TensorType::kQ5_K;
            row.d = readHalf(b);
            row.dmin = readHalf(b + 2);
            splitScales12(b + 4, row.scales, row.mins);
            splitNibblesK(b + (five ? 48 : 16), row.q);
            if (five) addBitK(b + 16, 4, row.q);
            break;
        }
        case TensorType::kQ6_K:
            splitSixBits(b, b + 128, row.q);
            std::memcpy(row.scales, b + 192, 16);
            row.d = readHalf(b + 208);
            break;
        case TensorType::kIQ4_XS: {
            row.d = readHalf(b);
            const std::uint16_t high = readHalf(b + 2);
            for (int j = 0; j < 8; ++j) {
                const int low = (b[4 + j / 2] >> (4 * (j % 2))) & 15;
                row.scales[j] = static_cast<Byte>((low | (((high >> (2 * j)) & 3) << 4)) - 32);
                splitNibbles32(b + 8 + 16 * j, row.q + 32 * j);
            }
            break;
        }
        case TensorType::kMXFP4:
            row.scales[0] = b[0];
            splitNibbles32(b + 1, row.q);
            break;
        case TensorType::kIQ1_S:
            return takeIq1S(b, row);
        case TensorType::kIQ1_M:
            return takeIq1M(b, row);
        case TensorType::kIQ2_XXS:
            return takeIq2Xxs(b, row);
        case TensorType::kIQ2_XS:
            return takeIq2Xs(b, row);
        case TensorType::kIQ2_S:
            return takeIq2S(b, row);
        case TensorType::kIQ3_XXS:
            return takeIq3Xxs(b, row);
        case TensorType::kIQ3_S:
            return takeIq3S(b, row);
        case TensorType::kF32:
        case TensorType::kF16:
        case TensorType::kBF16:
            break;
    }
}

}  // namespace moescope
