// Sessions keep what they have computed, can be cut back, stopped and given other rules. If these fail, a second
// question answers from wrong keys and values, a stop breaks the conversation, or the inspector's rules lie.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>

#include "engine/generate.h"
#include "engine/routing/routing_log.h"

using namespace moescope;

namespace {

std::shared_ptr<Model> tinyModel() {
    ModelOptions options;
    options.threads = 2;
    options.backend = BackendChoice::kCpu;
    auto model = Model::load(std::string(MOESCOPE_TEST_DATA) + "/tiny-moe/model.gguf", options);
    REQUIRE_MESSAGE(model.ok(), model.status().message());
    return *model;
}

std::unique_ptr<Session> newSession(const std::shared_ptr<Model>& model, int context = 0) {
    SessionOptions options;
    options.context = context;
    auto session = Session::create(model, options);
    REQUIRE_MESSAGE(session.ok(), session.status().message());
    return std::move(session.value());
}

std::vector<std::int32_t> someTokens(int count, int start = 3) {
    std::vector<std::int32_t> ids;
    for (int i = 0; i < count; ++i) ids.push_back(start + i * 5 % 90);
    return ids;
}

std::vector<float> lastLogits(Session& session, std::span<const std::int32_t> tokens, RoutingSink* sink = nullptr) {
    const Status status = session.evaluate(tokens, LogitsWanted::kLast, sink, Phase::kPrefill, {});
    REQUIRE_MESSAGE(status.ok(), status.message());
    return {session.logits().begin(), session.logits().end()};
}

bool chose(const LayerRouting& routing, std::int32_t expert) {
    return std::find(routing.experts.begin(), routing.experts.begin() + routing.count, expert) !=
           routing.experts.begin() + routing.count;
}

}  // namespace

TEST_CASE("a second question computes only what is new, to the same bits") {
    const auto model = tinyModel();
    const auto all = someTokens(40);
    const auto fresh = newSession(model);
    const auto expected = lastLogits(*fresh, all);

    const auto session = newSession(model);
    lastLogits(*session, std::span(all).first(25));
    CHECK(session->reuse(all) == 25);
    CHECK(lastLogits(*session, std::span(all).subspan(25)) == expected);
}

TEST_CASE("reuse stops at the first token that differs, and leaves one to compute") {
    const auto session = newSession(tinyModel());
    auto tokens = someTokens(20);
    lastLogits(*session, tokens);
    CHECK(session->reuse(tokens) == 19);
    lastLogits(*session, std::span(tokens).subspan(19));
    tokens[7] = 99;
    CHECK(session->reuse(tokens) == 7);
    CHECK(session->position() == 7);
}

TEST_CASE("a session that was cut back answers like a new one") {
    const auto model = tinyModel();
    const auto start = someTokens(12), other = someTokens(9, 40);
    const auto session = newSession(model);
    lastLogits(*session, start);
    lastLogits(*session, someTokens(20, 11));
    session->truncate(12);
    CHECK(session->position() == 12);
    const auto found = lastLogits(*session, other);

    const auto fresh = newSession(model);
    lastLogits(*fresh, start);
    CHECK(lastLogits(*fresh, other) == found);
    session->truncate(100);  // more than there is
    CHECK(session->position() == 21);
}

TEST_CASE("the context is not overrun, and nothing is computed then") {
    const auto session = newSession(tinyModel(), 16);
    lastLogits(*session, someTokens(10));
    const Status status = session->evaluate(someTokens(7), LogitsWanted::kLast, nullptr, Phase::kPrefill, {});
    CHECK(status.code() == StatusCode::kOutOfRange);
    CHECK(session->position() == 10);
    lastLogits(*session, someTokens(6));
    CHECK(session->position() == 16);
}

TEST_CASE("ids outside the vocabulary are refused") {
    const auto session = newSession(tinyModel());
    for (const std::int32_t id : {-1, 1 << 30}) {
        const std::int32_t tokens[] = {3, id};
        CHECK(session->evaluate(tokens, LogitsWanted::kLast, nullptr, Phase::kPrefill, {}).code() ==
              StatusCode::kInvalid);
        CHECK(session->position() == 0);
    }
}

TEST_CASE("a stop leaves the session usable") {
    const auto model = tinyModel();
    const auto tokens = someTokens(30);
    const auto session = newSession(model);
    lastLogits(*session, std::span(tokens).first(10));
    std::stop_source source;
    source.request_stop();
    const auto rest = std::span(tokens).subspan(10);
    CHECK(session->evaluate(rest, LogitsWanted::kLast, nullptr, Phase::kPrefill, source.get_token()).code() ==
          StatusCode::kStopped);
    CHECK(session->position() == 10);
    const auto fresh = newSession(model);
    CHECK(lastLogits(*session, rest) == lastLogits(*fresh, tokens));
}

TEST_CASE("rules change between two tokens") {
    const auto model = tinyModel();
    const RoutingShape shape = model->config().routingShape();
    const auto session = newSession(model);
    RoutingLog log(shape);
    const auto tokens = someTokens(8);
    lastLogits(*session, std::span(tokens).first(2), &log);
    const std::int32_t favourite = log.at(1, 0).experts[0];
    CHECK(log.at(1, 0).count == shape.experts_used);

    RouterRules rules;
    rules.layers[shape.first_moe_layer].masked = {favourite};
    rules.layers[shape.first_moe_layer].experts_used = 1;
    REQUIRE(session->setRouterRules(rules).ok());
    lastLogits(*session, std::span(tokens).subspan(2, 3), &log);
    for (std::size_t t = 2; t < 5; ++t) {
        CHECK(log.at(t, 0).count == 1);
        CHECK_FALSE(chose(log.at(t, 0), favourite));
        CHECK(log.at(t, 1).count == shape.experts_used);  // other layers keep the model's own rules
    }

    rules = {};
    rules.all.forced = {0};
    rules.renormalise = true;
    rules.scale = 2.0f;
    rules.shared_experts = false;
    REQUIRE(session->setRouterRules(rules).ok());
    lastLogits(*session, std::span(tokens).subspan(5, 1), &log);
    for (int layer = 0; layer < shape.moe_layers; ++layer) {
        const LayerRouting routing = log.at(5, layer);
        CHECK(chose(routing, 0));
        float total = 0;
        for (int i = 0; i < routing.count; ++i) total += routing.gates[static_cast<std::size_t>(i)];
        CHECK(total == doctest::Approx(2.0));
        CHECK(routing.shared_norm == 0.0f);
    }

    // Back to the model's own rules on the same past: as if there had never been others.
    REQUIRE(session->setRouterRules({}).ok());
    session->truncate(2);
    const auto fresh = newSession(model);
    CHECK(lastLogits(*session, std::span(tokens).subspan(2)) == lastLogits(*fresh, tokens));

    rules = {};
    rules.all.masked = {shape.experts};
    CHECK(session->setRouterRules(rules).code() == StatusCode::kInvalid);
}

TEST_CASE("the same seed gives the same answer, and another seed another") {
    const auto model = tinyModel();
    const auto prompt = someTokens(5);
    const auto answer = [&](std::uint64_t seed) {
        const auto session = newSession(model);
        GenerationOptions options;
        options.max_tokens = 24;
        options.sampling.temperature = 1.5f;
        options.sampling.top_k = 0;
        options.sampling.top_p = 1;
        options.sampling.min_p = 0;
        options.sampling.seed = seed;
        auto result = generate(*session, prompt, options);
        REQUIRE(result.ok());
        return result->tokens;
    };
    CHECK(answer(7) == answer(7));
    CHECK(answer(7) != answer(8));
}

TEST_CASE("a prompt is computed in chunks of the chosen length, and each is told") {
    const auto model = tinyModel();
    const auto progressOf = [&](int chunk, int prompt_tokens, int known) {
        SessionOptions options;
        options.context = 800;
        options.chunk_tokens = chunk;
        const auto session = std::move(Session::create(model, options)).value();
        const auto prompt = someTokens(prompt_tokens);
        if (known > 0) lastLogits(*session, std::span(prompt).first(static_cast<std::size_t>(known)));
        GenerationOptions generation;
        generation.max_tokens = 0;
        std::vector<std::pair<int, int>> told;
        generation.on_prefill = [&](int done, int total) { told.emplace_back(done, total); };
        REQUIRE(generate(*session, prompt, generation).ok());
        return told;
    };
    using Told = std::vector<std::pair<int, int>>;
    CHECK(progressOf(8, 20, 0) == Told{{8, 20}, {16, 20}, {20, 20}});
    CHECK(progressOf(8, 20, 10) == Told{{18, 20}, {20, 20}});
    CHECK(progressOf(600, 700, 0) == Told{{600, 700}, {700, 700}});  // longer than the usual 512
}

TEST_CASE("an answer says why it ended, and its tokens stay for the next turn") {
    const auto model = tinyModel();
    const auto prompt = someTokens(6);
    GenerationOptions options;
    options.sampling.temperature = 0;

    SUBCASE("length") {
        const auto session = newSession(model);
        options.max_tokens = 4;
        const auto result = generate(*session, prompt, options);
        REQUIRE(result.ok());
        CHECK(result->finish == FinishReason::kLength);
        CHECK(result->tokens.size() == 4);
        CHECK(session->position() == 10);
    }
    SUBCASE("context full") {
        const auto session = newSession(model, 8);
        const auto result = generate(*session, prompt, options);
        REQUIRE(result.ok());
        CHECK(result->finish == FinishReason::kContextFull);
        CHECK(result->tokens.size() == 3);  // two that fit, and one that need not be computed
    }
    SUBCASE("stopped by the user, with what there is") {
        const auto session = newSession(model);
        std::stop_source source;
        options.stop = source.get_token();
        int pieces = 0;
        options.on_piece = [&](const GeneratedPiece&) {
            if (++pieces == 3) source.request_stop();
        };
        const auto result = generate(*session, prompt, options);
        REQUIRE(result.ok());
        CHECK(result->finish == FinishReason::kStopped);
        CHECK(result->tokens.size() == 3);
    }
    SUBCASE("a prompt longer than the context") {
        const auto session = newSession(model, 5);
        CHECK(generate(*session, prompt, options).status().code() == StatusCode::kOutOfRange);
    }
    SUBCASE("an empty prompt") {
        const auto session = newSession(model);
        CHECK(generate(*session, {}, options).status().code() == StatusCode::kInvalid);
    }
}

TEST_CASE("who watches an answer's choices sees the logits of each") {
    const auto model = tinyModel();
    const auto prompt = someTokens(6);
    const auto plain = newSession(model), watched = newSession(model);
    GenerationOptions options;
    options.sampling.temperature = 0;
    options.max_tokens = 12;
    const auto expected = generate(*plain, prompt, options);
    REQUIRE(expected.ok());
    std::vector<std::int32_t> chosen;
    options.on_choice = [&](std::int32_t token, std::span<const float> logits) {
        REQUIRE(logits.size() == static_cast<std::size_t>(model->config().vocabulary));
        CHECK(std::ranges::max_element(logits) - logits.begin() == token);
        chosen.push_back(token);
    };
    const auto result = generate(*watched, prompt, options);
    REQUIRE(result.ok());
    CHECK(result->tokens == expected->tokens);
    if (result->end_token >= 0) {
        REQUIRE(chosen.size() == result->tokens.size() + 1);
        CHECK(chosen.back() == result->end_token);
        chosen.pop_back();
    }
    CHECK(chosen == result->tokens);
}

TEST_CASE("loading can be stopped") {
    std::stop_source source;
    LoadControl control;
    control.stop = source.get_token();
    control.progress = [&](double) { source.request_stop(); };
    const auto model = Model::load(std::string(MOESCOPE_TEST_DATA) + "/tiny-moe/model.gguf", {}, control);
    REQUIRE_FALSE(model.ok());
    CHECK(model.status().code() == StatusCode::kStopped);
}
