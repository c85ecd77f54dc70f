// Any text comes back from its tokens, each token points at the bytes that it stands for, and what is streamed is
// valid UTF-8. The first byte chooses the vocabulary and whether the rest is text or ids.

#include <array>

#include "engine/base/utf8.h"
#include "tests/fuzz/check.h"
#include "tests/text/vocabularies.h"

namespace {

using namespace moescope;

/// What a vocabulary does with bytes that it may not have.
enum class Missing { kNone, kNeverInUtf8, kMany };

struct Tested {
    std::unique_ptr<Tokenizer> tokenizer;
    Missing missing;
};

Tested load(const Result<GgufFile>& file, Missing missing) {
    FUZZ_CHECK(file.ok());
    auto tokenizer = tokenizerOf(*file);
    FUZZ_CHECK(tokenizer.ok());
    return {std::move(*tokenizer), missing};
}

bool neverInUtf8(std::size_t byte) {
    return byte == 0xc0 || byte == 0xc1 || (byte > 0xf4 && byte <= 0xff);
}
bool isByteToken(std::size_t piece) {
    return piece >= 3 && piece < 3 + 256;
}

/// The vocabulary without some of its tokens, as real ones lack bytes.
std::vector<std::byte> without(const std::vector<std::byte>& whole, bool (*gone)(std::size_t id)) {
    const auto file = GgufFile::parse(whole);
    FUZZ_CHECK(file.ok());
    const auto& texts = std::get<std::vector<std::string>>(file->array("tokenizer.ggml.tokens")->items);
    const auto& kinds = std::get<std::vector<std::int64_t>>(file->array("tokenizer.ggml.token_type")->items);
    std::vector<std::string> kept_texts;
    std::vector<std::int32_t> kept_kinds;
    for (std::size_t id = 0; id < texts.size(); ++id) {
        if (gone(id)) continue;
        kept_texts.push_back(texts[id]);
        kept_kinds.push_back(static_cast<std::int32_t>(kinds[id]));
    }
    GgufBuilder b;
    b.text("tokenizer.ggml.model", file->string("tokenizer.ggml.model")->value());
    b.text("tokenizer.ggml.pre", "deepseek-llm");
    b.texts("tokenizer.ggml.tokens", kept_texts);
    b.integers("tokenizer.ggml.token_type", kept_kinds);
    b.texts("tokenizer.ggml.merges", {"h e", "he l"});
    return b.build();
}

const std::array<Tested, 10>& vocabularies() {
    static const std::vector<std::byte> bpe = byteLevelVocabulary(), pieces = sentencePieceVocabulary(),
                                        bpe_cut = without(bpe, neverInUtf8), pieces_cut = without(pieces, isByteToken);
    const auto cutBy = [](const char* pre) {
        return load(GgufFile::parse(byteLevelBuilder({}, pre).build()), Missing::kNone);
    };
    static const std::array<Tested, 10> all = {
        load(GgufFile::parse(bpe), Missing::kNone),
        load(GgufFile::parse(pieces), Missing::kNone),
        load(GgufFile::open(MOESCOPE_RESOURCES "/demo-model/moescope-demo.gguf"), Missing::kNone),
        load(GgufFile::parse(bpe_cut), Missing::kNeverInUtf8),
        load(GgufFile::parse(pieces_cut), Missing::kMany),
        cutBy("deepseek-coder"),
        cutBy("deepseek-v3"),
        cutBy("glm4"),
        cutBy("kimi-k2"),
        cutBy("gpt-2")};
    return all;
}

bool wholeUtf8(std::string_view text) {
    return validPrefix(text) == text.size();
}

/// The text with U+FFFD for what is not UTF-8, found with all of it in view.
std::string madeValid(std::string_view text) {
    std::string valid;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character c = firstCharacter(text.substr(at));
        valid += c.valid ? text.substr(at, c.bytes) : "\xef\xbf\xbd";
        at += c.bytes;
    }
    return valid;
}

void checkStreaming(const Tokenizer& tokenizer, std::span<const std::int32_t> ids) {
    std::string streamed;
    IncrementalDecoder decoder(tokenizer);
    for (const std::int32_t id : ids) {
        const std::string part = decoder.push(id);
        FUZZ_CHECK(wholeUtf8(part));
        streamed += part;
    }
    streamed += decoder.finish();
    FUZZ_CHECK(streamed == madeValid(tokenizer.decode(ids)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto& [tokenizer, missing] = vocabularies()[data[0] % vocabularies().size()];
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    std::vector<std::int32_t> ids;
    if (data[0] & 0x80) {  // ids as a model might choose them, also outside the vocabulary
        for (std::size_t i = 1; i + 1 < size; i += 2)
            ids.push_back(static_cast<std::int16_t>(data[i] | data[i + 1] << 8));
        for (const std::int32_t id : ids) tokenizer->name(id);
        checkStreaming(*tokenizer, ids);
        return 0;
    }
    std::uint32_t at = 0;
    for (const TokenSpan& span : tokenizer->encode(text)) {
        FUZZ_CHECK(span.id >= 0 && span.id < tokenizer->size());
        FUZZ_CHECK(!tokenizer->isControl(span.id));
        FUZZ_CHECK(span.begin == at && span.end >= span.begin);
        at = span.end;
        FUZZ_CHECK(at <= text.size());
        if (missing == Missing::kNone) {
            FUZZ_CHECK(tokenizer->bytes(span.id) == text.substr(span.begin, span.end - span.begin));
        }
        ids.push_back(span.id);
    }
    FUZZ_CHECK(at == text.size());
    if (missing == Missing::kNeverInUtf8) {
        std::string expected;
        for (const char c : text)
            expected += neverInUtf8(static_cast<unsigned char>(c)) ? "\xef\xbf\xbd" : std::string(1, c);
        FUZZ_CHECK(tokenizer->decode(ids) == expected);
    }
    checkStreaming(*tokenizer, ids);
    return 0;
}
