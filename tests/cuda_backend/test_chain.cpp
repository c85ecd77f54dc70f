// Tokens that the GPU chooses itself are those that the host would choose from its logits, with the same records.

#include "engine/generate.h"
#include "tests/cuda_backend/emulated_model.h"

using namespace moescope;

namespace {

struct Chain {
    std::vector<std::int32_t> tokens;
    RoutingLog log;
};

/// Twelve tokens after the golden ones' first six, chosen by the host from each token's logits.
Chain onHost(Session& session, const SamplerSettings& settings, Sampler& sampler, std::int32_t first) {
    Chain chain{{}, RoutingLog(session.model().config().routingShape())};
    std::int32_t token = first;
    for (int i = 0; i < 12; ++i) {
        const Status status = session.evaluate({&token, 1}, LogitsWanted::kLast, &chain.log, Phase::kDecode, {});
        REQUIRE_MESSAGE(status.ok(), status.message());
        const auto next = sampler.sample(session.logits());
        REQUIRE(next.ok());
        sampler.accept(*next);
        chain.tokens.push_back(token = *next);
    }
    CHECK(session.canDecode(settings));
    return chain;
}

Chain onCard(Session& session, const Sampler& sampler, std::int32_t first) {
    Chain chain{{}, RoutingLog(session.model().config().routingShape())};
    const Status status = session.decode(first, sampler, &chain.log, {}, [&](std::int32_t next) {
        chain.tokens.push_back(next);
        return chain.tokens.size() < 12;
    });
    REQUIRE_MESSAGE(status.ok(), status.message());
    return chain;
}

}  // namespace

TEST_CASE("chosen on the GPU or on the host: the same tokens and records") {
    const Golden golden;
    const auto model = tinyOnCard();
    SamplerSettings greedy, drawn, penalised;
    greedy.temperature = 0;
    drawn.temperature = 1.5f;
    drawn.seed = 11;
    penalised.temperature = 2;
    penalised.top_k = 100;
    penalised.repetition_penalty = 1.5f;
    penalised.repetition_window = 5;
    for (const SamplerSettings& settings : {greedy, drawn, penalised}) {
        const auto session = sessionOf(model);
        Sampler sampler(settings), same(settings);
        for (const std::int32_t id : golden.tokens().first(7)) {
            sampler.accept(id);
            same.accept(id);
        }
        evaluate(*session, golden.tokens().first(6));
        const Chain chosen_here = onHost(*session, settings, sampler, golden.tokens()[6]);
        session->truncate(6);
        const Chain chosen_there = onCard(*session, same, golden.tokens()[6]);
        CHECK(chosen_there.tokens == chosen_here.tokens);
        CHECK(session->position() == 6 + 12);
        REQUIRE(chosen_there.log.size() == chosen_here.log.size());
        for (std::size_t t = 0; t < chosen_here.log.size(); ++t) {
            CHECK(chosen_there.log.token(t).token == chosen_here.log.token(t).token);
            CHECK(chosen_there.log.token(t).position == chosen_here.log.token(t).position);
            for (int l = 0; l < chosen_here.log.shape().moe_layers; ++l) {
                const LayerRouting a = chosen_here.log.at(t, l), b = chosen_there.log.at(t, l);
                CHECK(a.experts == b.experts);
                CHECK(a.gates == b.gates);
                CHECK(a.routed_norm == b.routed_norm);
            }
        }
        // What was computed ahead is no part of the conversation: it goes on as if it had not been.
        const std::int32_t last = chosen_there.tokens.back();
        REQUIRE(session->evaluate({&last, 1}, LogitsWanted::kLast, nullptr, Phase::kDecode, {}).ok());
        const std::vector<float> logits(session->logits().begin(), session->logits().end());
        session->truncate(18);
        evaluate(*session, std::vector<std::int32_t>{last});
        CHECK(std::ranges::equal(session->logits(), logits));
    }
}

TEST_CASE("a chain ends at the context's end and at a stop") {
    const Golden golden;
    const auto model = tinyOnCard();
    SessionOptions options;
    options.context = 10;
    options.kv_type = KvType::kF32;
    const auto session = std::move(Session::create(model, options).value());
    evaluate(*session, golden.tokens().first(6));
    SamplerSettings greedy;
    greedy.temperature = 0;
    const Sampler sampler(greedy);
    int count = 0;
    REQUIRE(
        session->decode(golden.tokens()[6], sampler, nullptr, {}, [&](std::int32_t) { return ++count < 100; }).ok());
    CHECK(count == 4);
    CHECK(session->position() == 10);
    CHECK(session->decode(1, sampler, nullptr, {}, [](std::int32_t) { return true; }).code() ==
          StatusCode::kOutOfRange);
    session->truncate(3);
    std::stop_source source;
    count = 0;
    const Status status = session->decode(5, sampler, nullptr, source.get_token(), [&](std::int32_t) {
        if (++count == 2) source.request_stop();
        return true;
    });
    CHECK(status.code() == StatusCode::kStopped);
    CHECK(count == 2);
    CHECK(session->position() == 5);
}

TEST_CASE("answers: length, the context's end, and settings that the GPU cannot follow") {
    const Golden golden;
    const auto model = tinyOnCard();
    GenerationOptions options;
    options.sampling.temperature = 0;
    options.max_tokens = 5;
    const auto session = sessionOf(model);
    const auto chained = generate(*session, golden.tokens().first(6), options);
    REQUIRE_MESSAGE(chained.ok(), chained.status().message());
    CHECK(chained->finish == FinishReason::kLength);
    CHECK(chained->tokens.size() == 5);
    CHECK(session->position() == 11);  // the last token is computed too
    options.sampling.repetition_window = 4096;
    options.sampling.repetition_penalty = 1.0001f;
    CHECK_FALSE(session->canDecode(options.sampling));
    const auto host = generate(*sessionOf(model), golden.tokens().first(6), options);
    REQUIRE(host.ok());
    CHECK(host->tokens == chained->tokens);

    SessionOptions small;
    small.context = 8;
    const auto full = generate(**Session::create(model, small), golden.tokens().first(6), options);
    REQUIRE(full.ok());
    CHECK(full->finish == FinishReason::kContextFull);
    CHECK(full->tokens.size() == 3);
}
