// The feed-forward half of a layer for one token: all chosen experts and the shared ones in one launch a phase.

#include <climits>

#include "kernels/cuda/dot.h"
#include "kernels/cuda/expert_kernels.h"
#include "kernels/cuda/quantize_block.h"

namespace moescope::cuda {
namespace {

/// Results of `expand` that a block computes: what one scale of int8 activations covers.
constexpr unsigned kMiddleRows = 32;
constexpr unsigned kExpandThreads = kMiddleRows * kRowLanes;
/// Results of `contract` that a block computes, of every network.
constexpr unsigned kOutputRows = kRowsPerWarp;
constexpr unsigned kContractThreads = (kMaxActiveExperts + 1) * 32;  // at most

struct VectorArguments {
    ExpertView gate, up, down;
    MatrixView shared_gate, shared_up, shared_down;
    ActivationView input;
    Activations routed_middle, shared_middle;
    const DeviceRules* rules;
    const RoutingRecord* record;
    float* routed;
    float* shared;
    unsigned most_used;
    unsigned routed_blocks;  ///< of `expand`, an expert
};

/// middle = silu(gate x) * up x, quantized.
__global__ void __launch_bounds__(kExpandThreads, 2) expandVectorKernel(const __grid_constant__ VectorArguments a) {
    allowNext();
    MOESCOPE_BLOCK_SHARED(float[kMiddleRows], results);
    const bool routed = blockIdx.x < a.most_used * a.routed_blocks;
    const unsigned char *gate_data = a.shared_gate.data, *up_data = a.shared_up.data;
    unsigned slot = 0, block = blockIdx.x - a.most_used * a.routed_blocks;
    if (routed) {
        waitForPrevious();
        slot = blockIdx.x / a.routed_blocks;
        block = blockIdx.x % a.routed_blocks;
        if (static_cast<int>(slot) >= a.record->choice.count) return;
        const int expert = a.record->choice.experts[slot];
        gate_data = a.gate.at(expert);
        up_data = a.up.at(expert);
        if (!gate_data) return;  // on another device
    } else if (a.rules) {
        waitForPrevious();
        if (!a.rules->use_shared) return;
    }
    const MatrixView& gate = routed ? a.gate.matrix : a.shared_gate;
    const MatrixView& up = routed ? a.up.matrix : a.shared_up;
    const Activations& middle = routed ? a.routed_middle : a.shared_middle;
    const unsigned width = static_cast<unsigned>(gate.rows);
    const unsigned local = threadIdx.x / kRowLanes, row = block * kMiddleRows + local;
    const unsigned present = row < width ? row : width - 1;
    const float g = dotRow(gate.type, gate_data, gate.planes, gate.columns, present, a.input);
    const float u = dotRow(up.type, up_data, up.planes, up.columns, present, a.input);
    if (threadIdx.x % kRowLanes == 0) results[local] = g / (1.0f + expf(-g)) * u;
    __syncthreads();
    if (threadIdx.x >= kMiddleRows) return;
    const unsigned column = block * kMiddleRows + threadIdx.x;
    const std::size_t first = static_cast<std::size_t>(slot) * static_cast<unsigned>(middle.columns);
    if (column < width) middle.x[first + column] = results[threadIdx.x];
    if (middle.q) {
        const std::size_t at = first + block * kMiddleRows;
        quantizeLanes(results[threadIdx.x], middle.q + at, middle.scales + at / 32);
    }
}

/// routed = sum of gates * down middle, by rising expert id; shared = down middle. A warp a network, the last one the
/// shared network's: a loop over networks would keep values for every type of weights in registers.
__global__ void __launch_bounds__(kContractThreads) contractVectorKernel(const __grid_constant__ VectorArguments a) {
    allowNext();
    waitForPrevious();
    MOESCOPE_BLOCK_SHARED(float[kMaxActiveExperts + 1][kOutputRows], results);
    const unsigned network = threadIdx.x / 32, local = threadIdx.x % 32 / kRowLanes;
    const bool has_routed = a.down.matrix.data != nullptr, routed = network < a.most_used;
    const MatrixView& down = routed ? a.down.matrix : a.shared_down;
    const unsigned hidden = static_cast<unsigned>(has_routed ? a.down.matrix.rows : a.shared_down.rows);
    const unsigned count = has_routed ? static_cast<unsigned>(a.record->choice.count) : 0;
    const bool use_shared = a.shared_down.data && (!a.rules || a.rules->use_shared);
    if (routed ? network < count : use_shared) {
        const unsigned char* data = routed ? a.down.at(a.record->choice.experts[network]) : a.shared_down.data;
        const unsigned first = blockIdx.x * kOutputRows + local;
        float y = 0;
        if (data) {
            const ActivationView in =
                routed ? rowOf(a.routed_middle, static_cast<int>(network)) : rowOf(a.shared_middle, 0);
            y = dotRow(down.type, data, down.planes, down.columns, first < hidden ? first : hidden - 1, in);
        }
        if (threadIdx.x % kRowLanes == 0) results[network][local] = y;
    }
    __syncthreads();
    const unsigned row = blockIdx.x * kOutputRows + threadIdx.x;
    if (threadIdx.x >= kOutputRows || row >= hidden) return;
    if (has_routed) {
        float sum = 0;
        int previous = -1;
        for (unsigned i = 0; i < count; ++i) {
            unsigned next = 0;
            int expert = INT_MAX;
            for (unsigned j = 0; j < count; ++j) {
                const int e = a.record->choice.experts[j];
                if (e > previous && e < expert) {
                    expert = e;
                    next = j;
                }
            }
            previous = expert;
            sum = fmaf(a.record->choice.gates[next], results[next][threadIdx.x], sum);
        }
        a.routed[row] = sum;
    }
    if (a.shared_down.data) a.shared[row] = use_shared ? results[a.most_used][threadIdx.x] : 0.0f;
}

}  // namespace

void expertVector(const FfnTask& task, cudaStream_t stream) {
    const ExpertFfn& ffn = task.ffn;
    VectorArguments a = {};
    a.gate = expertView(ffn.gate);
    a.up = expertView(ffn.up);
    a.down = expertView(ffn.down);
    if (ffn.shared_gate) {
        a.shared_gate = viewOf(ffn.shared_gate);
        a.shared_up = viewOf(ffn.shared_up);
        a.shared_down = viewOf(ffn.shared_down);
    }
    a.input = {task.input.x, task.input.q, task.input.scales};
    a.routed_middle = task.work.routed_middle;
    a.shared_middle = task.work.shared_middle;
    a.rules = task.rules;
    a.record = task.records;
    a.routed = task.work.routed;
    a.shared = task.work.shared;
    a.most_used = ffn.gate ? static_cast<unsigned>(task.most_used) : 0;
    a.routed_blocks = (static_cast<unsigned>(ffn.gate.rows) + kMiddleRows - 1) / kMiddleRows;
    const unsigned shared_blocks =
        ffn.shared_gate ? (static_cast<unsigned>(ffn.shared_gate.rows) + kMiddleRows - 1) / kMiddleRows : 0;
    launch(expandVectorKernel, a.most_used * a.routed_blocks + shared_blocks, kExpandThreads, 0, stream, a);
    const unsigned hidden = static_cast<unsigned>(ffn.down ? ffn.down.rows : ffn.shared_down.rows);
    const unsigned networks = a.most_used + (ffn.shared_gate ? 1 : 0);
    launch(contractVectorKernel, (hidden + kOutputRows - 1) / kOutputRows, networks * 32, 0, stream, a);
}

void expertFfn(const FfnTask& task, cudaStream_t stream) {
    if (task.tokens == 1) return expertVector(task, stream);
    expertRows(task, stream);
}

}  // namespace moescope::cuda
