#pragma once
// The token list that both kinds of tokenizer have in a GGUF file.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace moescope {

class GgufFile;

/// GGUF's kinds of tokens (those of SentencePiece).
enum class TokenKind : std::uint8_t { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };

struct Vocabulary {
    std::vector<std::string> texts;  ///< as written in the file
    std::vector<TokenKind> kinds;
    std::vector<float> scores;  ///< empty if the file has none
    std::optional<std::int32_t> bos, eos, eot, unknown;
    bool add_bos = true;
    std::vector<std::string> notes;  ///< sentences on what was ignored

    int size() const { return static_cast<int>(texts.size()); }
    TokenKind kind(std::int32_t id) const { return kinds[static_cast<std::size_t>(id)]; }
    bool contains(std::int32_t id) const { return id >= 0 && id < size(); }

    /// A special token's id that is no token of the vocabulary is ignored, with a note.
    static Result<Vocabulary> fromGguf(const GgufFile& file);
};

}  // namespace moescope
