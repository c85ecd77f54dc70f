// The router on a GPU chooses what the CPU's router chooses.

#include <algorithm>

#include "kernels/cuda/router.h"
#include "tests/cuda_kernels/device.h"

using namespace moescope;
using namespace moescope::cuda;

namespace {

struct Rules {
    RouterParameters parameters;
    std::vector<std::uint8_t> masked, forced;
    std::vector<float> bias;

    Rules(int experts, int used) {
        parameters.experts = experts;
        parameters.used = used;
    }
    void mask(std::initializer_list<int> ids) { mark(masked, ids), parameters.masked = masked.data(); }
    void force(std::initializer_list<int> ids) { mark(forced, ids), parameters.forced = forced.data(); }
    void add(std::vector<float> values) { bias = std::move(values), parameters.bias = bias.data(); }

private:
    void mark(std::vector<std::uint8_t>& marks, std::initializer_list<int> ids) {
        marks.assign(static_cast<std::size_t>(parameters.experts), 0);
        for (const int e : ids) marks[static_cast<std::size_t>(e)] = 1;
    }
};

/// Routes tokens one by one or together and compares with route() on the CPU, which is given the GPU's logits.
void check(const Rules& rules, const std::vector<float>& x, const std::vector<float>& weights, int hidden,
           bool together) {
    const int experts = rules.parameters.experts, tokens = static_cast<int>(x.size()) / hidden;
    CAPTURE(experts);
    CAPTURE(hidden);
    CAPTURE(together);
    const std::size_t pitch = floatPitch(TensorType::kF32, static_cast<std::size_t>(hidden)) / 4;
    std::vector<float> padded(static_cast<std::size_t>(experts) * pitch);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        padded[i / static_cast<std::size_t>(hidden) * pitch + i % static_cast<std::size_t>(hidden)] = weights[i];
    }
    const DeviceArray<float> input(x), w(padded), logits(static_cast<std::size_t>(tokens * experts));
    const DeviceArray<float> bias(rules.bias);
    const DeviceArray<DeviceRules> device_rules(std::vector{deviceRules(rules.parameters, true)});
    const DeviceArray<std::uint32_t> ticket(std::vector<std::uint32_t>{0});
    const DeviceArray<RoutingRecord> records(static_cast<std::size_t>(tokens) * 3);
    const auto bytes = sameInAnyOrder([&] {
        RouterTask task;
        task.weights = w.data();
        task.bias = rules.bias.empty() ? nullptr : bias.data();
        task.experts = experts;
        task.hidden = hidden;
        task.tokens = together ? tokens : 1;
        task.rules = device_rules.data();
        task.ticket = ticket.data();
        task.record_stride = 3;
        for (int t = 0; t < (together ? 1 : tokens); ++t) {
            task.x = input.data() + t * hidden;
            task.logits = logits.data() + t * experts;
            task.records = records.data() + 3 * t;
            route(task, nullptr);
        }
        return records.read();
    });
    const auto l = logits.read();
    std::vector<float> probabilities(static_cast<std::size_t>(experts));
    for (int t = 0; t < tokens; ++t) {
        const float* row = &l[static_cast<std::size_t>(t * experts)];
        for (int e = 0; e < experts; ++e) {
            double exact = 0, magnitude = 0;
            for (int i = 0; i < hidden; ++i) {
                const double product = static_cast<double>(x[static_cast<std::size_t>(t * hidden + i)]) *
                                       weights[static_cast<std::size_t>(e * hidden + i)];
                exact += product;
                magnitude += std::abs(product);
            }
            if (std::isfinite(exact)) REQUIRE(std::abs(row[e] - exact) <= (hidden + 8) * 0x1p-24 * magnitude);
        }
        RouterChoice expected;
        route(rules.parameters, row, probabilities.data(), expected);
        const RoutingRecord& found = bytes[static_cast<std::size_t>(3 * t)];
        REQUIRE(found.choice.count == expected.count);
        REQUIRE(found.shared_norm == 0.0f);
        for (int i = 0; i < kMaxActiveExperts; ++i) {
            const bool present = i < expected.count;
            REQUIRE(found.choice.experts[i] == (present ? expected.experts[i] : -1));
            if (!present) {
                REQUIRE(found.choice.gates[i] == 0.0f);
            } else if (std::isnan(expected.gates[i])) {
                REQUIRE(std::isnan(found.choice.gates[i]));
            } else {
                // exp within 2 ulp on both sides, sums of n terms in another order
                const float tolerance = static_cast<float>(experts + 16) * 0x1p-24f;
                REQUIRE(std::abs(found.choice.gates[i] - expected.gates[i]) <= tolerance * expected.gates[i]);
                REQUIRE(std::abs(found.choice.probabilities[i] - expected.probabilities[i]) <=
                        tolerance * expected.probabilities[i]);
                REQUIRE(std::abs(found.choice.selections[i] - expected.selections[i]) <= tolerance);
            }
        }
        for (int i = 0; i < kRunnersUp; ++i) {
            REQUIRE(found.choice.runners_up[i] == expected.runners_up[i]);
            if (std::isnan(expected.runner_up_probabilities[i])) continue;
            const float tolerance = static_cast<float>(experts + 16) * 0x1p-24f;
            REQUIRE(std::abs(found.choice.runner_up_probabilities[i] - expected.runner_up_probabilities[i]) <=
                    tolerance);
            REQUIRE(std::abs(found.choice.runner_up_selections[i] - expected.runner_up_selections[i]) <= tolerance);
        }
    }
}

void checkBoth(const Rules& rules, const std::vector<float>& x, const std::vector<float>& weights, int hidden) {
    check(rules, x, weights, hidden, false);
    check(rules, x, weights, hidden, true);
}

std::size_t size(int a, int b) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

}  // namespace

TEST_CASE("8 to 160 experts, sizes astride warps") {
    for (const int experts : {1, 8, 31, 33, 64, 160}) {
        for (const int hidden : {1, 31, 128, 1408}) {
            const Rules rules(experts, std::min(experts, 6));
            checkBoth(rules, normals(size(5, hidden), 1), normals(size(experts, hidden), 2, 0.1f), hidden);
        }
    }
}

TEST_CASE("rules: masked, forced, k, renormalised, scaled, groups, sigmoid") {
    const auto x = normals(size(6, 64), 3), w = normals(size(40, 64), 4, 0.2f);
    Rules rules(40, 6);
    rules.mask({0, 5, 39});
    rules.force({7, 33});
    checkBoth(rules, x, w, 64);
    rules.parameters.renormalise = true;
    rules.parameters.scale = 16;
    checkBoth(rules, x, w, 64);
    rules.parameters.used = kMaxActiveExperts;
    checkBoth(rules, x, w, 64);
    Rules groups(40, 6);
    groups.parameters.groups = 8;
    groups.parameters.groups_used = 3;
    checkBoth(groups, x, w, 64);
    groups.force({0, 39});
    groups.parameters.function = GateFunction::kSigmoid;
    checkBoth(groups, x, w, 64);
    // The likeliest are masked, before groups are judged and whatever is forced.
    for (const int top : {1, 5, 40}) {
        Rules without_best(40, 6);
        without_best.parameters.masked_top = top;
        without_best.mask({1, 2});
        checkBoth(without_best, x, w, 64);
        without_best.force({3, 17});
        checkBoth(without_best, x, w, 64);
        without_best.parameters.groups = 5;
        without_best.parameters.groups_used = 2;
        checkBoth(without_best, x, w, 64);
    }
    Rules all_but_one(40, 3);
    all_but_one.masked.assign(40, 1);
    all_but_one.masked[11] = 0;
    all_but_one.parameters.masked = all_but_one.masked.data();
    checkBoth(all_but_one, x, w, 64);
}

TEST_CASE("a bias decides which experts and groups are chosen, and nothing else") {
    // As DeepSeek-V3 has it, with biases that make most scores negative.
    const auto x = normals(size(6, 64), 5), w = normals(size(256, 64), 6, 0.2f);
    auto bias = normals(256, 7, 0.3f);
    for (float& b : bias) b -= 0.8f;
    Rules v3(256, 8);
    v3.parameters.function = GateFunction::kSigmoid;
    v3.parameters.groups = 8;
    v3.parameters.groups_used = 4;
    v3.parameters.group_score = GroupScore::kTwoBest;
    v3.parameters.renormalise = true;
    v3.parameters.scale = 2.5f;
    checkBoth(v3, x, w, 64);
    v3.add(bias);
    checkBoth(v3, x, w, 64);
    v3.parameters.masked_top = 3;
    checkBoth(v3, x, w, 64);
    // Groups of which one or no expert may be chosen.
    v3.masked.assign(256, 0);
    for (int e = 0; e < 96; ++e) v3.masked[static_cast<std::size_t>(e)] = e % 32 != 0 || e == 64;
    v3.parameters.masked = v3.masked.data();
    v3.parameters.groups_used = 7;
    checkBoth(v3, x, w, 64);
    v3.force({1, 200});
    checkBoth(v3, x, w, 64);
    v3.parameters.used = kMaxActiveExperts;
    checkBoth(v3, x, w, 64);
    v3.parameters.group_score = GroupScore::kBest;
    checkBoth(v3, x, w, 64);
    // Without groups, as Moonlight has it; and of each group's experts there is one.
    Rules moonlight(33, 6);
    moonlight.parameters.function = GateFunction::kSigmoid;
    moonlight.add({bias.begin(), bias.begin() + 33});
    checkBoth(moonlight, x, {w.begin(), w.begin() + 33 * 64}, 64);
    Rules alone(12, 3);
    alone.add({bias.begin(), bias.begin() + 12});
    alone.parameters.groups = 12;
    alone.parameters.groups_used = 5;
    alone.parameters.group_score = GroupScore::kTwoBest;
    checkBoth(alone, x, {w.begin(), w.begin() + 12 * 64}, 64);
}

TEST_CASE("ties of biased scores and of groups go to the lower id") {
    // Scores of all experts are the same; biases are equal in pairs.
    const std::vector<float> x = {1, 0, 0, 0}, w(size(64, 4));
    std::vector<float> bias(64);
    for (std::size_t e = 0; e < bias.size(); ++e) bias[e] = static_cast<float>(e * 5 % 8) / 8;
    for (const GroupScore kind : {GroupScore::kBest, GroupScore::kTwoBest}) {
        Rules rules(64, 6);
        rules.parameters.function = GateFunction::kSigmoid;
        rules.parameters.groups = 8;
        rules.parameters.groups_used = 3;
        rules.parameters.group_score = kind;
        checkBoth(rules, x, w, 4);
        rules.add(bias);
        checkBoth(rules, x, w, 4);
        rules.bias[20] = NAN;
        checkBoth(rules, x, w, 4);
    }
}

TEST_CASE("ties go to the lower id; NaN is chosen last") {
    std::vector<float> w(size(70, 4));
    for (std::size_t e = 0; e < 70; ++e) w[4 * e] = static_cast<float>(e * 7 % 5);
    const Rules rules(70, 6);
    checkBoth(rules, {1, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0}, w, 4);  // many ties, and all the same
    w[4 * 9] = NAN;
    checkBoth(rules, {1, 0, 0, 0, 1, 0, 0, 0}, w, 4);
    Rules sigmoid(70, 6);
    sigmoid.parameters.function = GateFunction::kSigmoid;  // where one NaN does not make all of them NaN
    checkBoth(sigmoid, {1, 0, 0, 0, 1, 0, 0, 0}, w, 4);
    w.assign(w.size(), NAN);
    checkBoth(sigmoid, {1, 0, 0, 0, 1, 0, 0, 0}, w, 4);
}
