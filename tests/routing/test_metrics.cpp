// Figures that a researcher reads off the program, against values computed by hand.

#include <doctest/doctest.h>

#include <cmath>

#include "engine/routing/metrics.h"

using namespace moescope;
using doctest::Approx;

namespace {

/// One layer, 4 experts, k = 2, four tokens: {0,1} {0,2} {1,0} {3,0}, gates 0.5 and 0.25.
RoutingLog example() {
    RoutingLog log({1, 1, 4, 2, 1});
    const int chosen[4][2] = {{0, 1}, {0, 2}, {1, 0}, {3, 0}};
    for (int t = 0; t < 4; ++t) {
        LayerRouting r;
        r.count = 2;
        for (std::size_t i = 0; i < 2; ++i) {
            r.experts[i] = chosen[t][i];
            r.gates[i] = r.probabilities[i] = i == 0 ? 0.5f : 0.25f;
        }
        r.runners_up = {2, -1};
        r.runner_up_probabilities = {0.125f, 0};
        r.shared_norm = 3;
        r.routed_norm = 2;
        log.onToken({t, t, Phase::kPrefill, {&r, 1}});
    }
    return log;
}

}  // namespace

TEST_CASE("figures of load, by hand") {
    const RoutingLog log = example();
    const auto counts = expertCounts(log, 0, allTokens(log));
    CHECK(counts == std::vector<double>{4, 2, 1, 1});
    CHECK(load(counts) == std::vector<double>{0.5, 0.25, 0.125, 0.125});
    CHECK(relativeLoad(counts) == std::vector<double>{2, 1, 0.5, 0.5});
    // What is no number stays so, and the others are still to be seen.
    const std::vector<double> broken = relativeLoad(std::vector<double>{1, std::nan(""), 3});
    CHECK(broken[0] == 0.75);
    CHECK(std::isnan(broken[1]));
    CHECK(broken[2] == 2.25);
    // Expert 0 has gates 0.5, 0.5, 0.25, 0.25 over 4 tokens.
    CHECK(gateMass(log, 0, allTokens(log)) == std::vector<double>{0.375, 0.1875, 0.0625, 0.125});
    CHECK(jainIndex(counts) == Approx(64.0 / (4 * 22)));
    CHECK(maxViolation(counts) == Approx(1.0));
    CHECK(variation(counts) == Approx(std::sqrt(6.0 / 4) / 2));
    CHECK(normalisedEntropy(counts) == Approx(1.75 * std::log(2.0) / std::log(4.0)));
    CHECK(neverChosen(counts) == 0);
    CHECK(domainSpecialisation(log, 0, allTokens(log)) == std::vector<double>{1, 0.5, 0.25, 0.25});
}

TEST_CASE("figures of pairs and neighbours, by hand") {
    const RoutingLog log = example();
    const auto pairs = coActivation(log, 0, allTokens(log));
    CHECK(pairs[0 * 4 + 1] == Approx(0.5));
    CHECK(pairs[1 * 4 + 0] == Approx(1.0));
    CHECK(pairs[2 * 4 + 3] == 0);
    CHECK(pairs[3 * 4 + 3] == 1);
    const Repetition r = repetition(log, 0, allTokens(log));
    CHECK(r.first == Approx(1.0 / 3));
    CHECK(r.any == Approx(1.0));
    CHECK(!repeatedExperts(log, 0, 0));
    CHECK(repeatedExperts(log, 1, 0) == 0.5);  // {0,1}, then {0,2}
    CHECK(repeatedExperts(log, 2, 0) == 0.5);
    CHECK(agreement(log, {0, 2}, log, {1, 3}, 0) == Approx(0.5));  // {0,1}:{0,2} share one, {0,2}:{1,0} one
    CHECK(agreement(log, allTokens(log), log, allTokens(log), 0) == 1);
    CHECK(margin(log.at(0, 0)) == Approx(0.125));
    CHECK(sharedRatio(log.at(0, 0)) == Approx(1.5));
}

TEST_CASE("the balance loss term, by hand") {
    const RoutingLog log = example();
    // Known probabilities: 0.5 and 0.25 of the chosen, 0.125 of the runner-up 2 of every token.
    const auto p = meanProbabilities(log, 0, allTokens(log));
    CHECK(p == std::vector<double>{0.375, 0.1875, 0.0625 + 0.125, 0.125});
    // f = N c / (K T) = 2, 1, 0.5, 0.5.
    CHECK(balanceLoss(expertCounts(log, 0, allTokens(log)), p) == Approx(0.75 + 0.1875 + 0.09375 + 0.0625));
    // All on one expert: N; even: 1.
    CHECK(balanceLoss(std::vector<double>{8, 0, 0, 0}, std::vector<double>{1, 0, 0, 0}) == 4);
    CHECK(balanceLoss(std::vector<double>{2, 2, 2, 2}, std::vector<double>(4, 0.25)) == 1);
}

TEST_CASE("ranks and what was never chosen") {
    const std::vector<double> counts = {0, 3, 1, 3, 0};
    CHECK(neverChosenExperts(counts) == std::vector<int>{0, 4});
    CHECK(neverChosen(counts) == 2);
    CHECK(topExperts(counts, 2) == std::vector<int>{1, 3});
    CHECK(topExperts(counts, 9) == std::vector<int>{1, 3, 2});
    CHECK(topExpert(example(), 2, 0) == 1);
}

TEST_CASE("repetition at random is that of Mixtral's table for 64 experts, top 6") {
    CHECK(randomRepetition(64, 6).first == Approx(0.016).epsilon(0.03));
    CHECK(randomRepetition(64, 6).any == Approx(0.460).epsilon(0.001));
    CHECK(randomRepetition(3, 2).any == 1);  // two of three always share one
    CHECK(randomRepetition(4, 4).any == 1);
}

TEST_CASE("flow between layers, by hand") {
    RoutingLog log({1, 2, 3, 2, 0});
    const auto token = [&](std::vector<int> first, std::vector<int> second) {
        std::vector<LayerRouting> layers(2);
        for (const auto& [layer, experts] : {std::pair(&layers[0], first), std::pair(&layers[1], second)}) {
            for (const int e : experts) layer->experts[static_cast<std::size_t>(layer->count++)] = e;
        }
        log.onToken({0, static_cast<int>(log.size()), Phase::kPrefill, layers});
    };
    token({0, 1}, {2});
    token({0}, {1, 2});
    token({2}, {});  // no record in the second layer
    const auto flow = expertFlow(log, 0, 1, allTokens(log));
    CHECK(flow == std::vector<double>{0, 0.5, 1, 0, 0, 0.5, 0, 0, 0});
}

TEST_CASE("vocabulary: shares of the times that a token occurs, rare ones dropped") {
    RoutingLog log({0, 1, 4, 1, 0});
    const int tokens[] = {7, 5, 7, 5, 7, 9}, experts[] = {1, 0, 1, 0, 2, 3};
    for (int t = 0; t < 6; ++t) {
        LayerRouting r;
        r.count = 1;
        r.experts[0] = experts[t];
        log.onToken({tokens[t], t, Phase::kPrefill, {&r, 1}});
    }
    const auto input = vocabularySpecialisation(log, 0, allTokens(log), 2);
    REQUIRE(input.size() == 2);
    CHECK(input[0].token == 5);
    CHECK(input[0].count == 2);
    CHECK(input[0].shares == std::vector<double>{1, 0, 0, 0});
    CHECK(input[1].token == 7);
    CHECK(input[1].shares[1] == Approx(2.0 / 3));
    CHECK(vocabularySpecialisation(log, 0, allTokens(log)).empty());  // 10 by default
    // What came next: 5 after the 7s at 0 and 2, 7 after both 5s, 9 after the last 7.
    const auto next = vocabularySpecialisation(log, 0, allTokens(log), 2, VocabularyToken::kNext);
    REQUIRE(next.size() == 2);
    CHECK(next[0].token == 5);
    CHECK(next[0].shares == std::vector<double>{0, 1, 0, 0});
    CHECK(next[1].token == 7);
    CHECK(next[1].shares == std::vector<double>{1, 0, 0, 0});
}

TEST_CASE("one record, and means over records") {
    const RoutingLog log = example();
    CHECK(gateEntropy(log.at(0, 0)) ==
          Approx(-(2.0 / 3 * std::log(2.0 / 3) + 1.0 / 3 * std::log(1.0 / 3)) / std::log(2.0)));
    CHECK(meanMargin(log, 0, allTokens(log)) == Approx(0.125));
    const SharedRouted norms = sharedAndRouted(log, 0, allTokens(log));
    CHECK(norms.shared == 3);
    CHECK(norms.routed == 2);
    CHECK(norms.ratio == 1.5);
}

TEST_CASE("tokens without a record do not count") {
    RoutingLog log({0, 1, 2, 1, 0});
    for (const int e : {0, -1, 0, 1}) {
        LayerRouting r;
        r.count = e >= 0;
        r.experts[0] = e;
        r.gates[0] = e >= 0 ? 0.5f : 0;
        log.onToken({0, static_cast<int>(log.size()), Phase::kPrefill, {&r, 1}});
    }
    CHECK(gateMass(log, 0, allTokens(log))[0] == Approx(1.0 / 3));
    CHECK(domainSpecialisation(log, 0, allTokens(log))[1] == Approx(1.0 / 3));
    CHECK(repetition(log, 0, allTokens(log)).first == 0);  // of the one pair {0}, {1}
    CHECK(agreement(log, allTokens(log), log, allTokens(log), 0) == 1);
    CHECK(topExpert(log, 1, 0) == -1);
    CHECK(!repeatedExperts(log, 1, 0));
    CHECK(!repeatedExperts(log, 2, 0));
    CHECK(repeatedExperts(log, 3, 0) == 0.0);
    CHECK(gateEntropy(log.at(1, 0)) == 0);
}

TEST_CASE("texts that follow each other are no neighbours") {
    RoutingLog log({0, 1, 2, 1, 0});
    LayerRouting r;
    r.count = 1;
    r.experts[0] = 1;
    for (const int position : {0, 1, 0, 5, 6}) log.onToken({0, position, Phase::kPrefill, {&r, 1}});
    CHECK(repetition(log, 0, allTokens(log)).first == 1);  // of 0, 1 and 5, 6
    CHECK(repetition(log, 0, {1, 4}).any == 0);
    CHECK(!repeatedExperts(log, 2, 0));
    CHECK(repeatedExperts(log, 4, 0) == 1.0);
}

TEST_CASE("ids only: what needs more is 0") {
    RoutingShape shape{0, 1, 4, 1, 0};
    shape.has_gates = shape.has_probabilities = shape.has_runners_up = shape.has_norms = false;
    shape.has_order = shape.has_tokens = false;
    RoutingLog log(shape);
    LayerRouting r;
    r.count = 1;
    r.experts[0] = 3;
    for (int t = 0; t < 3; ++t) log.onToken({-1, t, Phase::kPrefill, {&r, 1}});
    CHECK(expertCounts(log, 0, allTokens(log)) == std::vector<double>{0, 0, 0, 3});
    CHECK(gateMass(log, 0, allTokens(log)) == std::vector<double>(4, 0.0));
    CHECK(meanProbabilities(log, 0, allTokens(log)) == std::vector<double>(4, 0.0));
    CHECK(meanMargin(log, 0, allTokens(log)) == 0);
    CHECK(vocabularySpecialisation(log, 0, allTokens(log), 1).empty());
    const Repetition repeats = repetition(log, 0, allTokens(log));
    CHECK(repeats.first == 0);
    CHECK(repeats.any == 1);
    CHECK(topExpert(log, 0, 0) == -1);
}

TEST_CASE("divergence is 0 for the same and 1 for disjoint distributions") {
    const std::vector<double> p = {0.5, 0.5, 0, 0}, q = {0, 0, 0.25, 0.75};
    CHECK(divergence(p, p) == 0);
    CHECK(divergence(p, q) == Approx(1));
}

TEST_CASE("of nothing every figure is 0") {
    const RoutingLog log({1, 1, 4, 2, 1});
    const auto counts = expertCounts(log, 0, allTokens(log));
    CHECK(jainIndex(counts) == 0);
    CHECK(maxViolation(counts) == 0);
    CHECK(variation(counts) == 0);
    CHECK(normalisedEntropy(counts) == 0);
    CHECK(neverChosen(counts) == 4);
    CHECK(repetition(log, 0, allTokens(log)).any == 0);
    CHECK(agreement(log, {}, log, {}, 0) == 0);
    CHECK(gateMass(log, 0, allTokens(log)) == std::vector<double>(4, 0.0));
    CHECK(margin({}) == 0);
    CHECK(sharedRatio({}) == 0);
}
