#pragma once
// The next token from logits, on a GPU: the rules of engine/sampling/sampler.h.

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

namespace moescope::cuda {

/// Most candidates that top-k may keep on the device; with more, or with top-k off, the host samples.
inline constexpr int kMaxDeviceTopK = 256;

/// Settings and state in device memory; settings may be rewritten between two tokens without a new graph.
struct DeviceSampler {
    float temperature = 0;    ///< 0: greedy (the highest logit, ties to the lower id)
    std::int32_t top_k = 40;  ///< 1 .. kMaxDeviceTopK, and less than the vocabulary
    float top_p = 1;
    float min_p = 0;
    float repetition_penalty = 1;   ///< of the tokens in `recent`
    std::uint64_t random = 0;       ///< SplitMix64's state, advanced once a token unless greedy
    std::int32_t recent_count = 0;  ///< tokens in `recent`
    std::int32_t recent_next = 0;   ///< where the next one goes: a ring
    std::int32_t window = 0;        ///< its size, at most kMaxDeviceWindow
    std::int32_t recent[256] = {};
};
inline constexpr int kMaxDeviceWindow = 256;

/// Writes the next token to *token, appends it to `recent`, and leaves logits as they are. -1 if no logit is finite.
/// Not finite logits are never chosen. What is chosen is what the host's sampler chooses, but for weights whose
/// exponentials round differently in double precision.
struct SamplingTask {
    const float* logits = nullptr;  ///< (vocabulary)
    int vocabulary = 0;
    DeviceSampler* sampler = nullptr;
    std::int32_t* token = nullptr;     ///< receives the token: where embed() reads the next one
    std::int32_t* position = nullptr;  ///< incremented; or null
    std::int32_t* history = nullptr;   ///< receives a copy of the token, in memory the host reads; or null
    void* workspace = nullptr;         ///< samplingWorkspaceBytes(), 0 before the first call
};
void sample(const SamplingTask& task, cudaStream_t stream);

/// To be zeroed once; kernels leave it ready for the next call.
std::size_t samplingWorkspaceBytes(int vocabulary);

}  // namespace moescope::cuda
