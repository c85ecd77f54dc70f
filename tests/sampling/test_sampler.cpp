// If these fail, answers repeat, ramble, or differ from run to run.

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "engine/sampling/sampler.h"

using namespace moescope;

namespace {

SamplerSettings plain() {
    SamplerSettings s;
    s.temperature = 1;
    s.top_k = 0;
    s.top_p = 1;
    s.min_p = 0;
    return s;
}

std::map<std::int32_t, int> draw(const SamplerSettings& settings, const std::vector<float>& logits, int times) {
    Sampler sampler(settings);
    std::map<std::int32_t, int> counts;
    for (int i = 0; i < times; ++i) ++counts[*sampler.sample(logits)];
    return counts;
}

}  // namespace

TEST_CASE("temperature 0 takes the best, ties the lower id") {
    SamplerSettings s;
    s.temperature = 0;
    CHECK(*Sampler(s).sample(std::vector<float>{1, 3, 2, 3}) == 1);
}

TEST_CASE("draws follow the probabilities") {
    const std::vector<float> logits = {std::log(1.0f), std::log(2.0f), std::log(5.0f)};
    const auto counts = draw(plain(), logits, 80'000);
    // Standard deviation of the largest count is 137; five of them.
    CHECK(std::abs(counts.at(0) - 10'000) < 700);
    CHECK(std::abs(counts.at(1) - 20'000) < 700);
    CHECK(std::abs(counts.at(2) - 50'000) < 700);
}

TEST_CASE("each limit leaves the tokens that it should") {
    const std::vector<float> logits = {std::log(0.4f), std::log(0.3f), std::log(0.2f), std::log(0.1f)};
    const auto kept = [&](SamplerSettings s) { return draw(s, logits, 2000).size(); };
    SamplerSettings s = plain();
    CHECK(kept(s) == 4);
    s.top_k = 2;
    CHECK(kept(s) == 2);
    s = plain();
    s.top_p = 0.65f;  // 0.4 + 0.3 crosses it
    CHECK(kept(s) == 2);
    s = plain();
    s.min_p = 0.45f;  // 0.18: 0.2 stays, 0.1 goes
    CHECK(kept(s) == 3);
    s = plain();
    s.top_p = 0;
    CHECK(kept(s) == 1);
}

TEST_CASE("the penalty lowers what was said") {
    SamplerSettings s;
    s.temperature = 0;
    s.repetition_penalty = 2;
    Sampler sampler(s);
    sampler.accept(0);
    CHECK(*sampler.sample(std::vector<float>{3, 2}) == 1);
    CHECK(*sampler.sample(std::vector<float>{-1, -1.5f}) == 1);
    s.repetition_window = 1;
    Sampler forgetful(s);
    forgetful.accept(0);
    forgetful.accept(1);
    CHECK(*forgetful.sample(std::vector<float>{3, 2}) == 0);
}

TEST_CASE("presence and frequency look at the answer, and not at the prompt") {
    SamplerSettings s;
    s.temperature = 0;
    s.presence_penalty = 0.5f;
    Sampler presence(s);
    presence.accept(0);
    CHECK(*presence.sample(std::vector<float>{3, 2.8f}) == 0);
    presence.acceptAnswer(0);
    CHECK(*presence.sample(std::vector<float>{3, 2.8f}) == 1);
    presence.acceptAnswer(0);  // counts once
    CHECK(*presence.sample(std::vector<float>{3, 2.4f}) == 0);
    s.presence_penalty = 0;
    s.frequency_penalty = 0.5f;
    Sampler frequency(s);
    frequency.acceptAnswer(0);
    CHECK(*frequency.sample(std::vector<float>{3, 2.4f}) == 0);
    frequency.acceptAnswer(0);
    CHECK(*frequency.sample(std::vector<float>{3, 2.4f}) == 1);
    s.frequency_penalty = -0.5f;
    Sampler fond(s);
    fond.acceptAnswer(1);
    CHECK(*fond.sample(std::vector<float>{3, 2.8f}) == 1);
}

TEST_CASE("a bias moves a token, and ids that are not there none") {
    SamplerSettings s;
    s.temperature = 0;
    s.logit_bias = {{1, 5.0f}, {7, 100.0f}, {-1, 100.0f}};
    CHECK(*Sampler(s).sample(std::vector<float>{3, -1, 2}) == 1);
    CHECK(*Sampler(s).sample(std::vector<float>{NAN, -1, 2}) == 1);
    s.logit_bias = {{0, -100.0f}};
    CHECK(*Sampler(s).sample(std::vector<float>{3, -1, 2}) == 2);
    s.temperature = 1;
    CHECK(draw(s, {3, -1, 2}, 1000).count(0) == 0);
}

TEST_CASE("the same seed gives the same tokens, another one others") {
    const std::vector<float> logits(100, 0.0f);
    const auto sequence = [&](std::uint64_t seed) {
        SamplerSettings s = plain();
        s.seed = seed;
        Sampler sampler(s);
        std::vector<std::int32_t> tokens;
        for (int i = 0; i < 50; ++i) tokens.push_back(*sampler.sample(logits));
        return tokens;
    };
    CHECK(sequence(0) == sequence(0));
    CHECK(sequence(7) == sequence(7));
    CHECK(sequence(0) != sequence(7));
}

TEST_CASE("what is not a number is never chosen, and nothing else is an error") {
    SamplerSettings s;
    s.temperature = 0;
    CHECK(*Sampler(s).sample(std::vector<float>{NAN, 1, INFINITY, -INFINITY}) == 1);
    CHECK_FALSE(Sampler(s).sample(std::vector<float>{NAN, NAN}).ok());
    CHECK_FALSE(Sampler(s).sample(std::vector<float>{}).ok());
}

TEST_CASE("settings out of range are named") {
    SamplerSettings s;
    CHECK(validate(s).ok());
    s.temperature = -1;
    CHECK(validate(s).message().find("temperature") != std::string::npos);
    s = {};
    s.top_p = NAN;
    CHECK_FALSE(validate(s).ok());
    s = {};
    s.repetition_penalty = 0;
    CHECK_FALSE(validate(s).ok());
}
