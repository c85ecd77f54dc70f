#pragma once
// A model's tokens, whatever form its file has.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace moescope {

class GgufFile;

/// Kinds of tokens; the values are those of GGUF and SentencePiece.
enum class TokenKind : std::uint8_t { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };

/// The token list that both kinds of tokenizer have.
struct Vocabulary {
    std::vector<std::string> texts;  ///< as written in the file
    std::vector<TokenKind> kinds;
    std::vector<float> scores;  ///< empty if the file has none
    std::optional<std::int32_t> bos, eos, eot, unknown;
    /// Tokens that end an answer, by rising id: EOS, EOT, and those whose names are known to end a turn in models of
    /// the family, whatever the file says of them.
    std::vector<std::int32_t> ends;
    bool add_bos = true;
    bool add_bos_stated = false;     ///< whether the file says so, rather than custom
    std::vector<std::string> notes;  ///< sentences on what was ignored

    int size() const { return static_cast<int>(texts.size()); }
    TokenKind kind(std::int32_t id) const { return kinds[static_cast<std::size_t>(id)]; }
    bool contains(std::int32_t id) const { return id >= 0 && id < size(); }
    bool isEnd(std::int32_t id) const { return std::ranges::binary_search(ends, id); }
};

/// All that a tokenizer is made of.
struct VocabularySource {
    enum class Model { kByteLevelBpe, kSentencePiece };
    Model model = Model::kByteLevelBpe;
    std::string pre_tokenizer = "default";  ///< by GGUF's name, such as "deepseek-llm"
    Vocabulary tokens;
    std::optional<std::vector<std::string>> merges;  ///< "left right", best first; nullopt if the file has none

    /// From a file's `tokenizer.*` keys. Markers of a chat are control tokens, also where the file has them as
    /// user-defined tokens, which texts are searched for: what a user writes never opens or ends a turn. A special
    /// token's id that is not a token of the vocabulary is ignored, with a note.
    static Result<VocabularySource> fromGguf(const GgufFile& file);
};

}  // namespace moescope
