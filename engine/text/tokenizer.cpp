#include "engine/text/tokenizer.h"

#include "engine/base/utf8.h"
#include "engine/text/byte_level_bpe.h"
#include "engine/text/sentencepiece_tokenizer.h"

namespace moescope {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

}  // namespace

std::string Tokenizer::decode(std::span<const std::int32_t> ids) const {
    std::string text;
    for (const std::int32_t id : ids) text += bytes(id);
    return text;
}

Result<std::unique_ptr<Tokenizer>> Tokenizer::create(VocabularySource source) {
    return source.model == VocabularySource::Model::kByteLevelBpe ? ByteLevelBpe::create(std::move(source))
                                                                  : SentencePieceTokenizer::create(std::move(source));
}

Result<std::unique_ptr<Tokenizer>> Tokenizer::fromSentencePieceFile(const std::string& path) {
    return SentencePieceTokenizer::load(path);
}

std::string IncrementalDecoder::push(std::int32_t id) {
    m_pending += m_tokenizer->bytes(id);
    std::string text;
    std::size_t at = 0;
    while (at < m_pending.size()) {
        const Utf8Character c = firstCharacter(std::string_view(m_pending).substr(at));
        if (c.incomplete) break;
        text += c.valid ? std::string_view(m_pending).substr(at, c.bytes) : kReplacement;
        at += c.bytes;
    }
    m_pending.erase(0, at);
    return text;
}

std::string IncrementalDecoder::finish() {
    const bool cut = !m_pending.empty();
    m_pending.clear();
    return std::string(cut ? kReplacement : std::string_view());
}

}  // namespace moescope
