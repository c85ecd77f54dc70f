#pragma once
// Text to token ids and back.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace moescope {

struct VocabularySource;

/// A token and the bytes of the text it came from.
struct TokenSpan {
    std::int32_t id = 0;
    std::uint32_t begin = 0;  ///< byte offset in the text, first byte
    std::uint32_t end = 0;    ///< one past the last byte
};

/// Immutable; may be used from several threads at once.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    /// Ids of `text` with their byte ranges, in order; the ranges cover the text without gaps. Never adds BOS and
    /// never yields a control token: special tokens written out in the text are text. Any bytes are accepted, also
    /// invalid UTF-8, and decode() gives them back where the vocabulary has tokens for them (else U+FFFD).
    virtual std::vector<TokenSpan> encode(std::string_view text) const = 0;

    /// The bytes that a token stands for, which may be part of a UTF-8 character. Empty for control tokens and for
    /// ids outside the vocabulary.
    virtual std::string_view bytes(std::int32_t id) const = 0;

    /// A name for people: the text of a normal token, the written form of a control token ("<｜end▁of▁sentence｜>").
    virtual std::string name(std::int32_t id) const = 0;

    virtual int size() const = 0;
    virtual bool isControl(std::int32_t id) const = 0;
    virtual bool isEndOfText(std::int32_t id) const = 0;  ///< any token after which nothing of the answer follows
    virtual std::optional<std::int32_t> bos() const = 0;
    virtual std::optional<std::int32_t> eos() const = 0;
    virtual bool addBos() const = 0;  ///< whether the model wants BOS before a text
    /// Sentences on what of the file was ignored, such as the number of a special token that is not there.
    virtual const std::vector<std::string>& notes() const = 0;
    /// No token stands for more bytes of a text than this; SIZE_MAX if one may stand for any number.
    virtual std::size_t longestToken() const = 0;
    virtual std::string_view kind() const = 0;  ///< "byte-level BPE (deepseek-llm)", "SentencePiece (BPE)"...

    std::string decode(std::span<const std::int32_t> ids) const;
    /// A number of tokens that texts of this many bytes have at least; known without encoding them.
    std::size_t leastTokens(std::size_t bytes) const { return bytes / longestToken(); }

    /// From what a model file has for it.
    static Result<std::unique_ptr<Tokenizer>> create(VocabularySource source);
    /// From a SentencePiece `tokenizer.model`.
    static Result<std::unique_ptr<Tokenizer>> fromSentencePieceFile(const std::string& path);
};

/// Joins the bytes of tokens into text and holds back an incomplete UTF-8 character until it is whole.
class IncrementalDecoder {
public:
    explicit IncrementalDecoder(const Tokenizer& tokenizer) : m_tokenizer(&tokenizer) {}

    /// The text that is complete now. Bytes that can never become valid UTF-8 are given as U+FFFD, so that what leaves
    /// here is always valid.
    std::string push(std::int32_t id);
    /// What was held back, with U+FFFD for what stayed incomplete.
    std::string finish();

private:
    const Tokenizer* m_tokenizer;
    std::string m_pending;
};

}  // namespace moescope
