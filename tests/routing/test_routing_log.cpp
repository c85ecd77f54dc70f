// If these fail, the window or an export shows other bits than those that ran, or long chats fill the memory.

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "engine/routing/routing_log.h"

using namespace moescope;

namespace {

std::uint32_t bits(float value) {
    return std::bit_cast<std::uint32_t>(value);
}

bool same(const LayerRouting& a, const LayerRouting& b) {
    bool equal = a.count == b.count && a.on_card == b.on_card && a.experts == b.experts &&
                 a.runners_up == b.runners_up && bits(a.shared_norm) == bits(b.shared_norm) &&
                 bits(a.routed_norm) == bits(b.routed_norm);
    for (std::size_t i = 0; i < kMaxActiveExperts; ++i) {
        equal = equal && bits(a.gates[i]) == bits(b.gates[i]) && bits(a.probabilities[i]) == bits(b.probabilities[i]) &&
                bits(a.selections[i]) == bits(b.selections[i]);
    }
    for (std::size_t i = 0; i < kRunnersUp; ++i) {
        equal = equal && bits(a.runner_up_probabilities[i]) == bits(b.runner_up_probabilities[i]) &&
                bits(a.runner_up_selections[i]) == bits(b.runner_up_selections[i]);
    }
    return equal;
}

struct Source {
    std::mt19937 random{7};
    RoutingShape shape;
    bool on_card = false;     // some experts run on a card
    bool scaled = false;      // gates differ from probabilities
    int most = 6, least = 6;  // experts a layer

    float value() {
        static constexpr float kOdd[] = {0.0f,
                                         -0.0f,
                                         1e-45f,
                                         3.4e38f,
                                         std::numeric_limits<float>::quiet_NaN(),
                                         std::numeric_limits<float>::infinity()};
        if (random() % 16 == 0) return kOdd[random() % std::size(kOdd)];
        return static_cast<float>(random() % 100'000) / 99'999;
    }
    int expert() { return static_cast<int>(random() % static_cast<unsigned>(shape.experts)); }

    LayerRouting layer() {
        LayerRouting r;
        r.count = least + static_cast<int>(random() % static_cast<unsigned>(most - least + 1));
        for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
            r.experts[i] = expert();
            if (shape.has_probabilities) r.probabilities[i] = value();
            if (shape.has_gates) r.gates[i] = scaled || !shape.has_probabilities ? value() : r.probabilities[i];
            r.selections[i] = shape.has_selections ? value() : r.probabilities[i];
        }
        if (shape.has_runners_up) {
            r.runners_up = {expert(), random() % 4 == 0 ? -1 : expert()};
            r.runner_up_probabilities = {value(), value()};
            r.runner_up_selections = r.runner_up_probabilities;
            if (shape.has_selections) r.runner_up_selections = {value(), value()};
        }
        if (shape.has_norms) {
            r.shared_norm = value();
            r.routed_norm = value();
        }
        if (on_card) r.on_card = static_cast<std::uint16_t>(random());
        return r;
    }
    std::vector<LayerRouting> layers() {
        std::vector<LayerRouting> result;
        for (int l = 0; l < shape.moe_layers; ++l) result.push_back(layer());
        return result;
    }
};

void checkKept(Source source, int tokens) {
    RoutingLog log(source.shape);
    std::vector<std::vector<LayerRouting>> sent;
    for (int t = 0; t < tokens; ++t) {
        sent.push_back(source.layers());
        log.onToken({t - 1, 2 * t, t % 3 == 0 ? Phase::kDecode : Phase::kPrefill, sent.back()});
    }
    const RoutingLog copy = log;
    RoutingLog appended(source.shape);
    appended.append(copy);
    int wrong = 0;
    for (const RoutingLog* l : std::initializer_list<const RoutingLog*>{&log, &copy, &appended}) {
        REQUIRE(l->size() == sent.size());
        for (std::size_t t = 0; t < sent.size(); ++t) {
            const int number = static_cast<int>(t);
            wrong += l->token(t).token != number - 1 || l->token(t).position != 2 * number ||
                     l->token(t).phase != (t % 3 == 0 ? Phase::kDecode : Phase::kPrefill);
            const auto back = l->layers(t);
            for (int layer = 0; layer < source.shape.moe_layers; ++layer) {
                const LayerRouting& r = sent[t][static_cast<std::size_t>(layer)];
                wrong += !same(l->at(t, layer), r) || !same(back[static_cast<std::size_t>(layer)], r);
                const ExpertIds ids = l->experts(t, layer);
                const auto gates = l->gates(t, layer), probabilities = l->probabilities(t, layer);
                const auto count = static_cast<std::size_t>(r.count);
                wrong += ids.size() != count || gates.size() != (source.shape.has_gates ? count : 0) ||
                         probabilities.size() != (source.shape.has_probabilities ? count : 0);
                std::size_t i = 0;
                for (const std::int32_t e : ids) {
                    wrong += e != r.experts[i] || ids[i] != e || !ids.contains(e);
                    wrong += !gates.empty() && bits(gates[i]) != bits(r.gates[i]);
                    wrong += !probabilities.empty() && bits(probabilities[i]) != bits(r.probabilities[i]);
                    ++i;
                }
                wrong += i != count;
            }
        }
    }
    CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("every bit comes back, whatever is known and however many experts run") {
    for (const int experts : {1, 8, 255, 256, 4096, 65535}) {
        for (int known = 0; known < 32; ++known) {
            Source source;
            source.shape = {1, 5, experts, 6, 2};
            source.shape.has_gates = known & 1;
            source.shape.has_probabilities = known & 2;
            source.shape.has_runners_up = known & 4;
            source.shape.has_norms = known & 8;
            source.shape.has_selections = known & 16;
            source.scaled = experts % 2;
            checkKept(source, 20);
            source.least = 0;
            source.most = kMaxActiveExperts;
            checkKept(source, 20);
            source.on_card = true;
            checkKept(source, 20);
        }
    }
    checkKept({.shape = {0, 0, 0, 0, 0}}, 3);
}

TEST_CASE("a log takes tokens of one that knows more or less") {
    Source rich, poor;
    rich.shape = {1, 5, 64, 6, 2};
    rich.on_card = true;
    poor.shape = rich.shape;
    poor.shape.has_norms = poor.shape.has_runners_up = false;
    RoutingLog of_rich(rich.shape), of_poor(poor.shape), both(rich.shape);
    const auto known = rich.layers(), less = poor.layers();
    of_rich.onToken({1, 0, Phase::kPrefill, known});
    of_poor.onToken({2, 1, Phase::kDecode, less});
    both.append(of_poor, 0);  // without places, and then some with
    both.append(of_rich, 0);
    both.append(both, 0);
    both.append(both, 1);
    REQUIRE(both.size() == 4);
    for (int l = 0; l < 5; ++l) {
        const auto layer = static_cast<std::size_t>(l);
        LayerRouting filled = less[layer];
        filled.runners_up = {0, 0};  // not known: reads as 0 from a log that has them
        for (const std::size_t t : {0u, 2u}) {
            LayerRouting read = both.at(t, l);
            read.runners_up = {0, 0};
            CHECK(same(read, filled));
        }
        for (const std::size_t t : {1u, 3u}) CHECK(same(both.at(t, l), known[layer]));
    }
}

TEST_CASE("blocks: many tokens, and one that is larger than a block") {
    checkKept({.shape = {1, 27, 64, 6, 2}}, 3000);
    checkKept({.shape = {0, 20'000, 64, 6, 2}, .most = 16, .least = 0}, 2);
}

TEST_CASE("a token of DeepSeekMoE 16B takes 48 bytes a layer") {
    Source source;
    source.shape = {1, 27, 64, 6, 2};
    RoutingLog log(source.shape);
    const auto layers = source.layers();
    constexpr std::size_t kTokens = 20'000;
    for (std::size_t t = 0; t < kTokens; ++t) log.onToken({1, static_cast<int>(t), Phase::kDecode, layers});
    const std::size_t expected = kTokens * (27 * 48 + 24);
    CHECK(log.bytes() >= expected);
    CHECK(log.bytes() < expected + (2u << 20));  // the last block, and the vectors' growth
    log.clear();
    CHECK(log.size() == 0);
    CHECK(log.bytes() < (2u << 20));
}
