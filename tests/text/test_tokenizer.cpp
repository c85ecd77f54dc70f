// If these fail, a model sees other tokens than it was trained on, or a text comes back changed.

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>

#include "engine/base/utf8.h"
#include "tests/support/skip.h"
#include "tests/text/vocabularies.h"

using namespace moescope;

namespace {

struct Loaded {
    std::vector<std::byte> bytes;
    std::unique_ptr<Tokenizer> tokenizer;
};

Loaded load(std::vector<std::byte> bytes) {
    Loaded loaded{std::move(bytes), nullptr};
    const auto file = GgufFile::parse(loaded.bytes);
    REQUIRE_MESSAGE(file.ok(), file.status().message());
    auto tokenizer = Tokenizer::fromGguf(*file);
    REQUIRE_MESSAGE(tokenizer.ok(), tokenizer.status().message());
    loaded.tokenizer = std::move(*tokenizer);
    return loaded;
}

std::vector<std::int32_t> ids(const std::vector<TokenSpan>& spans) {
    std::vector<std::int32_t> result;
    for (const TokenSpan& s : spans) result.push_back(s.id);
    return result;
}

void checkRanges(const std::vector<TokenSpan>& spans, std::size_t size) {
    std::uint32_t at = 0;
    for (const TokenSpan& s : spans) {
        REQUIRE(s.begin == at);
        REQUIRE(s.end >= s.begin);
        at = s.end;
    }
    REQUIRE(at == size);
}

std::string randomText(std::mt19937& random, bool valid_only) {
    std::string text;
    const std::size_t length = random() % 40;
    for (std::size_t i = 0; i < length; ++i) {
        const unsigned kind = random() % 8;
        if (kind < 4) {
            text += static_cast<char>("abc heö \n\t,.!'019"[random() % 17]);
        } else if (kind < 7 || valid_only) {
            static const char* const kPieces[] = {
                "ö", "é",    "你好", "\xe2\x96\x81", "😀",     "ü",     "\xc2\xa0", "\xe2\x80\xa9",
                "Ử", "한국", "١٢",   "<s>",          "<eos>", "<0x41>"};
            text += kPieces[random() % std::size(kPieces)];
        } else {
            text += static_cast<char>(random());
        }
    }
    if (!valid_only) return text;
    std::string valid;  // the switch above may have cut ö in two
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character c = firstCharacter(std::string_view(text).substr(at));
        if (c.valid) valid += text.substr(at, c.bytes);
        at += c.bytes;
    }
    return valid;
}

void checkRoundTrips(const Tokenizer& tokenizer, bool valid_only) {
    std::mt19937 random(1);
    for (int i = 0; i < 10'000; ++i) {
        const std::string text = randomText(random, valid_only);
        const auto spans = tokenizer.encode(text);
        REQUIRE(tokenizer.decode(ids(spans)) == text);
        checkRanges(spans, text.size());
        IncrementalDecoder decoder(tokenizer);
        for (const TokenSpan& s : spans) {
            REQUIRE_FALSE(tokenizer.isControl(s.id));
            REQUIRE(text.substr(s.begin, s.end - s.begin) == tokenizer.bytes(s.id));
            const std::string part = decoder.push(s.id);
            REQUIRE(validPrefix(part) == part.size());
        }
        const std::string rest = decoder.finish();
        REQUIRE(validPrefix(rest) == rest.size());
    }
}

std::string readAll(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("the real vocabulary gives the ids of its reference" * doctest::test_suite("data")) {
    const std::string path = std::string(MOESCOPE_SHARED) + "/tokenizer/ggml-vocab-deepseek-llm.gguf";
    const auto file = GgufFile::open(path);
    if (!file.ok()) return skipCase("the real vocabulary is not here: " + path);
    const auto tokenizer = Tokenizer::fromGguf(*file);
    REQUIRE_MESSAGE(tokenizer.ok(), tokenizer.status().message());
    const std::string texts = readAll(path + ".inp");
    std::istringstream expected(readAll(path + ".out"));
    constexpr std::string_view kMark = "\n__ggml_vocab_test__\n";
    int checked = 0;
    for (std::size_t at = 0; at < texts.size(); ++checked) {
        const std::size_t end = std::min(texts.find(kMark, at), texts.size());
        const std::string text = texts.substr(at, end - at);
        CAPTURE(text);
        std::string line;
        std::getline(expected, line);
        std::istringstream numbers(line);
        const std::vector<std::int32_t> want{std::istream_iterator<std::int32_t>(numbers), {}};
        CHECK(ids((*tokenizer)->encode(text)) == want);
        at = end + kMark.size();
    }
    CHECK(checked == 46);
    checkRoundTrips(**tokenizer, true);
}

TEST_CASE("any bytes come back through byte-level BPE") {
    checkRoundTrips(*load(byteLevelVocabulary()).tokenizer, false);
}

TEST_CASE("any bytes come back through SentencePiece") {
    checkRoundTrips(*load(sentencePieceVocabulary()).tokenizer, false);
}

TEST_CASE("a tokenizer.model and the GGUF file made from it give the same ids") {
    const std::string folder = std::string(MOESCOPE_TEST_DATA) + "/../../resources/demo-model";
    const auto from_model = Tokenizer::fromSentencePieceFile(folder + "/tokenizer.model");
    REQUIRE_MESSAGE(from_model.ok(), from_model.status().message());
    const auto file = GgufFile::open(folder + "/moescope-demo.gguf");
    REQUIRE(file.ok());
    const auto from_gguf = Tokenizer::fromGguf(*file);
    REQUIRE(from_gguf.ok());
    CHECK((*from_model)->size() == (*from_gguf)->size());
    CHECK((*from_model)->eos() == (*from_gguf)->eos());
    for (const char* text : {"Hello! What is a router?", "  two  blanks", "7 plus 8", "Straße, café, 混合专家 😀", "",
                             "for (int i = 0; i < 3; ++i) {\n    x += i;\n}"}) {
        CAPTURE(text);
        CHECK(ids((*from_model)->encode(text)) == ids((*from_gguf)->encode(text)));
    }
    CHECK_FALSE(Tokenizer::fromSentencePieceFile(folder + "/README.md").ok());
    CHECK_FALSE(Tokenizer::fromSentencePieceFile(folder + "/none.model").ok());
}

TEST_CASE("merges go by rank, user-defined tokens are cut out, special tokens are text") {
    const Loaded bpe = load(byteLevelVocabulary());
    CHECK(ids(bpe.tokenizer->encode("hello")) == std::vector<std::int32_t>{257, 'l' - 33 + 33, 'o'});
    CHECK(ids(bpe.tokenizer->encode("ö")) == std::vector<std::int32_t>{258});
    CHECK(bpe.tokenizer->encode("<bos>").size() == 5);
    CHECK(bpe.tokenizer->bytes(259).empty());
    CHECK(bpe.tokenizer->name(259) == "<bos>");
    const Loaded pieces = load(sentencePieceVocabulary());
    CHECK(pieces.tokenizer->encode("<s>").size() == 3);
}

TEST_CASE("a control token of one character is not found in a text") {
    GgufBuilder b;
    b.text("tokenizer.ggml.model", "llama");
    b.texts("tokenizer.ggml.tokens", {"<unk>", "a", "b"});
    b.integers("tokenizer.ggml.token_type", {2, 3, 1});
    const Loaded pieces = load(b.build());
    const auto spans = pieces.tokenizer->encode("bab");
    CHECK(ids(spans) == std::vector<std::int32_t>{2, 0, 2});
    checkRanges(spans, 3);
    CHECK(pieces.tokenizer->name(1) == "a");
}

TEST_CASE("a byte that the vocabulary lacks becomes U+FFFD, and the ranges stay in order") {
    GgufBuilder b;  // as DeepSeek's: without the bytes that UTF-8 never uses
    const Loaded whole = load(byteLevelVocabulary());
    const auto file = GgufFile::parse(whole.bytes);
    auto texts = std::get<std::vector<std::string>>(file->array("tokenizer.ggml.tokens")->items);
    texts.erase(texts.begin() + 0xf5, texts.begin() + 0x100);
    texts.erase(texts.begin() + 0xc0, texts.begin() + 0xc2);
    b.text("tokenizer.ggml.model", "gpt2");
    b.text("tokenizer.ggml.pre", "deepseek-llm");
    b.texts("tokenizer.ggml.tokens", texts);
    b.texts("tokenizer.ggml.merges", {});
    const Loaded bpe = load(b.build());
    const std::string text = "a\xc0\xff.";
    const auto spans = bpe.tokenizer->encode(text);
    CHECK(bpe.tokenizer->decode(ids(spans)) == "a\xef\xbf\xbd\xef\xbf\xbd.");
    checkRanges(spans, text.size());
}

TEST_CASE("a word of a hundred thousand letters does not take for ever") {
    const Loaded bpe = load(byteLevelVocabulary());
    CHECK(bpe.tokenizer->encode(std::string(100'000, 'h')).size() == 100'000);
}

TEST_CASE("half a character is held back") {
    const Loaded bpe = load(byteLevelVocabulary());
    IncrementalDecoder decoder(*bpe.tokenizer);
    const auto spans = bpe.tokenizer->encode("😀");
    REQUIRE(spans.size() == 4);
    CHECK(decoder.push(spans[0].id).empty());
    CHECK(decoder.push(spans[1].id).empty());
    CHECK(decoder.push(spans[2].id).empty());
    CHECK(decoder.push(spans[3].id) == "😀");
    CHECK(decoder.push(spans[0].id).empty());
    CHECK(decoder.finish() == "\xef\xbf\xbd");
}

TEST_CASE("vocabularies that cannot work are named") {
    const auto errorOf = [](GgufBuilder& b) {
        const auto bytes = b.build();
        const auto file = GgufFile::parse(bytes);
        REQUIRE(file.ok());
        return Tokenizer::fromGguf(*file).status().message();
    };
    GgufBuilder none;
    CHECK(errorOf(none).find("no tokenizer") != std::string::npos);
    GgufBuilder bert;
    bert.text("tokenizer.ggml.model", "bert");
    CHECK(errorOf(bert).find("\"bert\"") != std::string::npos);
    GgufBuilder other;
    other.text("tokenizer.ggml.model", "gpt2");
    other.text("tokenizer.ggml.pre", "qwen2");
    CHECK(errorOf(other).find("\"qwen2\"") != std::string::npos);
    GgufBuilder short_types;
    short_types.text("tokenizer.ggml.model", "llama");
    short_types.texts("tokenizer.ggml.tokens", {"a", "b"});
    short_types.integers("tokenizer.ggml.token_type", {1});
    CHECK(errorOf(short_types).find("token_type") != std::string::npos);
}

TEST_CASE("kinds of tokens that are fractions are refused") {
    constexpr std::string_view kKey = "tokenizer.ggml.token_type";
    GgufBuilder b;
    b.text("tokenizer.ggml.model", "llama");
    b.texts("tokenizer.ggml.tokens", {"a", "b"});
    b.integers(kKey, {0x7fc00000, 0x3f800000});  // the bits of NaN and 1
    auto bytes = b.build();
    const auto key = std::ranges::search(bytes, std::as_bytes(std::span(kKey))).end();
    REQUIRE(key != bytes.end());
    key[4] = std::byte{6};  // after the kind "array": F32
    const auto file = GgufFile::parse(bytes);
    REQUIRE(file.ok());
    CHECK(Tokenizer::fromGguf(*file).status().message().find(kKey) != std::string::npos);
}

TEST_CASE("special tokens that are not there are ignored, and that is noted") {
    for (const char* name : {"bos", "eos", "eot", "unknown", "eom", "seperator", "padding", "cls", "mask"}) {
        INFO(name);
        const std::string key = std::string("tokenizer.ggml.") + name + "_token_id";
        const bool there = key == "tokenizer.ggml.bos_token_id" || key == "tokenizer.ggml.eos_token_id";
        GgufBuilder b = byteLevelBuilder(there ? key : "");
        b.integer(key, 4294967295u);
        const auto bytes = b.build();
        const auto file = GgufFile::parse(bytes);
        REQUIRE(file.ok());
        const auto tokenizer = Tokenizer::fromGguf(*file);
        REQUIRE_MESSAGE(tokenizer.ok(), tokenizer.status().message());
        REQUIRE((*tokenizer)->notes().size() == 1);
        CHECK((*tokenizer)->notes()[0].starts_with(key + " is 4294967295"));
        CHECK((*tokenizer)->bos().has_value() == (key != "tokenizer.ggml.bos_token_id"));
        CHECK((*tokenizer)->eos().has_value() == (key != "tokenizer.ggml.eos_token_id"));
    }
}

TEST_CASE("a text has no fewer tokens than is said without encoding it") {
    for (const auto& bytes : {byteLevelVocabulary(), sentencePieceVocabulary()}) {
        const auto file = GgufFile::parse(bytes);
        REQUIRE(file.ok());
        const auto tokenizer = Tokenizer::fromGguf(*file);
        REQUIRE(tokenizer.ok());
        CHECK((*tokenizer)->leastTokens(300) > 0);
        for (const std::string_view text : {"hel", "hello hello hello", "\xff\xff\xff", "ö中\xe2\x96\x81", "    "}) {
            CHECK((*tokenizer)->encode(text).size() >= (*tokenizer)->leastTokens(text.size()));
        }
    }
}
