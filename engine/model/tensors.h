#pragma once
// The tensors of a model file by their role, with their shapes checked.

#include <vector>

#include "engine/base/status.h"
#include "engine/format/gguf.h"
#include "engine/model/config.h"

namespace moescope {

/// A SwiGLU network: down(silu(gate x) * up x). Expert tensors hold all experts' matrices one after another.
struct FfnTensors {
    const GgufTensor* gate = nullptr;  ///< (width, hidden), times experts
    const GgufTensor* up = nullptr;    ///< (width, hidden), times experts
    const GgufTensor* down = nullptr;  ///< (hidden, width), times experts
    explicit operator bool() const { return gate != nullptr; }
};

/// One layer's tensors. A dense layer has `dense`, a MoE layer `router`, `routed` and perhaps `shared`.
struct LayerTensors {
    const GgufTensor* attention_norm = nullptr;
    const GgufTensor* query = nullptr;
    const GgufTensor* key = nullptr;
    const GgufTensor* value = nullptr;
    const GgufTensor* attention_output = nullptr;
    const GgufTensor* ffn_norm = nullptr;
    const GgufTensor* router = nullptr;  ///< (experts, hidden)
    FfnTensors dense, routed, shared;
};

/// All of a model's tensors; pointers into the file, valid as long as it.
struct ModelTensors {
    const GgufTensor* embedding = nullptr;  ///< (vocabulary, hidden)
    const GgufTensor* output_norm = nullptr;
    const GgufTensor* output = nullptr;  ///< (vocabulary, hidden); the embedding if the file ties them
    std::vector<LayerTensors> layers;

    /// Finds every tensor that the architecture needs; names the first that is missing or misshapen.
    static Result<ModelTensors> find(const GgufFile& file, const ModelConfig& config);
};

/// What a token costs and what the file is made of, for `info` and the benchmark.
struct ModelStatistics {
    std::uint64_t parameters = 0;
    std::uint64_t active_parameters = 0;  ///< that one token uses, embedding row included
    std::uint64_t prefill_macs = 0;       ///< multiply-adds of weights for a prompt's token, without the output head
    std::uint64_t bytes = 0;              ///< of all tensors in the file
    std::uint64_t memory_bytes = 0;       ///< of the same once loaded; the embedding is kept apart from a tied output
    std::uint64_t bytes_per_token = 0;    ///< of weights read to decode one token, KV cache not counted
    std::uint64_t expert_bytes = 0;       ///< of one routed expert, mean over layers
};

ModelStatistics statistics(const ModelConfig& config, const ModelTensors& tensors);

}  // namespace moescope
