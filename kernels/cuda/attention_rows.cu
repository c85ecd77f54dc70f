// Softmax attention of several tokens, causal: a block takes a tile of one head's queries past all tiles of keys and
// keeps a running maximum (FlashAttention; Dao and others, arXiv 2205.14135). F32 products and sums: a score is what
// decoding computes, but for the order of sums.

#include "kernels/cuda/attention_rows.h"
#include "kernels/cuda/kv.h"
#include "kernels/cuda/norm.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kThreads = 128;
constexpr float kLowest = -3.0e38f;

/// Rows of a tile, with a word in between so that neighboring rows begin in other banks.
constexpr unsigned pitchOf(unsigned dim) {
    return dim + 4;
}

/// kTile queries and keys a tile; heads of at most kDim values. A thread computes kTile / 16 rows: of the scores every
/// eighth column, of the output every eighth run of four values.
template <KvType kType, unsigned kTile, unsigned kDim>
__device__ inline void attendTile(const AttentionTask& task) {
    constexpr unsigned kRows = kTile / 16, kColumns = kTile / 8, kRuns = kDim / 32;
    float* queries = dynamicShared<float>();        // kTile rows
    float* tile = queries + kTile * pitchOf(kDim);  // of keys, then of values
    float* weights = tile + kTile * pitchOf(kDim);  // kTile rows of kTile
    const KvCache& cache = task.cache;
    const unsigned heads = static_cast<unsigned>(task.heads), kv_heads = static_cast<unsigned>(cache.heads);
    const unsigned key_dim = static_cast<unsigned>(cache.key_dim), value_dim = static_cast<unsigned>(cache.value_dim);
    const unsigned context = static_cast<unsigned>(cache.context), tokens = static_cast<unsigned>(task.tokens);
    const unsigned head = blockIdx.y, kv_head = head / (heads / kv_heads);
    const unsigned row_heads = task.row_heads ? static_cast<unsigned>(task.row_heads) : heads;
    // Later tiles have more keys to see and start first.
    const unsigned first_query = (gridDim.x - 1 - blockIdx.x) * kTile;
    const unsigned first_position = static_cast<unsigned>(*task.first_position);
    const unsigned last_query = first_query + kTile < tokens ? first_query + kTile : tokens;
    const unsigned visible = first_position + last_query;  // to the tile's last query
    const unsigned row0 = threadIdx.x / 8 * kRows, column0 = threadIdx.x % 8;

    for (unsigned i = threadIdx.x; i < kTile * (key_dim / 4); i += kThreads) {
        const unsigned r = i / (key_dim / 4), d = i % (key_dim / 4) * 4, q = first_query + r;
        float4 v = make_float4(0, 0, 0, 0);
        if (q < tokens)
            v = *reinterpret_cast<const float4*>(task.queries +
                                                 (static_cast<std::size_t>(q) * row_heads + head) * key_dim + d);
        *reinterpret_cast<float4*>(queries + r * pitchOf(kDim) + d) =
            make_float4(v.x * task.scale, v.y * task.scale, v.z * task.scale, v.w * task.scale);
    }
    const KvRows<kType> keys = headOf<kType>(cache.keys, kv_heads, context, key_dim, kv_head);
    const KvRows<kType> values = headOf<kType>(cache.values, kv_heads, context, value_dim, kv_head);
    const auto loadTile = [&](const KvRows<kType>& from, unsigned first) {
        for (unsigned i = threadIdx.x; i < kTile * (from.dim / 4); i += kThreads) {
            const unsigned r = i / (from.dim / 4), d = i % (from.dim / 4) * 4;
            const float4 v = first + r < visible ? load4<kType>(from, first + r, d) : make_float4(0, 0, 0, 0);
            *reinterpret_cast<float4*>(tile + r * pitchOf(kDim) + d) = v;
        }
    };

    float largest[kRows], total[kRows];
    float4 sum[kRows][kRuns] = {};
#pragma unroll
    for (unsigned r = 0; r < kRows; ++r) {
        largest[r] = kLowest;
        total[r] = 0;
    }
    for (unsigned first = 0; first < visible; first += kTile) {
        __syncthreads();
        loadTile(keys, first);
        __syncthreads();
        float score[kRows][kColumns] = {};
        for (unsigned d = 0; d < key_dim; d += 4) {
            float4 q[kRows];
#pragma unroll
            for (unsigned r = 0; r < kRows; ++r)
                q[r] = *reinterpret_cast<const float4*>(queries + (row0 + r) * pitchOf(kDim) + d);
#pragma unroll
            for (unsigned c = 0; c < kColumns; ++c) {
                const float4 k = *reinterpret_cast<const float4*>(tile + (column0 + 8 * c) * pitchOf(kDim) + d);
#pragma unroll
                for (unsigned r = 0; r < kRows; ++r) {
                    score[r][c] += q[r].x * k.x;
                    score[r][c] += q[r].y * k.y;
                    score[r][c] += q[r].z * k.z;
                    score[r][c] += q[r].w * k.w;
                }
            }
        }
#pragma unroll
        for (unsigned r = 0; r < kRows; ++r) {
            // Causal: a query sees the positions up to its own.
            const unsigned last = first_position + first_query + row0 + r;
            float best = largest[r];
#pragma unroll
            for (unsigned c = 0; c < kColumns; ++c) {
                if (first + column0 + 8 * c <= last) best = fmaxf(best, score[r][c]);
            }
#pragma unroll
            for (int m = 4; m; m >>= 1) best = fmaxf(best, __shfl_xor_sync(kAllLanes, best, m));
            const float rescale = expf(largest[r] - best);
            largest[r] = best;
            float added = 0;
#pragma unroll
            for (unsigned c = 0; c < kColumns; ++c) {
                const float w = first + column0 + 8 * c <= last ? expf(score[r][c] - best) : 0.0f;
                added += w;
                weights[(row0 + r) * (kTile + 1) + column0 + 8 * c] = w;
            }
            total[r] = total[r] * rescale + sumLanes<8>(added);
#pragma unroll
            for (auto& s : sum[r]) s = make_float4(s.x * rescale, s.y * rescale, s.z * rescale, s.w * rescale);
        }
        __syncthreads();
        loadTile(values, first);
        __syncthreads();
        for (unsigned k = 0; k < kTile; ++k) {
            float w[kRows];
#pragma unroll
            for (unsigned r = 0; r < kRows; ++r) w[r] = weights[(row0 + r) * (kTile + 1) + k];
#pragma unroll
            for (unsigned j = 0; j < kRuns; ++j) {
                const unsigned d = column0 * 4 + 32 * j;
                if (d >= value_dim) continue;
                const float4 v = *reinterpret_cast<const float4*>(tile + k * pitchOf(kDim) + d);
#pragma unroll
                for (unsigned r = 0; r < kRows; ++r) {
                    sum[r][j].x += w[r] * v.x;
                    sum[r][j].y += w[r] * v.y;
                    sum[r][j].z += w[r] * v.z;
                    sum[r][j].w += w[r] * v.w;
                }
            }
        }
    }
#pragma unroll
    for (unsigned r = 0; r < kRows; ++r) {
        const unsigned q = first_query + row0 + r;
        if (q >= tokens) continue;
        float* out = task.out.x + (static_cast<std::size_t>(q) * row_heads + head) * value_dim;
#pragma unroll
        for (unsigned j = 0; j < kRuns; ++j) {
            const unsigned d = column0 * 4 + 32 * j;
            const float inverse = 1.0f / total[r];
            if (d >= value_dim) continue;
            const float4& s = sum[r][j];
            *reinterpret_cast<float4*>(out + d) =
                make_float4(s.x * inverse, s.y * inverse, s.z * inverse, s.w * inverse);
        }
    }
}

template <KvType kType, unsigned kTile, unsigned kDim>
__global__ void __launch_bounds__(kThreads, 4) attentionRowsKernel(const __grid_constant__ AttentionTask task) {
    allowNext();
    waitForPrevious();
    attendTile<kType, kTile, kDim>(task);
}

template <KvType kType, unsigned kTile, unsigned kDim>
void start(const AttentionTask& task, cudaStream_t stream) {
    constexpr std::size_t kFloats = 2 * kTile * pitchOf(kDim) + kTile * (kTile + 1);
    static_assert(kFloats * sizeof(float) <= 48 * 1024);
    const unsigned tiles = (static_cast<unsigned>(task.tokens) + kTile - 1) / kTile;
    launch(attentionRowsKernel<kType, kTile, kDim>, dim3(tiles, static_cast<unsigned>(task.heads)), kThreads,
           kFloats * sizeof(float), stream, task);
}

template <KvType kType>
void startFor(const AttentionTask& task, cudaStream_t stream) {
    if (task.cache.key_dim <= 128 && task.cache.value_dim <= 128) return start<kType, 32, 128>(task, stream);
    start<kType, 16, 256>(task, stream);
}

}  // namespace

void attendRows(const AttentionTask& task, cudaStream_t stream) {
    switch (task.cache.type) {
        case KvType::kF32:
            startFor<KvType::kF32>(task, stream);
            break;
        case KvType::kF16:
            startFor<KvType::kF16>(task, stream);
            break;
        case KvType::kQ8_0:
            startFor<KvType::kQ8_0>(task, stream);
            break;
    }
    if (task.out.q) quantize(task.out, task.tokens, stream);
}

}  // namespace moescope::cuda
