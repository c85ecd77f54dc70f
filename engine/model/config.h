#pragma once
// A model's shape, as the metadata of its file tells it.

#include <cstdint>
#include <string>

#include "engine/base/status.h"
#include "engine/routing/record.h"
#include "kernels/router.h"

namespace moescope {

class GgufFile;

enum class Architecture { kDeepSeek };  ///< GGUF's `deepseek`: DeepSeekMoE, multi-head attention

/// Sizes in elements. Everything here has been checked against limits that keep products of sizes from overflowing.
struct ModelConfig {
    Architecture architecture = Architecture::kDeepSeek;
    std::string architecture_name;  ///< as the file writes it
    std::string name;               ///< general.name, or empty
    int layers = 0;
    int dense_layers = 0;  ///< leading layers without experts
    int hidden = 0;
    int heads = 0;
    int kv_heads = 0;
    int head_dim = 0;  ///< of queries, keys and values
    int rope_dim = 0;  ///< leading values of a head that rotate
    double rope_base = 10000;
    float rms_eps = 1e-6f;
    int dense_ff = 0;
    int expert_ff = 0;
    int experts = 0;  ///< routed experts a layer
    int experts_used = 0;
    int shared_experts = 0;
    GateFunction gate_function = GateFunction::kSoftmax;
    bool renormalise_gates = false;
    float routed_scale = 1;
    int expert_groups = 1;
    int expert_groups_used = 1;
    int vocabulary = 0;
    int context_length = 0;  ///< that the model was trained for

    int moeLayers() const { return layers - dense_layers; }
    int queryWidth() const { return heads * head_dim; }
    int kvWidth() const { return kv_heads * head_dim; }
    RoutingShape routingShape() const { return {dense_layers, moeLayers(), experts, experts_used, shared_experts}; }

    /// Reads and checks a file's metadata. Names what is missing, out of range, or not supported.
    static Result<ModelConfig> fromGguf(const GgufFile& file);
};

}  // namespace moescope
