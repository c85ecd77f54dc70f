#include "app/models/published.h"

#include <array>

namespace moescope {
namespace {

/// The parts of a shape that differ among the models with latent attention; the widths of latents are 512 and 64 in
/// all.
struct Latent {
    int layers, dense_layers, hidden, dense_ff, expert_ff, experts, experts_used, shared_experts;
    int heads, query_latent, plain_dim, value_dim;
    int groups, groups_used;
    bool bias;
    int vocabulary, context;
};

ModelConfig latentConfig(const Latent& m) {
    ModelConfig c;
    c.architecture_name = "deepseek2";
    c.layers = m.layers;
    c.dense_layers = m.dense_layers;
    c.hidden = m.hidden;
    c.attention = {.heads = m.heads,
                   .kv_heads = m.heads,
                   .key_dim = m.plain_dim + 64,
                   .value_dim = m.value_dim,
                   .rope_first = m.plain_dim,
                   .rope_dim = 64,
                   .latent = 512,
                   .query_latent = m.query_latent};
    c.dense_ff = m.dense_ff;
    c.expert_ff = m.expert_ff;
    c.experts = m.experts;
    c.experts_used = m.experts_used;
    c.shared_experts = m.shared_experts;
    c.gate_function = m.bias ? GateFunction::kSigmoid : GateFunction::kSoftmax;
    c.selection_bias = m.bias;
    c.expert_groups = m.groups;
    c.expert_groups_used = m.groups_used;
    c.vocabulary = m.vocabulary;
    c.context_length = m.context;
    return c;
}

ModelConfig deepSeekMoe16B() {
    ModelConfig c;
    c.architecture_name = "deepseek";
    c.layers = 28;
    c.dense_layers = 1;
    c.hidden = 2048;
    c.attention = {.heads = 16, .kv_heads = 16, .key_dim = 128, .value_dim = 128, .rope_dim = 128};
    c.dense_ff = 10944;
    c.expert_ff = 1408;
    c.experts = 64;
    c.experts_used = 6;
    c.shared_experts = 2;
    c.vocabulary = 102400;
    c.context_length = 4096;
    return c;
}

constexpr Latent kV2Lite{.layers = 27,
                         .dense_layers = 1,
                         .hidden = 2048,
                         .dense_ff = 10944,
                         .expert_ff = 1408,
                         .experts = 64,
                         .experts_used = 6,
                         .shared_experts = 2,
                         .heads = 16,
                         .query_latent = 0,
                         .plain_dim = 128,
                         .value_dim = 128,
                         .groups = 1,
                         .groups_used = 1,
                         .bias = false,
                         .vocabulary = 102400,
                         .context = 163840};
constexpr Latent kMoonlight{.layers = 27,
                            .dense_layers = 1,
                            .hidden = 2048,
                            .dense_ff = 11264,
                            .expert_ff = 1408,
                            .experts = 64,
                            .experts_used = 6,
                            .shared_experts = 2,
                            .heads = 16,
                            .query_latent = 0,
                            .plain_dim = 128,
                            .value_dim = 128,
                            .groups = 1,
                            .groups_used = 1,
                            .bias = true,
                            .vocabulary = 163840,
                            .context = 8192};
constexpr Latent kGlmFlash{.layers = 47,
                           .dense_layers = 1,
                           .hidden = 2048,
                           .dense_ff = 10240,
                           .expert_ff = 1536,
                           .experts = 64,
                           .experts_used = 4,
                           .shared_experts = 1,
                           .heads = 20,
                           .query_latent = 768,
                           .plain_dim = 192,
                           .value_dim = 256,
                           .groups = 1,
                           .groups_used = 1,
                           .bias = true,
                           .vocabulary = 154880,
                           .context = 202752};
constexpr Latent kV2{.layers = 60,
                     .dense_layers = 1,
                     .hidden = 5120,
                     .dense_ff = 12288,
                     .expert_ff = 1536,
                     .experts = 160,
                     .experts_used = 6,
                     .shared_experts = 2,
                     .heads = 128,
                     .query_latent = 1536,
                     .plain_dim = 128,
                     .value_dim = 128,
                     .groups = 8,
                     .groups_used = 3,
                     .bias = false,
                     .vocabulary = 102400,
                     .context = 163840};
constexpr Latent kV3{.layers = 61,
                     .dense_layers = 3,
                     .hidden = 7168,
                     .dense_ff = 18432,
                     .expert_ff = 2048,
                     .experts = 256,
                     .experts_used = 8,
                     .shared_experts = 1,
                     .heads = 128,
                     .query_latent = 1536,
                     .plain_dim = 128,
                     .value_dim = 128,
                     .groups = 8,
                     .groups_used = 4,
                     .bias = true,
                     .vocabulary = 129280,
                     .context = 163840};

/// Whether the quantiser gives more bits to a layer's values and to what leads out of its networks.
bool wantsMoreBits(int layer, int layers) {
    return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}

TensorType typeOf(FileType file, std::uint64_t columns, bool more_bits) {
    switch (file) {
        case FileType::kBF16:
            return TensorType::kBF16;
        case FileType::kQ8_0:
            return TensorType::kQ8_0;
        case FileType::kQ4_K_M:
            break;
    }
    if (columns % 256 == 0) return more_bits ? TensorType::kQ6_K : TensorType::kQ4_K;
    return more_bits ? TensorType::kQ8_0 : TensorType::kQ5_0;
}

}  // namespace

std::span<const PublishedModel> publishedModels() {
    static const std::array<PublishedModel, 6> kModels = {{
        {"DeepSeekMoE 16B Base, Chat", deepSeekMoe16B()},
        {"DeepSeek-V2-Lite, Coder-V2-Lite", latentConfig(kV2Lite)},
        {"Moonlight-16B-A3B", latentConfig(kMoonlight)},
        {"GLM-4.7-Flash", latentConfig(kGlmFlash)},
        {"DeepSeek-V2, V2.5, Coder-V2", latentConfig(kV2)},
        {"DeepSeek-V3, R1, V3.1", latentConfig(kV3)},
    }};
    return kModels;
}

std::string_view fileTypeName(FileType type) {
    switch (type) {
        case FileType::kQ4_K_M:
            return "Q4_K_M";
        case FileType::kQ8_0:
            return "Q8_0";
        case FileType::kBF16:
            break;
    }
    return "BF16";
}

ModelMatrices publishedMatrices(const ModelConfig& c, FileType file) {
    const auto size = [](int n) { return static_cast<std::uint64_t>(n); };
    const auto of = [](TensorType type, std::uint64_t columns, std::uint64_t rows, std::uint64_t count) {
        MatrixSource m{
            .name = {}, .type = type, .columns = columns, .rows = rows, .count = count, .stride = 0, .bytes = {}};
        m.stride = m.matrixBytes();
        return m;
    };
    const auto matrix = [&](int columns, int rows, int count = 1, bool more_bits = false) {
        return of(typeOf(file, size(columns), more_bits), size(columns), size(rows), size(count));
    };
    const auto floats = [&](int columns, int rows = 1) { return of(TensorType::kF32, size(columns), size(rows), 1); };
    const AttentionShape& a = c.attention;
    ModelMatrices all;
    all.embedding = matrix(c.hidden, c.vocabulary);
    all.output_norm = floats(c.hidden);
    all.output = matrix(c.hidden, c.vocabulary, 1, true);
    for (int i = 0; i < c.layers; ++i) {
        const bool more = wantsMoreBits(i, c.layers);
        const auto network = [&](int width, int count) {
            return FfnMatrices{matrix(c.hidden, width, count), matrix(c.hidden, width, count),
                               matrix(width, c.hidden, count, more)};
        };
        LayerMatrices& layer = all.layers.emplace_back();
        layer.attention_norm = layer.ffn_norm = floats(c.hidden);
        layer.attention_output = matrix(a.outputWidth(), c.hidden);
        if (a.latent > 0) {
            MlaMatrices mla;
            if (a.query_latent > 0) {
                mla.query_a = matrix(c.hidden, a.query_latent);
                mla.query_a_norm = floats(a.query_latent);
                mla.query_b = matrix(a.query_latent, a.queryWidth());
            } else {
                mla.query = matrix(c.hidden, a.queryWidth());
            }
            mla.kv_a = matrix(c.hidden, a.latent + a.rope_dim);
            mla.kv_a_norm = floats(a.latent);
            mla.key_b = matrix(a.plainDim(), a.latent, a.heads);
            mla.value_b = matrix(a.latent, a.value_dim, a.heads);
            layer.attention = std::move(mla);
        } else {
            layer.attention = MhaMatrices{matrix(c.hidden, a.queryWidth()), matrix(c.hidden, a.keyWidth()),
                                          matrix(c.hidden, a.valueWidth(), 1, more)};
        }
        if (i < c.dense_layers) {
            layer.dense = network(c.dense_ff, 1);
            continue;
        }
        layer.router = floats(c.hidden, c.experts);
        if (c.selection_bias) layer.router_bias = floats(c.experts);
        layer.routed = network(c.expert_ff, c.experts);
        layer.shared = network(c.expert_ff * c.shared_experts, 1);
    }
    return all;
}

}  // namespace moescope
