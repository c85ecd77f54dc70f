// What the matrix keeps of records, and what it refuses; snapshots.

#include <doctest/doctest.h>

#include <atomic>
#include <limits>
#include <thread>

#include "engine/routing/metrics.h"
#include "tests/heatmap/heatmap_data.h"

using namespace moescope;

namespace {

bool nearHalf(float half, float exact) {
    return std::abs(half - exact) <= std::abs(exact) / 2048 + 3e-8f;
}

/// Equal but for the rounding to halves.
void checkSame(const LayerRouting& kept, const LayerRouting& given) {
    REQUIRE(kept.count == given.count);
    CHECK(kept.experts == given.experts);
    for (std::size_t i = 0; i < kMaxActiveExperts; ++i) {
        CHECK(nearHalf(kept.gates[i], given.gates[i]));
        CHECK(nearHalf(kept.probabilities[i], given.probabilities[i]));
    }
    CHECK(kept.runners_up == given.runners_up);
    for (std::size_t i = 0; i < kRunnersUp; ++i) {
        CHECK(nearHalf(kept.runner_up_probabilities[i], given.runner_up_probabilities[i]));
    }
    CHECK(nearHalf(kept.shared_norm, given.shared_norm));
    CHECK(nearHalf(kept.routed_norm, given.routed_norm));
}

}  // namespace

TEST_CASE("records come back, over chunks, with few and with many experts") {
    for (const int experts : {8, 64, 256, 400}) {
        const RoutingShape shape{1, 3, experts, 4, 2};
        RoutingMatrix routing(shape);
        RoutingLog log(shape);
        Dice dice(static_cast<std::uint32_t>(experts));
        for (int t = 0; t < 2100; ++t) {
            const auto layers = madeUpLayers(shape, t, dice);
            const TokenRouting token{t * 3, t + 5, t < 700 ? Phase::kPrefill : Phase::kDecode, layers};
            log.onToken(token);
            REQUIRE(routing.append(token).ok());
        }
        REQUIRE(routing.tokens() == 2100);
        for (const std::size_t t : {0u, 1u, 1023u, 1024u, 1500u, 2099u}) {
            CHECK(routing.token(t).token == static_cast<int>(t) * 3);
            CHECK(routing.token(t).position == static_cast<int>(t) + 5);
            CHECK(routing.token(t).phase == (t < 700 ? Phase::kPrefill : Phase::kDecode));
            for (int l = 0; l < 3; ++l) checkSame(routing.at(t, l), log.at(t, l));
        }
        // 5 bytes a chosen expert, 3 a runner-up, 4 for norms, 1 for counts; one more an id past 256 experts.
        const std::size_t record = 4 * 5 + 2 * 3 + 5 + (experts > 256 ? 6 : 0);
        CHECK(routing.bytes() < 3 * 1024 * (3 * record + 12) + 20 * static_cast<std::size_t>(experts) * 3 + 4096);
    }
}

TEST_CASE("a token that uses more experts than usual widens its chunk only") {
    const RoutingShape shape{0, 2, 32, 2, 0};
    RoutingMatrix routing(shape);
    RoutingShape wide = shape;
    wide.experts_used = kMaxActiveExperts;
    Dice dice(2);
    std::vector<std::vector<LayerRouting>> given;
    for (int t = 0; t < 100; ++t) {
        given.push_back(madeUpLayers(t == 60 ? wide : shape, t, dice));
        REQUIRE(routing.append({t, t, Phase::kDecode, given.back()}).ok());
    }
    for (std::size_t t = 0; t < 100; ++t) {
        for (int l = 0; l < 2; ++l) checkSame(routing.at(t, l), given[t][static_cast<std::size_t>(l)]);
    }
    CHECK(routing.mostCells(CellMetric::kGate) == kMaxActiveExperts + 1);
}

TEST_CASE("refused: other layers, experts that are not there, too many; nothing changes") {
    const RoutingShape shape{0, 2, 8, 2, 0};
    RoutingMatrix routing = madeUp(shape, 5, 1);
    const std::uint64_t id = routing.id();
    std::vector<LayerRouting> layers(2);
    layers[0].count = 1;
    layers[0].experts[0] = 8;
    CHECK(!routing.append({0, 0, Phase::kDecode, layers}).ok());
    layers[0].experts[0] = -1;
    CHECK(!routing.append({0, 0, Phase::kDecode, layers}).ok());
    layers[0].experts[0] = 3;
    layers[1].count = kMaxActiveExperts + 1;
    CHECK(!routing.append({0, 0, Phase::kDecode, layers}).ok());
    layers[1].count = 0;
    CHECK(!routing.append({0, 0, Phase::kDecode, std::span(layers).first(1)}).ok());
    CHECK(routing.tokens() == 5);
    CHECK(routing.sums(Phase::kPrefill).tokens == 5);
    CHECK(routing.id() == id);
    CHECK(routing.append({0, 0, Phase::kDecode, layers}).ok());
}

TEST_CASE("cells: each row once, the lane last, runners-up for probabilities only") {
    const RoutingShape shape{0, 1, 8, 3, 1};
    RoutingMatrix routing(shape);
    std::vector<LayerRouting> layers(1);
    LayerRouting& r = layers[0];
    r.count = 3;
    r.experts = {5, 2, 5};  // a damaged trace: twice the same
    r.gates = {0.5f, 0.25f, 0.125f};
    r.probabilities = {0.25f, 0.125f, 0.0625f};
    r.runners_up = {7, -1};
    r.runner_up_probabilities = {0.03125f, 0};
    r.shared_norm = 3;
    r.routed_norm = 1;
    REQUIRE(routing.append({0, 0, Phase::kDecode, layers}).ok());
    SparseCell cells[kMaxSparseCells];
    REQUIRE(routing.cells(0, 0, CellMetric::kGate, cells) == 3);
    CHECK(cells[0].row == 5);
    CHECK(cells[0].half == 0x3800);  // 0.5
    CHECK(cells[1].row == 2);
    CHECK(cells[2].row == 8);
    CHECK(cells[2].half == 0x3a00);  // 0.75
    CHECK(routing.cells(0, 0, CellMetric::kChosen, cells) == 3);
    CHECK(cells[1].half == 0x3c00);
    REQUIRE(routing.cells(0, 0, CellMetric::kProbability, cells) == 4);
    CHECK(cells[2].row == 7);
    CHECK(cells[2].half == 0x2800);  // 1/32
}

TEST_CASE("sums are those of the metrics") {
    const RoutingShape shape{1, 4, 16, 3, 2};
    RoutingLog log(shape);
    Dice dice(8);
    for (int t = 0; t < 500; ++t) {
        const auto layers = madeUpLayers(shape, t, dice);
        log.onToken({t, t, t < 200 ? Phase::kPrefill : Phase::kDecode, layers});
    }
    RoutingMatrix routing(shape);
    REQUIRE(routing.append(log).ok());
    const auto check = [&](const DenseMatrix& relative, const DenseMatrix& mass, TokenRange range) {
        for (int l = 0; l < 4; ++l) {
            const auto expected = relativeLoad(expertCounts(log, l, range));
            const auto gates = gateMass(log, l, range);
            for (int e = 0; e < 16; ++e) {
                CHECK(relative.at(l, e) == doctest::Approx(expected[static_cast<std::size_t>(e)]).epsilon(1e-6));
                CHECK(mass.at(l, e) == doctest::Approx(gates[static_cast<std::size_t>(e)]).epsilon(1e-3));
            }
        }
    };
    check(*layersByExperts(routing, LoadMetric::kRelativeLoad), *layersByExperts(routing, LoadMetric::kGateMass),
          allTokens(log));
    check(*layersByExperts(routing, LoadMetric::kRelativeLoad, Phases::kPrefill),
          *layersByExperts(routing, LoadMetric::kGateMass, Phases::kPrefill), {0, 200});
    const RoutingSums part = routing.sums(100, 300, Phases::kDecode);
    CHECK(part.tokens == 100);
    check(*layersByExperts(shape, part, LoadMetric::kRelativeLoad),
          *layersByExperts(shape, part, LoadMetric::kGateMass), {200, 300});
    const RoutingMatrix none(shape);
    CHECK(layersByExperts(none, LoadMetric::kRelativeLoad)->largest() == 0);
}

TEST_CASE("copies are snapshots, and may go their own way") {
    const RoutingShape shape{0, 2, 8, 2, 1};
    RoutingMatrix original = madeUp(shape, 1500, 1);
    const RoutingMatrix snapshot = original;
    RoutingMatrix fork = original;
    CHECK(snapshot.id() == original.id());
    appendMadeUp(original, 10, 2);
    CHECK(snapshot.id() == original.id());
    CHECK(snapshot.tokens() == 1500);
    appendMadeUp(fork, 10, 3);
    CHECK(fork.id() != original.id());
    Dice expected(2), other(3);
    checkSame(original.at(1500, 0), madeUpLayers(shape, 1500, expected)[0]);
    checkSame(fork.at(1500, 0), madeUpLayers(shape, 1500, other)[0]);
    checkSame(snapshot.at(1499, 1), fork.at(1499, 1));
}

TEST_CASE("a snapshot is read on another thread while the original grows") {
    const RoutingShape shape{0, 3, 16, 2, 1};
    RoutingMatrix original = madeUp(shape, 900, 1);
    const RoutingMatrix reference = madeUp(shape, 900, 1);
    const RoutingMatrix snapshot = original;
    std::atomic<bool> stop = false;
    std::atomic<int> wrong = 0;
    std::thread reader([&] {
        SparseCell a[kMaxSparseCells], b[kMaxSparseCells];
        while (!stop) {
            for (std::size_t t = 0; t < 900; t += 7) {
                const int n = snapshot.cells(t, 1, CellMetric::kProbability, a);
                if (n != reference.cells(t, 1, CellMetric::kProbability, b)) ++wrong;
                for (int i = 0; i < n; ++i) wrong += a[i].row != b[i].row || a[i].half != b[i].half;
            }
        }
    });
    RoutingShape wide = shape;
    wide.experts_used = 5;
    Dice dice(4);
    for (int t = 900; t < 3000; ++t) {
        const auto layers = madeUpLayers(t == 950 ? wide : shape, t, dice);
        REQUIRE(original.append({t, t, Phase::kDecode, layers}).ok());
    }
    stop = true;
    reader.join();
    CHECK(wrong == 0);
}
