#pragma once
// A model's matrices by their role, with their shapes checked.

#include <cstdint>
#include <variant>
#include <vector>

#include "engine/format/matrix_source.h"
#include "engine/model/config.h"

namespace moescope {

/// A SwiGLU network: down(silu(gate x) * up x). Routed experts are as many matrices in each.
struct FfnMatrices {
    MatrixSource gate;  ///< (width, hidden)
    MatrixSource up;    ///< (width, hidden)
    MatrixSource down;  ///< (hidden, width)
    explicit operator bool() const { return static_cast<bool>(gate); }
};

/// Attention whose heads have keys and values of their own, or share them in groups.
struct MhaMatrices {
    MatrixSource query;  ///< (heads * key_dim, hidden)
    MatrixSource key;    ///< (kv_heads * key_dim, hidden)
    MatrixSource value;  ///< (kv_heads * value_dim, hidden)
};

/// Multi-head Latent Attention; see AttentionShape. What makes keys and values from the latent is one matrix per head.
struct MlaMatrices {
    MatrixSource query;             ///< (heads * key_dim, hidden), or the next three
    MatrixSource query_a;           ///< (query_latent, hidden)
    MatrixSource query_a_norm;      ///< (1, query_latent)
    MatrixSource query_b;           ///< (heads * key_dim, query_latent)
    MatrixSource kv_a;              ///< (latent + rope_dim, hidden)
    MatrixSource kv_a_norm;         ///< (1, latent)
    MatrixSource key_b;             ///< (latent, plainDim()) per head: turns a query into one of latents
    MatrixSource value_b;           ///< (value_dim, latent) per head
    bool key_b_transposed = false;  ///< the file has (plainDim(), latent) per head
};

/// One layer's matrices. A dense layer has `dense`, a MoE layer `router`, `routed` and perhaps `shared`.
struct LayerMatrices {
    MatrixSource attention_norm;  ///< (1, hidden) in F32, as all norms
    std::variant<MhaMatrices, MlaMatrices> attention;
    MatrixSource attention_output;  ///< (hidden, heads * value_dim)
    MatrixSource ffn_norm;
    MatrixSource router;       ///< (experts, hidden) in F32
    MatrixSource router_bias;  ///< (1, experts) in F32: added to scores where experts are chosen
    FfnMatrices dense, routed, shared;
};

/// All of a model's matrices; views into its file, valid as long as that.
struct ModelMatrices {
    MatrixSource embedding;  ///< (vocabulary, hidden)
    MatrixSource output_norm;
    MatrixSource output;  ///< (vocabulary, hidden); no matrix if the embedding serves as it
    std::vector<LayerMatrices> layers;
};

/// What a matrix is in its model.
enum class MatrixRole : std::uint8_t {
    kEmbedding,
    kOutputNorm,
    kOutput,
    kAttentionNorm,
    kQuery,
    kKey,
    kValue,
    kQueryA,
    kQueryB,
    kKvA,
    kKeyB,
    kValueB,
    kAttentionOutput,
    kQueryANorm,
    kKvANorm,
    kFfnNorm,
    kRouter,
    kRouterBias,
    kDenseGate,
    kDenseUp,
    kDenseDown,
    kRoutedGate,
    kRoutedUp,
    kRoutedDown,
    kSharedGate,
    kSharedUp,
    kSharedDown,
};
/// The routed experts' matrices, of which a token reads some only.
constexpr bool isRouted(MatrixRole role) {
    return role >= MatrixRole::kRoutedGate && role <= MatrixRole::kRoutedDown;
}
/// Those of one row, which are kept as they are and not packed.
constexpr bool isVector(MatrixRole role) {
    using enum MatrixRole;
    return role == kOutputNorm || role == kAttentionNorm || role == kQueryANorm || role == kKvANorm ||
           role == kFfnNorm || role == kRouterBias;
}
/// The products of attention.
constexpr bool isAttention(MatrixRole role) {
    return role >= MatrixRole::kQuery && role <= MatrixRole::kAttentionOutput;
}

/// Calls visit(const MatrixSource&, MatrixRole, std::size_t layer) for each matrix that a model has, in the order in
/// which files have them, so that a file is read from front to back: first those outside of layers (layer 0). A tied
/// output is visited as the embedding only. What loads, counts, plans or checks matrices goes through here.
template <class Visit>
void forEachMatrix(const ModelMatrices& model, Visit&& visit) {
    std::size_t layer = 0;
    const auto one = [&](const MatrixSource& matrix, MatrixRole role) {
        if (matrix) visit(matrix, role, layer);
    };
    const auto network = [&](const FfnMatrices& ffn, MatrixRole gate, MatrixRole up, MatrixRole down) {
        one(ffn.gate, gate);
        one(ffn.up, up);
        one(ffn.down, down);
    };
    struct Attention {
        decltype(one)& visit_one;
        void operator()(const MhaMatrices& a) const {
            visit_one(a.query, MatrixRole::kQuery);
            visit_one(a.key, MatrixRole::kKey);
            visit_one(a.value, MatrixRole::kValue);
        }
        void operator()(const MlaMatrices& a) const {
            visit_one(a.query, MatrixRole::kQuery);
            visit_one(a.query_a, MatrixRole::kQueryA);
            visit_one(a.query_a_norm, MatrixRole::kQueryANorm);
            visit_one(a.query_b, MatrixRole::kQueryB);
            visit_one(a.kv_a, MatrixRole::kKvA);
            visit_one(a.kv_a_norm, MatrixRole::kKvANorm);
            visit_one(a.key_b, MatrixRole::kKeyB);
            visit_one(a.value_b, MatrixRole::kValueB);
        }
    };
    one(model.embedding, MatrixRole::kEmbedding);
    one(model.output_norm, MatrixRole::kOutputNorm);
    one(model.output, MatrixRole::kOutput);
    for (const LayerMatrices& l : model.layers) {
        one(l.attention_norm, MatrixRole::kAttentionNorm);
        std::visit(Attention{one}, l.attention);
        one(l.attention_output, MatrixRole::kAttentionOutput);
        one(l.ffn_norm, MatrixRole::kFfnNorm);
        one(l.router, MatrixRole::kRouter);
        one(l.router_bias, MatrixRole::kRouterBias);
        network(l.dense, MatrixRole::kDenseGate, MatrixRole::kDenseUp, MatrixRole::kDenseDown);
        network(l.routed, MatrixRole::kRoutedGate, MatrixRole::kRoutedUp, MatrixRole::kRoutedDown);
        network(l.shared, MatrixRole::kSharedGate, MatrixRole::kSharedUp, MatrixRole::kSharedDown);
        ++layer;
    }
}

/// Whether products need a matrix the other way than the file has it.
inline bool usedTransposed(const ModelMatrices& model, MatrixRole role, std::size_t layer) {
    return role == MatrixRole::kKeyB && std::get<MlaMatrices>(model.layers[layer].attention).key_b_transposed;
}

/// What a token costs and what the file is made of, for `info` and the benchmark.
struct ModelStatistics {
    std::uint64_t parameters = 0;
    std::uint64_t active_parameters = 0;  ///< that one token uses, embedding row included
    std::uint64_t prefill_macs = 0;       ///< multiply-adds of weights for a prompt's token, without the output head
    std::uint64_t bytes = 0;              ///< of all matrices in the file
    std::uint64_t bytes_per_token = 0;    ///< of weights read to decode one token, KV cache not counted
    std::uint64_t expert_bytes = 0;       ///< of one routed expert, mean over layers
};

ModelStatistics statistics(const ModelConfig& config, const ModelMatrices& matrices);

}  // namespace moescope
