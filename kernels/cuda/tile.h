#pragma once
// Products of tiles: 64 rows of weights and up to 64 tokens, by a block of 256 threads. For .cu files only.
//
// Weights are unpacked to int8 in shared memory once a tile and multiplied by tensor cores; each block of 32 (or 16)
// columns gives integers, which are scaled and added in F32. While one step of 128 columns is multiplied, the next is
// on its way from memory into registers. Float weights go the same way as F32, without tensor cores.

#include "kernels/cuda/dot.h"
#include "kernels/cuda/mma.h"

namespace moescope::cuda {

inline constexpr unsigned kTileThreads = 256;
inline constexpr unsigned kTileRows = 64;
inline constexpr unsigned kStepBlocks = 4;  ///< blocks of 32 columns in a step
inline constexpr unsigned kStep = 32 * kStepBlocks;
inline constexpr unsigned kFloatStep = 16;
/// Rows of int8 tiles begin 4 banks apart, so that a fragment's eight rows of four words are in 32 banks.
inline constexpr unsigned kBytePitch = kStep + 16;
inline constexpr unsigned kScalePitch = kTileRows + 8;
inline constexpr unsigned kResultPitch = kTileRows + 4;

/// Which way a tile is computed.
enum class TileKind {
    kInt8,    ///< quantized weights with one scale for 32 columns
    kInt8x2,  ///< with two (or one, twice)
    kFloat,
};

constexpr TileKind tileKind(TensorType type) {
    if (isFloat(type)) return TileKind::kFloat;
    return layout(type).sub_blocks == 2 ? TileKind::kInt8x2 : TileKind::kInt8;
}

/// Where a tile's rows of weights come from: row r of the tile is row `first + r` of `view`, or nothing.
struct TileWeights {
    const MatrixView* view;
    const unsigned char* data;
    unsigned first;
};

template <unsigned kTokens, unsigned kSubs>
struct Int8Tile {
    signed char weights[kTileRows][kBytePitch];
    signed char tokens[kTokens][kBytePitch];
    float scale[kStepBlocks * kSubs][kScalePitch];
    float min[kStepBlocks * kSubs][kScalePitch];
    float d[kStepBlocks][kTokens];
    float sum[kStepBlocks * kSubs][kTokens];  ///< d times the sum of the quantized values
};

template <unsigned kTokens>
struct FloatTile {
    float weights[kFloatStep][kTileRows + 4];
    float tokens[kFloatStep][kTokens + 4];
};

/// The result, for whatever comes after a product: (tokens, rows).
template <unsigned kTokens>
struct TileResult {
    float at[kTokens][kResultPitch];
};

template <TileKind kKind, unsigned kTokens>
constexpr std::size_t tileBytes() {
    const std::size_t input = kKind == TileKind::kFloat  ? sizeof(FloatTile<kTokens>)
                              : kKind == TileKind::kInt8 ? sizeof(Int8Tile<kTokens, 1>)
                                                         : sizeof(Int8Tile<kTokens, 2>);
    return input > sizeof(TileResult<kTokens>) ? input : sizeof(TileResult<kTokens>);
}

/// A thread's block of weights on its way to shared memory.
template <unsigned kSubs, unsigned kTokens>
__device__ inline void unpackBlock(TensorType type, const LoadedBlock& loaded, unsigned row, unsigned block,
                                   unsigned number, bool present, Int8Tile<kTokens, kSubs>& tile) {
    int w[8] = {};
    BlockScales s = {};
    if (present) {
        withQuantizedType(type, [&](auto constant) {
            constexpr TensorType kType = decltype(constant)::value;
            constexpr Layout kLayout = layout(kType);
            blockWords<kType>(loaded, w);
            s = blockScales<kType>(loaded, number);
            if constexpr (kLayout.sub_blocks == 1) {
                s.scale[1] = s.scale[0];
                s.min[1] = s.min[0];
            }
            if constexpr (kLayout.offset > 0) {
                // Byte by byte without borrowing: the highest bit is set before and flipped after.
#pragma unroll
                for (int& word : w) {
                    const unsigned raised = static_cast<unsigned>(word) | 0x80808080u;
                    word =
                        static_cast<int>((raised - 0x01010101u * static_cast<unsigned>(kLayout.offset)) ^ 0x80808080u);
                }
            }
        });
    }
    int4* to = reinterpret_cast<int4*>(&tile.weights[row][32 * block]);
    to[0] = make_int4(w[0], w[1], w[2], w[3]);
    to[1] = make_int4(w[4], w[5], w[6], w[7]);
#pragma unroll
    for (unsigned i = 0; i < kSubs; ++i) {
        tile.scale[block * kSubs + i][row] = s.scale[i];
        tile.min[block * kSubs + i][row] = s.min[i];
    }
}

/// Multiplies int8 tiles. tokenRow(i) is the row of `input` that token i of the tile is, or -1.
template <unsigned kTokens, unsigned kSubs, class Weights, class TokenRow>
__device__ inline void multiplyInt8(const Activations& input, Weights&& weightsOf, TokenRow&& tokenRow,
                                    Int8Tile<kTokens, kSubs>& tile, TileResult<kTokens>& result) {
    constexpr unsigned kTokenTiles = kTokens / 16;  // of 8 tokens, a warp: warps are 4 by rows, 2 by tokens
    constexpr unsigned kTokenLoads = (kTokens * kStep / 16 + kTileThreads - 1) / kTileThreads;
    const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const unsigned g = lane / 4, t = lane % 4, row0 = warp % 4 * 16, token0 = warp / 4 * (kTokens / 2);
    const unsigned blocks = static_cast<unsigned>(input.columns) / 32;

    // A thread's share of a step: one block of one row of weights, and runs of 16 activations.
    const unsigned my_row = threadIdx.x / kStepBlocks, my_block = threadIdx.x % kStepBlocks;
    const TileWeights weights = weightsOf(my_row);
    const TensorType type = weights.view->type;
    const bool row_present = weights.data && weights.first < static_cast<unsigned>(weights.view->rows);
    LoadedBlock loaded;
    uint4 tokens[kTokenLoads];
    ActivationScale scale = {};
    const auto load = [&](unsigned step) {
        const unsigned b = step * kStepBlocks + my_block;
        if (row_present && b < blocks) {
            withQuantizedType(type, [&](auto constant) {
                loadBlock<decltype(constant)::value>(weights.data, weights.view->planes, weights.first * blocks + b,
                                                     loaded);
            });
        }
#pragma unroll
        for (unsigned i = 0; i < kTokenLoads; ++i) {
            const unsigned at = threadIdx.x + i * kTileThreads, token = at / (kStep / 16), run = at % (kStep / 16);
            tokens[i] = make_uint4(0, 0, 0, 0);
            if (token >= kTokens || step * kStepBlocks + run / 2 >= blocks) continue;
            const int row = tokenRow(token);
            if (row < 0) continue;
            const std::size_t first = static_cast<std::size_t>(row) * static_cast<unsigned>(input.columns);
            tokens[i] = *reinterpret_cast<const uint4*>(input.q + first + step * kStep + 16 * run);
        }
        // kTokens * kStepBlocks <= kTileThreads scales.
        const unsigned token = threadIdx.x / kStepBlocks;
        scale = {};
        if (token < kTokens && b < blocks) {
            const int row = tokenRow(token);
            if (row >= 0) scale = input.scales[static_cast<std::size_t>(row) * blocks + b];
        }
    };
    const auto store = [&](unsigned step) {
        const unsigned b = step * kStepBlocks + my_block;
        unpackBlock<kSubs, kTokens>(type, loaded, my_row, my_block, b, row_present && b < blocks, tile);
#pragma unroll
        for (unsigned i = 0; i < kTokenLoads; ++i) {
            const unsigned at = threadIdx.x + i * kTileThreads, token = at / (kStep / 16), run = at % (kStep / 16);
            if (token < kTokens) *reinterpret_cast<uint4*>(&tile.tokens[token][16 * run]) = tokens[i];
        }
        const unsigned token = threadIdx.x / kStepBlocks;
        if (token < kTokens) {
            tile.d[my_block][token] = scale.d;
            if constexpr (kSubs == 1) {
                tile.sum[my_block][token] = scale.d * static_cast<float>(scale.sums[0] + scale.sums[1]);
            } else {
                tile.sum[2 * my_block][token] = scale.d * static_cast<float>(scale.sums[0]);
                tile.sum[2 * my_block + 1][token] = scale.d * static_cast<float>(scale.sums[1]);
            }
        }
    };

    float sum[kTokenTiles][4] = {};
    const unsigned steps = (blocks + kStepBlocks - 1) / kStepBlocks;
    load(0);
    for (unsigned step = 0; step < steps; ++step) {
        __syncthreads();
        store(step);
        __syncthreads();
        if (step + 1 < steps) load(step + 1);
#pragma unroll
        for (unsigned b = 0; b < kStepBlocks; ++b) {
            const auto wordOf = [](const signed char* p) { return *reinterpret_cast<const int*>(p); };
            int a[4];
#pragma unroll
            for (unsigned i = 0; i < 4; ++i) {
                a[i] = wordOf(&tile.weights[row0 + g + i % 2 * 8][32 * b + i / 2 * 16 + 4 * t]);
            }
#pragma unroll
            for (unsigned n = 0; n < kTokenTiles; ++n) {
                const unsigned token = token0 + 8 * n;
                const signed char* q = &tile.tokens[token + g][32 * b + 4 * t];
                const int words[2] = {wordOf(q), wordOf(q + 16)};
                const float2 d = *reinterpret_cast<const float2*>(&tile.d[b][token + 2 * t]);
#pragma unroll
                for (unsigned i = 0; i < kSubs; ++i) {
                    // Sums begin at 1.5 * 2^23 as a float has it: so they end as floats that need no conversion.
                    constexpr int kBase = 0x4b400000;
                    int c[4] = {kBase, kBase, kBase, kBase};
                    if constexpr (kSubs == 1) {
                        multiply32(c, a, words);
                    } else {
                        multiply16(c, a + 2 * i, words + i);
                    }
                    const unsigned s = b * kSubs + i;
                    const float w[2] = {tile.scale[s][row0 + g], tile.scale[s][row0 + g + 8]};
                    const float m[2] = {tile.min[s][row0 + g], tile.min[s][row0 + g + 8]};
                    const float2 x = *reinterpret_cast<const float2*>(&tile.sum[s][token + 2 * t]);
#pragma unroll
                    for (unsigned j = 0; j < 4; ++j) {
                        const float dot = __int_as_float(c[j]) - 12582912.0f;
                        sum[n][j] += dot * (w[j / 2] * (j % 2 ? d.y : d.x));
                        sum[n][j] += m[j / 2] * (j % 2 ? x.y : x.x);
                    }
                }
            }
        }
    }
    __syncthreads();  // the result is where the tile was
#pragma unroll
    for (unsigned n = 0; n < kTokenTiles; ++n) {
#pragma unroll
        for (unsigned j = 0; j < 4; ++j) {
            result.at[token0 + 8 * n + 2 * t + j % 2][row0 + g + j / 2 * 8] = sum[n][j];
        }
    }
    __syncthreads();
}

/// Multiplies tiles of float weights and F32 activations: 4 rows and kTokens / 16 tokens per thread.
template <unsigned kTokens, class Weights, class TokenRow>
__device__ inline void multiplyFloat(const Activations& input, Weights&& weightsOf, TokenRow&& tokenRow,
                                     FloatTile<kTokens>& tile, TileResult<kTokens>& result) {
    constexpr unsigned kMine = kTokens / 16;
    const unsigned columns = static_cast<unsigned>(input.columns);
    const unsigned row0 = threadIdx.x % 16 * 4, token0 = threadIdx.x / 16 * kMine;
    // Four columns of one row of weights per thread.
    const unsigned my_row = threadIdx.x / 4, my_columns = threadIdx.x % 4 * 4;
    const TileWeights weights = weightsOf(my_row);
    const MatrixView& view = *weights.view;
    const bool row_present = weights.data && weights.first < static_cast<unsigned>(view.rows);
    const unsigned char* row = weights.data + weights.first * floatPitch(view.type, columns);
    float sum[kMine][4] = {};
    for (unsigned first = 0; first < columns; first += kFloatStep) {
        __syncthreads();
#pragma unroll
        for (unsigned i = 0; i < 4; ++i) {
            const unsigned c = first + my_columns + i;
            float w = 0;
            if (row_present && c < columns) {
                if (view.type == TensorType::kF32) {
                    w = reinterpret_cast<const float*>(row)[c];
                } else {
                    const unsigned bits = reinterpret_cast<const unsigned short*>(row)[c];
                    w = view.type == TensorType::kF16 ? halfBits(bits) : __uint_as_float(bits << 16);
                }
            }
            tile.weights[my_columns + i][my_row] = w;
        }
        for (unsigned i = threadIdx.x; i < kTokens * kFloatStep; i += kTileThreads) {
            const unsigned token = i / kFloatStep, c = i % kFloatStep;
            const int from = first + c < columns ? tokenRow(token) : -1;
            tile.tokens[c][token] = from < 0 ? 0.0f : input.x[static_cast<std::size_t>(from) * columns + first + c];
        }
        __syncthreads();
#pragma unroll
        for (unsigned c = 0; c < kFloatStep; ++c) {
            const float4 w = *reinterpret_cast<const float4*>(&tile.weights[c][row0]);
#pragma unroll
            for (unsigned n = 0; n < kMine; ++n) {
                const float x = tile.tokens[c][token0 + n];
                sum[n][0] += w.x * x;
                sum[n][1] += w.y * x;
                sum[n][2] += w.z * x;
                sum[n][3] += w.w * x;
            }
        }
    }
    __syncthreads();
#pragma unroll
    for (unsigned n = 0; n < kMine; ++n) {
        *reinterpret_cast<float4*>(&result.at[token0 + n][row0]) =
            make_float4(sum[n][0], sum[n][1], sum[n][2], sum[n][3]);
    }
    __syncthreads();
}

/// The product of a tile. weightsOf(r) says where row r of the tile comes from, tokenRow(i) which row of the input is
/// token i (-1: none). All threads of the block call it; the result is in shared memory, behind a barrier.
template <TileKind kKind, unsigned kTokens, class Weights, class TokenRow>
__device__ inline TileResult<kTokens>& multiplyTile(const Activations& input, Weights&& weightsOf,
                                                    TokenRow&& tokenRow) {
    unsigned char* memory = dynamicShared<unsigned char>();
    auto& result = *reinterpret_cast<TileResult<kTokens>*>(memory);
    if constexpr (kKind == TileKind::kFloat) {
        multiplyFloat<kTokens>(input, weightsOf, tokenRow, *reinterpret_cast<FloatTile<kTokens>*>(memory), result);
    } else {
        constexpr unsigned kSubs = kKind == TileKind::kInt8 ? 1 : 2;
        multiplyInt8<kTokens, kSubs>(input, weightsOf, tokenRow, *reinterpret_cast<Int8Tile<kTokens, kSubs>*>(memory),
                                     result);
    }
    return result;
}

/// Calls f(kind, tokens a tile) with both as constants.
template <class F>
void withTile(TileKind kind, bool many_tokens, F&& f) {
    const auto forTokens = [&](auto k) {
        if (many_tokens) {
            f(k, std::integral_constant<unsigned, 64>{});
        } else {
            f(k, std::integral_constant<unsigned, 16>{});
        }
    };
    switch (kind) {
        case TileKind::kInt8:
            return forTokens(std::integral_constant<TileKind, TileKind::kInt8>{});
        case TileKind::kInt8x2:
            return forTokens(std::integral_constant<TileKind, TileKind::kInt8x2>{});
        case TileKind::kFloat:
            return forTokens(std::integral_constant<TileKind, TileKind::kFloat>{});
    }
}

}  // namespace moescope::cuda
