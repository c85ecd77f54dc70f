#pragma once
// Byte-level BPE (GPT-2's alphabet of 256 characters for bytes), as DeepSeek's own vocabularies use it, and most
// others.

#include <array>
#include <unordered_map>

#include "engine/format/vocabulary.h"
#include "engine/text/pre_tokenizer.h"
#include "engine/text/tokenizer.h"

namespace moescope {

class ByteLevelBpe : public Tokenizer {
public:
    static Result<std::unique_ptr<Tokenizer>> create(VocabularySource source);

    std::vector<TokenSpan> encode(std::string_view text) const override;
    std::string_view bytes(std::int32_t id) const override;
    std::string name(std::int32_t id) const override;
    int size() const override { return m_vocabulary.size(); }
    bool isControl(std::int32_t id) const override;
    bool isEndOfText(std::int32_t id) const override { return m_vocabulary.isEnd(id); }
    std::optional<std::int32_t> bos() const override { return m_vocabulary.bos; }
    std::optional<std::int32_t> eos() const override { return m_vocabulary.eos; }
    bool addBos() const override { return m_vocabulary.add_bos; }
    const std::vector<std::string>& notes() const override { return m_vocabulary.notes; }
    std::size_t longestToken() const override { return m_longest; }
    std::string_view kind() const override { return m_kind; }

private:
    /// What a pair of neighboring tokens becomes, and how early.
    struct Merge {
        std::uint32_t rank;
        std::int32_t result;
    };
    explicit ByteLevelBpe(PreTokenizer splitter);
    static std::uint64_t pairKey(std::int32_t left, std::int32_t right) {
        return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
    }
    Status index(VocabularySource source);
    std::int32_t userToken(std::string_view text) const;  ///< the longest that text starts with, or -1
    /// U+FFFD in place of a byte that has no token; the last of its tokens has the byte as its range.
    void replaceByte(std::uint32_t at, std::vector<TokenSpan>& out) const;
    void encodeStretch(std::string_view text, std::uint32_t offset, std::vector<TokenSpan>& out) const;
    void mergeWord(std::string_view word, std::uint32_t offset, std::vector<TokenSpan>& out) const;

    PreTokenizer m_splitter;
    std::string m_kind;
    Vocabulary m_vocabulary;
    std::size_t m_longest = 1;                    // bytes of a token
    std::vector<std::string> m_bytes;             // what each token stands for
    std::array<std::int32_t, 256> m_byte_tokens;  // of each byte; -1: none
    std::unordered_map<std::uint64_t, Merge> m_merges;
    std::vector<std::int32_t> m_user_tokens;  // longest first
    std::array<bool, 256> m_user_starts{};    // bytes that a user-defined token starts with
};

}  // namespace moescope
