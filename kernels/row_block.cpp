#include "kernels/row_block.h"

namespace moescope {

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
        case TensorType::kF32:
        case TensorType::kF16:
        case TensorType::kBF16:
            break;
    }
}

}  // namespace moescope
