// The whole CUDA backend: the tiny model's logits and routing against those of llama.cpp, however they are computed.
// If these fail, answers computed on a GPU are wrong, or the picture of their routing is.

#include "tests/cuda_backend/emulated_model.h"

using namespace moescope;

TEST_CASE("logits, experts, gates and norms are those of the golden data") {
    const Golden golden;
    const auto tokens = golden.tokens();
    const auto model = tinyOnCard();
    CHECK(model->backend().placement().find("whole model") != std::string::npos);
    const Run at_once = evaluate(*sessionOf(model), tokens);
    checkAgainst(golden, at_once);
    for (int l = 0; l < at_once.log.shape().moe_layers; ++l) CHECK(at_once.log.at(0, l).on_card == 0b111);

    SUBCASE("in chunks") {
        for (const int chunk : {5, 16}) {
            CAPTURE(chunk);
            checkAgainst(golden, evaluate(*sessionOf(model, chunk), tokens));
        }
    }
    SUBCASE("token by token, which is another set of kernels") {
        checkAgainst(golden, evaluate(*sessionOf(model), tokens, 1));
    }
    SUBCASE("two sessions in turns share the weights and nothing else") {
        const auto a = sessionOf(model), b = sessionOf(model);
        Run of_a{{}, RoutingLog(model->config().routingShape())}, of_b{{}, RoutingLog(model->config().routingShape())};
        for (std::size_t at = 0; at < tokens.size(); at += 6) {
            const std::size_t n = std::min<std::size_t>(6, tokens.size() - at);
            for (auto& [session, run] : {std::tie(a, of_a), std::tie(b, of_b)}) {
                const Run part = evaluate(*session, tokens.subspan(at, n));
                run.logits.insert(run.logits.end(), part.logits.begin(), part.logits.end());
            }
        }
        CHECK(relativeError(golden.logits(), of_a.logits) <= 1e-3);
        CHECK(of_a.logits == of_b.logits);
    }
}

TEST_CASE("smaller caches stay near") {
    const Golden golden;
    for (const auto& [type, tolerance] : {std::pair(KvType::kF16, 2e-3), std::pair(KvType::kQ8_0, 0.1)}) {
        const auto model = tinyOnCard(0, type);
        const auto session = sessionOf(model, 512, type);
        const Run run = evaluate(*session, golden.tokens().first(golden.tokens().size() - 2));
        Run rest = evaluate(*session, golden.tokens().last(2), 1);
        rest.logits.insert(rest.logits.begin(), run.logits.begin(), run.logits.end());
        CHECK(relativeError(golden.logits(), rest.logits) <= tolerance);
    }
}

TEST_CASE("logits are the same bits without records, in prefill and decode") {
    const Golden golden;
    const auto model = tinyOnCard();
    const std::size_t vocabulary = static_cast<std::size_t>(model->config().vocabulary);
    const auto tokens = golden.tokens().first(9);
    const auto session = sessionOf(model);
    RoutingLog log(model->config().routingShape());
    REQUIRE(session->evaluate(tokens, LogitsWanted::kLast, &log, Phase::kPrefill, {}).ok());
    const std::vector<float> traced(session->logits().begin(), session->logits().end());
    session->truncate(0);
    REQUIRE(session->evaluate(tokens, LogitsWanted::kLast, nullptr, Phase::kPrefill, {}).ok());
    CHECK(std::ranges::equal(session->logits(), traced));
    // One row of logits is a product of its own, so it is near what all rows together give.
    const Run all = evaluate(*sessionOf(model), tokens);
    CHECK(relativeError(std::span(all.logits).last(vocabulary), traced) <= 1e-5);

    const auto next = golden.tokens().subspan(9, 1);
    log = RoutingLog(model->config().routingShape());
    REQUIRE(session->evaluate(next, LogitsWanted::kLast, &log, Phase::kDecode, {}).ok());
    const std::vector<float> with(session->logits().begin(), session->logits().end());
    session->truncate(9);
    REQUIRE(session->evaluate(next, LogitsWanted::kLast, nullptr, Phase::kDecode, {}).ok());
    CHECK(std::ranges::equal(session->logits(), with));
    session->truncate(9);
    REQUIRE(session->evaluate(next, LogitsWanted::kNone, &log, Phase::kDecode, {}).ok());
    CHECK(session->logits().empty());
    // Without logits the last layer's sums are recorded too.
    const LayerRouting a = log.at(0, 2), b = log.at(1, 2);
    CHECK(a.experts == b.experts);
    CHECK(a.routed_norm == b.routed_norm);
    CHECK(a.shared_norm == b.shared_norm);
}

TEST_CASE("rules change between two tokens") {
    const Golden golden;
    const auto model = tinyOnCard();
    const auto session = sessionOf(model);
    const auto tokens = golden.tokens();
    evaluate(*session, tokens.first(4));
    const auto chosen = [&](const RouterRules& rules) {
        REQUIRE(session->setRouterRules(rules).ok());
        session->truncate(4);
        return evaluate(*session, tokens.subspan(4, 1));
    };
    const Run plain = chosen({});
    RouterRules rules;
    rules.all.experts_used = 1;
    CHECK(chosen(rules).log.at(0, 0).count == 1);
    rules.all.experts_used = 8;  // more than the model's own: the graph is recorded anew
    const Run all = chosen(rules);
    CHECK(all.log.at(0, 2).count == 8);
    rules = {};
    rules.all.masked = {plain.log.at(0, 0).experts[0]};
    const Run masked = chosen(rules);
    const LayerRouting r = masked.log.at(0, 0);
    CHECK(std::find(r.experts.begin(), r.experts.end(), rules.all.masked[0]) == r.experts.end());
    rules = {};
    rules.shared_experts = false;
    CHECK(chosen(rules).log.at(0, 0).shared_norm == 0);
    CHECK(chosen({}).logits == plain.logits);

    // Many experts for many tokens at once: more pairs than there is room for in one go.
    rules = {};
    rules.all.experts_used = 8;
    REQUIRE(session->setRouterRules(rules).ok());
    session->truncate(0);
    const Run at_once = evaluate(*session, tokens);
    session->truncate(0);
    CHECK(relativeError(at_once.logits, evaluate(*session, tokens, 1).logits) <= 1e-4);
}

TEST_CASE("a stop ends loading and prefill, and what was computed stays") {
    std::stop_source source;
    LoadControl control;
    control.stop = source.get_token();
    control.progress = [&](double) { source.request_stop(); };
    const auto stopped_load = loadOnCard(kTinyFolder + "/model.gguf", {}, control);
    // The tiny model is one step of the upload: it may be whole by then.
    if (!stopped_load.ok()) CHECK(stopped_load.status().code() == StatusCode::kStopped);
    std::stop_source at_once;
    at_once.request_stop();
    control = {{}, at_once.get_token()};
    CHECK(loadOnCard(kTinyFolder + "/model.gguf", {}, control).status().code() == StatusCode::kStopped);

    const Golden golden;
    const auto model = tinyOnCard();
    const auto session = sessionOf(model);
    evaluate(*session, golden.tokens().first(5));
    CHECK(session
              ->evaluate(golden.tokens().subspan(5), LogitsWanted::kLast, nullptr, Phase::kPrefill, at_once.get_token())
              .code() == StatusCode::kStopped);
    CHECK(session->position() == 5);
    const Run rest = evaluate(*session, golden.tokens().subspan(5));
    CHECK(relativeError(golden.logits().subspan(5 * 300), rest.logits) <= 1e-3);
}

TEST_CASE("progress reaches the end") {
    double last = 0;
    LoadControl control;
    control.progress = [&](double fraction) {
        CHECK(fraction >= last);
        last = fraction;
    };
    REQUIRE(loadOnCard(kTinyFolder + "/model.gguf", {}, control).ok());
    CHECK(last == doctest::Approx(1.0));
}
