#include "engine/model/config.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/foreign_text.h"
#include "engine/format/gguf.h"

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

/// Generous limits, so that no product of two sizes overflows 64 bits and no table of them exhausts memory.
constexpr int kMaxLayers = 1024;
constexpr int kMaxWidth = 1 << 18;
constexpr int kMaxHeads = 1024;
constexpr int kMaxVocabulary = 1 << 22;
constexpr int kMaxContext = 1 << 22;

Status checkRelations(const ModelConfig& c) {
    const auto fail = [](std::string_view pattern, auto... args) {
        return invalid(fmt::format(fmt::runtime(pattern), args...));
    };
    if (c.dense_layers >= c.layers) {
        return fail("The model has {} layers of which {} are dense; expected at least one with experts.", c.layers,
                    c.dense_layers);
    }
    if (c.experts_used > c.experts) {
        return fail("The model uses {} of {} experts; expected no more than there are.", c.experts_used, c.experts);
    }
    if (c.experts_used > kMaxActiveExperts) {
        return unsupported(fmt::format("The model uses {} experts a token; this program can use up to {}.",
                                       c.experts_used, kMaxActiveExperts));
    }
    if (c.heads % c.kv_heads) {
        return fail("{} heads cannot share {} key-value heads evenly.", c.heads, c.kv_heads);
    }
    if (c.head_dim % 16) {
        return unsupported(fmt::format("Heads have {} values; this program needs a multiple of 16.", c.head_dim));
    }
    if (c.rope_dim % 2 || c.rope_dim > c.head_dim) {
        return fail("{} values of a head of {} should rotate; expected an even number within the head.", c.rope_dim,
                    c.head_dim);
    }
    if (c.experts % c.expert_groups || c.expert_groups_used > c.expert_groups) {
        return fail("{} experts in {} groups, {} of them used, is not a valid grouping.", c.experts, c.expert_groups,
                    c.expert_groups_used);
    }
    return {};
}

}  // namespace

Result<ModelConfig> ModelConfig::fromGguf(const GgufFile& file) {
    ModelConfig c;
    KeyReader general(file, "general.");
    c.architecture_name = general.string("architecture", "");
    c.name = general.string("name", "");
    if (!general.status().ok()) return general.status();
    if (c.architecture_name.empty()) return invalid("The model file does not say its general.architecture.");
    if (c.architecture_name != "deepseek") {
        return unsupported(fmt::format("The model's architecture is {}; this program runs \"deepseek\" (DeepSeekMoE).",
                                       quoted(c.architecture_name)));
    }

    KeyReader key(file, c.architecture_name + ".");
    c.layers = key.integer("block_count", 1, kMaxLayers);
    c.dense_layers = key.integer("leading_dense_block_count", 0, kMaxLayers, 0);
    c.hidden = key.integer("embedding_length", 1, kMaxWidth);
    c.heads = key.integer("attention.head_count", 1, kMaxHeads);
    c.kv_heads = key.integer("attention.head_count_kv", 1, kMaxHeads, c.heads);
    c.head_dim = key.integer("attention.key_length", 1, kMaxWidth, std::max(1, c.hidden / c.heads));
    if (key.integer("attention.value_length", 1, kMaxWidth, c.head_dim) != c.head_dim) {
        key.fail(unsupported("Keys and values of different width are not supported for this architecture."));
    }
    c.rope_dim = key.integer("rope.dimension_count", 0, kMaxWidth, c.head_dim);
    c.rope_base = key.real("rope.freq_base", 1.0, 1e12, 10000.0);
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
    c.expert_groups = std::max(1, key.integer("expert_group_count", 0, 256, 1));
    c.expert_groups_used = std::max(1, key.integer("expert_group_used_count", 0, 256, 1));
    const int gating = key.integer("expert_gating_func", 0, 1000, 0);
    if (gating > 2)
        key.fail(unsupported(fmt::format("The router's function has number {}; known are 1 and 2.", gating)));
    c.gate_function = gating == 2 ? GateFunction::kSigmoid : GateFunction::kSoftmax;
    c.context_length = key.integer("context_length", 1, kMaxContext);
    const std::string scaling = key.string("rope.scaling.type", "none");
    if (scaling != "none") {
        key.fail(unsupported(
            fmt::format("RoPE scaling of type {} is not supported for this architecture.", quoted(scaling))));
    }
    const GgufArray* tokens = file.array("tokenizer.ggml.tokens");
    const auto* words = tokens ? std::get_if<std::vector<std::string>>(&tokens->items) : nullptr;
    c.vocabulary = key.integer("vocab_size", 1, kMaxVocabulary,
                               words ? static_cast<int>(std::min<std::size_t>(words->size(), kMaxVocabulary)) : 0);
    if (!key.status().ok()) return key.status();
    if (Status status = checkRelations(c); !status.ok()) return status;
    return c;
}

}  // namespace moescope
