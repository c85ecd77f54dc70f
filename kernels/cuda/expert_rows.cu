// The feed-forward half of a layer for several tokens: pairs of token and expert are sorted by expert, so that an
// expert's weights are read once for all of its tokens.
//
// The sort is a counting sort in two launches, a block per expert: stable, and the same whatever the schedule.

#include <climits>

#include "kernels/cuda/blas.h"
#include "kernels/cuda/expert_kernels.h"
#include "kernels/cuda/quantize_block.h"
#include "kernels/cuda/tile.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kSortThreads = 128;
constexpr unsigned kJoinThreads = 256;
constexpr unsigned kActivateThreads = 256;
constexpr unsigned kMiddleRows = kTileRows / 2;  ///< of `gate` and as many of `up` make a tile

/// The pairs of a batch by expert. Pair p is token p / most_used and its (p % most_used)-th expert.
struct ExpertOrder {
    std::int32_t* counts;  ///< (experts) pairs of each expert that is on this GPU
    std::int32_t* firsts;  ///< (experts) sorted row of an expert's first pair
    std::int32_t* pairs;   ///< sorted row -> pair
    std::int32_t* rows;    ///< pair -> sorted row; -1: no such pair, or its expert is not on this GPU
    std::int32_t* tiles;   ///< (most_tiles, 2): expert, first sorted row
    std::int32_t* tile_count;
};

unsigned mostTiles(unsigned pairs, unsigned experts, unsigned tile_tokens) {
    const unsigned whole = pairs / tile_tokens + experts;  // each expert may leave one tile that is not full
    return whole < pairs ? whole : pairs;
}

ExpertOrder orderAt(std::int32_t* memory, unsigned pairs, unsigned experts) {
    ExpertOrder o;
    o.counts = memory;
    o.firsts = o.counts + experts;
    o.pairs = o.firsts + experts;
    o.rows = o.pairs + pairs;
    o.tile_count = o.rows + pairs;
    o.tiles = o.tile_count + 1;
    return o;
}

struct SortArguments {
    ExpertOrder order;
    const RoutingRecord* records;
    const std::int32_t* slots;
    unsigned record_stride, pairs, most_used, experts, tile_tokens;
};

/// The expert of a pair; -1 if there is no such pair.
__device__ inline int expertOf(const SortArguments& a, unsigned pair) {
    const RouterChoice& choice = a.records[static_cast<std::size_t>(pair / a.most_used) * a.record_stride].choice;
    const unsigned i = pair % a.most_used;
    return static_cast<int>(i) < choice.count ? choice.experts[i] : -1;
}

__global__ void __launch_bounds__(kSortThreads) countKernel(const __grid_constant__ SortArguments a) {
    allowNext();
    waitForPrevious();
    MOESCOPE_BLOCK_SHARED(int, total);
    const int expert = static_cast<int>(blockIdx.x);
    if (threadIdx.x == 0) total = 0;
    __syncthreads();
    int mine = 0;
    for (unsigned p = threadIdx.x; p < a.pairs; p += kSortThreads) mine += expertOf(a, p) == expert;
    if (mine) atomicAdd(&total, mine);  // integers: the order does not matter
    __syncthreads();
    if (threadIdx.x == 0) a.order.counts[expert] = a.slots && a.slots[expert] < 0 ? 0 : total;
}

__global__ void __launch_bounds__(kSortThreads) placeKernel(const __grid_constant__ SortArguments a) {
    allowNext();
    waitForPrevious();
    MOESCOPE_BLOCK_SHARED(int[kSortThreads / 32], warp_counts);
    MOESCOPE_BLOCK_SHARED(int, first);
    MOESCOPE_BLOCK_SHARED(int, first_tile);
    const int expert = static_cast<int>(blockIdx.x), tile_tokens = static_cast<int>(a.tile_tokens);
    const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    if (threadIdx.x == 0) first = first_tile = 0;
    __syncthreads();
    int before = 0, tiles_before = 0;
    for (int e = static_cast<int>(threadIdx.x); e < expert; e += static_cast<int>(kSortThreads)) {
        before += a.order.counts[e];
        tiles_before += (a.order.counts[e] + tile_tokens - 1) / tile_tokens;
    }
    if (before) atomicAdd(&first, before);
    if (tiles_before) atomicAdd(&first_tile, tiles_before);
    __syncthreads();
    const int count = a.order.counts[expert], tiles = (count + tile_tokens - 1) / tile_tokens;
    for (int i = static_cast<int>(threadIdx.x); i < tiles; i += static_cast<int>(kSortThreads)) {
        a.order.tiles[2 * (first_tile + i)] = expert;
        a.order.tiles[2 * (first_tile + i) + 1] = first + i * tile_tokens;
    }
    if (threadIdx.x == 0) {
        a.order.firsts[expert] = first;
        if (blockIdx.x == a.experts - 1) *a.order.tile_count = first_tile + tiles;
    }
    int row = first;
    for (unsigned begin = 0; begin < a.pairs; begin += kSortThreads) {
        const unsigned p = begin + threadIdx.x;
        const int its_expert = p < a.pairs ? expertOf(a, p) : INT_MAX;
        const bool mine = its_expert == expert;
        const unsigned votes = __ballot_sync(kAllLanes, mine);
        __syncthreads();  // the counts of the last round have been read
        if (lane == 0) warp_counts[warp] = __popc(votes);
        __syncthreads();
        int at = row + __popc(votes & ((1u << lane) - 1u));
        for (unsigned w = 0; w < kSortThreads / 32; ++w) {
            if (w < warp) at += warp_counts[w];
            row += warp_counts[w];
        }
        if (mine) {
            if (count > 0) a.order.pairs[at] = static_cast<std::int32_t>(p);
            a.order.rows[p] = count > 0 ? at : -1;
        }
        if (blockIdx.x == 0 && its_expert == -1) a.order.rows[p] = -1;
    }
}

/// The tokens of a block's tile.
struct TileTokens {
    int expert;  ///< -1: the shared network
    unsigned first;
    unsigned count;
};

struct RowsArguments {
    ExpertView gate, up;  ///< or `down` as gate
    Activations input;    ///< (tokens, hidden), or the middle
    Activations middle;   ///< result of `expand`
    float* y;             ///< result of `contract`: (rows of the middle, hidden)
    ExpertOrder order;    ///< of the routed experts; counts null: the shared network, all tokens
    const DeviceRules* rules;
    unsigned tokens, most_used;
};

template <unsigned kTokens>
__device__ inline bool tileTokens(const RowsArguments& a, TileTokens& tile) {
    if (!a.order.counts) {
        tile.expert = -1;
        tile.first = blockIdx.y * kTokens;
        tile.count = a.tokens - tile.first < kTokens ? a.tokens - tile.first : kTokens;
        return true;
    }
    if (static_cast<int>(blockIdx.y) >= *a.order.tile_count) return false;
    tile.expert = a.order.tiles[2 * blockIdx.y];
    tile.first = static_cast<unsigned>(a.order.tiles[2 * blockIdx.y + 1]);
    const unsigned end = static_cast<unsigned>(a.order.firsts[tile.expert] + a.order.counts[tile.expert]);
    tile.count = end - tile.first < kTokens ? end - tile.first : kTokens;
    return true;
}

/// middle = silu(gate x) * up x, quantized: 32 rows of each make a tile.
template <TileKind kKind, unsigned kTokens>
__global__ void __launch_bounds__(kTileThreads, 2) expandRowsKernel(const __grid_constant__ RowsArguments a) {
    allowNext();
    waitForPrevious();
    TileTokens tile;
    if (!tileTokens<kTokens>(a, tile)) return;
    if (tile.expert < 0 && a.rules && !a.rules->use_shared) return;
    const unsigned first_row = blockIdx.x * kMiddleRows, width = static_cast<unsigned>(a.gate.matrix.rows);
    const unsigned char* gate = tile.expert < 0 ? a.gate.matrix.data : a.gate.at(tile.expert);
    const unsigned char* up = tile.expert < 0 ? a.up.matrix.data : a.up.at(tile.expert);
    auto& result = multiplyTile<kKind, kTokens>(
        a.input,
        [&](unsigned r) {
            return r < kMiddleRows ? TileWeights{&a.gate.matrix, gate, first_row + r}
                                   : TileWeights{&a.up.matrix, up, first_row + r - kMiddleRows};
        },
        [&](unsigned i) {
            if (i >= tile.count) return -1;
            if (tile.expert < 0) return static_cast<int>(tile.first + i);
            return a.order.pairs[tile.first + i] / static_cast<int>(a.most_used);
        });
    // One warp per token, one lane per row: the 32 values that share a scale.
    const unsigned lane = threadIdx.x % 32;
    for (unsigned i = threadIdx.x / 32; i < tile.count; i += kTileThreads / 32) {
        const float g = result.at[i][lane], u = result.at[i][lane + kMiddleRows];
        const float y = g / (1.0f + expf(-g)) * u;
        const std::size_t at =
            static_cast<std::size_t>(tile.first + i) * static_cast<unsigned>(a.middle.columns) + first_row;
        if (first_row + lane < width) a.middle.x[at + lane] = y;
        if (a.middle.q) quantizeLanes(y, a.middle.q + at, a.middle.scales + at / 32);
    }
}

/// y = down middle, of each row of the middle.
template <TileKind kKind, unsigned kTokens>
__global__ void __launch_bounds__(kTileThreads, 2) contractRowsKernel(const __grid_constant__ RowsArguments a) {
    allowNext();
    waitForPrevious();
    TileTokens tile;
    if (!tileTokens<kTokens>(a, tile)) return;
    const bool off = tile.expert < 0 && a.rules && !a.rules->use_shared;
    const unsigned first_row = blockIdx.x * kTileRows, rows = static_cast<unsigned>(a.gate.matrix.rows);
    const unsigned char* data = tile.expert < 0 ? a.gate.matrix.data : a.gate.at(tile.expert);
    const TileResult<kTokens>* result = nullptr;
    if (!off) {
        result = &multiplyTile<kKind, kTokens>(
            a.input,
            [&](unsigned r) {
                return TileWeights{&a.gate.matrix, data, first_row + r};
            },
            [&](unsigned i) { return i < tile.count ? static_cast<int>(tile.first + i) : -1; });
    }
    for (unsigned i = threadIdx.x; i < tile.count * kTileRows; i += kTileThreads) {
        const unsigned row = first_row + i % kTileRows;
        if (row >= rows) continue;
        a.y[static_cast<std::size_t>(tile.first + i / kTileRows) * rows + row] =
            off ? 0.0f : result->at[i / kTileRows][i % kTileRows];
    }
}

struct JoinArguments {
    const float* pairs;  ///< (sorted rows, hidden)
    const std::int32_t* rows;
    const RoutingRecord* records;
    float* routed;
    unsigned record_stride, most_used, hidden;
};

/// routed = sum of gates * pairs, by rising expert id.
__global__ void __launch_bounds__(kJoinThreads) joinKernel(const __grid_constant__ JoinArguments a) {
    allowNext();
    waitForPrevious();
    MOESCOPE_BLOCK_SHARED(int[kMaxActiveExperts], order);
    const unsigned token = blockIdx.y;
    const RouterChoice& choice = a.records[static_cast<std::size_t>(token) * a.record_stride].choice;
    const int count = choice.count;
    if (static_cast<int>(threadIdx.x) < count) {
        int place = 0;
        for (int i = 0; i < count; ++i) place += choice.experts[i] < choice.experts[threadIdx.x];
        order[place] = static_cast<int>(threadIdx.x);
    }
    __syncthreads();
    const unsigned column = blockIdx.x * kJoinThreads + threadIdx.x;
    if (column >= a.hidden) return;
    float sum = 0;
    for (int i = 0; i < count; ++i) {
        const int row = a.rows[token * a.most_used + static_cast<unsigned>(order[i])];
        if (row < 0) continue;
        sum = fmaf(choice.gates[order[i]], a.pairs[static_cast<std::size_t>(row) * a.hidden + column], sum);
    }
    a.routed[static_cast<std::size_t>(token) * a.hidden + column] = sum;
}

struct ActivateArguments {
    const float *gate, *up;  ///< (tokens, width)
    float* middle;
    const DeviceRules* rules;
    std::size_t values;
};

/// middle = silu(gate) * up; zeros where the shared experts are off.
__global__ void __launch_bounds__(kActivateThreads) activateKernel(const __grid_constant__ ActivateArguments a) {
    allowNext();
    waitForPrevious();
    const std::size_t i = static_cast<std::size_t>(blockIdx.x) * kActivateThreads + threadIdx.x;
    if (i >= a.values) return;
    const bool off = a.rules && !a.rules->use_shared;
    const float g = a.gate[i];
    a.middle[i] = off ? 0.0f : g / (1.0f + expf(-g)) * a.up[i];
}

/// A network of float weights by cuBLAS.
void runByBlas(const FfnTask& task, cudaStream_t stream) {
    const ExpertFfn& ffn = task.ffn;
    const std::size_t values = static_cast<std::size_t>(task.tokens) * static_cast<unsigned>(ffn.shared_gate.rows);
    float *gate = task.work.gate_up, *up = gate + values;
    const Product expand[] = {{ffn.shared_gate, gate, false}, {ffn.shared_up, up, false}};
    matmul(expand, 2, task.input, task.tokens, stream, task.blas);
    const ActivateArguments activate = {gate, up, task.work.shared_middle.x, task.rules, values};
    launch(activateKernel, static_cast<unsigned>((values + kActivateThreads - 1) / kActivateThreads), kActivateThreads,
           0, stream, activate);
    const Product contract = {ffn.shared_down, task.work.shared, false};
    matmul(&contract, 1, task.work.shared_middle, task.tokens, stream, task.blas);
}

unsigned roundedUp(unsigned n, unsigned by) {
    return (n + by - 1) / by;
}

/// Both phases of one network, or of all routed experts.
void run(const ExpertView& gate, const ExpertView& up, const ExpertView& down, RowsArguments a, float* y,
         unsigned token_tiles, bool many_tokens, cudaStream_t stream) {
    const TileKind kinds[] = {tileKind(gate.matrix.type), tileKind(up.matrix.type)};
    const TileKind wider = kinds[0] == TileKind::kInt8x2 ? kinds[0] : kinds[1];
    a.gate = gate;
    a.up = up;
    withTile(wider, many_tokens, [&](auto kind, auto tokens) {
        launch(expandRowsKernel<decltype(kind)::value, decltype(tokens)::value>,
               dim3(roundedUp(static_cast<unsigned>(gate.matrix.rows), kMiddleRows), token_tiles), kTileThreads,
               tileBytes<decltype(kind)::value, decltype(tokens)::value>(), stream, a);
    });
    a.gate = down;
    a.input = a.middle;
    a.y = y;
    withTile(tileKind(down.matrix.type), many_tokens, [&](auto kind, auto tokens) {
        launch(contractRowsKernel<decltype(kind)::value, decltype(tokens)::value>,
               dim3(roundedUp(static_cast<unsigned>(down.matrix.rows), kTileRows), token_tiles), kTileThreads,
               tileBytes<decltype(kind)::value, decltype(tokens)::value>(), stream, a);
    });
}

}  // namespace

std::size_t expertOrderInts(int tokens, int most_used, int experts) {
    const auto pairs = static_cast<unsigned>(tokens) * static_cast<unsigned>(most_used);
    return 2 * static_cast<std::size_t>(experts) + 2 * pairs + 1 +
           2 * mostTiles(pairs, static_cast<unsigned>(experts), 16);
}

void expertRows(const FfnTask& task, cudaStream_t stream) {
    const ExpertFfn& ffn = task.ffn;
    const auto tokens = static_cast<unsigned>(task.tokens), most_used = static_cast<unsigned>(task.most_used);
    RowsArguments a = {};
    a.input = task.input;
    a.rules = task.rules;
    a.tokens = tokens;
    a.most_used = most_used;
    if (ffn.gate) {
        const auto experts = static_cast<unsigned>(ffn.experts), stride = static_cast<unsigned>(task.record_stride);
        const unsigned pairs = tokens * most_used;
        // Wide tiles unpack weights once for more tokens, and waste more where experts have few.
        const bool many = pairs > 24 * experts;
        const unsigned tile_tokens = many ? 64 : 16;
        a.order = orderAt(task.work.order, pairs, experts);
        const SortArguments sort = {a.order, task.records, ffn.gate.slots, stride,
                                    pairs,   most_used,    experts,        tile_tokens};
        launch(countKernel, experts, kSortThreads, 0, stream, sort);
        launch(placeKernel, experts, kSortThreads, 0, stream, sort);
        a.middle = task.work.routed_middle;
        run(expertView(ffn.gate), expertView(ffn.up), expertView(ffn.down), a, task.work.pairs,
            mostTiles(pairs, experts, tile_tokens), many, stream);
        const auto hidden = static_cast<unsigned>(ffn.down.rows);
        const JoinArguments join = {task.work.pairs, a.order.rows, task.records, task.work.routed,
                                    stride,          most_used,    hidden};
        launch(joinKernel, dim3(roundedUp(hidden, kJoinThreads), tokens), kJoinThreads, 0, stream, join);
    }
    if (ffn.shared_gate && task.blas && isFloat(ffn.shared_gate.type) && isFloat(ffn.shared_down.type)) {
        runByBlas(task, stream);
    } else if (ffn.shared_gate) {
        a.order = {};
        a.middle = task.work.shared_middle;
        const bool many = tokens > 16;
        run({viewOf(ffn.shared_gate), nullptr}, {viewOf(ffn.shared_up), nullptr}, {viewOf(ffn.shared_down), nullptr}, a,
            task.work.shared, roundedUp(tokens, many ? 64 : 16), many, stream);
    }
}

}  // namespace moescope::cuda
