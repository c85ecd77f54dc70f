// If these fail, the probabilities that others are told are not the model's.

#include <doctest/doctest.h>

#include <cmath>

#include "engine/sampling/log_probabilities.h"

using namespace moescope;

TEST_CASE("log-probabilities are those of softmax, also of logits that overflow it") {
    const std::vector<float> logits = {std::log(1.0f), std::log(2.0f), std::log(5.0f)};
    CHECK(logSumExp(logits) == doctest::Approx(std::log(8.0)));
    CHECK(scoreOf(logits, 1, 0).log_probability == doctest::Approx(std::log(2.0 / 8)));
    const std::vector<float> large = {1000, 999};
    CHECK(scoreOf(large, 1, 0).log_probability == doctest::Approx(-1 - std::log(1 + std::exp(-1.0))));
}

TEST_CASE("the best come first, ties by id, and what has no share is left out") {
    const std::vector<float> logits = {1, 3, -INFINITY, 3, NAN, 2};
    const TokenScore score = scoreOf(logits, 0, 6);
    std::vector<std::int32_t> ids;
    for (const auto& [id, value] : score.best) ids.push_back(id);
    CHECK(ids == std::vector<std::int32_t>{1, 3, 5, 0});
    CHECK(scoreOf(logits, 0, 2).best.size() == 2);
    CHECK(scoreOf(logits, 0, 99).best.size() == 4);
    CHECK(scoreOf(logits, 0, 0).best.empty());
}
