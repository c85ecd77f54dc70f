#include "engine/text/sentencepiece_tokenizer.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "engine/base/foreign_text.h"
#include "engine/base/utf8.h"

namespace moescope {
namespace {

constexpr std::string_view kBlank = "\xe2\x96\x81";  // U+2581, which SentencePiece writes for a blank

/// The few fields of sentencepiece_model.proto that a vocabulary needs, in protobuf's wire format: the library reads
/// a serialized ModelProto, and its package does not install the classes to make one.
class ProtoWriter {
public:
    void integer(unsigned field, std::uint64_t value) {
        varint(field << 3);
        varint(value);
    }
    void real(unsigned field, float value) {
        varint(field << 3 | 5);
        char raw[sizeof value];
        std::memcpy(raw, &value, sizeof value);
        m_out.append(raw, sizeof raw);
    }
    void text(unsigned field, std::string_view value) {
        varint(field << 3 | 2);
        varint(value.size());
        m_out += value;
    }
    const std::string& bytes() const { return m_out; }

private:
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) m_out += static_cast<char>(value | 0x80);
        m_out += static_cast<char>(value);
    }
    std::string m_out;
};

std::string modelProto(const Vocabulary& v, bool byte_fallback, std::int32_t unknown) {
    ProtoWriter model, trainer, normalizer;
    for (std::int32_t id = 0; id < v.size(); ++id) {
        ProtoWriter piece;
        const auto i = static_cast<std::size_t>(id);
        // Under its own text the library would find a control token of one character in a user's text.
        piece.text(1, v.kind(id) == TokenKind::kControl ? fmt::format("<control {}>", id) : v.texts[i]);
        piece.real(2, v.scores.empty() ? 0.0f : v.scores[i]);
        piece.integer(3, static_cast<std::uint64_t>(v.kinds[i]));
        model.text(1, piece.bytes());
    }
    constexpr std::uint64_t kBpe = 2;
    trainer.integer(3, kBpe);
    trainer.integer(35, byte_fallback);
    trainer.integer(40, static_cast<std::uint64_t>(unknown));
    trainer.text(45, v.texts[static_cast<std::size_t>(unknown)]);
    model.text(2, trainer.bytes());
    normalizer.text(1, "identity");
    normalizer.integer(3, 0);  // add_dummy_prefix: chat templates say themselves where blanks go
    normalizer.integer(4, 0);  // remove_extra_whitespaces: a text must come back as it was
    normalizer.integer(5, 1);  // escape_whitespaces
    model.text(3, normalizer.bytes());
    return model.bytes();
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// The byte of a token such as "<0x41>", or -1.
int byteOf(std::string_view text) {
    if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return -1;
    const int high = hexDigit(text[3]), low = hexDigit(text[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::string withBlanks(std::string_view piece) {
    std::string text;
    for (std::size_t at = 0; at < piece.size();) {
        const bool blank = piece.substr(at).starts_with(kBlank);
        text += blank ? ' ' : piece[at];
        at += blank ? kBlank.size() : 1;
    }
    return text;
}

}  // namespace

SentencePieceTokenizer::SentencePieceTokenizer()
    : m_processor(std::make_unique<sentencepiece::SentencePieceProcessor>()) {}
SentencePieceTokenizer::~SentencePieceTokenizer() = default;

Result<std::unique_ptr<Tokenizer>> SentencePieceTokenizer::create(VocabularySource source) {
    std::unique_ptr<SentencePieceTokenizer> tokenizer(new SentencePieceTokenizer);
    tokenizer->m_vocabulary = std::move(source.tokens);
    const Vocabulary& v = tokenizer->m_vocabulary;
    std::int32_t unknown = -1;
    for (std::int32_t id = 0; id < v.size(); ++id) {
        if (v.texts[static_cast<std::size_t>(id)].empty()) return invalid(fmt::format("The token {} has no text.", id));
        if (v.kind(id) == TokenKind::kUnknown && unknown < 0) unknown = id;
    }
    if (unknown < 0) return invalid("The vocabulary has no token for unknown text.");
    if (Status status = tokenizer->index(); !status.ok()) return status;
    const auto loaded =
        tokenizer->m_processor->LoadFromSerializedProto(modelProto(v, !tokenizer->m_byte_tokens.empty(), unknown));
    if (!loaded.ok())
        return invalid(fmt::format("The sentencepiece library refuses the vocabulary: {}.", quoted(loaded.ToString())));
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

Result<std::unique_ptr<Tokenizer>> SentencePieceTokenizer::load(const std::string& path) {
    std::unique_ptr<SentencePieceTokenizer> tokenizer(new SentencePieceTokenizer);
    sentencepiece::SentencePieceProcessor& p = *tokenizer->m_processor;
    const auto loaded = p.Load(path);
    if (!loaded.ok())
        return ioError(fmt::format("{}: is not a SentencePiece model: {}.", path, quoted(loaded.ToString())));
    Vocabulary& v = tokenizer->m_vocabulary;
    for (int id = 0; id < p.GetPieceSize(); ++id) {
        v.texts.push_back(p.IdToPiece(id));
        TokenKind kind = TokenKind::kNormal;
        if (p.IsUnknown(id)) kind = TokenKind::kUnknown;
        if (p.IsControl(id)) kind = TokenKind::kControl;
        if (p.IsUnused(id)) kind = TokenKind::kUnused;
        if (p.IsByte(id)) kind = TokenKind::kByte;
        v.kinds.push_back(kind);
    }
    if (p.bos_id() >= 0) v.bos = p.bos_id();
    if (p.eos_id() >= 0) v.eos = p.eos_id();
    if (Status status = tokenizer->index(); !status.ok()) return status;
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

Status SentencePieceTokenizer::index() {
    std::vector<std::int32_t> of_byte(256, -1);
    int known = 0;
    for (std::int32_t id = 0; id < size(); ++id) {
        const std::string& text = m_vocabulary.texts[static_cast<std::size_t>(id)];
        std::string bytes;
        if (m_vocabulary.kind(id) == TokenKind::kByte) {
            const int byte = byteOf(text);
            if (byte < 0)
                return invalid(
                    fmt::format("The byte token {} is written {}; expected <0x00> to <0xFF>.", id, quoted(text)));
            bytes = static_cast<char>(byte);
            known += of_byte[static_cast<std::size_t>(byte)] < 0;
            of_byte[static_cast<std::size_t>(byte)] = id;
        } else if (m_vocabulary.kind(id) == TokenKind::kUnknown) {
            bytes = "\xef\xbf\xbd";
        } else if (m_vocabulary.kind(id) != TokenKind::kControl) {
            bytes = withBlanks(text);
        }
        m_longest = std::max(m_longest, bytes.size());
        m_bytes.push_back(std::move(bytes));
    }
    if (known == 256) m_byte_tokens = std::move(of_byte);
    // The library makes one unknown token of a run of them.
    if (known != 256) m_longest = SIZE_MAX;
    return {};
}

std::vector<TokenSpan> SentencePieceTokenizer::encode(std::string_view text) const {
    // What the library would change is encoded byte by byte: invalid UTF-8 (it puts U+FFFD), and U+2581 itself (it
    // would come back as a blank).
    std::vector<TokenSpan> out;
    std::size_t start = 0;
    const auto aside = [&](std::size_t at, std::size_t length) {
        encodeStretch(text.substr(start, at - start), static_cast<std::uint32_t>(start), out);
        encodeBytes(text.substr(at, length), static_cast<std::uint32_t>(at), out);
        start = at + length;
    };
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character c = firstCharacter(text.substr(at));
        const std::size_t length = c.valid ? c.bytes : 1;
        if (!c.valid || text.substr(at).starts_with(kBlank)) aside(at, length);
        at += length;
    }
    encodeStretch(text.substr(start), static_cast<std::uint32_t>(start), out);
    return out;
}

void SentencePieceTokenizer::encodeBytes(std::string_view text, std::uint32_t offset,
                                         std::vector<TokenSpan>& out) const {
    for (std::uint32_t i = 0; i < text.size(); ++i) {
        const std::int32_t unknown = m_processor->unk_id();
        const std::int32_t id = m_byte_tokens.empty() ? unknown : m_byte_tokens[static_cast<unsigned char>(text[i])];
        out.push_back({id, offset + i, offset + i + 1});
    }
}

void SentencePieceTokenizer::encodeStretch(std::string_view text, std::uint32_t offset,
                                           std::vector<TokenSpan>& out) const {
    if (text.empty()) return;
    const auto encoded = m_processor->EncodeAsImmutableProto({text.data(), text.size()});
    const auto size = static_cast<std::uint32_t>(text.size());
    std::uint32_t at = 0;
    for (const auto& piece : encoded.pieces()) {
        // Of a character in byte tokens the library gives all of it to the last; each token is one byte of it.
        const auto id = static_cast<std::int32_t>(piece.id());
        const bool byte = m_vocabulary.contains(id) && m_vocabulary.kind(id) == TokenKind::kByte;
        const std::uint32_t end = byte ? at + 1 : std::max(at, piece.end());
        out.push_back({id, offset + at, offset + std::min(end, size)});
        at = std::min(end, size);
    }
    if (!out.empty() && at < size) out.back().end = offset + size;
}

std::string_view SentencePieceTokenizer::bytes(std::int32_t id) const {
    return m_vocabulary.contains(id) ? std::string_view(m_bytes[static_cast<std::size_t>(id)]) : std::string_view();
}

std::string SentencePieceTokenizer::name(std::int32_t id) const {
    if (!m_vocabulary.contains(id)) return fmt::format("[{}]", id);
    return std::string(isControl(id) ? std::string_view(m_vocabulary.texts[static_cast<std::size_t>(id)]) : bytes(id));
}

bool SentencePieceTokenizer::isControl(std::int32_t id) const {
    return m_vocabulary.contains(id) && m_vocabulary.kind(id) == TokenKind::kControl;
}

}  // namespace moescope
