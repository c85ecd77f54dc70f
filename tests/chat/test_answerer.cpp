// If these fail, the window, the command line and servers show another answer than the model gave, ascribe its tokens
// to other words, or do not know why it ended.

#include "tests/chat/answering.h"

using namespace moescope;

TEST_CASE("an answer comes in pieces whose tokens cover its text") {
    const auto answerer = answererOf(demoModel());
    Listener heard(answerer->info().shape);
    const AnswerEnd end = answerer->answer(question("What is 7 plus 8?"), heard, {});
    CHECK(end.begun);
    CHECK(end.finish == FinishReason::kEndOfText);
    CHECK(end.error.empty());
    CHECK(heard.text.find("15") != std::string::npos);
    CHECK_FALSE(heard.text.starts_with(' '));  // the model's answers do
    REQUIRE(end.answer_tokens == static_cast<int>(heard.tokens.size()));
    REQUIRE(end.answer_tokens > 2);
    CHECK(end.first_token_seconds > 0);
    CHECK(end.tokens_per_second > 0);
    CHECK(end.prompt_tokens == heard.begin.prompt_tokens);
    CHECK(end.context_used == end.prompt_tokens + end.answer_tokens);
    std::uint32_t at = 0;
    for (std::size_t i = 0; i < heard.tokens.size(); ++i) {
        CHECK(heard.tokens[i].begin == at);
        at = heard.tokens[i].end;
        CHECK(heard.tokens[i].position == end.prompt_tokens + static_cast<int>(i));
        std::string_view bytes = demoModel()->tokenizer().bytes(heard.tokens[i].id);
        if (i == 0 && bytes.starts_with(' ')) bytes.remove_prefix(1);
        CHECK(bytes == heard.text.substr(heard.tokens[i].begin, heard.tokens[i].end - heard.tokens[i].begin));
    }
    CHECK(at == heard.text.size());
    // A record for each token of prompt and answer.
    REQUIRE(heard.log.size() == static_cast<std::size_t>(end.context_used));
    CHECK(heard.log.token(0).phase == Phase::kPrefill);
    const auto last = heard.log.token(heard.log.size() - 1);
    CHECK(last.phase == Phase::kDecode);
    CHECK(last.token == heard.tokens.back().id);
    CHECK(last.position == heard.tokens.back().position);
    REQUIRE_FALSE(heard.prefill.empty());
    CHECK(heard.prefill.back() == std::pair(end.prompt_tokens, end.prompt_tokens));
}

TEST_CASE("a blank that no template asks for is the answer's own") {
    const auto answerer = answererOf(blanklessModel());
    Listener heard(answerer->info().shape);
    CHECK(answerer->answer(question("What is 7 plus 8?"), heard, {}).begun);
    REQUIRE_FALSE(heard.tokens.empty());
    // As it was trained to, the demo model begins with one all the same.
    CHECK(heard.text.starts_with(blanklessModel()->tokenizer().bytes(heard.tokens.front().id)));
    CHECK(heard.text.starts_with(' '));
}

TEST_CASE("what it can do is said") {
    const auto answerer = answererOf(demoModel());
    const AnswererInfo& info = answerer->info();
    CHECK(info.model_name == "Moescope Demo");
    CHECK(info.context == demoModel()->config().context_length);
    CHECK(info.shape == demoModel()->config().routingShape());
    CHECK(info.abilities.token_ids);
    CHECK(info.abilities.routing == RoutingDetail::kComplete);
    CHECK(info.abilities.rules);
    CHECK(info.abilities.experiments);
}

TEST_CASE("the next question reads only what is new") {
    const auto answerer = answererOf(demoModel());
    Listener first(answerer->info().shape);
    AnswerEnd end = answerer->answer(question("What is 7 plus 8?"), first, {});
    CHECK(end.reused_tokens == 0);
    Listener second(answerer->info().shape);
    second.id = 4;
    const AnswerRequest next =
        question("Hello!", {turn(1, Author::kUser, "What is 7 plus 8?"), turn(2, Author::kAssistant, first.text)});
    const int used = end.context_used;
    end = answerer->answer(next, second, {});
    CHECK(second.begin.goes_on_from == 2);
    CHECK(end.reused_tokens == used);
    CHECK(second.begin.known == used);
    CHECK(second.log.size() == static_cast<std::size_t>(end.context_used - used));
    // The same question anew goes on from no answer's end: its own was read since.
    Listener again(answerer->info().shape);
    end = answerer->answer(next, again, {});
    CHECK(again.begin.goes_on_from == 0);
    CHECK(again.text == second.text);
}

TEST_CASE("an end has its reason") {
    SUBCASE("length") {
        const auto answerer = answererOf(demoModel());
        Listener heard(answerer->info().shape);
        AnswerRequest request = question("What is 7 plus 8?");
        request.settings.max_tokens = 3;
        const AnswerEnd end = answerer->answer(request, heard, {});
        CHECK(end.finish == FinishReason::kLength);
        CHECK(end.answer_tokens == 3);
    }
    SUBCASE("context full") {
        const auto answerer = answererOf(tinyModel(), 32);
        Listener heard(answerer->info().shape);
        AnswerRequest request = question("ab");
        request.raw = true;
        request.reserve = 0;
        const AnswerEnd end = answerer->answer(request, heard, {});
        CHECK(end.finish == FinishReason::kContextFull);
        CHECK(end.context_used == 32);
    }
    SUBCASE("a text that ends it, which is no part of it") {
        const auto answerer = answererOf(demoModel());
        Listener whole(answerer->info().shape);
        AnswerRequest request = question("What is 7 plus 8?");
        answerer->answer(request, whole, {});
        REQUIRE(whole.tokens.size() > 3);
        REQUIRE(whole.text.size() > 6);
        // Across a token's end.
        const std::uint32_t cut = whole.tokens[2].begin - 1;
        const std::string stop = whole.text.substr(cut, 3);
        REQUIRE(whole.text.find(stop) == cut);
        request.settings.stop = {"never written", stop};
        Listener heard(answerer->info().shape);
        const AnswerEnd end = answerer->answer(request, heard, {});
        CHECK(end.finish == FinishReason::kEndOfText);
        CHECK(heard.text == whole.text.substr(0, cut));
        CHECK(end.answer_tokens < static_cast<int>(whole.tokens.size()));
    }
    SUBCASE("stopped, with what there is") {
        const auto answerer = answererOf(demoModel());
        Listener heard(answerer->info().shape);
        std::stop_source source;
        heard.on_piece = [&] {
            if (heard.tokens.size() == 3) source.request_stop();
        };
        const AnswerEnd end = answerer->answer(question("What is 7 plus 8?"), heard, source.get_token());
        CHECK(end.begun);
        CHECK(end.finish == FinishReason::kStopped);
        CHECK(end.error.empty());
        CHECK(end.answer_tokens == 3);
        CHECK(heard.tokens.size() == 3);
    }
    SUBCASE("an error in the middle") {
        const auto answerer = answererOf(demoModel());
        Listener heard(answerer->info().shape);
        AnswerRequest request = question("What is 7 plus 8?");
        request.settings.top_p = -1;  // nobody can choose this
        const AnswerEnd end = answerer->answer(request, heard, {});
        CHECK(end.begun);
        CHECK(end.finish == FinishReason::kError);
        CHECK(end.code == StatusCode::kInvalid);
        CHECK_FALSE(end.error.empty());
        CHECK(end.first_token_seconds < 0);
    }
}

TEST_CASE("what cannot be begun says why, and is not begun") {
    const auto answerer = answererOf(tinyModel(), 64);
    Listener heard(answerer->info().shape);
    SUBCASE("a question that is too long") {
        const AnswerEnd end = answerer->answer(question(std::string(3000, 'x')), heard, {});
        CHECK_FALSE(end.begun);
        CHECK(end.finish == FinishReason::kError);
        CHECK(end.code == StatusCode::kOutOfRange);
        REQUIRE(end.overflow);
        CHECK(end.overflow->context == 64);
        CHECK(end.error == end.overflow->sentence());
        CHECK(heard.begun == 0);
    }
    SUBCASE("rules that do not fit the model") {
        AnswerRequest request = question("ab");
        request.settings.rules.all.masked = {9999};
        const AnswerEnd end = answerer->answer(request, heard, {});
        CHECK_FALSE(end.begun);
        CHECK_FALSE(end.overflow);
        CHECK_FALSE(end.error.empty());
        CHECK(heard.begun == 0);
    }
    SUBCASE("a history that cannot be written") {
        heard.refusal = ioError("The disk is full.");
        const AnswerEnd end = answerer->answer(question("ab"), heard, {});
        CHECK_FALSE(end.begun);
        CHECK(end.error == "The disk is full.");
        CHECK(end.code == StatusCode::kIo);
        CHECK(heard.log.size() == 0);
    }
    SUBCASE("nothing") {
        CHECK_FALSE(answerer->answer({}, heard, {}).begun);
    }
    // And the next one is answered all the same.
    Listener other(answerer->info().shape);
    AnswerRequest request = question("ab");
    request.settings.max_tokens = 2;
    CHECK(answerer->answer(request, other, {}).finish == FinishReason::kLength);
}

TEST_CASE("other rules read everything anew, and are gone with the next answer") {
    const auto answerer = answererOf(demoModel());
    Listener plain(answerer->info().shape), ruled(answerer->info().shape), after(answerer->info().shape);
    AnswerRequest request = question("What is 7 plus 8?");
    request.settings.max_tokens = 8;
    answerer->answer(request, plain, {});
    request.settings.rules.all.experts_used = 1;
    const AnswerEnd end = answerer->answer(request, ruled, {});
    CHECK(end.reused_tokens == 0);
    for (int l = 0; l < ruled.log.shape().moe_layers; ++l) CHECK(ruled.log.at(0, l).count == 1);
    request.settings.rules = {};
    CHECK(answerer->answer(request, after, {}).reused_tokens == 0);
    CHECK(after.text == plain.text);
    CHECK(after.log.at(0, 0).count == after.log.shape().experts_used);
}

TEST_CASE("an answer goes on where it was cut off, to the same text") {
    const auto whole_answerer = answererOf(demoModel());
    Listener whole(whole_answerer->info().shape);
    whole_answerer->answer(question("What is the capital of France?"), whole, {});
    REQUIRE(whole.tokens.size() > 4);

    const auto answerer = answererOf(demoModel());
    Listener first(answerer->info().shape), rest(answerer->info().shape);
    AnswerRequest request = question("What is the capital of France?");
    request.settings.max_tokens = 3;
    answerer->answer(request, first, {});
    request.settings.max_tokens = 1024;
    request.turns.push_back(turn(2, Author::kAssistant, first.text));
    request.continued = 2;
    request.continued_tokens = first.tokens;
    rest.text = first.text;  // ranges count from the start of the whole answer
    const AnswerEnd end = answerer->answer(request, rest, {});
    CHECK(rest.begin.continued == 3);
    CHECK(end.finish == FinishReason::kEndOfText);
    CHECK(rest.text == whole.text);
    CHECK(rest.tokens.front().position == first.tokens.back().position + 1);
}

TEST_CASE("without routing nothing else changes") {
    const auto answerer = answererOf(demoModel());
    Listener with(answerer->info().shape), without(answerer->info().shape);
    without.wants_routing = false;
    answerer->answer(question("What is 7 plus 8?"), with, {});
    const auto fresh = answererOf(demoModel());
    fresh->answer(question("What is 7 plus 8?"), without, {});
    CHECK(without.log.size() == 0);
    CHECK(with.log.size() > 0);
    CHECK(without.text == with.text);
}

TEST_CASE("a long conversation drops its oldest turns, asks, or says that it is full") {
    const auto answerer = answererOf(tinyModel(), 128);
    std::vector<Message> turns;
    for (int i = 1; i <= 20; ++i) {
        turns.push_back(turn(i, i % 2 ? Author::kUser : Author::kAssistant, "some words of turn " + std::to_string(i)));
    }
    AnswerRequest request = question("and now?", turns);
    request.settings.max_tokens = 2;
    Listener heard(answerer->info().shape);
    SUBCASE("drop") {
        AnswerEnd end = answerer->answer(request, heard, {});
        CHECK(end.begun);
        const std::size_t first = heard.begin.first_turn;
        CHECK(first > 0);
        CHECK(request.turns[first].author == Author::kUser);
        // The next prompt begins there too, as long as it fits.
        request.turns.push_back(turn(22, Author::kAssistant, heard.text));
        request.turns.push_back(turn(23, Author::kUser, "x"));
        Listener next(answerer->info().shape);
        answerer->answer(request, next, {});
        CHECK(next.begin.first_turn == first);
    }
    SUBCASE("ask") {
        request.settings.context_policy = ContextPolicy::kAsk;
        const AnswerEnd end = answerer->answer(request, heard, {});
        CHECK_FALSE(end.begun);
        REQUIRE(end.overflow);
        CHECK(end.overflow->fits_cut);
        CHECK_FALSE(end.overflow->question_alone);
    }
    SUBCASE("stop") {
        request.settings.context_policy = ContextPolicy::kStop;
        const AnswerEnd end = answerer->answer(request, heard, {});
        CHECK_FALSE(end.begun);
        REQUIRE(end.overflow);
        CHECK_FALSE(end.overflow->fits_cut);
        CHECK(end.overflow->exact);
        CHECK(end.overflow->tokens > 126);
    }
}
