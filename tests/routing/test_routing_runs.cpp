// What is read through runs of several logs must be what one log of the same tokens says, to the bit: else the figures
// of a branch are not those of its answers.

#include <doctest/doctest.h>

#include <random>

#include "engine/routing/metrics.h"

using namespace moescope;

namespace {

constexpr int kLayers = 3, kExperts = 8, kUsed = 2;
const RoutingShape kShape{1, kLayers, kExperts, kUsed, 1};

void add(RoutingLog& log, std::mt19937& random, int tokens, bool on_card = false) {
    for (int i = 0; i < tokens; ++i) {
        const auto t = static_cast<std::int32_t>(log.size());
        std::vector<LayerRouting> layers(kLayers);
        for (LayerRouting& r : layers) {
            r.count = kUsed;
            r.experts[0] = static_cast<std::int32_t>(random() % kExperts);
            r.experts[1] = (r.experts[0] + 1 + static_cast<std::int32_t>(random() % (kExperts - 1))) % kExperts;
            for (std::size_t k = 0; k < kUsed; ++k) {
                r.gates[k] = static_cast<float>(random() % 1000) / 1000;
                r.probabilities[k] = r.gates[k] / 2;
            }
            r.runners_up[0] = (r.experts[1] + 1) % kExperts;
            r.runner_up_probabilities[0] = 0.01f;
            r.shared_norm = static_cast<float>(random() % 100);
            r.routed_norm = static_cast<float>(1 + random() % 100);
            r.on_card = on_card ? 1 : 0;
        }
        log.onToken({static_cast<std::int32_t>(random() % 5), t, t < 4 ? Phase::kPrefill : Phase::kDecode, layers});
    }
}

struct Branch {
    std::mt19937 random{7};
    std::vector<std::shared_ptr<RoutingLog>> logs;
    RoutingRuns runs{kShape};
    RoutingLog copy{kShape};

    Branch() {
        const std::vector<TokenRange> parts = {{0, 20}, {5, 9}, {0, 0}, {3, 30}};
        for (std::size_t i = 0; i < parts.size(); ++i) {
            logs.push_back(std::make_shared<RoutingLog>(kShape));
            add(*logs.back(), random, 30, i == 3);
            take(i, parts[i]);
        }
    }

    void take(std::size_t log, TokenRange tokens) {
        runs.append(logs[log], tokens);
        for (std::size_t t = tokens.begin; t < tokens.end; ++t) copy.append(*logs[log], t);
    }
};

void checkAlike(const RoutingView& view, const RoutingLog& copy) {
    REQUIRE(view.size() == copy.size());
    CHECK(view.hasPlaces() == copy.hasPlaces());
    for (std::size_t t = 0; t < copy.size(); ++t) {
        CHECK(view.token(t).token == copy.token(t).token);
        CHECK(view.token(t).position == copy.token(t).position);
        CHECK(view.token(t).phase == copy.token(t).phase);
        for (int l = 0; l < kLayers; ++l) {
            const LayerRouting a = view.at(t, l), b = copy.at(t, l);
            CHECK(a.experts == b.experts);
            CHECK(a.gates == b.gates);
            CHECK(a.on_card == b.on_card);
            CHECK(a.shared_norm == b.shared_norm);
            CHECK(view.experts(t, l)[1] == b.experts[1]);
            CHECK(view.gates(t, l)[0] == b.gates[0]);
        }
    }
}

}  // namespace

TEST_CASE("runs of several logs read as one log of the same tokens") {
    Branch b;
    REQUIRE(b.runs.size() == 51);
    checkAlike(b.runs, b.copy);
    checkAlike(copyOf(b.runs), b.copy);
}

TEST_CASE("figures over runs are those over a copy, to the bit") {
    Branch b;
    const RoutingView runs = b.runs;
    for (const TokenRange range : {TokenRange{0, 51}, TokenRange{3, 3}, TokenRange{18, 26}, TokenRange{24, 51}}) {
        for (int l = 0; l < kLayers; ++l) {
            CHECK(expertCounts(runs, l, range) == expertCounts(b.copy, l, range));
            CHECK(gateMass(runs, l, range) == gateMass(b.copy, l, range));
            CHECK(meanProbabilities(runs, l, range) == meanProbabilities(b.copy, l, range));
            CHECK(coActivation(runs, l, range) == coActivation(b.copy, l, range));
            CHECK(expertFlow(runs, 0, l, range) == expertFlow(b.copy, 0, l, range));
            CHECK(repetition(runs, l, range).any == repetition(b.copy, l, range).any);
            CHECK(agreement(runs, range, b.copy, range, l) == (range.size() > 0 ? 1 : 0));
            CHECK(domainSpecialisation(runs, l, range) == domainSpecialisation(b.copy, l, range));
            CHECK(meanMargin(runs, l, range) == meanMargin(b.copy, l, range));
            CHECK(sharedAndRouted(runs, l, range).ratio == sharedAndRouted(b.copy, l, range).ratio);
            for (const VocabularyToken which : {VocabularyToken::kInput, VocabularyToken::kNext}) {
                const auto a = vocabularySpecialisation(runs, l, range, 2, which);
                const auto c = vocabularySpecialisation(b.copy, l, range, 2, which);
                REQUIRE(a.size() == c.size());
                for (std::size_t i = 0; i < a.size(); ++i) {
                    CHECK(a[i].token == c[i].token);
                    CHECK(a[i].count == c[i].count);
                    CHECK(a[i].shares == c[i].shares);
                }
            }
        }
    }
}

TEST_CASE("runs hold no copies, and neighbours are one run") {
    Branch b;
    // The first log, part of the second, and the last: the empty one takes no place.
    const auto pieces = RoutingView(b.runs).pieces({0, 51});
    REQUIRE(pieces.size() == 3);
    CHECK(pieces[0].log == b.logs[0].get());
    CHECK(pieces[1].log == b.logs[1].get());
    CHECK(pieces[1].tokens.begin == 5);
    CHECK(pieces[1].first == 20);
    CHECK(pieces[2].log == b.logs[3].get());
    const auto within = RoutingView(b.runs).pieces({21, 25});
    REQUIRE(within.size() == 2);
    CHECK(within[0].tokens.begin == 6);
    CHECK(within[0].tokens.end == 9);
    CHECK(within[1].tokens.begin == 3);
    CHECK(within[1].tokens.end == 4);
    CHECK(RoutingView(b.runs).pieces({51, 60}).empty());
    CHECK(RoutingView(b.runs).pieces({7, 7}).empty());
}

TEST_CASE("a log that grows is read on once its new tokens are appended") {
    Branch b;
    const RoutingView before = b.runs;
    add(*b.logs[3], b.random, 500, true);  // more than a block holds
    CHECK(b.runs.size() == 51);
    b.take(3, {30, b.logs[3]->size()});
    CHECK(before.size() == 51);
    CHECK(RoutingView(b.runs).pieces({0, b.runs.size()}).size() == 3);
    checkAlike(b.runs, b.copy);
}

TEST_CASE("a list keeps its logs, and no two lists have one id") {
    auto log = std::make_shared<RoutingLog>(kShape);
    std::mt19937 random(1);
    add(*log, random, 3);
    const std::weak_ptr<RoutingLog> known = log;
    std::uint64_t id = 0;
    {
        const RoutingRuns runs(log);
        log.reset();
        CHECK(!known.expired());
        CHECK(RoutingView(runs).token(2).position == 2);
        id = runs.id();
    }
    CHECK(known.expired());
    CHECK(RoutingRuns(kShape).id() != id);
}
