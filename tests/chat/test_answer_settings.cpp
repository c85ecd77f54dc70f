// If these fail, an answer is made with other settings than were chosen, or what was stored with it says others.

#include <doctest/doctest.h>

#include "app/chat/answer_settings.h"
#include "engine/base/compute_choice.h"
#include "engine/base/finish_reason.h"
#include "engine/routing/rules_text.h"

using namespace moescope;

namespace {

RouterRules rulesOf(std::string_view text) {
    const auto rules = parseRules(text);
    REQUIRE(rules.ok());
    return *rules;
}

}  // namespace

TEST_CASE("whether the model thinks is kept where it was chosen, and else left to its template") {
    AnswerSettings settings;
    CHECK(settings.toJson().find("thinking") == std::string::npos);
    for (const bool thinks : {false, true}) {
        settings.thinking = thinks;
        CHECK(AnswerSettings::fromJson(settings.toJson()) == settings);
    }
    CHECK_FALSE(AnswerSettings::fromJson(R"({"thinking": 1})").thinking);
}

TEST_CASE("settings come back from their JSON") {
    AnswerSettings s;
    CHECK(AnswerSettings::fromJson(s.toJson()) == s);
    CHECK(s.toJson() == R"({"temperature":0.7,"top_k":40,"top_p":0.95,"min_p":0.05,"repetition_penalty":1.0,"seed":0,)"
                        R"("random_seed":true,"max_tokens":1024,"context_policy":"drop_oldest"})");
    s.temperature = 1.25;
    s.top_k = 7;
    s.top_p = 0.5;
    s.min_p = 0.125;
    s.repetition_penalty = 1.1;
    s.random_seed = false;
    s.max_tokens = 99;
    s.context_policy = ContextPolicy::kAsk;
    s.rules = rulesOf("k 4; mask 12: 3 5; scale 1.5");
    s.stop = {"\n\n", "。"};
    for (const std::uint64_t seed :
         {std::uint64_t{0}, std::uint64_t{1} << 53, (std::uint64_t{1} << 53) + 1, ~std::uint64_t{0}}) {
        s.seed = seed;
        CHECK(AnswerSettings::fromJson(s.toJson()) == s);
    }
}

TEST_CASE("what others wrote is read as far as it is understood") {
    const AnswerSettings fresh;
    for (const char* odd : {"", "{", "[]", "7", "null", "{}", R"({"temperature": "hot", "top_k": true, "seed": -5,
         "random_seed": 1, "context_policy": "burn", "max_tokens": null, "rules": {"k": 2}, "top_p": [1], "stop": "x"})",
                            R"({"seed": "12x", "rules": "dance 4", "unknown": {}})"}) {
        CAPTURE(odd);
        CHECK(AnswerSettings::fromJson(odd) == fresh);
    }
    AnswerSettings defaults;
    defaults.top_k = 3;
    defaults.rules = rulesOf("k 2");
    CHECK(AnswerSettings::fromJson(R"({"top_p": 0.5})", defaults).top_k == 3);
    CHECK(AnswerSettings::fromJson(R"({"top_p": 0.5})", defaults).rules == defaults.rules);
    CHECK(AnswerSettings::fromJson(R"({"stop": ["a", 7, "", "b"]})").stop == std::vector<std::string>{"a", "b"});
    // As other programs export it: a seed of 64 bits as a number.
    CHECK(AnswerSettings::fromJson(R"({"seed": 18446744073709551615})").seed == ~std::uint64_t{0});
    CHECK(AnswerSettings::fromJson(R"({"seed": 1e30})").seed == ~std::uint64_t{0});
    CHECK(AnswerSettings::fromJson(R"({"seed": 12.0})").seed == 12);
}

TEST_CASE("what is out of range is clamped") {
    const auto low = AnswerSettings::fromJson(
        R"({"temperature": -1, "top_k": -1, "top_p": -1, "min_p": -1, "repetition_penalty": 0, "max_tokens": 0})");
    CHECK(low.temperature == 0);
    CHECK(low.top_k == 0);
    CHECK(low.top_p == 0);
    CHECK(low.min_p == 0);
    CHECK(low.repetition_penalty == 0.5);
    CHECK(low.max_tokens == 1);
    const auto high = AnswerSettings::fromJson(
        R"({"temperature": 1e300, "top_k": 1e300, "top_p": 2, "min_p": 2, "repetition_penalty": 9, "max_tokens": 1e12})");
    CHECK(high.temperature == 5);
    CHECK(high.top_k == 100'000);
    CHECK(high.top_p == 1);
    CHECK(high.min_p == 1);
    CHECK(high.repetition_penalty == 2);
    CHECK(high.max_tokens == 1 << 20);
}

TEST_CASE("rules are changed without the rest") {
    const std::string own = R"({"a":1,"rules":"k 2","temperature":0.25})";
    CHECK(rulesIn(own) == rulesOf("k 2"));
    CHECK(withRules(own, rulesOf("k 4")) == R"({"a":1,"temperature":0.25,"rules":"k 4"})");
    CHECK(withRules(own, {}) == R"({"a":1,"temperature":0.25})");
    CHECK(withRules("", rulesOf("k 4")) == R"({"rules":"k 4"})");
    CHECK(rulesIn("{}") == RouterRules());
    CHECK(rulesIn(R"({"rules": "of a newer program"})") == RouterRules());
    CHECK_FALSE(hasAnswerSettings(R"({"rules": "k 4"})"));
    CHECK_FALSE(hasAnswerSettings("{}"));
    CHECK(hasAnswerSettings(own));
    CHECK(hasSeed(R"({"seed": 0})"));
    CHECK_FALSE(hasSeed(own));
    // Texts of others may be no UTF-8.
    CHECK(withRules("{\"note\": \"\\ud83d\\ude00\"}", {}) == "{\"note\":\"😀\"}");
}

TEST_CASE("every value of a table has a name that gives it back") {
    for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8_0}) CHECK(parseKvType(kvTypeName(type)) == type);
    CHECK_FALSE(parseKvType("f64"));
    for (const auto policy : {ContextPolicy::kStop, ContextPolicy::kDropOldest, ContextPolicy::kAsk}) {
        CHECK(parseContextPolicy(contextPolicyName(policy)) == policy);
    }
    CHECK_FALSE(parseContextPolicy(""));
    for (const DeviceChoice& choice :
         {DeviceChoice(), DeviceChoice{BackendChoice::kCpu, -1}, DeviceChoice{BackendChoice::kCuda, -1},
          DeviceChoice{BackendChoice::kCuda, 0}, DeviceChoice{BackendChoice::kCuda, 999}}) {
        CHECK(parseDeviceChoice(deviceChoiceName(choice)) == choice);
    }
    for (const char* bad : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1000", "cuda: 1", "cuda:1 ", "CPU"}) {
        CAPTURE(bad);
        CHECK_FALSE(parseDeviceChoice(bad));
    }
    for (int i = 0; i <= static_cast<int>(FinishReason::kError); ++i) {
        const auto reason = static_cast<FinishReason>(i);
        CHECK((reason == FinishReason::kUnfinished || !finishReasonName(reason).empty()));
        CHECK(parseFinish(finishReasonName(reason)) == Finish{reason, {}});
    }
    CHECK(parseFinish("The disk is full.") == Finish{FinishReason::kError, "The disk is full."});
    CHECK(mayContinue(FinishReason::kLength));
    CHECK_FALSE(mayContinue(FinishReason::kEndOfText));
    CHECK_FALSE(mayContinue(FinishReason::kError));
}
