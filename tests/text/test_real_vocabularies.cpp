// Published vocabularies, which are not part of this repository: the ids that their own programs give. If these fail, a
// model sees other tokens than it was trained on.

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/format/gguf.h"
#include "tests/support/gguf_builder.h"
#include "tests/support/gguf_tokenizer.h"
#include "tests/support/skip.h"
#include "tests/text/round_trips.h"

using namespace moescope;

namespace {

const std::string kFolder = std::string(MOESCOPE_SHARED) + "/tokenizer";

std::string readAll(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool present() {
    if (std::ifstream(kFolder + "/ggml-vocab-deepseek-llm.gguf.inp")) return true;
    skipCase("the published vocabularies are not here: " + kFolder);
    return false;
}

/// The texts of the reference, which all vocabularies share.
std::vector<std::string> referenceTexts() {
    const std::string all = readAll(kFolder + "/ggml-vocab-deepseek-llm.gguf.inp");
    constexpr std::string_view kMark = "\n__ggml_vocab_test__\n";
    std::vector<std::string> texts;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = std::min(all.find(kMark, at), all.size());
        texts.push_back(all.substr(at, end - at));
        at = end + kMark.size();
    }
    return texts;
}

void checkReference(const Tokenizer& tokenizer, const std::string& expected_path) {
    std::istringstream expected(readAll(expected_path));
    const auto texts = referenceTexts();
    CHECK(texts.size() == 46);
    for (const std::string& text : texts) {
        CAPTURE(text);
        std::string line;
        REQUIRE(std::getline(expected, line));
        std::istringstream numbers(line);
        const std::vector<std::int32_t> want{std::istream_iterator<std::int32_t>(numbers), {}};
        CHECK(ids(tokenizer.encode(text)) == want);
    }
    checkRoundTrips(tokenizer, true);
    for (std::int32_t id = 0; id < tokenizer.size(); ++id) {
        if (!tokenizer.isControl(id)) continue;
        CAPTURE(tokenizer.name(id));
        const std::string text = "a" + tokenizer.name(id) + " b";
        const auto spans = tokenizer.encode(text);
        CHECK(tokenizer.decode(ids(spans)) == text);
        for (const TokenSpan& s : spans) REQUIRE_FALSE(tokenizer.isControl(s.id));
    }
}

/// A vocabulary as published, in the form of a GGUF file: tokens that are added and not special are user-defined.
std::vector<std::byte> fromTokenizerJson(const std::string& path, const char* pre) {
    const auto json = nlohmann::json::parse(readAll(path));
    std::vector<std::string> texts(json["model"]["vocab"].size());
    std::vector<std::int32_t> kinds;
    const auto put = [&](std::size_t id, const std::string& text, std::int32_t kind) {
        if (id >= texts.size()) texts.resize(id + 1);
        if (id >= kinds.size()) kinds.resize(texts.size(), 1);
        texts[id] = text;
        kinds[id] = kind;
    };
    for (const auto& [text, id] : json["model"]["vocab"].items()) put(id.get<std::size_t>(), text, 1);
    for (const auto& token : json["added_tokens"]) {
        put(token["id"].get<std::size_t>(), token["content"].get<std::string>(), token["special"].get<bool>() ? 3 : 4);
    }
    kinds.resize(texts.size(), 1);
    GgufBuilder b;
    b.text("tokenizer.ggml.model", "gpt2");
    b.text("tokenizer.ggml.pre", pre);
    b.texts("tokenizer.ggml.tokens", texts);
    b.integers("tokenizer.ggml.token_type", kinds);
    b.texts("tokenizer.ggml.merges", json["model"]["merges"].get<std::vector<std::string>>());
    b.integer("tokenizer.ggml.bos_token_id", 0);
    b.integer("tokenizer.ggml.eos_token_id", 1);
    return b.build();
}

}  // namespace

TEST_CASE("vocabularies in GGUF files give the ids of their references" * doctest::test_suite("data")) {
    if (!present()) return;
    for (const char* name : {"deepseek-llm", "deepseek-coder", "gpt-2"}) {
        CAPTURE(name);
        const std::string path = kFolder + "/ggml-vocab-" + name + ".gguf";
        const auto file = GgufFile::open(path);
        REQUIRE_MESSAGE(file.ok(), file.status().message());
        const auto tokenizer = tokenizerOf(*file);
        REQUIRE_MESSAGE(tokenizer.ok(), tokenizer.status().message());
        CHECK((*tokenizer)->kind() == std::string("byte-level BPE (") + name + ")");
        checkReference(**tokenizer, path + ".out");
    }
}

TEST_CASE("DeepSeek-V3's vocabulary gives the ids of its reference, and its markers are nobody's text" *
          doctest::test_suite("data")) {
    if (!present()) return;
    const auto bytes = fromTokenizerJson(kFolder + "/deepseek-v3/tokenizer.json", "deepseek-v3");
    const auto file = GgufFile::parse(bytes);
    REQUIRE_MESSAGE(file.ok(), file.status().message());
    const auto tokenizer = tokenizerOf(*file);
    REQUIRE_MESSAGE(tokenizer.ok(), tokenizer.status().message());
    checkReference(**tokenizer, kFolder + "/deepseek-v3/expected.out");
    CHECK((*tokenizer)->isControl(128803));  // <｜User｜>, which the file does not call special
    CHECK((*tokenizer)->isEndOfText(1));
    CHECK((*tokenizer)->isEndOfText(128805));  // <|EOT|>
    CHECK_FALSE((*tokenizer)->isEndOfText(128804));
}
