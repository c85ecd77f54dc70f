#pragma once
// SentencePiece vocabularies, through the sentencepiece library.

#include <memory>

#include "engine/format/vocabulary.h"
#include "engine/text/tokenizer.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace moescope {

class SentencePieceTokenizer : public Tokenizer {
public:
    /// SentencePiece BPE with scores.
    static Result<std::unique_ptr<Tokenizer>> create(VocabularySource source);
    /// From a `tokenizer.model`.
    static Result<std::unique_ptr<Tokenizer>> load(const std::string& path);
    ~SentencePieceTokenizer() override;

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
    std::string_view kind() const override { return "SentencePiece"; }

private:
    SentencePieceTokenizer();
    Status index();
    void encodeStretch(std::string_view text, std::uint32_t offset, std::vector<TokenSpan>& out) const;
    void encodeBytes(std::string_view text, std::uint32_t offset, std::vector<TokenSpan>& out) const;

    std::unique_ptr<sentencepiece::SentencePieceProcessor> m_processor;
    Vocabulary m_vocabulary;
    std::size_t m_longest = 1;                // bytes of a token
    std::vector<std::string> m_bytes;         // what each token stands for
    std::vector<std::int32_t> m_byte_tokens;  // 256, or empty without byte fallback
};

}  // namespace moescope
