#pragma once
// A model's shape, whatever form its file has.

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/status.h"
#include "engine/routing/record.h"
#include "kernels/router.h"

namespace moescope {

/// The widths of a layer's attention, in values.
struct AttentionShape {
    int heads = 0;       ///< of queries
    int kv_heads = 0;    ///< of keys and values, each shared by heads / kv_heads neighbouring query heads
    int key_dim = 0;     ///< of a head's query and key
    int value_dim = 0;   ///< of a head's value
    int rope_first = 0;  ///< the first value of a head's query and key that rotates
    int rope_dim = 0;    ///< how many do
    // Multi-head Latent Attention (MLA; DeepSeek-V2, arXiv 2405.04434): a head's keys, but for the values that rotate,
    // and its values are made from one latent a position, which is what is cached.
    int latent = 0;        ///< its width; 0: none
    int query_latent = 0;  ///< of what queries are made from; 0: they are made directly

    int queryWidth() const { return heads * key_dim; }
    int keyWidth() const { return kv_heads * key_dim; }
    int valueWidth() const { return kv_heads * value_dim; }
    int plainDim() const { return key_dim - rope_dim; }    ///< of a head's query and key, what does not rotate
    int outputWidth() const { return heads * value_dim; }  ///< of what goes into the output projection
};

/// In the norms of latents, whatever the model says for its others: that of the models' own code. No file tells it.
inline constexpr float kLatentNormEps = 1e-6f;

/// Rotary position embedding, as a model's file describes it. ropePlan() makes angles of it.
struct RopeShape {
    /// YaRN (arXiv 2309.00071): contexts longer than those that the model was first trained for.
    struct Yarn {
        double factor = 1;
        int original_context = 0;
        double beta_fast = 32, beta_slow = 1;
        double extrapolation = 1;     ///< share of the original frequencies where they are kept
        double attention_factor = 1;  ///< on cosines and sines
        /// Of the logarithm of `factor` in what scores are multiplied by, squared; nullopt: cosines and sines carry it.
        std::optional<double> log_multiplier;
    };
    double base = 10000;
    std::optional<Yarn> yarn;
};

/// Sizes in elements. Everything here has been checked against limits that keep products of sizes from overflowing.
struct ModelConfig {
    std::string architecture_name;  ///< as the file writes it
    std::string name;               ///< that the file gives the model, or empty
    int layers = 0;
    int dense_layers = 0;  ///< leading layers without experts
    int hidden = 0;
    AttentionShape attention;
    RopeShape rope;
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
    GroupScore group_score = GroupScore::kBest;
    bool selection_bias = false;  ///< the choice of experts goes by probability plus a bias
    int vocabulary = 0;
    int context_length = 0;  ///< that the model was trained for

    int moeLayers() const { return layers - dense_layers; }
    RoutingShape routingShape() const {
        return {.first_moe_layer = dense_layers,
                .moe_layers = moeLayers(),
                .experts = experts,
                .experts_used = experts_used,
                .shared_experts = shared_experts,
                .groups = expert_groups,
                .groups_used = expert_groups_used,
                .has_selections = selection_bias};
    }

    /// Whether the sizes go together and this program can compute them; for whoever read them from a file.
    Status check() const;
};

/// Generous limits, so that no product of two sizes overflows 64 bits and no table of them exhausts memory.
inline constexpr int kMaxLayers = 1024;
inline constexpr int kMaxWidth = 1 << 18;
inline constexpr int kMaxHeads = 1024;
inline constexpr int kMaxVocabulary = 1 << 22;
inline constexpr int kMaxContext = 1 << 22;

}  // namespace moescope
