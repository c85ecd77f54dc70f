// Softmax attention over latents. A row of the cache is key and value of all heads, so a block keeps the queries of
// four heads in registers and reads each row once; its warps take turns at the rows, each with a running maximum, and
// their sums are joined in order. Where there are few queries, positions are shared out over blocks as well (flash
// decoding).

#include "kernels/cuda/kv.h"
#include "kernels/cuda/latents.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kThreads = 128, kWarps = kThreads / 32;
constexpr unsigned kQueries = 4;  // of a block
constexpr unsigned kRows = 2;     // that a warp looks at together
// A lane has four values of a row, and four more each 128 further on.
constexpr unsigned kRuns = kMaxLatentWidth / 128, kValueRuns = kMaxLatent / 128;
constexpr unsigned kBlocks = 256, kMostSplits = 64;
constexpr float kLowest = -3.0e38f;

struct Arguments {
    LatentAttentionTask task;
    unsigned queries;  ///< of all tokens and heads
    unsigned splits;   ///< blocks that share the positions of a query
};

/// What some positions gave for a query: the largest score, the sum of exp(score - largest), and the latents weighted
/// by those.
struct Part {
    float largest, total;
    float sums[kMaxLatent];
};

/// How blocks share the positions that a tile of queries sees: whole steps of all warps each. That depends on the
/// number of positions and nothing else; the last blocks may have none.
struct Share {
    unsigned visible, positions;
};

__device__ inline unsigned visibleTo(const Arguments& a, unsigned query) {
    const unsigned last = a.queries - 1, token = (query < last ? query : last) / static_cast<unsigned>(a.task.heads);
    return static_cast<unsigned>(*a.task.first_position + a.task.first_token) + token + 1;
}

__device__ inline Share shareOf(const Arguments& a, unsigned tile) {
    const unsigned visible = visibleTo(a, tile * kQueries + kQueries - 1), step = kWarps * kRows;
    return {visible, (visible + a.splits * step - 1) / (a.splits * step) * step};
}

__device__ inline float* partOf(const Arguments& a, unsigned query, unsigned split) {
    const std::size_t floats = static_cast<unsigned>(a.task.cache.latent) + 2;
    return a.task.workspace + (static_cast<std::size_t>(query) * a.splits + split) * floats;
}

__device__ inline void finish(const Activations& out, unsigned query, unsigned i, float y) {
    const std::size_t at = static_cast<std::size_t>(query) * static_cast<unsigned>(out.columns) + i;
    out.x[at] = y;
    if (out.q) quantizeLanes(y, out.q + at / 32 * 32, out.scales + at / 32);
}

/// Values i .. i + 3 of a query, in the order in which the cache has a row's.
__device__ inline float4 queryOf(const LatentAttentionTask& task, unsigned query, unsigned i) {
    const unsigned latent = static_cast<unsigned>(task.cache.latent), rope = static_cast<unsigned>(task.cache.rope);
    float v[4];
    for (unsigned c = 0; c < 4; ++c) {
        const unsigned key_dim = static_cast<unsigned>(task.key_dim), turned = i + c - latent;
        v[c] = i < latent      ? task.absorbed[static_cast<std::size_t>(query) * latent + i + c]
               : turned < rope ? task.queries[static_cast<std::size_t>(query) * key_dim + key_dim - rope + turned]
                               : 0.0f;
        v[c] *= task.scale;
    }
    return make_float4(v[0], v[1], v[2], v[3]);
}

template <KvType kType>
__device__ inline void attendPositions(const Arguments& a, const Share& share, Part (&parts)[kWarps][kQueries]) {
    const LatentAttentionTask& task = a.task;
    const LatentCache& cache = task.cache;
    const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const unsigned latent = static_cast<unsigned>(cache.latent), width = static_cast<unsigned>(cache.width());
    const unsigned first_query = blockIdx.x * kQueries, last_query = a.queries - 1;
    const unsigned begin = blockIdx.y * share.positions;
    const unsigned end = begin + share.positions < share.visible ? begin + share.positions : share.visible;
    const KvRows<kType> rows = headOf<kType>(cache.rows, 1, static_cast<unsigned>(cache.context), width, 0);

    float4 query[kQueries][kRuns], sum[kQueries][kValueRuns] = {};
#pragma unroll
    for (unsigned n = 0; n < kQueries; ++n) {
#pragma unroll
        for (unsigned j = 0; j < kRuns; ++j) {
            const unsigned q = first_query + n < last_query ? first_query + n : last_query;
            query[n][j] = queryOf(task, q, lane * 4 + 128 * j);
        }
    }
    // Eight lanes have a query's scores, four of them a row's.
    const unsigned my_query = lane / 8, my_row = lane / 4 % 2, my_visible = visibleTo(a, first_query + my_query);
    float largest = kLowest, total = 0;
    for (unsigned first = begin + warp * kRows; first < end; first += kWarps * kRows) {
        float4 row[kRows][kRuns] = {};
#pragma unroll
        for (unsigned k = 0; k < kRows; ++k) {
#pragma unroll
            for (unsigned j = 0; j < kRuns; ++j) {
                const unsigned i = lane * 4 + 128 * j;
                if (first + k < end && i < width) row[k][j] = load4<kType>(rows, first + k, i);
            }
        }
        float products[kQueries * kRows] = {};
#pragma unroll
        for (unsigned n = 0; n < kQueries; ++n) {
#pragma unroll
            for (unsigned k = 0; k < kRows; ++k) {
#pragma unroll
                for (unsigned j = 0; j < kRuns; ++j) {
                    const float4 &q = query[n][j], &r = row[k][j];
                    products[n * kRows + k] += q.x * r.x + q.y * r.y + q.z * r.z + q.w * r.w;
                }
            }
        }
        const float score = sumEach(products);
        const bool seen = first + my_row < end && first + my_row < my_visible;
        float best = fmaxf(largest, seen ? score : kLowest);
        best = fmaxf(best, __shfl_xor_sync(kAllLanes, best, 4));
        const float rescale = expf(largest - best), weight = seen ? expf(score - best) : 0.0f;
        largest = best;
        total = total * rescale + (weight + __shfl_xor_sync(kAllLanes, weight, 4));
#pragma unroll
        for (unsigned n = 0; n < kQueries; ++n) {
            const float old = __shfl_sync(kAllLanes, rescale, static_cast<int>(8 * n));
            const float w0 = __shfl_sync(kAllLanes, weight, static_cast<int>(8 * n));
            const float w1 = __shfl_sync(kAllLanes, weight, static_cast<int>(8 * n + 4));
#pragma unroll
            for (unsigned j = 0; j < kValueRuns; ++j) {
                float4& s = sum[n][j];
                const float4 &a0 = row[0][j], &a1 = row[1][j];
                s.x = s.x * old + (w0 * a0.x + w1 * a1.x);
                s.y = s.y * old + (w0 * a0.y + w1 * a1.y);
                s.z = s.z * old + (w0 * a0.z + w1 * a1.z);
                s.w = s.w * old + (w0 * a0.w + w1 * a1.w);
            }
        }
    }
    if (lane % 8 == 0) {
        parts[warp][my_query].largest = largest;
        parts[warp][my_query].total = total;
    }
#pragma unroll
    for (unsigned n = 0; n < kQueries; ++n) {
#pragma unroll
        for (unsigned j = 0; j < kValueRuns; ++j) {
            const unsigned i = lane * 4 + 128 * j;
            if (i >= latent) continue;
            float* to = parts[warp][n].sums + i;
            to[0] = sum[n][j].x;
            to[1] = sum[n][j].y;
            to[2] = sum[n][j].z;
            to[3] = sum[n][j].w;
        }
    }
}

__global__ void __launch_bounds__(kThreads, 2) latentAttentionKernel(const __grid_constant__ Arguments a) {
    allowNext();
    waitForPrevious();
    MOESCOPE_BLOCK_SHARED(Part[kWarps][kQueries], parts);
    const Share share = shareOf(a, blockIdx.x);
    if (blockIdx.y * share.positions >= share.visible) return;
    switch (a.task.cache.type) {
        case KvType::kF32:
            attendPositions<KvType::kF32>(a, share, parts);
            break;
        case KvType::kF16:
            attendPositions<KvType::kF16>(a, share, parts);
            break;
        case KvType::kQ8_0:
            attendPositions<KvType::kQ8_0>(a, share, parts);
            break;
    }
    __syncthreads();
    const unsigned latent = static_cast<unsigned>(a.task.cache.latent);
    for (unsigned n = 0; n < kQueries; ++n) {
        const unsigned query = blockIdx.x * kQueries + n;
        if (query >= a.queries) return;
        float best = kLowest, total = 0, scale[kWarps];
        for (unsigned w = 0; w < kWarps; ++w) best = fmaxf(best, parts[w][n].largest);
        for (unsigned w = 0; w < kWarps; ++w) {
            scale[w] = expf(parts[w][n].largest - best);
            total += scale[w] * parts[w][n].total;
        }
        float* part = a.splits > 1 ? partOf(a, query, blockIdx.y) : nullptr;
        if (part && threadIdx.x == 0) {
            part[0] = best;
            part[1] = total;
        }
        for (unsigned i = threadIdx.x; i < latent; i += kThreads) {
            float sum = 0;
            for (unsigned w = 0; w < kWarps; ++w) sum += scale[w] * parts[w][n].sums[i];
            if (part) {
                part[2 + i] = sum;
            } else {
                finish(a.task.out, query, i, sum / total);
            }
        }
    }
}

/// Joins the splits, a thread a value.
__global__ void __launch_bounds__(kThreads) latentJoinKernel(const __grid_constant__ Arguments a) {
    allowNext();
    waitForPrevious();
    const unsigned latent = static_cast<unsigned>(a.task.cache.latent);
    const unsigned at = blockIdx.x * kThreads + threadIdx.x, query = at / latent, i = at % latent;
    if (query >= a.queries) return;  // whole warps: latents are multiples of 32
    const Share share = shareOf(a, query / kQueries);
    const unsigned splits = (share.visible + share.positions - 1) / share.positions;
    float best = kLowest, total = 0, sum = 0;
    for (unsigned s = 0; s < splits; ++s) best = fmaxf(best, partOf(a, query, s)[0]);
    for (unsigned s = 0; s < splits; ++s) {
        const float* part = partOf(a, query, s);
        const float scale = expf(part[0] - best);
        total += scale * part[1];
        sum += scale * part[2 + i];
    }
    finish(a.task.out, query, i, sum / total);
}

}  // namespace

std::size_t latentWorkspaceBytes(int latent) {
    return std::size_t{kBlocks} * kQueries * (static_cast<std::size_t>(latent) + 2) * sizeof(float);
}

void attendLatents(const LatentAttentionTask& task, cudaStream_t stream) {
    Arguments a = {task, static_cast<unsigned>(task.tokens * task.heads), 1};
    const unsigned tiles = (a.queries + kQueries - 1) / kQueries;
    if (tiles < kBlocks) a.splits = kBlocks / tiles < kMostSplits ? kBlocks / tiles : kMostSplits;
    launch(latentAttentionKernel, dim3(tiles, a.splits), kThreads, 0, stream, a);
    if (a.splits == 1) return;
    const unsigned values = a.queries * static_cast<unsigned>(task.cache.latent);
    launch(latentJoinKernel, (values + kThreads - 1) / kThreads, kThreads, 0, stream, a);
}

}  // namespace moescope::cuda
