// Answers that are computed at the same time, by sessions of one model on threads of their own. If these fail, answers
// beside each other are not those that each would be alone, one waits for the other's end, or a stop ends both.

#include <algorithm>
#include <barrier>
#include <mutex>
#include <thread>

#include "engine/routing/rules_text.h"
#include "engine/shared_compute.h"
#include "tests/chat/answering.h"

using namespace moescope;

namespace {

/// Begins when the others do.
class Starter : public Listener {
public:
    using Listener::Listener;
    Result<std::int64_t> onBegin(const AnswerBegin& given) override {
        if (start) start->arrive_and_wait();
        return Listener::onBegin(given);
    }
    std::barrier<>* start = nullptr;
};

/// Who answers, what is asked, and what came of it.
struct Column {
    explicit Column(const char* text, const char* rules = "")
        : answerer(answererOf(demoModel(), 512)), request(question(text)), heard(answerer->info().shape) {
        request.settings.max_tokens = 60;
        if (*rules) request.settings.rules = *parseRules(rules);
    }
    void answer(std::stop_token stop = {}) { end = answerer->answer(request, heard, stop); }

    std::unique_ptr<LocalAnswerer> answerer;
    AnswerRequest request;
    Starter heard;
    AnswerEnd end;
};

constexpr const char* kStory = "Write a short story about a fox.";

/// Both at once; `stop` is of the first.
void answerTogether(Column& a, Column& b, const std::stop_token& stop = {}) {
    SharedCompute shared(demoModel()->backend());
    a.answerer->share(&shared);
    b.answerer->share(&shared);
    std::barrier<> start(a.request.turns.empty() ? 1 : 2);
    a.heard.start = b.heard.start = &start;
    std::jthread first([&] { a.answer(stop); });
    std::jthread second([&] { b.answer(); });
}

void checkSame(const Column& together, const Column& alone) {
    CHECK(together.end.finish == alone.end.finish);
    CHECK(together.heard.text == alone.heard.text);
    REQUIRE(together.heard.tokens.size() == alone.heard.tokens.size());
    for (std::size_t i = 0; i < alone.heard.tokens.size(); ++i)
        CHECK(together.heard.tokens[i].id == alone.heard.tokens[i].id);
    REQUIRE(together.heard.log.size() == alone.heard.log.size());
    for (std::size_t i = 0; i < alone.heard.log.size(); ++i) {
        for (int layer = 0; layer < alone.heard.log.shape().moe_layers; ++layer) {
            const LayerRouting a = together.heard.log.at(i, layer), b = alone.heard.log.at(i, layer);
            CHECK((a.experts == b.experts && a.gates == b.gates && a.routed_norm == b.routed_norm));
        }
    }
}

}  // namespace

TEST_CASE("two answers at once are those that each is alone, and grow together") {
    Column story(kStory), few(kStory, "k 1; shared off");
    std::mutex mutex;
    std::vector<int> order;
    const auto note = [&](int who) {
        const std::lock_guard lock(mutex);
        order.push_back(who);
    };
    story.heard.on_piece = [&] { note(0); };
    few.heard.on_piece = [&] { note(1); };
    answerTogether(story, few);

    Column story_alone(kStory), few_alone(kStory, "k 1; shared off");
    story_alone.answer();
    few_alone.answer();
    REQUIRE(story_alone.heard.tokens.size() > 20);
    REQUIRE(few_alone.heard.tokens.size() > 10);
    checkSame(story, story_alone);
    checkSame(few, few_alone);
    // Each by its own rules.
    CHECK(few.heard.log.at(few.heard.log.size() - 1, 0).count == 1);
    CHECK(story.heard.log.at(story.heard.log.size() - 1, 0).count == story.heard.log.shape().experts_used);
    CHECK(story.heard.text != few.heard.text);

    // Neither waits for the other's end.
    const auto first_of = [&](int who) { return std::find(order.begin(), order.end(), who) - order.begin(); };
    const auto last_of = [&](int who) { return std::find(order.rbegin(), order.rend(), who) - order.rbegin(); };
    const auto pieces = static_cast<std::ptrdiff_t>(order.size());
    CHECK(first_of(0) < pieces - last_of(1) - 5);
    CHECK(first_of(1) < pieces - last_of(0) - 5);
}

TEST_CASE("a stop of one leaves the other to its end") {
    Column stopped(kStory), other(kStory, "k 1; shared off");
    std::stop_source stop;
    stopped.heard.on_piece = [&] {
        if (stopped.heard.tokens.size() == 3) stop.request_stop();
    };
    answerTogether(stopped, other, stop.get_token());
    CHECK(stopped.end.finish == FinishReason::kStopped);
    CHECK(stopped.heard.tokens.size() < 10);
    Column alone(kStory, "k 1; shared off");
    alone.answer();
    checkSame(other, alone);
}

TEST_CASE("who is refused lets the others go on") {
    Column refused(""), other("What is 7 plus 8?");
    refused.request.turns.clear();
    answerTogether(refused, other);
    CHECK_FALSE(refused.end.begun);
    CHECK(other.heard.text.find("15") != std::string::npos);
}
