#include "app/models/model_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

namespace moescope {
namespace {

std::vector<ModelFacts::TypeShare> typesOf(const ModelSource& source) {
    const auto bytes = source.bytesByType();
    std::uint64_t total = 0;
    for (const auto& [type, size] : bytes) total += size;
    std::vector<ModelFacts::TypeShare> types;
    for (const auto& [type, size] : bytes) {
        types.push_back({type, static_cast<double>(size) / static_cast<double>(std::max<std::uint64_t>(1, total))});
    }
    std::ranges::stable_sort(types, std::greater(), &ModelFacts::TypeShare::share);
    return types;
}

std::vector<ContextMemory> contextsOf(const ModelFile& file, LoadChoices choices, const FreeMemory& free, int planned) {
    std::vector<ContextMemory> contexts;
    const int own = file.config.context_length;
    std::set<int> wanted{own, planned};
    for (int tokens = kShortestContext; tokens < own; tokens *= 2) wanted.insert(tokens);
    for (const int tokens : wanted) {
        choices.context = tokens;
        const LoadPlan plan = planLoad(file, choices, free);
        contexts.push_back({tokens, plan.needed(), plan.fits()});
    }
    return contexts;
}

}  // namespace

AttentionKind attentionKind(const AttentionShape& shape) {
    if (shape.latent > 0) return AttentionKind::kLatent;
    return shape.kv_heads < shape.heads ? AttentionKind::kGroupedQuery : AttentionKind::kMultiHead;
}

std::string_view attentionName(AttentionKind kind) {
    switch (kind) {
        case AttentionKind::kMultiHead:
            return "MHA";
        case AttentionKind::kGroupedQuery:
            return "GQA";
        case AttentionKind::kLatent:
            break;
    }
    return "MLA";
}

std::uint64_t cacheBytesPerToken(const ModelConfig& config, KvType type) {
    SessionOptions many;
    many.kv_type = type;
    many.context = kShortestContext;
    return sessionBytes(config, many, 1).cache / kShortestContext;
}

ModelFacts modelFacts(const ModelFile& file, const LoadChoices& choices, const FreeMemory& free) {
    ModelFacts facts;
    facts.path = file.path;
    facts.name = file.config.name;
    facts.license = file.source->license();
    facts.files = file.source->files();
    facts.file_bytes = file.source->fileBytes();
    facts.types = typesOf(*file.source);
    facts.config = file.config;
    facts.statistics = statistics(file.config, file.matrices);
    facts.attention = attentionKind(file.config.attention);
    facts.kv_type = choices.kv_type;
    facts.cache_bytes_per_token = cacheBytesPerToken(file.config, choices.kv_type);
    facts.own_template = file.chat_template.ownTemplate();
    facts.thinking_choice = file.chat_template.thinkingChoice();
    facts.template_words = file.chat_template.describe();
    facts.template_note = file.chat_template.note();
    if (file.tokenizer) facts.notes = file.tokenizer->notes();
    facts.plan = planLoad(file, choices, free);
    facts.contexts = contextsOf(file, choices, free, facts.plan.session.context);
    return facts;
}

std::string typesText(const ModelFacts& facts) {
    std::string text;
    for (const auto& [type, share] : facts.types) {
        text += fmt::format("{}{} {:.1f} %", text.empty() ? "" : ", ", info(type).name, 100 * share);
    }
    return text;
}

}  // namespace moescope
