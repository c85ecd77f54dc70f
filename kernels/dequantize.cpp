#include "kernels/dequantize.h"

#include <cstring>

#include "kernels/blocks.h"
#include "kernels/codebooks.h"
#include "kernels/half.h"
#include "kernels/row_block.h"

namespace moescope {
namespace {

// Each function gives the values of one block.

template <bool kFiveBits, bool kAffine>
void block32(const Byte* b, float* y) {
    const float d = halfToFloat(readHalf(b));
    const float m = kAffine ? halfToFloat(readHalf(b + 2)) : -d * (kFiveBits ? 16.0f : 8.0f);
    const Byte* bits = b + (kAffine ? 4 : 2);
    Byte q[32];
    splitNibbles32(bits + (kFiveBits ? 4 : 0), q);
    if constexpr (kFiveBits) addFifthBits32(bits, q);
    for (int i = 0; i < 32; ++i) {
        y[i] = kAffine ? d * static_cast<float>(q[i]) + m : d * static_cast<float>(q[i] - (kFiveBits ? 16 : 8));
    }
}

void blockQ8_0(const Byte* b, float* y) {
    const float d = halfToFloat(readHalf(b));
    for (int i = 0; i < 32; ++i) y[i] = d * static_cast<float>(static_cast<std::int8_t>(b[2 + i]));
}

void blockIq4Nl(const Byte* b, float* y) {
    const float d = halfToFloat(readHalf(b));
    Byte q[32];
    splitNibbles32(b + 2, q);
    for (int i = 0; i < 32; ++i) y[i] = d * static_cast<float>(kIq4Levels[q[i]]);
}

void blockIq4Xs(const Byte* b, float* y) {
    const float d = halfToFloat(readHalf(b));
    std::uint16_t high = readHalf(b + 2);
    for (int j = 0; j < 8; ++j) {
        const int low = (b[4 + j / 2] >> (4 * (j % 2))) & 15;
        const float scale = d * static_cast<float>((low | (((high >> (2 * j)) & 3) << 4)) - 32);
        Byte q[32];
        splitNibbles32(b + 8 + 16 * j, q);
        for (int i = 0; i < 32; ++i) y[32 * j + i] = scale * static_cast<float>(kIq4Levels[q[i]]);
    }
}

void blockQ2K(const Byte* b, float* y) {
    const float d = halfToFloat(readHalf(b + 80)), dmin = halfToFloat(readHalf(b + 82));
    Byte q[256];
    splitPairsK(b + 16, q);
    for (int i = 0; i < 256; ++i) {
        const Byte s = b[i / 16];
        y[i] = d * static_cast<float>(s & 15) * static_cast<float>(q[i]) - dmin * static_cast<float>(s >> 4);
    }
}

void blockQ3K(const Byte* b, float* y) {
    const float d = halfToFloat(readHalf(b + 108));
    Byte q[256];
    std::int8_t scales[16];
    splitPairsK(b + 32, q);
    addBitK(b, 2, q);
    splitScalesQ3(b + 96, scales);
    for (int i = 0; i < 256; ++i) y[i] = d * static_cast<float>(scales[i / 16]) * static_cast<float>(q[i] - 4);
}

template <bool kFiveBits>
void blockQ45K(const Byte* b, float* y) {
    const float d = halfToFloat(readHalf(b)), dmin = halfToFloat(readHalf(b + 2));
    Byte q[256], scales[8], mins[8];
    splitScales12(b + 4, scales, mins);
    splitNibblesK(b + (kFiveBits ? 48 : 16), q);
    if constexpr (kFiveBits) addBitK(b + 16, 4, q);
    for (int i = 0; i < 256; ++i) {
        y[i] =
            d * static_cast<float>(scales[i / 32]) * static_cast<float>(q[i]) - dmin * static_cast<float>(mins[i / 32]);
    }
}

void blockQ6K(const Byte* b, float* y) {
    const float d = halfToFloat(readHalf(b + 208));
    Byte q[256];
    splitSixBits(b, b + 128, q);
    for (int i = 0; i < 256; ++i) {
        const float scale = d * static_cast<float>(static_cast<std::int8_t>(b[192 + i / 16]));
        y[i] = scale * static_cast<float>(q[i] - 32);
    }
}

void blockMxfp4(const Byte* b, float* y) {
    const float d = mxfp4Scale(b[0]);
    Byte q[32];
    splitNibbles32(b + 1, q);
    for (int i = 0; i < 32; ++i) y[i] = d * static_cast<float>(kMxfp4Levels[q[i]]);
}

void blockIq3S(const Byte* b, float* y) {
    RowBlock row;
    takeApart(TensorType::kIQ3_S, b, row);
    const float d = halfToFloat(row.d);
    for (int i = 0; i < 256; ++i) {
        const int scale = 2 * ((row.scales[i / 64] >> (4 * (i / 32 % 2))) & 15) + 1;
        y[i] = d * static_cast<float>(scale) * static_cast<float>(2 * row.q[i] - 15);
    }
}

template <TensorType kType>
void blockOfCodes(const Byte* b, float* y) {
    constexpr CodebookUse kUse = codebookUse(kType);
    constexpr int kWeights = 32 / kUse.vectors;
    RowBlock row;
    takeApart(kType, b, row);
    const float unit = halfToFloat(row.d) * kUse.factor;
    for (int j = 0; j < 8; ++j) {
        const RowBlock::Codes& codes = row.codes[j];
        for (int i = 0; i < 32; ++i) {
            const int v = i / kWeights;
            const unsigned delta = kUse.signs ? 0 : kUse.delta(codes.tags, v);
            const auto word = vectorsOf<kType>(kCodebooks)[codes.numbers[v] | kUse.highBits(codes.tags, v)];
            const int level = static_cast<int>(((word >> (8 * (i % kWeights))) & 255) + delta);
            const int negative = static_cast<int>((codes.signs >> i) & 1);
            const int q = kUse.signs ? (negative ? -level : level) : level - kUse.offset;
            y[32 * j + i] = unit * static_cast<float>(kUse.scaleOf(codes.tags, i / 16)) * static_cast<float>(q);
        }
    }
}

using BlockFunction = void (*)(const Byte*, float*);

BlockFunction blockFunction(TensorType type) {
    switch (type) {
        case TensorType::kQ4_0:
            return block32<false, false>;
        case TensorType::kQ4_1:
            return block32<false, true>;
        case TensorType::kQ5_0:
            return block32<true, false>;
        case TensorType::kQ5_1:
            return block32<true, true>;
        case TensorType::kQ8_0:
            return blockQ8_0;
        case TensorType::kQ2_K:
            return blockQ2K;
        case TensorType::kQ3_K:
            return blockQ3K;
        case TensorType::kQ4_K:
            return blockQ45K<false>;
        case TensorType::kQ5_K:
            return blockQ45K<true>;
        case TensorType::kQ6_K:
            return blockQ6K;
        case TensorType::kIQ4_NL:
            return blockIq4Nl;
        case TensorType::kIQ4_XS:
            return blockIq4Xs;
        case TensorType::kMXFP4:
            return blockMxfp4;
        case TensorType::kIQ1_S:
            return blockOfCodes<TensorType::kIQ1_S>;
        case TensorType::kIQ1_M:
            return blockOfCodes<TensorType::kIQ1_M>;
        case TensorType::kIQ2_XXS:
            return blockOfCodes<TensorType::kIQ2_XXS>;
        case TensorType::kIQ2_XS:
            return blockOfCodes<TensorType::kIQ2_XS>;
        case TensorType::kIQ2_S:
            return blockOfCodes<TensorType::kIQ2_S>;
        case TensorType::kIQ3_XXS:
            return blockOfCodes<TensorType::kIQ3_XXS>;
        case TensorType::kIQ3_S:
            return blockIq3S;
        case TensorType::kF32:
        case TensorType::kF16:
        case TensorType::kBF16:
            break;
    }
    return nullptr;
}

}  // namespace

void dequantize(TensorType type, const std::byte* blocks, std::size_t count, float* values) {
    const Byte* bytes = reinterpret_cast<const Byte*>(blocks);
    if (type == TensorType::kF32) {
        std::memcpy(values, bytes, count * sizeof(float));
    } else if (type == TensorType::kF16) {
        for (std::size_t i = 0; i < count; ++i) values[i] = halfToFloat(readHalf(bytes + 2 * i));
    } else if (type == TensorType::kBF16) {
        for (std::size_t i = 0; i < count; ++i) values[i] = bfloat16ToFloat(readHalf(bytes + 2 * i));
    } else {
        const TensorTypeInfo& t = info(type);
        const BlockFunction block = blockFunction(type);
        for (std::size_t i = 0; i < count / t.block_weights; ++i) {
            block(bytes + i * t.block_bytes, values + i * t.block_weights);
        }
    }
}

}  // namespace moescope
