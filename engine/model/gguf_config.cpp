#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/base/foreign_text.h"
#include "engine/model/gguf_source.h"

namespace moescope {
namespace {

/// Reads keys one after another and keeps the first error.
class KeyReader {
public:
    KeyReader(const GgufFile& file, std::string prefix) : m_file(file), m_prefix(std::move(prefix)) {}

    const Status& status() const { return m_status; }
    void fail(Status status) {
        if (m_status.ok()) m_status = std::move(status);
    }

    int integer(std::string_view name, int lowest, int highest, std::optional<int> fallback = {}) {
        const std::string key = m_prefix + std::string(name);
        const auto found = m_file.integer(key);
        if (!found.ok()) return fail(found.status()), lowest;
        if (!*found && !fallback) return fail(invalid(fmt::format("The model file lacks the key {}.", key))), lowest;
        if (!*found) return *fallback;
        const std::uint64_t value = **found;
        if (value < static_cast<std::uint64_t>(lowest) || value > static_cast<std::uint64_t>(highest)) {
            fail(invalid(fmt::format("{} is {}; expected {} to {}.", key, value, lowest, highest)));
            return lowest;
        }
        return static_cast<int>(value);
    }

    bool has(std::string_view name) const { return m_file.metadata().contains(m_prefix + std::string(name)); }

    double real(std::string_view name, double lowest, double highest, std::optional<double> fallback = {}) {
        const std::string key = m_prefix + std::string(name);
        const auto found = m_file.real(key);
        if (!found.ok()) return fail(found.status()), lowest;
        if (!*found && !fallback) return fail(invalid(fmt::format("The model file lacks the key {}.", key))), lowest;
        const double value = *found ? **found : *fallback;
        if (!(value >= lowest && value <= highest)) {  // also for NaN
            fail(invalid(fmt::format("{} is {}; expected {} to {}.", key, value, lowest, highest)));
            return lowest;
        }
        return value;
    }

    bool boolean(std::string_view name, bool fallback) {
        const auto found = m_file.boolean(m_prefix + std::string(name));
        if (!found.ok()) return fail(found.status()), fallback;
        return found->value_or(fallback);
    }

    std::string string(std::string_view name, std::string fallback) {
        const auto found = m_file.string(m_prefix + std::string(name));
        if (!found.ok()) return fail(found.status()), fallback;
        return found->value_or(std::move(fallback));
    }

private:
    const GgufFile& m_file;
    std::string m_prefix;
    Status m_status;
};

void readAttention(KeyReader& key, ModelConfig& c) {
    AttentionShape& a = c.attention;
    a.heads = key.integer("attention.head_count", 1, kMaxHeads);
    a.kv_heads = key.integer("attention.head_count_kv", 1, kMaxHeads, a.heads);
    a.key_dim = key.integer("attention.key_length", 1, kMaxWidth, std::max(1, c.hidden / a.heads));
    a.value_dim = key.integer("attention.value_length", 1, kMaxWidth, a.key_dim);
    a.rope_dim = key.integer("rope.dimension_count", 0, kMaxWidth, a.key_dim);
}

/// A head's lengths are in keys that end in _mla; in older files, which lack them, in the plain ones, which in newer
/// files are those of what is cached.
void readLatentAttention(KeyReader& key, GgufParts parts, AttentionShape& a) {
    a.heads = a.kv_heads = key.integer("attention.head_count", 1, kMaxHeads);
    a.latent = key.integer("attention.kv_lora_rank", 1, kMaxWidth);
    a.rope_dim = key.integer("rope.dimension_count", 2, kMaxWidth);
    const bool newer = key.has("attention.key_length_mla");
    if (newer != key.has("attention.value_length_mla")) {
        key.fail(invalid("The model file has only one of attention.key_length_mla and attention.value_length_mla."));
    }
    a.key_dim = key.integer(newer ? "attention.key_length_mla" : "attention.key_length", 1, kMaxWidth);
    a.value_dim = key.integer(newer ? "attention.value_length_mla" : "attention.value_length", 1, kMaxWidth);
    if (a.key_dim <= a.rope_dim) {
        key.fail(invalid(
            fmt::format("Of {} values of a head {} should rotate; expected some that do not.", a.key_dim, a.rope_dim)));
    }
    a.rope_first = a.key_dim - a.rope_dim;
    // Which queries there are, the tensors say: some files have a rank of 0, or none.
    if (const GgufTensor* query_a = ggufTensor(parts, "blk.0.attn_q_a.weight"); query_a && query_a->dims.size() == 2) {
        const int rank = static_cast<int>(std::min<std::uint64_t>(query_a->dims[1], kMaxWidth));
        a.query_latent = key.integer("attention.q_lora_rank", 1, kMaxWidth, rank);
    }
}

RopeShape::Yarn readYarn(KeyReader& key) {
    RopeShape::Yarn yarn;
    yarn.factor = key.real("rope.scaling.factor", 1, 1e6);
    yarn.original_context = key.integer("rope.scaling.original_context_length", 1, kMaxContext);
    yarn.beta_fast = key.real("rope.scaling.yarn_beta_fast", 1e-6, 1e6, 32);
    yarn.beta_slow = key.real("rope.scaling.yarn_beta_slow", 1e-6, 1e6, 1);
    yarn.extrapolation = key.real("rope.scaling.yarn_ext_factor", 0, 1, 1);
    yarn.attention_factor = key.real("rope.scaling.yarn_attn_factor", 1e-6, 1e6, 1);
    if (key.has("rope.scaling.yarn_log_multiplier")) {
        yarn.log_multiplier = key.real("rope.scaling.yarn_log_multiplier", 0, 100);
    }
    return yarn;
}

}  // namespace

Result<ModelConfig> ggufConfig(GgufParts parts) {
    const GgufFile& file = parts.front();
    ModelConfig c;
    KeyReader general(file, "general.");
    c.architecture_name = general.string("architecture", "");
    c.name = general.string("name", "");
    if (!general.status().ok()) return general.status();
    if (c.architecture_name.empty()) return invalid("The model file does not say its general.architecture.");
    const bool latent = c.architecture_name == "deepseek2";
    if (c.architecture_name != "deepseek" && !latent) {
        return unsupported(fmt::format(
            "The model's architecture is {}; this program runs \"deepseek\" (DeepSeekMoE) and \"deepseek2\" "
            "(DeepSeek-V2, V3 and models built like them).",
            quoted(c.architecture_name)));
    }

    KeyReader key(file, c.architecture_name + ".");
    c.layers = key.integer("block_count", 1, kMaxLayers);
    c.dense_layers = key.integer("leading_dense_block_count", 0, kMaxLayers, 0);
    c.hidden = key.integer("embedding_length", 1, kMaxWidth);
    if (latent) {
        // Rows past the layers predict further tokens; nothing here needs them.
        c.layers -= key.integer("nextn_predict_layers", 0, std::max(0, c.layers - 1), 0);
        readLatentAttention(key, parts, c.attention);
    } else {
        readAttention(key, c);
    }
    c.rope.base = key.real("rope.freq_base", 1.0, 1e12, 10000.0);
    c.rms_eps = static_cast<float>(key.real("attention.layer_norm_rms_epsilon", 0.0, 1.0));
    c.dense_ff = key.integer("feed_forward_length", 1, kMaxWidth);
    c.expert_ff = key.integer("expert_feed_forward_length", 1, kMaxWidth);
    c.experts = key.integer("expert_count", 1, kMaxRouterExperts);
    c.experts_used = key.integer("expert_used_count", 1, kMaxRouterExperts);
    c.shared_experts = key.integer("expert_shared_count", 0, 64, 0);
    // The shared experts are merged into one, and its width must be a size like the others.
    if (c.shared_experts * static_cast<std::int64_t>(c.expert_ff) > kMaxWidth) {
        key.fail(invalid(fmt::format("{} shared experts of width {} are too many.", c.shared_experts, c.expert_ff)));
    }
    c.routed_scale = static_cast<float>(key.real("expert_weights_scale", 0.0, 1e6, 1.0));
    if (c.routed_scale == 0.0f) c.routed_scale = 1.0f;  // written as 0 by converters that mean "none"
    c.renormalise_gates = key.boolean("expert_weights_norm", false);
    c.selection_bias = ggufRouterBias(parts, c.dense_layers) != nullptr;
    const int gating = key.integer("expert_gating_func", 0, 1000, 0);
    if (gating > 2)
        key.fail(unsupported(fmt::format("The router's function has number {}; known are 1 and 2.", gating)));
    // Files that do not say: only routers with a sigmoid have a bias.
    const bool sigmoid = gating == 2 || (gating == 0 && c.selection_bias);
    c.gate_function = sigmoid ? GateFunction::kSigmoid : GateFunction::kSoftmax;
    // Old files lack the groups: all models of 160 experts (DeepSeek-V2), and of 256 with a bias (V3), have these.
    const bool v2 = latent && c.experts == 160, v3 = latent && c.experts == 256 && c.selection_bias;
    c.expert_groups = std::max(1, key.integer("expert_group_count", 0, 256, v2 || v3 ? 8 : 1));
    c.expert_groups_used = std::max(1, key.integer("expert_group_used_count", 0, 256, v2 ? 3 : v3 ? 4 : 1));
    c.group_score = sigmoid ? GroupScore::kTwoBest : GroupScore::kBest;
    c.context_length = key.integer("context_length", 1, kMaxContext);
    const std::string scaling = key.string("rope.scaling.type", "none");
    if (scaling == "yarn" && latent) {
        c.rope.yarn = readYarn(key);
    } else if (scaling != "none") {
        key.fail(unsupported(
            fmt::format("RoPE scaling of type {} is not supported for this architecture.", quoted(scaling))));
    }
    if (key.has("attention.temperature_scale")) {
        key.fail(
            unsupported("The model scales attention by position (attention.temperature_scale), which this "
                        "program does not support."));
    }
    const GgufArray* tokens = file.array("tokenizer.ggml.tokens");
    const auto* words = tokens ? std::get_if<std::vector<std::string>>(&tokens->items) : nullptr;
    c.vocabulary = key.integer("vocab_size", 1, kMaxVocabulary,
                               words ? static_cast<int>(std::min<std::size_t>(words->size(), kMaxVocabulary)) : 0);
    if (!key.status().ok()) return key.status();
    if (Status status = c.check(); !status.ok()) return status;
    return c;
}

}  // namespace moescope
