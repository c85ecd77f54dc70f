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
    CHECK(agreement(log, {0, 2}, log, {1, 3}, 0) == Approx(0.5));  // {0,1}:{0,2} share one, {0,2}:{1,0} one
    CHECK(agreement(log, allTokens(log), log, allTokens(log), 0) == 1);
    CHECK(margin(log.at(0, 0)) == Approx(0.125));
    CHECK(sharedRatio(log.at(0, 0)) == Approx(1.5));
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
