#pragma once
// The feed-forward half of a layer on a GPU: SwiGLU networks, down(silu(gate x) * up x), of the chosen experts and
// the shared ones. Sums over experts go by rising id: the same bits whatever the schedule.

#include <cuda_runtime.h>

#include "kernels/cuda/activations.h"
#include "kernels/cuda/matmul.h"
#include "kernels/cuda/router.h"
#include "kernels/cuda/weights.h"

namespace moescope::cuda {

/// A layer's networks. A dense layer has only `shared_*`; a layer without shared experts leaves them empty. The two
/// shared experts are one network of twice the width, as in the files. Types may differ from role to role; gate and
/// up are both float or both quantized.
struct ExpertFfn {
    int experts = 0;
    ExpertMatrices gate, up;  ///< (width, hidden)
    ExpertMatrices down;      ///< (hidden, width)
    Matrix shared_gate, shared_up, shared_down;
};

/// Workspace of the feed-forward half; of all layers, one after another.
struct FfnWorkspace {
    Activations routed_middle;      ///< (tokens * most_used, width): what goes into `down`
    Activations shared_middle;      ///< (tokens, shared width, or that of the dense layers)
    float* routed = nullptr;        ///< (tokens, hidden) result: gate-weighted sum of the routed experts
    float* shared = nullptr;        ///< (tokens, hidden) result: the shared experts, or the dense network
    float* pairs = nullptr;         ///< prefill only: (tokens * most_used, hidden)
    std::int32_t* order = nullptr;  ///< prefill only: expertOrderInts() of them
    float* gate_up = nullptr;       ///< prefill with `blas` only: (2, tokens, shared width)
};

struct FfnTask {
    ExpertFfn ffn;
    Activations input;  ///< (tokens, hidden), normed
    int tokens = 1;
    int most_used = 0;                       ///< the largest k that rules may ask for without a new launch; 0 if dense
    const DeviceRules* rules = nullptr;      ///< device memory; null if dense: the shared network always runs
    const RoutingRecord* records = nullptr;  ///< the router's choices
    int record_stride = 1;
    FfnWorkspace work;
    Blas* blas = nullptr;  ///< multiplies a shared network of float weights with several tokens; or null
};

/// Computes work.routed and work.shared (zeros where experts are switched off; untouched where the layer has none).
/// One token: two launches, gate + up + SwiGLU + quantizing, then down with gates. More: tokens sorted by expert
/// (stable, deterministic), tensor cores. Add the results with rmsNorm().
void expertFfn(const FfnTask& task, cudaStream_t stream);

/// Integers of FfnWorkspace::order for batches of up to `tokens`.
std::size_t expertOrderInts(int tokens, int most_used, int experts);

}  // namespace moescope::cuda
