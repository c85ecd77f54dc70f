#pragma once
// Cuts text into words, within which byte-level BPE merges.

#include <memory>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace moescope {

/// A sequence of patterns, each of which cuts the pieces that the one before it left: a match is a piece of its own,
/// and so is what lies between matches. Immutable; may be used from several threads at once.
class PreTokenizer {
public:
    /// By the name that files have for it (`tokenizer.ggml.pre`). Known: "deepseek-llm", "deepseek-coder",
    /// "deepseek-v3", "glm4" (and "chatglm-bpe"), "kimi-k2", "gpt-2" and "gigachat".
    static Result<PreTokenizer> create(std::string_view name);
    PreTokenizer(PreTokenizer&&) noexcept;
    ~PreTokenizer();

    std::string_view name() const { return m_name; }  ///< one of those above

    /// The pieces of `text`, which must be valid UTF-8, in order and without gaps.
    std::vector<std::string_view> split(std::string_view text) const;

private:
    struct Pattern;
    PreTokenizer(std::string_view name, std::vector<Pattern> patterns);
    std::string_view m_name;  // of a literal
    std::vector<Pattern> m_patterns;
};

}  // namespace moescope
