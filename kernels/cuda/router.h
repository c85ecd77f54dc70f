#pragma once
// Chooses the experts of tokens on a GPU: the rules of kernels/router.h, as data in device memory.

#include <cuda_runtime.h>

#include "kernels/router.h"

namespace moescope::cuda {

/// One MoE layer's rules in device memory. They may be rewritten between two tokens without a new graph; only `used`
/// must not exceed the `most_used` with which the layer's kernels were launched.
struct DeviceRules {
    GateFunction function = GateFunction::kSoftmax;
    GroupScore group_score = GroupScore::kBest;
    bool renormalise = false;
    bool use_shared = true;  ///< false switches the shared experts off
    std::int32_t used = 0;
    std::int32_t groups = 1;
    std::int32_t groups_used = 1;
    std::int32_t masked_top = 0;
    float scale = 1;
    std::uint32_t masked[kMaxRouterExperts / 32] = {};  ///< bit e % 32 of word e / 32
    std::uint32_t forced[kMaxRouterExperts / 32] = {};
};

/// The same rules as a CPU's router takes, for the device; the bias is not a rule but a weight, see RouterTask.
DeviceRules deviceRules(const RouterParameters& parameters, bool use_shared);

/// The record of one token and MoE layer, as kernels fill it.
struct RoutingRecord {
    RouterChoice choice;
    float shared_norm;  ///< Euclidean norm of the shared experts' output
    float routed_norm;  ///< of the gate-weighted sum of routed experts, on whatever device they ran
};

/// Logits of `experts` (at most kMaxRouterExperts) for each token in F32, softmax over all (or sigmoid), the choice.
/// Ties go to the lower id; NaN ranks below every number.
struct RouterTask {
    const float* x = nullptr;        ///< (tokens, hidden), normed
    const float* weights = nullptr;  ///< (experts, hidden) F32, rows padded to a multiple of 16 bytes as in weights.h
    const float* bias = nullptr;     ///< (experts), as RouterParameters has it; null: none
    int experts = 0;
    int hidden = 0;
    int tokens = 1;
    const DeviceRules* rules = nullptr;  ///< device memory
    float* logits = nullptr;             ///< (tokens, experts) workspace
    std::uint32_t* ticket = nullptr;     ///< device memory, 0 before the first call; kernels leave it 0
    RoutingRecord* records = nullptr;    ///< receives `choice`, norms 0
    int record_stride = 1;               ///< records from one token to the next
};
void route(const RouterTask& task, cudaStream_t stream);

}  // namespace moescope::cuda
