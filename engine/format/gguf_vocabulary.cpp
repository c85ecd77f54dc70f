#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "engine/base/foreign_text.h"
#include "engine/format/gguf.h"
#include "engine/format/vocabulary.h"

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

/// What ends a turn in models of the family: Kimi, GLM, DeepSeek (Coder, then all others), GigaChat.
constexpr std::string_view kEnds[] = {"<|im_end|>", "<|user|>", "<|observation|>",       "<|endoftext|>",  "[EOT]",
                                      "<|EOT|>",    "<|eot|>",  "<｜end▁of▁sentence｜>", "<|message_sep|>"};
/// Markers in other forms than <|...|>.
constexpr std::string_view kMarkers[] = {"[EOT]", "[BOS]", "[EOS]", "[gMASK]", "[sMASK]", "<sop>", "<eop>"};

bool isMarker(std::string_view text) {
    const auto between = [&](std::string_view opening, std::string_view closing) {
        return text.size() > opening.size() + closing.size() && text.starts_with(opening) && text.ends_with(closing);
    };
    // Not those that fill a gap in code: who asks a model for that writes them.
    if (text.find("fim") != std::string_view::npos) return false;
    return between("<|", "|>") || between("<｜", "｜>") || std::ranges::find(kMarkers, text) != std::end(kMarkers);
}

Result<Vocabulary> tokensOf(const GgufFile& file) {
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

    struct Special {
        std::string_view name;
        std::optional<std::int32_t>* id;  ///< nullptr: of no use here
    };
    for (const auto& [name, id] : {Special{"bos", &v.bos},
                                   {"eos", &v.eos},
                                   {"eot", &v.eot},
                                   {"unknown", &v.unknown},
                                   {"eom", nullptr},
                                   {"seperator", nullptr},  // as GGUF writes it
                                   {"padding", nullptr},
                                   {"cls", nullptr},
                                   {"mask", nullptr}}) {
        const std::string key = fmt::format("tokenizer.ggml.{}_token_id", name);
        const auto found = file.metadata().find(key);
        if (found == file.metadata().end()) continue;
        const auto* below_zero = std::get_if<std::int64_t>(&found->second);
        const auto value = file.integer(key);
        if (below_zero && *below_zero < 0) {
            v.notes.push_back(fmt::format("{} is {}, which is not a token; it is ignored.", key, *below_zero));
        } else if (!value.ok()) {
            if (id) return value.status();
        } else if (**value >= v.texts.size()) {
            v.notes.push_back(
                fmt::format("{} is {}, but there are {} tokens; it is ignored.", key, **value, v.texts.size()));
        } else if (id) {
            *id = static_cast<std::int32_t>(**value);
        }
    }
    for (std::int32_t id = 0; id < v.size(); ++id) {
        TokenKind& kind = v.kinds[static_cast<std::size_t>(id)];
        const std::string& text = v.texts[static_cast<std::size_t>(id)];
        const bool special = id == v.bos || id == v.eos || id == v.eot;
        if (kind == TokenKind::kUserDefined && (special || isMarker(text))) kind = TokenKind::kControl;
        const bool named = kind == TokenKind::kControl && std::ranges::find(kEnds, text) != std::end(kEnds);
        if (named || id == v.eos || id == v.eot) v.ends.push_back(id);
    }
    const auto add_bos = file.boolean("tokenizer.ggml.add_bos_token");
    if (!add_bos.ok()) return add_bos.status();
    const auto pre = file.string("tokenizer.ggml.pre");
    const bool glm = pre.ok() && (*pre == "glm4" || *pre == "chatglm-bpe");  // begins with markers of its own
    v.add_bos = add_bos->value_or(!glm);
    v.add_bos_stated = add_bos->has_value();
    return v;
}

}  // namespace

Result<VocabularySource> VocabularySource::fromGguf(const GgufFile& file) {
    const auto model = file.string("tokenizer.ggml.model");
    if (!model.ok()) return model.status();
    if (!*model) {
        if (Status part = file.wholeModel(); !part.ok()) return part;  // the first has it
        return invalid("The model file has no tokenizer (tokenizer.ggml.model).");
    }
    if (**model != "gpt2" && **model != "llama") {
        return unsupported(
            fmt::format("The tokenizer is of model {}; this program knows \"gpt2\" and \"llama\".", quoted(**model)));
    }
    VocabularySource source;
    source.model = **model == "gpt2" ? Model::kByteLevelBpe : Model::kSentencePiece;
    const auto pre = file.string("tokenizer.ggml.pre");
    if (!pre.ok()) return pre.status();
    if (*pre) source.pre_tokenizer = **pre;
    auto tokens = tokensOf(file);
    if (!tokens.ok()) return tokens.status();
    source.tokens = std::move(*tokens);
    const GgufArray* array = file.array("tokenizer.ggml.merges");
    if (const auto* merges = array ? std::get_if<std::vector<std::string>>(&array->items) : nullptr) {
        source.merges = *merges;
    }
    return source;
}

}  // namespace moescope
