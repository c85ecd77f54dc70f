// Models larger than the GPU: some experts on it, the others computed by the CPU. If these fail, such models
// answer wrongly, or the inspector shows experts where they are not.

#include <bit>
#include <chrono>
#include <thread>

#include "engine/backend/cuda/expert_cache.h"
#include "engine/backend/cuda/session_memory.h"
#include "tests/cuda_backend/emulated_model.h"

#if defined(MOESCOPE_CUDA_EMULATION)
#include "tests/cuda_emulation/runtime.h"
#endif

using namespace moescope;

namespace {

/// A limit under which about `experts` of the tiny model's 24 have a place.
std::uint64_t limitFor(int experts) {
    const auto whole = tinyOnCard();
    BackendSessionOptions options{whole->config().context_length, KvType::kF32, 512};
    const SessionBytes session = sessionBytes(whole->config(), blasNeeds(whole->matrices()), options);
    PlacementSizes sizes = placementSizes(whole->config(), whole->matrices(), cudaPackedBytes);
    return sizes.always + session.cache + session.workspace + exchangeBytes(whole->matrices()) +
           sizes.expert_bytes[0] * static_cast<std::uint64_t>(experts);
}

int onCard(const RoutingLog& log) {
    int count = 0;
    for (std::size_t t = 0; t < log.size(); ++t) {
        for (int l = 0; l < log.shape().moe_layers; ++l) count += std::popcount(log.at(t, l).on_card);
    }
    return count;
}

}  // namespace

TEST_CASE("with room for some experts, logits and routing are the golden ones") {
    const Golden golden;
    const auto tokens = golden.tokens();
    for (const int experts : {0, 3, 12, 22}) {
        CAPTURE(experts);
        const auto model = tinyOnCard(limitFor(experts));
        CHECK(model->backend().placement().find(std::to_string(experts) + " of 24 routed experts") !=
              std::string::npos);
        CHECK(model->backend().name().find(" + CPU") != std::string::npos);
        const Run at_once = evaluate(*sessionOf(model), tokens);
        checkAgainst(golden, at_once);
        checkAgainst(golden, evaluate(*sessionOf(model, 7), tokens));
        const Run one_by_one = evaluate(*sessionOf(model), tokens, 1);
        checkAgainst(golden, one_by_one);
        const int all = static_cast<int>(tokens.size()) * 3 * 3;
        if (experts == 0) {
            CHECK(onCard(one_by_one.log) == 0);
        } else {
            CHECK(onCard(one_by_one.log) > 0);
            CHECK(onCard(one_by_one.log) < all);
        }
    }
}

TEST_CASE("experts that are used come to the GPU, and answers stay right meanwhile") {
    const Golden golden;
#if defined(MOESCOPE_CUDA_EMULATION)
    bool pinned = true;
    SUBCASE("from pinned memory") {}
    SUBCASE("by way of a buffer, where memory cannot be pinned") {
        pinned = false;
    }
    cuda_emulation::machine().registers = pinned;
    const std::size_t before = cuda_emulation::pinnedBytes();
#endif
    const auto model = tinyOnCard(limitFor(6));  // two of eight a layer
#if defined(MOESCOPE_CUDA_EMULATION)
    cuda_emulation::machine().registers = true;
    CHECK((cuda_emulation::pinnedBytes() - before >= 24 * exchangeBytes(model->matrices())) == pinned);
    CHECK((model->backend().placement().find("straight from there") != std::string::npos) == pinned);
    CHECK((model->backend().placement().find("could not be pinned") != std::string::npos) == !pinned);
#endif
    const auto session = sessionOf(model);
    // One expert is forced in each layer that has no place at first.
    RouterRules rules;
    rules.all.experts_used = 1;
    rules.all.forced = {7};
    REQUIRE(session->setRouterRules(rules).ok());
    const auto token = golden.tokens().first(1);
    const std::vector<float> expected = evaluate(*session, token).logits;
    int arrived = -1;
    for (int i = 0; i < 400 && arrived < 0; ++i) {
        session->truncate(0);
        const Run run = evaluate(*session, token);
        CHECK(relativeError(expected, run.logits) <= 1e-5);
        if (onCard(run.log) == 3) arrived = i;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    CHECK(arrived > 0);
}

TEST_CASE("a token with experts beside the GPU is a few graphs, with the same bits, whatever is wanted of it") {
    const Golden golden;
    const auto tokens = golden.tokens();
    // Without a place for any expert nothing is exchanged, so that the same is computed in the same places.
    const auto model = tinyOnCard(limitFor(0));
    const auto session = sessionOf(model);
    const Run first = evaluate(*session, tokens.first(1));  // launched one by one
#if defined(MOESCOPE_CUDA_EMULATION)
    const std::uint64_t before = cuda_emulation::graphLaunches();
#endif
    session->truncate(0);
    const Run again = evaluate(*session, tokens.first(1));
#if defined(MOESCOPE_CUDA_EMULATION)
    CHECK(cuda_emulation::graphLaunches() - before == 2 * 3 + 1);
#endif
    CHECK(again.logits == first.logits);
    for (int l = 0; l < 3; ++l) {
        CHECK(again.log.at(0, l).experts == first.log.at(0, l).experts);
        CHECK(again.log.at(0, l).routed_norm == first.log.at(0, l).routed_norm);
    }
    // Without logits, then without records.
    RoutingLog log(model->config().routingShape());
    REQUIRE(session->evaluate(tokens.subspan(1, 1), LogitsWanted::kNone, &log, Phase::kDecode, {}).ok());
    CHECK(session->logits().empty());
    REQUIRE(session->evaluate(tokens.subspan(2, 1), LogitsWanted::kLast, nullptr, Phase::kDecode, {}).ok());
    const std::size_t vocabulary = static_cast<std::size_t>(model->config().vocabulary);
    CHECK(relativeError(golden.logits().subspan(2 * vocabulary, vocabulary), session->logits()) <= 1e-3);
    // Other rules, which other graphs are recorded for; and back.
    RouterRules rules;
    rules.all.experts_used = 5;
    REQUIRE(session->setRouterRules(rules).ok());
    CHECK(evaluate(*session, tokens.subspan(3, 1)).log.at(0, 1).count == 5);
    REQUIRE(session->setRouterRules({}).ok());
    session->truncate(0);
    CHECK(evaluate(*session, tokens.first(1)).logits == first.logits);
    // A stop between two layers.
    std::stop_source stop;
    stop.request_stop();
    CHECK(session->evaluate(tokens.subspan(1, 1), LogitsWanted::kLast, nullptr, Phase::kDecode, stop.get_token())
              .code() == StatusCode::kStopped);
    session->truncate(0);
    checkAgainst(golden, evaluate(*session, tokens, 1));
}

#if defined(MOESCOPE_CUDA_EMULATION)
TEST_CASE("all memory comes back, the pinned too") {
    const std::uint64_t limit = limitFor(6);
    const std::size_t card = cuda_emulation::allocatedBytes(), pinned = cuda_emulation::pinnedBytes();
    sessionOf(tinyOnCard(limit));
    CHECK(cuda_emulation::allocatedBytes() == card);
    CHECK(cuda_emulation::pinnedBytes() == pinned);
}
#endif

TEST_CASE("what is worth an exchange") {
    ExpertScores scores(4);
    const std::vector<std::int32_t> slots = {0, 1, -1, -1};
    std::vector<std::uint8_t> busy(4, 0);
    CHECK(worthwhile(scores, slots, busy).in == -1);
    scores.use(3);
    scores.use(3);
    scores.use(0);
    Exchange e = worthwhile(scores, slots, busy);
    CHECK(e.in == 3);
    CHECK(e.out == 1);
    busy[3] = 1;
    CHECK(worthwhile(scores, slots, busy).in == -1);
    // Frequent long ago loses to lately: after two half-lives four uses are worth one.
    ExpertScores faded(2);
    for (int i = 0; i < 4; ++i) faded.use(0);
    for (int i = 0; i < 128; ++i) faded.age();
    CHECK(faded.score(0) == doctest::Approx(1.0));
    faded.use(1);
    faded.use(1);
    faded.use(1);
    const std::vector<std::int32_t> first = {0, -1};
    CHECK(worthwhile(faded, first, std::vector<std::uint8_t>(2, 0)).in == 1);
    // The unit that grows does not overflow.
    for (int i = 0; i < 100000; ++i) faded.age();
    faded.use(0);
    CHECK(faded.score(0) == doctest::Approx(1.0));
    CHECK(faded.score(1) == doctest::Approx(0.0));
}
