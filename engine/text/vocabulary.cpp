#include "engine/text/vocabulary.h"

#include <fmt/format.h>

#include "engine/format/gguf.h"

namespace moescope {
namespace {

/// An array of numbers of any kind, as T; empty if the key is missing. Fractions are no whole numbers: NaN has none.
template <class T>
Result<std::vector<T>> numbers(const GgufFile& file, std::string_view key, std::size_t expected) {
    std::vector<T> values;
    const GgufArray* array = file.array(key);
    if (!array) return values;
    std::visit(
        [&]<class V>(const std::vector<V>& items) {
            constexpr bool kFits = std::is_floating_point_v<T> || !std::is_floating_point_v<V>;
            if constexpr (std::is_arithmetic_v<V> && !std::is_same_v<V, bool> && kFits) {
                for (const V& item : items) values.push_back(static_cast<T>(item));
            }
        },
        array->items);
    if (values.size() != expected) {
        return invalid(
            fmt::format("{} has {} numbers; expected one for each of {} tokens.", key, values.size(), expected));
    }
    return values;
}

}  // namespace

Result<Vocabulary> Vocabulary::fromGguf(const GgufFile& file) {
    Vocabulary v;
    const GgufArray* tokens = file.array("tokenizer.ggml.tokens");
    const auto* texts = tokens ? std::get_if<std::vector<std::string>>(&tokens->items) : nullptr;
    if (!texts || texts->empty()) return invalid("The model file has no vocabulary (tokenizer.ggml.tokens).");
    constexpr std::size_t kMaxTokens = 1 << 22;
    if (texts->size() > kMaxTokens)
        return invalid(fmt::format("The vocabulary has {} tokens; expected at most {}.", texts->size(), kMaxTokens));
    v.texts = *texts;

    auto kinds = numbers<std::int64_t>(file, "tokenizer.ggml.token_type", v.texts.size());
    if (!kinds.ok()) return kinds.status();
    v.kinds.assign(v.texts.size(), TokenKind::kNormal);
    for (std::size_t i = 0; i < kinds->size(); ++i) {
        const std::int64_t kind = (*kinds)[i];
        if (kind < 0 || kind > 6) return invalid(fmt::format("The token {} is of kind {}; expected 1 to 6.", i, kind));
        if (kind > 0) v.kinds[i] = static_cast<TokenKind>(kind);
    }
    auto scores = numbers<float>(file, "tokenizer.ggml.scores", v.texts.size());
    if (!scores.ok()) return scores.status();
    v.scores = std::move(*scores);

    for (const auto& [key, id] : {std::pair{"tokenizer.ggml.bos_token_id", &v.bos},
                                  {"tokenizer.ggml.eos_token_id", &v.eos},
                                  {"tokenizer.ggml.eot_token_id", &v.eot},
                                  {"tokenizer.ggml.unknown_token_id", &v.unknown}}) {
        const auto value = file.integer(key);
        if (!value.ok()) return value.status();
        if (!*value) continue;
        if (**value >= v.texts.size())
            return invalid(fmt::format("{} is {}, but there are {} tokens.", key, **value, v.texts.size()));
        *id = static_cast<std::int32_t>(**value);
    }
    const auto add_bos = file.boolean("tokenizer.ggml.add_bos_token");
    if (!add_bos.ok()) return add_bos.status();
    v.add_bos = add_bos->value_or(true);
    return v;
}

}  // namespace moescope
