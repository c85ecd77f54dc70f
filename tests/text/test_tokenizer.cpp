// If these fail, a model sees other tokens than it was trained on, or a text comes back changed.

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/text/pre_tokenizer.h"
#include "tests/text/round_trips.h"
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
    auto tokenizer = tokenizerOf(*file);
    REQUIRE_MESSAGE(tokenizer.ok(), tokenizer.status().message());
    loaded.tokenizer = std::move(*tokenizer);
    return loaded;
}

}  // namespace

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
    const auto from_gguf = tokenizerOf(*file);
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

TEST_CASE("a user's text never holds a token that opens or ends a turn, whatever the file says of them") {
    const Loaded small = load(byteLevelVocabulary());
    const auto file = GgufFile::parse(small.bytes);
    auto texts = std::get<std::vector<std::string>>(file->array("tokenizer.ggml.tokens")->items);
    std::vector<std::int32_t> kinds(texts.size(), 1);
    const std::vector<std::string> markers = {"<｜User｜>", "<｜Assistant｜>", "<｜end▁of▁sentence｜>",
                                              "<|user|>",   "<|im_end|>",      "<|message_sep|>",
                                              "[gMASK]",    "<sop>",           "<|EOT|>",
                                              "</s>"};
    for (const bool user_defined : {true, false}) {
        CAPTURE(user_defined);
        auto all = texts;
        auto all_kinds = kinds;
        for (const std::string& m : markers) {
            all.push_back(m);
            all_kinds.push_back(user_defined ? 4 : 3);
        }
        all.insert(all.end(), {"<think>", "<｜fim▁hole｜>"});
        all_kinds.insert(all_kinds.end(), {4, 4});
        GgufBuilder b;
        b.text("tokenizer.ggml.model", "gpt2");
        b.text("tokenizer.ggml.pre", "deepseek-v3");
        b.texts("tokenizer.ggml.tokens", all);
        b.integers("tokenizer.ggml.token_type", all_kinds);
        b.texts("tokenizer.ggml.merges", {"h e", "he l"});
        const auto first = static_cast<std::int32_t>(texts.size());
        b.integer("tokenizer.ggml.eos_token_id", static_cast<std::uint32_t>(first) + 9);
        const Loaded bpe = load(b.build());
        for (std::size_t i = 0; i < markers.size(); ++i) {
            CAPTURE(markers[i]);
            const std::int32_t id = first + static_cast<std::int32_t>(i);
            CHECK(bpe.tokenizer->isControl(id));
            CHECK(bpe.tokenizer->name(id) == markers[i]);
            const std::string text = "he" + markers[i] + " hello";
            const auto spans = bpe.tokenizer->encode(text);
            CHECK(bpe.tokenizer->decode(ids(spans)) == text);
            for (const TokenSpan& s : spans) CHECK_FALSE(bpe.tokenizer->isControl(s.id));
        }
        // Those are text, which a template or a user may write.
        const std::int32_t think = first + static_cast<std::int32_t>(markers.size());
        CHECK(ids(bpe.tokenizer->encode("<think>")) == std::vector<std::int32_t>{think});
        CHECK(ids(bpe.tokenizer->encode("<｜fim▁hole｜>")) == std::vector<std::int32_t>{think + 1});
        std::vector<std::string> ends;
        for (std::int32_t id = 0; id < bpe.tokenizer->size(); ++id) {
            if (bpe.tokenizer->isEndOfText(id)) ends.push_back(bpe.tokenizer->name(id));
        }
        CHECK(ends == std::vector<std::string>{"<｜end▁of▁sentence｜>", "<|user|>", "<|im_end|>", "<|message_sep|>",
                                               "<|EOT|>", "</s>"});
    }
}

TEST_CASE("each pre-tokenizer cuts words, numbers, signs and blanks in its own way") {
    struct Case {
        const char* pre;
        const char* text;
        std::vector<std::string> pieces;
    };
    const Case cases[] = {
        {"gpt-2", "I'll say  12345, ok?\n\n x", {"I", "'ll", " say", " ", " 12345", ",", " ok", "?", "\n\n", " x"}},
        {"gigachat", "DON'T 3d", {"DON", "'", "T", " 3", "d"}},
        {"glm4",
         "DON'T say  12345, ok?\n\n x",
         {"DON", "'T", " say", " ", " ", "123", "45", ",", " ok", "?\n\n", " x"}},
        {"chatglm-bpe", "(abc)7", {"(abc", ")", "7"}},
        {"kimi-k2", "camelCaseHTTPServer", {"camel", "Case", "HTTPServer"}},
        {"kimi-k2", "I'll 混合Model专家x 1234", {"I'll", " ", "混合", "Model", "专家", "x", " ", "123", "4"}},
        {"kimi-k2", "a!!\nb  \n  c", {"a", "!!\n", "b", "  \n", " ", " c"}},
        {"deepseek-coder", "x1 = 42;\n\ty", {"x", "1", " = ", "4", "2", ";", "\n", "\ty"}},
        {"deepseek-v3", "x1234.foo(混合x)\n  y", {"x", "123", "4", ".foo", "(", "混合", "x", ")\n", " ", " y"}},
        {"deepseek-llm", "x1234 y", {"x", "1234", " y"}},
    };
    for (const Case& c : cases) {
        CAPTURE(c.pre);
        CAPTURE(c.text);
        const auto pre = PreTokenizer::create(c.pre);
        REQUIRE_MESSAGE(pre.ok(), pre.status().message());
        CHECK(pre->name() == c.pre);
        const auto found = pre->split(c.text);
        CHECK(std::vector<std::string>(found.begin(), found.end()) == c.pieces);
    }
    for (const char* name : {"deepseek-coder", "deepseek-v3", "glm4", "kimi-k2", "gpt-2"}) {
        CAPTURE(name);
        const auto pre = PreTokenizer::create(name);
        for (const char letter : {'a', 'A', ' ', '\n', '!', '7'}) {  // no limit of the matcher leaves a long run whole
            const std::string run = std::string(300'000, letter) + "xY,1";
            const auto pieces = pre->split(run);
            CHECK(pieces.size() > 1);
            CHECK(pieces.back() == "1");
        }
    }
}

TEST_CASE("GLM's vocabularies begin with no BOS unless the file says so") {
    for (const char* pre : {"glm4", "chatglm-bpe", "deepseek-v3"}) {
        const Loaded small = load(byteLevelVocabulary());
        const auto file = GgufFile::parse(small.bytes);
        GgufBuilder b;
        b.text("tokenizer.ggml.model", "gpt2");
        b.text("tokenizer.ggml.pre", pre);
        b.texts("tokenizer.ggml.tokens",
                std::get<std::vector<std::string>>(file->array("tokenizer.ggml.tokens")->items));
        b.texts("tokenizer.ggml.merges", {"h e"});
        const Loaded bpe = load(b.build());
        CHECK(bpe.tokenizer->addBos() == (std::string_view(pre) == "deepseek-v3"));
        CHECK(bpe.tokenizer->kind() == fmt::format("byte-level BPE ({})", pre));
    }
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
        return tokenizerOf(*file).status().message();
    };
    GgufBuilder none;
    CHECK(errorOf(none).find("no tokenizer") != std::string::npos);
    GgufBuilder bert;
    bert.text("tokenizer.ggml.model", "bert");
    CHECK(errorOf(bert).find("\"bert\"") != std::string::npos);
    GgufBuilder other;
    other.text("tokenizer.ggml.model", "gpt2");
    other.text("tokenizer.ggml.pre", "qwen2");
    other.texts("tokenizer.ggml.tokens", {"a", "b"});
    other.integers("tokenizer.ggml.token_type", {1, 1});
    other.texts("tokenizer.ggml.merges", {});
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
    CHECK(tokenizerOf(*file).status().message().find(kKey) != std::string::npos);
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
        const auto tokenizer = tokenizerOf(*file);
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
        const auto tokenizer = tokenizerOf(*file);
        REQUIRE(tokenizer.ok());
        CHECK((*tokenizer)->leastTokens(300) > 0);
        for (const std::string_view text : {"hel", "hello hello hello", "\xff\xff\xff", "ö中\xe2\x96\x81", "    "}) {
            CHECK((*tokenizer)->encode(text).size() >= (*tokenizer)->leastTokens(text.size()));
        }
    }
}
