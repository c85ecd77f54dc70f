// If these fail, what a model might have said is forgotten, wrong, or fills the disk.

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "storage/answer_writer.h"
#include "storage/odds_codec.h"
#include "tests/storage/samples.h"
#include "tests/storage/temporary_dir.h"

using namespace moescope;

namespace {

template <class T>
T must(Result<T> result) {
    REQUIRE_MESSAGE(result.ok(), result.status().message());
    return std::move(*result);
}
void must(const Status& status) {
    REQUIRE_MESSAGE(status.ok(), status.message());
}

std::unique_ptr<History> openIn(const TemporaryDir& dir) {
    return must(History::open(dir.path()));
}

/// Random odds of a vocabulary; every seventh token's are not known.
std::vector<TokenOdds> someOdds(std::size_t tokens, std::int32_t vocabulary) {
    std::mt19937 random(7);
    std::uniform_int_distribution<std::int32_t> id(0, vocabulary - 1);
    std::uniform_real_distribution<float> share(0, 1);
    std::vector<TokenOdds> all(tokens);
    for (std::size_t t = 0; t < tokens; ++t) {
        if (t % 7 == 6) continue;
        TokenOdds& odds = all[t];
        odds.count = t % 11 == 3 ? 2 : TokenOdds::kMost;
        float left = 1;
        for (int i = 0; i < odds.count; ++i) {
            const auto at = static_cast<std::size_t>(i);
            odds.tokens[at] = id(random);
            odds.probabilities[at] = left * share(random);
            left -= odds.probabilities[at];
        }
        odds.entropy = 17 * share(random);
        odds.rank = t % 3 == 0 ? id(random) : static_cast<std::int32_t>(t % 2);
        odds.probability =
            odds.rank < odds.count ? odds.probabilities[static_cast<std::size_t>(odds.rank)] : left * share(random);
    }
    return all;
}

void checkClose(const TokenOdds& a, const TokenOdds& b) {
    CHECK(a.count == b.count);
    CHECK(a.tokens == b.tokens);
    CHECK(a.rank == b.rank);
    for (std::size_t i = 0; i < TokenOdds::kMost; ++i) CHECK(std::abs(a.probabilities[i] - b.probabilities[i]) < 1e-6);
    CHECK(std::abs(a.probability - b.probability) < 1e-6);
    CHECK(std::abs(a.entropy - b.entropy) < 3e-4);
}

}  // namespace

TEST_CASE("odds come back as they were, in at most 32 bytes a token") {
    for (const std::int32_t vocabulary : {1, 2, 4096, 102400, 1 << 18}) {
        for (const std::size_t tokens : {1u, 31u, 32u, 33u, 4000u}) {
            const auto odds = someOdds(tokens, vocabulary);
            const std::string blob = encodeOdds(odds);
            constexpr std::size_t kFrame = 40;  // of a short blob, for its head and the compression's
            CHECK(blob.size() <= 32 * tokens + kFrame);
            const auto read = decodeOdds(blob);
            REQUIRE(read.ok());
            REQUIRE(read->size() == odds.size());
            for (std::size_t t = 0; t < tokens; ++t) checkClose(odds[t], (*read)[t]);
            // What was rounded once stays, so that an export of an import is the same.
            CHECK(*decodeOdds(encodeOdds(*read)) == *read);
        }
    }
    CHECK(encodeOdds({}).empty());
    CHECK(encodeOdds(std::vector<TokenOdds>(9)).empty());
    CHECK(decodeOdds("")->empty());
    // Numbers that are none, or out of range, of weights that are damaged.
    TokenOdds strange;
    strange.count = 9;
    strange.tokens = {-5, 1, 2, 3, 4};
    strange.probabilities = {NAN, INFINITY, -1, 2, 0};
    strange.rank = -3;
    const auto read = decodeOdds(encodeOdds({&strange, 1}));
    REQUIRE(read.ok());
    CHECK(read->front().count == TokenOdds::kMost);
    CHECK(read->front().probabilities == std::array<float, 5>{0, 1, 0, 1, 0});
}

TEST_CASE("damaged odds are refused and never read beyond") {
    const std::string blob = encodeOdds(someOdds(50, 1000));
    for (std::size_t size = 0; size < blob.size(); ++size) {
        const auto read = decodeOdds(std::string_view(blob).substr(0, size));
        CHECK((size == 0 || !read.ok()));
    }
    std::mt19937 random(3);
    for (int i = 0; i < 20'000; ++i) {
        std::string changed = blob;
        changed[random() % changed.size()] = static_cast<char>(random());
        (void)decodeOdds(changed);
    }
}

TEST_CASE("the odds of an answer are kept while it comes, when it goes on, and when its program ends") {
    const TemporaryDir dir;
    const auto odds = someOdds(6, 200);
    std::int64_t id = 0, answer = 0;
    {
        const auto history = openIn(dir);
        id = must(history->createConversation({}));
        const auto asked = must(history->addMessage(question(id, "Why?")));
        auto writer = must(history->beginAnswer(answerTo(id, asked), sampleShape()));
        answer = writer->message();
        const auto add = [&](std::uint32_t t) {
            writer->appendText("ab");
            writer->appendToken({static_cast<std::int32_t>(t), 2 * t, 2 * t + 2, static_cast<std::int32_t>(10 + t)},
                                odds[t]);
        };
        add(0);
        add(1);
        must(writer->commit());
        add(2);
        must(writer->commit());
        CHECK(must(history->odds(answer)).size() == 3);
        must(writer->finish(FinishReason::kStopped, {12, 0.25, 80.5, 60.25}));
        CHECK(must(history->message(answer)).thinking_tokens_per_second == 60.25);
        writer = must(history->continueAnswer(answer, sampleShape()));
        add(3);
        must(writer->commit());
        // It is not finished: the program ends here.
    }
    const auto history = openIn(dir);
    CHECK(history->report().interrupted_answers == 1);
    const auto kept = must(history->odds(answer));
    REQUIRE(kept.size() == 4);
    for (std::size_t t = 0; t < kept.size(); ++t) checkClose(kept[t], odds[t]);
    CHECK(must(history->content(id)).messages[1].odds == kept);
    // An answer of which nothing is known has none.
    const auto other = must(history->addMessage(answerTo(id, must(history->messages(id))[0].id)));
    CHECK(must(history->odds(other)).empty());
}

TEST_CASE("a branch has what it shares with its answer, and another token there") {
    const TemporaryDir dir;
    const auto history = openIn(dir);
    const auto id = must(history->createConversation({}));
    const auto asked = must(history->addMessage(question(id, "Why?")));
    auto writer = must(history->beginAnswer(answerTo(id, asked), sampleShape()));
    const char* const texts[] = {"It ", "is ", "so", "."};
    TokenOdds odds{3, {500, 600, 700}, {0.5f, 0.25f, 0.125f}, 1.5f, 0, 0.5f};
    std::uint32_t at = 0;
    for (int t = 0; t < 4; ++t) {
        writer->appendText(texts[t]);
        const auto end = static_cast<std::uint32_t>(writer->text().size());
        writer->appendToken({500 + t, at, end, 10 + t}, odds);
        writer->appendRouting({500 + t, 10 + t, Phase::kDecode, sampleLayers(t)});
        at = end;
    }
    must(writer->finish(FinishReason::kEndOfText, {12, 0.25, 80.5}));
    const auto original = writer->message();

    const auto branch = must(history->branchAnswer(original, 2, 700, "not"));
    const Message m = must(history->message(branch));
    CHECK(m.text == "It is not");
    CHECK(m.parent == asked);
    CHECK(m.finish == FinishReason::kStopped);
    CHECK(m.answer_tokens == 3);
    CHECK(m.prompt_tokens == 12);
    const auto tokens = must(history->tokens(branch));
    REQUIRE(tokens.size() == 3);
    CHECK(tokens[1] == must(history->tokens(original))[1]);
    CHECK(tokens[2] == MessageToken{700, 6, 9, 12});
    const auto kept = must(history->odds(branch));
    CHECK(kept[1].rank == 0);
    CHECK(kept[2].rank == 2);
    CHECK(std::abs(kept[2].probability - 0.125f) < 1e-6);
    CHECK(must(history->routing(branch))->size() == 2);
    CHECK(must(history->conversation(id)).leaf == branch);
    CHECK(must(history->message(original)).text == "It is so.");
    CHECK_FALSE(history->branchAnswer(original, 4, 1, "x").ok());
    CHECK_FALSE(history->branchAnswer(99, 0, 1, "x").ok());
}
