// Any text comes back from its tokens, each token points at the bytes that it stands for, and what is streamed is
// valid UTF-8. The first byte chooses the vocabulary.

#include <array>

#include "engine/text/utf8.h"
#include "tests/fuzz/check.h"
#include "tests/text/vocabularies.h"

namespace {

using namespace moescope;

struct Vocabulary {
    std::vector<std::byte> bytes;
    std::unique_ptr<GgufFile> file;
    std::unique_ptr<Tokenizer> tokenizer;
};

Vocabulary load(Result<GgufFile> file) {
    FUZZ_CHECK(file.ok());
    Vocabulary v;
    v.file = std::make_unique<GgufFile>(std::move(*file));
    auto tokenizer = Tokenizer::fromGguf(*v.file);
    FUZZ_CHECK(tokenizer.ok());
    v.tokenizer = std::move(*tokenizer);
    return v;
}

bool wholeUtf8(std::string_view text) {
    return validPrefix(text) == text.size();
}

const std::array<Vocabulary, 3>& vocabularies() {
    static const std::vector<std::byte> bpe = byteLevelVocabulary(), pieces = sentencePieceVocabulary();
    static const std::array<Vocabulary, 3> all = {
        load(GgufFile::parse(bpe)), load(GgufFile::parse(pieces)),
        load(GgufFile::open(MOESCOPE_RESOURCES "/demo-model/moescope-demo.gguf"))};
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const Tokenizer& tokenizer = *vocabularies()[data[0] % vocabularies().size()].tokenizer;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto spans = tokenizer.encode(text);
    std::string joined, streamed;
    IncrementalDecoder decoder(tokenizer);
    std::uint32_t at = 0;
    for (const TokenSpan& span : spans) {
        FUZZ_CHECK(span.id >= 0 && span.id < tokenizer.size());
        FUZZ_CHECK(!tokenizer.isControl(span.id));
        FUZZ_CHECK(span.begin >= at && span.end >= span.begin && span.end <= text.size());
        at = span.begin;
        joined += tokenizer.bytes(span.id);
        const std::string piece = decoder.push(span.id);
        FUZZ_CHECK(wholeUtf8(piece));
        streamed += piece;
    }
    streamed += decoder.finish();
    FUZZ_CHECK(joined == text);
    FUZZ_CHECK(wholeUtf8(streamed));
    if (wholeUtf8(text)) FUZZ_CHECK(streamed == text);
    return 0;
}
