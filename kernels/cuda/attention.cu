// Softmax attention of one token over a long cache: keys are split over blocks (flash decoding; Dao and others, 2023),
// each keeps a running maximum, and the parts are joined in the order of keys.

#include "kernels/cuda/attention.h"
#include "kernels/cuda/attention_rows.h"
#include "kernels/cuda/kv.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kThreads = 128, kWarps = kThreads / 32;
constexpr unsigned kSplits = 32;
constexpr unsigned kTile = 8;  // keys that a warp looks at together
constexpr float kLowest = -3.0e38f;

/// A split's part: the largest score, the sum of exp(score - largest), and the values weighted by those.
__device__ inline float* partOf(float* workspace, unsigned value_dim, unsigned head, unsigned split) {
    return workspace + (static_cast<std::size_t>(head) * kSplits + split) * (value_dim + 2);
}

template <KvType kType>
__device__ inline void attendSplit(const AttentionTask& task, float (&query)[kMaxHeadDim],
                                   float (&parts)[kWarps][kMaxHeadDim + 2]) {
    const KvCache& cache = task.cache;
    const unsigned head = blockIdx.x, split = blockIdx.y, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const unsigned heads = static_cast<unsigned>(task.heads), kv_heads = static_cast<unsigned>(cache.heads);
    const unsigned key_dim = static_cast<unsigned>(cache.key_dim), value_dim = static_cast<unsigned>(cache.value_dim);
    const unsigned context = static_cast<unsigned>(cache.context), kv_head = head / (heads / kv_heads);
    const unsigned visible = static_cast<unsigned>(*task.first_position) + 1;
    // Whole tiles for every warp; what a split covers depends on the number of keys and nothing else.
    const unsigned chunk = (visible + kSplits * kWarps * kTile - 1) / (kSplits * kWarps * kTile) * (kWarps * kTile);
    const unsigned begin = split * chunk, end = begin + chunk < visible ? begin + chunk : visible;

    for (unsigned i = threadIdx.x; i < key_dim; i += kThreads) query[i] = task.queries[head * key_dim + i] * task.scale;
    __syncthreads();
    const KvRows<kType> keys = headOf<kType>(cache.keys, kv_heads, context, key_dim, kv_head);
    const KvRows<kType> values = headOf<kType>(cache.values, kv_heads, context, value_dim, kv_head);

    float largest = kLowest, total = 0;
    float4 sum[2] = {};  // values lane * 4 .. + 3, and 128 further on
    for (unsigned first = begin + warp * kTile; first < end; first += kWarps * kTile) {
        // Eight lanes a key: keys first + lane / 8, and four further on.
        // All loads of 128 dimensions are on their way before the first is used.
        float score[2] = {};
        for (unsigned begin_dim = lane % 8 * 4; begin_dim < key_dim; begin_dim += 128) {
            float4 loaded[2][4] = {};
#pragma unroll
            for (unsigned k = 0; k < 2; ++k) {
#pragma unroll
                for (unsigned j = 0; j < 4; ++j) {
                    const unsigned key = first + lane / 8 + 4 * k, i = begin_dim + 32 * j;
                    if (key < end && i < key_dim) loaded[k][j] = load4<kType>(keys, key, i);
                }
            }
#pragma unroll
            for (unsigned j = 0; j < 4; ++j) {
                if (begin_dim + 32 * j >= key_dim) break;
                const float* q = query + begin_dim + 32 * j;
#pragma unroll
                for (unsigned k = 0; k < 2; ++k) {
                    const float4& a = loaded[k][j];
                    score[k] += q[0] * a.x + q[1] * a.y + q[2] * a.z + q[3] * a.w;
                }
            }
        }
#pragma unroll
        for (unsigned k = 0; k < 2; ++k) {
            score[k] = sumLanes<8>(score[k]);
            if (first + lane / 8 + 4 * k >= end) score[k] = kLowest;
        }
        const float best = fmaxf(largest, maxLanes(fmaxf(score[0], score[1])));
        const float rescale = expf(largest - best);
        largest = best;
        float weight[2];
#pragma unroll
        for (unsigned k = 0; k < 2; ++k) weight[k] = first + lane / 8 + 4 * k < end ? expf(score[k] - best) : 0.0f;
        // The eight lanes of a key hold the same weight.
        total = total * rescale + sumLanes(lane % 8 == 0 ? weight[0] + weight[1] : 0.0f);
#pragma unroll
        for (auto& s : sum) s = make_float4(s.x * rescale, s.y * rescale, s.z * rescale, s.w * rescale);
        float w[kTile];
#pragma unroll
        for (unsigned k = 0; k < kTile; ++k) {
            w[k] = __shfl_sync(kAllLanes, weight[k / 4], static_cast<int>(k % 4 * 8));
        }
#pragma unroll
        for (unsigned j = 0; j < 2; ++j) {
            const unsigned i = lane * 4 + 128 * j;
            if (i >= value_dim) break;
            float4 loaded[kTile] = {};
#pragma unroll
            for (unsigned k = 0; k < kTile; ++k) {
                if (first + k < end) loaded[k] = load4<kType>(values, first + k, i);
            }
#pragma unroll
            for (unsigned k = 0; k < kTile; ++k) {
                sum[j].x += w[k] * loaded[k].x;
                sum[j].y += w[k] * loaded[k].y;
                sum[j].z += w[k] * loaded[k].z;
                sum[j].w += w[k] * loaded[k].w;
            }
        }
    }
    if (lane == 0) {
        parts[warp][0] = largest;
        parts[warp][1] = total;
    }
#pragma unroll
    for (unsigned j = 0; j < 2; ++j) {
        const unsigned i = lane * 4 + 128 * j;
        if (i >= value_dim) continue;
        parts[warp][2 + i] = sum[j].x;
        parts[warp][3 + i] = sum[j].y;
        parts[warp][4 + i] = sum[j].z;
        parts[warp][5 + i] = sum[j].w;
    }
    __syncthreads();
    float best = kLowest;
    for (unsigned w = 0; w < kWarps; ++w) best = fmaxf(best, parts[w][0]);
    float* part = partOf(task.workspace, value_dim, head, split);
    for (unsigned i = threadIdx.x; i < value_dim + 2; i += kThreads) {
        float joined = best;
        if (i > 0) {
            joined = 0;
            for (unsigned w = 0; w < kWarps; ++w) joined += expf(parts[w][0] - best) * parts[w][i];
        }
        part[i] = joined;
    }
}

__global__ void __launch_bounds__(kThreads, 5) attentionSplitKernel(const __grid_constant__ AttentionTask task) {
    allowNext();
    waitForPrevious();
    MOESCOPE_BLOCK_SHARED(float[kMaxHeadDim], query);
    MOESCOPE_BLOCK_SHARED(float[kWarps][kMaxHeadDim + 2], parts);
    switch (task.cache.type) {
        case KvType::kF32:
            return attendSplit<KvType::kF32>(task, query, parts);
        case KvType::kF16:
            return attendSplit<KvType::kF16>(task, query, parts);
        case KvType::kQ8_0:
            return attendSplit<KvType::kQ8_0>(task, query, parts);
    }
}

/// Joins the splits, a thread a value, and quantizes.
__global__ void __launch_bounds__(kThreads) attentionJoinKernel(const __grid_constant__ AttentionTask task) {
    allowNext();
    waitForPrevious();
    const unsigned value_dim = static_cast<unsigned>(task.cache.value_dim);
    const unsigned columns = static_cast<unsigned>(task.heads) * value_dim;
    const unsigned column = blockIdx.x * kThreads + threadIdx.x;
    float y = 0;
    if (column < columns) {
        const unsigned head = column / value_dim, i = column % value_dim;
        float best = kLowest;
        for (unsigned s = 0; s < kSplits; ++s) {
            best = fmaxf(best, partOf(task.workspace, value_dim, head, s)[0]);
        }
        float total = 0, sum = 0;
        for (unsigned s = 0; s < kSplits; ++s) {
            const float* part = partOf(task.workspace, value_dim, head, s);
            const float scale = expf(part[0] - best);
            total += scale * part[1];
            sum += scale * part[2 + i];
        }
        y = sum / total;
        task.out.x[column] = y;
    }
    if (task.out.q && column / 32 * 32 < columns) {
        quantizeLanes(y, task.out.q + column / 32 * 32, task.out.scales + column / 32);
    }
}

}  // namespace

std::size_t attentionWorkspaceBytes(int heads, int value_dim) {
    return static_cast<std::size_t>(heads) * kSplits * (static_cast<std::size_t>(value_dim) + 2) * sizeof(float);
}

void attention(const AttentionTask& task, cudaStream_t stream) {
    if (task.tokens > 1) return attendRows(task, stream);
    launch(attentionSplitKernel, dim3(static_cast<unsigned>(task.heads), kSplits), kThreads, 0, stream, task);
    const unsigned columns = static_cast<unsigned>(task.heads * task.cache.value_dim);
    launch(attentionJoinKernel, (columns + kThreads - 1) / kThreads, kThreads, 0, stream, task);
}

}  // namespace moescope::cuda
