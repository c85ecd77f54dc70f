// If these fail, what a history has of an answer is not what was said, or a token has two records on a branch.

#include <cmath>
#include <map>

#include "app/chat/answer_recorder.h"
#include "app/chat/prompt.h"
#include "engine/markdown/thinking.h"
#include "tests/chat/answering.h"
#include "tests/storage/temporary_dir.h"

using namespace moescope;

namespace {

template <class T>
T must(Result<T> result) {
    REQUIRE_MESSAGE(result.ok(), result.status().message());
    return std::move(*result);
}

/// Answers into a history, as programs do.
class Recorded : public Listener {
public:
    Recorded(History& history, const LocalAnswerer& by, const AnswerRequest& request)
        : Listener(by.info().shape), m_history(history), m_by(by), m_request(request) {}
    Result<std::int64_t> onBegin(const AnswerBegin& given) override {
        begin = given;
        auto made = AnswerRecorder::begin(m_history, m_by.info(), m_request, given);
        if (!made.ok()) return made.status();
        recorder = std::move(*made);
        return recorder->message();
    }
    void onPiece(const AnswerPiece& piece) override { recorder->add(piece); }
    void onToken(const TokenRouting& token) override { computed += recorder->add(token).has_value(); }

    std::unique_ptr<AnswerRecorder> recorder;
    int computed = 0;

private:
    History& m_history;
    const LocalAnswerer& m_by;
    const AnswerRequest& m_request;
};

struct Chat {
    explicit Chat(std::shared_ptr<Model> model = demoModel()) : answerer(answererOf(model)) {
        history = must(History::open(dir.path()));
    }
    std::int64_t ask(const std::string& text) {
        Conversation conversation;
        conversation.id = request.conversation;
        Message message;
        message.text = text;
        if (!request.turns.empty()) message.parent = request.turns.back().id;
        const Asked asked = must(history->ask(conversation, message));
        request.conversation = asked.conversation;
        message.id = asked.message;
        request.turns.push_back(message);
        return message.id;
    }
    Message answer() {
        request.settings.temperature = temperature;
        Recorded recorded(*history, *answerer, request);
        const AnswerEnd end = answerer->answer(request, recorded, {});
        REQUIRE_MESSAGE(end.begun, end.error);
        const Status finished = recorded.recorder->finish(end);
        REQUIRE_MESSAGE(finished.ok(), finished.message());
        computed = recorded.computed;
        const Message stored = must(history->message(recorded.recorder->message()));
        request.turns.push_back(stored);
        return stored;
    }
    /// How often each position of the shown branch has a record.
    std::map<int, int> positions() {
        std::map<int, int> found;
        for (const Message& m : request.turns) {
            const auto log = must(history->routing(m.id));
            for (std::size_t t = 0; log && t < log->size(); ++t) ++found[log->token(t).position];
        }
        return found;
    }

    TemporaryDir dir;
    std::unique_ptr<LocalAnswerer> answerer;
    std::unique_ptr<History> history;
    AnswerRequest request;
    double temperature = 0;
    int computed = 0;
};

}  // namespace

TEST_CASE("a history has an answer's text, tokens, records, settings and figures") {
    Chat chat;
    chat.request.settings.rules.all.experts_used = 2;
    const auto asked = chat.ask("What is 7 plus 8?");
    const Message m = chat.answer();
    CHECK(m.parent == asked);
    CHECK(m.author == Author::kAssistant);
    CHECK(m.finish == FinishReason::kEndOfText);
    CHECK(m.model_name == "Moescope Demo");
    CHECK(AnswerSettings::fromJson(m.settings) == chat.request.settings);
    CHECK_FALSE(m.text.empty());
    CHECK_FALSE(m.text.starts_with(' '));
    const auto tokens = must(chat.history->tokens(m.id));
    REQUIRE(tokens.size() == static_cast<std::size_t>(m.answer_tokens));
    CHECK(tokens.front().begin == 0);
    CHECK(tokens.front().position == m.prompt_tokens);
    CHECK(tokens.back().end == m.text.size());
    const auto log = must(chat.history->routing(m.id));
    REQUIRE(log);
    CHECK(log->size() == static_cast<std::size_t>(m.prompt_tokens + m.answer_tokens));
    CHECK(m.first_token_seconds > 0);
    CHECK(m.tokens_per_second > 0);
}

TEST_CASE("no token has two records on a branch, also when a session has to read everything anew") {
    Chat chat;
    chat.ask("What is 7 plus 8?");
    chat.answer();
    chat.ask("What is the capital of France?");
    chat.answer();
    for (const auto& [position, count] : chat.positions()) CHECK(count == 1);
    // As after a start of the program.
    chat.answerer = answererOf(demoModel());
    chat.ask("Hello!");
    const Message last = chat.answer();
    CHECK(last.prompt_tokens > chat.computed);
    const auto positions = chat.positions();
    CHECK(positions.size() == static_cast<std::size_t>(last.prompt_tokens + last.answer_tokens));
    for (const auto& [position, count] : positions) CHECK(count == 1);
}

TEST_CASE("an answer that goes on is one answer, with the figures of its beginning") {
    Chat chat;
    chat.ask("What is the capital of France?");
    chat.request.settings.max_tokens = 3;
    const Message cut = chat.answer();
    CHECK(cut.finish == FinishReason::kLength);
    chat.request.continued = cut.id;
    chat.request.continued_tokens = must(chat.history->tokens(cut.id));
    chat.request.settings.max_tokens = 1024;
    SUBCASE("at once") {}
    SUBCASE("after a start of the program") {
        chat.answerer = answererOf(demoModel());
    }
    const Message whole = chat.answer();
    CHECK(whole.id == cut.id);
    CHECK(whole.finish == FinishReason::kEndOfText);
    CHECK(whole.text.starts_with(cut.text));
    CHECK(whole.text.size() > cut.text.size());
    CHECK(whole.prompt_tokens == cut.prompt_tokens);
    CHECK(whole.first_token_seconds == cut.first_token_seconds);
    const auto tokens = must(chat.history->tokens(whole.id));
    for (std::size_t i = 0; i < tokens.size(); ++i)
        CHECK(tokens[i].position == whole.prompt_tokens + static_cast<int>(i));
    CHECK(tokens.back().end == whole.text.size());
    chat.request.turns.pop_back();  // the answer stands there twice
    for (const auto& [position, count] : chat.positions()) CHECK(count == 1);
}

TEST_CASE("an error ends an answer with its sentence") {
    Chat chat;
    chat.ask("Hello!");
    chat.request.settings.top_p = -1;
    const Message m = chat.answer();
    CHECK(m.finish == FinishReason::kError);
    CHECK_FALSE(m.error.empty());
    CHECK(m.text.empty());
}

TEST_CASE("an answer under a cut conversation says where its context begins") {
    Chat chat(tinyModel());
    chat.answerer = answererOf(tinyModel(), 128);
    chat.request.settings.max_tokens = 2;
    for (int i = 0; i < 12; ++i) {
        chat.ask("some words of question " + std::to_string(i));
        chat.answer();
    }
    const Message last = chat.request.turns.back();
    REQUIRE(last.context_start);
    CHECK(*last.context_start > chat.request.turns.front().id);
}

TEST_CASE("what else might have been said is what the model computes there") {
    Chat chat;
    chat.request.odds = OddsWanted::kAlways;
    chat.ask("Write a short story about a fox.");
    chat.request.settings.max_tokens = 24;
    chat.request.settings.repetition_penalty = 1.3;  // odds are from before it
    const AnswerRequest asked = chat.request;
    const Message m = chat.answer();
    const auto tokens = must(chat.history->tokens(m.id));
    const auto odds = must(chat.history->odds(m.id));
    REQUIRE(odds.size() == tokens.size());
    REQUIRE(tokens.size() == 24);
    // All of it at once, by another session.
    auto ids = std::get<Prompt>(makePrompt(*demoModel(), asked, 1024)).ids;
    const std::size_t prompt = ids.size();
    for (const MessageToken& token : tokens) ids.push_back(token.id);
    const auto session = Session::create(demoModel(), {});
    REQUIRE(session.ok());
    REQUIRE((*session)->evaluate(ids, LogitsWanted::kAll, nullptr, Phase::kPrefill, {}).ok());
    const std::size_t vocabulary = (*session)->logits().size() / ids.size();
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        CAPTURE(t);
        const auto logits = (*session)->logits().subspan((prompt - 1 + t) * vocabulary, vocabulary);
        const double largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
        double total = 0, entropy = 0;
        for (const float l : logits) total += std::exp(static_cast<double>(l) - largest);
        const auto probability = [&](std::int32_t id) {
            return std::exp(static_cast<double>(logits[static_cast<std::size_t>(id)]) - largest) / total;
        };
        for (std::size_t i = 0; i < vocabulary; ++i) {
            const double p = probability(static_cast<std::int32_t>(i));
            if (p > 0) entropy -= p * std::log2(p);
        }
        REQUIRE(odds[t].count == TokenOdds::kMost);
        for (std::size_t i = 0; i < TokenOdds::kMost; ++i) {
            CHECK(std::abs(static_cast<double>(odds[t].probabilities[i]) - probability(odds[t].tokens[i])) < 1e-5);
            if (i > 0) CHECK(odds[t].probabilities[i] <= odds[t].probabilities[i - 1]);
        }
        CHECK(std::abs(static_cast<double>(odds[t].probability) - probability(tokens[t].id)) < 1e-5);
        CHECK(std::abs(static_cast<double>(odds[t].entropy) - entropy) < 1e-3);
        const auto before = std::count_if(logits.begin(), logits.end(),
                                          [&](float l) { return l > logits[static_cast<std::size_t>(tokens[t].id)]; });
        CHECK(odds[t].rank == before);
    }
    // Where they are not asked for, there are none.
    chat.request.odds = OddsWanted::kNever;
    chat.ask("Hello!");
    CHECK(must(chat.history->odds(chat.answer().id)).empty());
}

TEST_CASE("an answer that branches off from one of its alternatives goes on from it") {
    Chat chat;
    chat.request.odds = OddsWanted::kAlways;
    chat.ask("What is the capital of France?");
    const Message m = chat.answer();
    const auto tokens = must(chat.history->tokens(m.id));
    REQUIRE(tokens.size() > 4);
    const TokenOdds odds = must(chat.history->odds(m.id))[2];
    const std::int32_t third = odds.tokens[2];
    IncrementalDecoder decoder(demoModel()->tokenizer());
    const auto branch = must(chat.history->branchAnswer(m.id, 2, third, decoder.push(third)));
    chat.request.turns.back() = must(chat.history->message(branch));
    chat.request.continued = branch;
    chat.request.continued_tokens = must(chat.history->tokens(branch));
    SUBCASE("at once") {}
    SUBCASE("after a start of the program") {
        chat.answerer = answererOf(demoModel());
    }
    const Message whole = chat.answer();
    CHECK(whole.id == branch);
    const auto now = must(chat.history->tokens(branch));
    REQUIRE(now.size() > 3);
    CHECK(now[0] == tokens[0]);
    CHECK(now[1] == tokens[1]);
    CHECK(now[2].id == third);
    CHECK(now[3].position == now[2].position + 1);
    CHECK(whole.text.starts_with(m.text.substr(0, tokens[2].begin)));
    CHECK(now.back().end == whole.text.size());
    CHECK(must(chat.history->odds(branch)).size() == now.size());
    chat.request.turns.pop_back();  // the answer stands there twice
    for (const auto& [position, count] : chat.positions()) CHECK(count == 1);
}

TEST_CASE("a thought that the prompt opens is kept with its tag and its speed") {
    Chat chat(thinkingModel());
    chat.ask("What is 7 plus 8?");
    chat.request.settings.max_tokens = 8;
    chat.temperature = 5;  // what was not taught ends soon where it is answered exactly
    chat.request.settings.top_k = 0;
    chat.request.settings.top_p = 1;
    chat.request.settings.min_p = 0;
    chat.request.settings.seed = 1;
    const Message m = chat.answer();
    CHECK(m.text.starts_with("<think>"));
    CHECK(markdown::answerOf(m.text).empty());
    CHECK(m.thinking_tokens_per_second > 0);
    const auto tokens = must(chat.history->tokens(m.id));
    REQUIRE(tokens.size() == 8);
    CHECK(tokens.front().begin == 7);
    CHECK(tokens.back().end == m.text.size());
    // And not written twice when it goes on.
    chat.request.continued = m.id;
    chat.request.continued_tokens = tokens;
    const Message on = chat.answer();
    CHECK(on.text.starts_with(m.text));
    CHECK(on.text.find("<think>", 1) == std::string::npos);
    chat.request.continued = 0;
    chat.request.continued_tokens.clear();
    chat.request.settings.thinking = false;
    chat.ask("What is 7 plus 8?");
    const Message plain = chat.answer();
    CHECK_FALSE(plain.text.starts_with("<think>"));
    CHECK(plain.thinking_tokens_per_second == 0);
}
