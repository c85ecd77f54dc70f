// If these fail, other experts run than the model or the user asked for.

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/routing/router_rules.h"
#include "kernels/router.h"

using namespace moescope;
using doctest::Approx;

namespace {

RouterChoice choose(const RouterParameters& rules, const std::vector<float>& logits) {
    std::vector<float> probabilities(logits.size());
    RouterChoice choice;
    route(rules, logits.data(), probabilities.data(), choice);
    return choice;
}

RouterParameters parameters(int experts, int used) {
    RouterParameters p;
    p.experts = experts;
    p.used = used;
    return p;
}

}  // namespace

TEST_CASE("softmax over all, then the best k, not renormalised") {
    const float a = std::log(1.0f), b = std::log(2.0f), c = std::log(4.0f), d = std::log(3.0f);
    const RouterChoice choice = choose(parameters(4, 2), {a, b, c, d});
    REQUIRE(choice.count == 2);
    CHECK(choice.experts[0] == 2);
    CHECK(choice.experts[1] == 3);
    CHECK(choice.gates[0] == Approx(0.4));
    CHECK(choice.gates[1] == Approx(0.3));
    CHECK(choice.runners_up[0] == 1);
    CHECK(choice.runner_up_probabilities[0] == Approx(0.2));
    CHECK(choice.runners_up[1] == 0);
}

TEST_CASE("renormalising and scaling change gates, not probabilities") {
    RouterParameters p = parameters(4, 2);
    p.renormalise = true;
    p.scale = 16;
    const RouterChoice choice = choose(p, {0, 0, std::log(3.0f), 0});
    CHECK(choice.gates[0] + choice.gates[1] == Approx(16));
    CHECK(choice.probabilities[0] == Approx(0.5));
}

TEST_CASE("ties go to the lower id") {
    const RouterChoice choice = choose(parameters(6, 3), {1, 2, 1, 1, 2, 1});
    CHECK(choice.experts[0] == 1);
    CHECK(choice.experts[1] == 4);
    CHECK(choice.experts[2] == 0);
    CHECK(choice.runners_up[0] == 2);
}

TEST_CASE("masked experts are left out, forced ones are in") {
    RouterParameters p = parameters(4, 2);
    const std::vector<std::uint8_t> masked = {0, 0, 1, 0}, forced = {1, 0, 0, 0};
    p.masked = masked.data();
    p.forced = forced.data();
    const RouterChoice choice = choose(p, {-5, 1, 9, 2});
    CHECK(choice.experts[0] == 3);
    CHECK(choice.experts[1] == 0);
    CHECK(choice.runners_up[0] == 1);
    CHECK(choice.runners_up[1] == -1);
}

TEST_CASE("the likeliest experts of a token can be masked") {
    RouterParameters p = parameters(6, 2);
    p.masked_top = 2;
    RouterChoice choice = choose(p, {1, 5, 3, 4, 2, 0});  // by probability: 1 3 2 4 0 5
    CHECK(choice.count == 2);
    CHECK(choice.experts[0] == 2);
    CHECK(choice.experts[1] == 4);
    CHECK(choice.runners_up[0] == 0);
    CHECK(choice.runners_up[1] == 5);
    // Probabilities stay those over all experts.
    CHECK(choice.gates[0] ==
          Approx(std::exp(3) / (1 + std::exp(1) + std::exp(2) + std::exp(3) + std::exp(4) + std::exp(5))));
    // Ties: the lower ids are masked first, as they would be chosen first.
    choice = choose(p, {1, 1, 1, 1, 1, 1});
    CHECK(choice.experts[0] == 2);
    CHECK(choice.experts[1] == 3);
    // What is masked by name is gone already; what is forced stays and is not counted.
    const std::vector<std::uint8_t> masked = {0, 1, 0, 0, 0, 0}, forced = {0, 0, 0, 1, 0, 0};
    p.masked = masked.data();
    p.forced = forced.data();
    choice = choose(p, {1, 5, 3, 4, 2, 0});  // left for the top: 2 4 0 5
    CHECK(choice.experts[0] == 3);
    CHECK(choice.experts[1] == 0);
    CHECK(choice.runners_up[0] == 5);
    CHECK(choice.runners_up[1] == -1);
    // NaN ranks last, so it is masked last; more than there are leaves nothing.
    p = parameters(3, 1);
    p.masked_top = 2;
    choice = choose(p, {NAN, NAN, NAN});
    CHECK(choice.count == 1);
    CHECK(choice.experts[0] == 2);
    p.masked_top = 9;
    CHECK(choose(p, {1, 2, 3}).count == 0);
}

TEST_CASE("a group is as good as its best expert that is not masked") {
    RouterParameters p = parameters(6, 2);
    p.groups = 3;
    p.groups_used = 1;
    p.masked_top = 1;
    // Without the likeliest (5), its group has only 4; the group of 0 and 1 is better then.
    const RouterChoice choice = choose(p, {3, 2, 0, 0, 1, 9});
    CHECK(choice.experts[0] == 0);
    CHECK(choice.experts[1] == 1);
}

TEST_CASE("all experts, one expert, NaN") {
    CHECK(choose(parameters(3, 3), {1, 2, 3}).runners_up[0] == -1);
    CHECK(choose(parameters(1, 1), {5}).gates[0] == 1.0f);
    const RouterChoice choice = choose(parameters(3, 2), {NAN, NAN, NAN});
    CHECK(choice.count == 2);
    CHECK(choice.experts[0] == 0);
    CHECK(std::isnan(choice.gates[0]));
}

TEST_CASE("sigmoid gates") {
    RouterParameters p = parameters(2, 1);
    p.function = GateFunction::kSigmoid;
    CHECK(choose(p, {0, -1}).gates[0] == Approx(0.5));
}

TEST_CASE("only the best groups are searched") {
    RouterParameters p = parameters(8, 2);
    p.groups = 4;
    p.groups_used = 1;
    // Group 3 (experts 6, 7) holds the best; 5 is better than 6, but its group is not used.
    const RouterChoice choice = choose(p, {0, 0, 0, 0, 0, 4, 1, 5});
    CHECK(choice.experts[0] == 7);
    CHECK(choice.experts[1] == 6);
}

TEST_CASE("a bias chooses, and the gate is the score without it") {
    RouterParameters p = parameters(4, 2);
    p.function = GateFunction::kSigmoid;
    const std::vector<float> bias = {-0.9f, 0, 0.4f, 0};
    p.bias = bias.data();
    // Scores 0.5, 0.75, 0.25, 0.2: with the bias -0.4, 0.75, 0.65, 0.2.
    const RouterChoice choice = choose(p, {0, std::log(3.0f), -std::log(3.0f), -std::log(4.0f)});
    REQUIRE(choice.count == 2);
    CHECK(choice.experts[0] == 1);
    CHECK(choice.experts[1] == 2);
    CHECK(choice.gates[0] == Approx(0.75));
    CHECK(choice.gates[1] == Approx(0.25));
    CHECK(choice.probabilities[1] == Approx(0.25));
    CHECK(choice.selections[1] == Approx(0.65));
    CHECK(choice.runners_up[0] == 3);
    CHECK(choice.runner_up_probabilities[0] == Approx(0.2));
    CHECK(choice.runners_up[1] == 0);
    CHECK(choice.runner_up_probabilities[1] == Approx(0.5));
    CHECK(choice.runner_up_selections[1] == Approx(-0.4));

    p.masked_top = 1;  // by what the choice goes by
    const RouterChoice without = choose(p, {0, std::log(3.0f), -std::log(3.0f), -std::log(4.0f)});
    CHECK(without.experts[0] == 2);
    CHECK(without.experts[1] == 3);
}

TEST_CASE("groups by their two best, also where scores are negative") {
    RouterParameters p = parameters(6, 2);
    p.groups = 3;
    p.groups_used = 1;
    p.function = GateFunction::kSigmoid;
    const std::vector<float> bias(6, -2.0f);
    p.bias = bias.data();
    const auto logit = [](float score) { return std::log(score / (1 - score)); };
    const std::vector<float> logits = {logit(0.9f), logit(0.1f), logit(0.6f), logit(0.6f), logit(0.2f), logit(0.2f)};
    CHECK(choose(p, logits).experts[0] == 0);  // by the best: group 0
    p.group_score = GroupScore::kTwoBest;
    RouterChoice choice = choose(p, logits);
    REQUIRE(choice.count == 2);
    CHECK(choice.experts[0] == 2);
    CHECK(choice.experts[1] == 3);
    CHECK(choice.runners_up[0] == -1);  // experts of other groups could not have been chosen
    // One that is masked is none of the two best: group 1 then counts 0.6 twice, and is no better for being smaller.
    std::vector<std::uint8_t> masked = {0, 0, 1, 0, 0, 0};
    p.masked = masked.data();
    p.used = 1;
    CHECK(choose(p, logits).experts[0] == 3);
    // A group of which all are masked is worth nothing, however low the others are.
    masked = {1, 1, 1, 1, 0, 0};
    choice = choose(p, logits);
    REQUIRE(choice.count == 1);
    CHECK(choice.experts[0] == 4);
}

TEST_CASE("rules that do not fit a model are refused with a sentence") {
    const RoutingShape shape{1, 3, 8, 3, 2};
    const auto errorOf = [&](const RouterRules& rules) { return validate(rules, shape).message(); };
    CHECK(errorOf({}).empty());
    RouterRules rules;
    rules.all.experts_used = 9;
    CHECK(errorOf(rules).find("expected 1 to 8") != std::string::npos);
    rules = {};
    rules.all.masked = {8};
    CHECK(errorOf(rules).find("no expert 8") != std::string::npos);
    rules.all.masked = {1, 2};
    rules.all.forced = {2};
    CHECK(errorOf(rules).find("both masked and forced") != std::string::npos);
    rules = {};
    rules.all.masked = {0, 1, 2, 3, 4, 5};
    CHECK(errorOf(rules).find("leaves fewer") != std::string::npos);
    rules = {};
    rules.all.forced = {0, 1, 2, 3};
    CHECK(errorOf(rules).find("forced") != std::string::npos);
    rules = {};
    rules.layers[0] = {};
    CHECK(errorOf(rules).find("layer 0") != std::string::npos);
    rules = {};
    rules.all.masked_top = 6;
    CHECK(errorOf(rules).find("leaves fewer") != std::string::npos);
    rules.all.masked_top = -1;
    CHECK(errorOf(rules).find("expected 0 to 8") != std::string::npos);
    rules.all.masked_top = 4;
    rules.all.masked = {1};
    CHECK(errorOf(rules).empty());
    rules.all.masked = {1, 2};
    CHECK(errorOf(rules).find("6 of 8") != std::string::npos);
    rules = {};
    rules.scale = NAN;
    CHECK_FALSE(errorOf(rules).empty());
}
