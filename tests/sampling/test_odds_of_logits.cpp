// If these fail, what a model is said to have weighed is not what it weighed.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "engine/sampling/odds.h"

using namespace moescope;

namespace {

/// The same in double precision, by sorting.
TokenOdds reference(const std::vector<float>& logits, std::int32_t chosen) {
    std::vector<std::int32_t> order;
    for (std::size_t i = 0; i < logits.size(); ++i) order.push_back(static_cast<std::int32_t>(i));
    const auto at = [&](std::int32_t id) { return static_cast<double>(logits[static_cast<std::size_t>(id)]); };
    const auto value = [&](std::int32_t id) { return std::isnan(at(id)) ? -INFINITY : at(id); };
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return value(a) > value(b); });
    double total = 0, entropy = 0;
    for (const std::int32_t id : order) total += std::exp(value(id) - value(order[0]));
    for (const std::int32_t id : order) {
        const double p = std::exp(value(id) - value(order[0])) / total;
        if (p > 0) entropy -= p * std::log2(p);
    }
    TokenOdds odds;
    for (; odds.count < TokenOdds::kMost && odds.count < static_cast<int>(order.size()); ++odds.count) {
        const auto i = static_cast<std::size_t>(odds.count);
        if (value(order[i]) == -INFINITY) break;
        odds.tokens[i] = order[i];
        odds.probabilities[i] = static_cast<float>(std::exp(value(order[i]) - value(order[0])) / total);
    }
    odds.entropy = static_cast<float>(entropy);
    odds.rank = static_cast<std::int32_t>(std::find(order.begin(), order.end(), chosen) - order.begin());
    odds.probability = static_cast<float>(std::exp(value(chosen) - value(order[0])) / total);
    return odds;
}

void checkSame(const std::vector<float>& logits, std::int32_t chosen) {
    const TokenOdds odds = oddsOf(logits, chosen), expected = reference(logits, chosen);
    REQUIRE(odds.count == expected.count);
    CHECK(odds.tokens == expected.tokens);
    CHECK(odds.rank == expected.rank);
    for (std::size_t i = 0; i < TokenOdds::kMost; ++i)
        CHECK(std::abs(odds.probabilities[i] - expected.probabilities[i]) < 1e-5);
    CHECK(std::abs(odds.probability - expected.probability) < 1e-5);
    CHECK(std::abs(odds.entropy - expected.entropy) < 1e-4);
}

}  // namespace

TEST_CASE("the odds agree with double precision, whatever the vocabulary and how sure the model is") {
    std::mt19937 random(11);
    for (const std::size_t vocabulary : {1u, 2u, 4u, 5u, 6u, 31u, 32u, 33u, 2048u, 102400u}) {
        for (const float scale : {0.0f, 0.1f, 3.0f, 12.0f}) {
            std::normal_distribution<float> normal(-2, std::max(scale, 0.01f));
            std::vector<float> logits(vocabulary);
            for (float& logit : logits) logit = scale == 0 ? 1.5f : normal(random);
            for (int i = 0; i < 4; ++i) checkSame(logits, static_cast<std::int32_t>(random() % vocabulary));
            const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
            checkSame(logits, static_cast<std::int32_t>(best));
            if (vocabulary < 6) continue;
            // Equal ones, and such as are no numbers.
            logits[1] = logits[3] = logits[5];
            logits[0] = NAN;
            logits[2] = -INFINITY;
            for (const std::int32_t chosen : {1, 2, 3, 4, 5}) checkSame(logits, chosen);
        }
    }
}

TEST_CASE("nothing is said of logits that are no numbers") {
    CHECK_FALSE(oddsOf({}, 0).known());
    CHECK_FALSE(oddsOf(std::vector<float>{1, 2}, 2).known());
    CHECK_FALSE(oddsOf(std::vector<float>{1, 2}, -1).known());
    CHECK_FALSE(oddsOf(std::vector<float>{NAN, -INFINITY}, 0).known());
    CHECK_FALSE(oddsOf(std::vector<float>{1, INFINITY}, 0).known());
    CHECK(oddsOf(std::vector<float>{NAN, 1}, 0).probability == 0);
    const auto changed = withChoice(oddsOf(std::vector<float>{1, 3, 2}, 0), 2);
    REQUIRE(changed);
    CHECK(*changed == oddsOf(std::vector<float>{1, 3, 2}, 2));
    CHECK_FALSE(withChoice(oddsOf(std::vector<float>{1, 3, 2}, 0), 7));
}
