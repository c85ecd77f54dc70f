// What each view costs: opening it, painting it, and following 100 tokens a second, as a share of one core.
// Usage: bench_inspector [TOKENS]   (100,000 of 27 layers with 64 experts, top 6, unless said otherwise)

#include <QApplication>
#include <QTest>
#include <cstdio>
#include <ctime>
#include <random>

#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/inspector_view.h"
#include "ui/inspector/views/tokens_view.h"
#include "ui/theme.h"

using namespace moescope;

namespace {

constexpr int kSeconds = 4, kPerSecond = 100, kBatchMs = 33;

double processorSeconds() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

void add(RoutingLog& log, std::mt19937& random, int tokens) {
    std::vector<LayerRouting> layers(static_cast<std::size_t>(log.shape().moe_layers));
    for (int i = 0; i < tokens; ++i) {
        for (LayerRouting& r : layers) {
            r.count = 6;
            for (std::size_t k = 0; k < 6; ++k) {
                r.experts[k] = static_cast<std::int32_t>((random() % 11 + k * 11) % 64);
                r.gates[k] = r.probabilities[k] = 0.3f / static_cast<float>(k + 1);
            }
            r.shared_norm = 1 + 0.001f * static_cast<float>(random() % 500);
            r.routed_norm = 1 + 0.001f * static_cast<float>(random() % 900);
        }
        log.onToken({static_cast<std::int32_t>(random() % 5000), static_cast<std::int32_t>(log.size()), Phase::kDecode,
                     layers});
    }
}

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    const int tokens = argc > 1 ? std::atoi(argv[1]) : 100'000;
    RoutingShape shape;
    shape.first_moe_layer = 1;
    shape.moe_layers = 27;
    shape.experts = 64;
    shape.experts_used = 6;
    shape.shared_experts = 2;
    std::mt19937 random(1);
    auto log = std::make_shared<RoutingLog>(shape), other = std::make_shared<RoutingLog>(shape);
    add(*log, random, tokens);
    add(*other, random, tokens / 10);
    const auto runs = std::make_shared<RoutingRuns>(log);
    const auto source = std::make_shared<RoutingSource>(1, QStringLiteral("one"), runs);
    const auto second = std::make_shared<RoutingSource>(2, QStringLiteral("two"), other);
    ThemeStore themes;
    InspectorDock dock(&themes);
    dock.resize(560, 900);
    dock.model().setOffers({{1, QStringLiteral("one"), {}}, {2, QStringLiteral("two"), {}}});
    dock.model().setLoader([&](qint64 id) { return id == 1 ? source : second; });
    dock.model().compare(1, 2);
    dock.show();
    dock.model().setSource(source);
    std::printf("%d tokens, %d layers, %d experts, top %d\n", tokens, shape.moe_layers, shape.experts,
                shape.experts_used);
    std::printf("%-12s %10s %10s %22s\n", "view", "open ms", "paint ms", "100 tokens/s, % core");
    for (InspectorView* view : dock.views()) {
        double start = processorSeconds();
        dock.showView(view->kind());
        QTest::qWait(20);
        if (const auto* heatmap = qobject_cast<TokensView*>(view)) {
            if (!QTest::qWaitFor([&] { return heatmap->upToDate(); }, 60'000)) return 1;
        }
        for (ChartWidget* chart : view->charts()) chart->refreshNow();
        const double opened = processorSeconds() - start;
        start = processorSeconds();
        constexpr int kPaintings = 5;
        for (int i = 0; i < kPaintings; ++i) view->repaint(), dock.grab();
        const double painted = (processorSeconds() - start) / kPaintings;
        start = processorSeconds();
        for (int batch = 0; batch < kSeconds * 1000 / kBatchMs; ++batch) {
            add(*log, random, kPerSecond * kBatchMs / 1000);
            runs->append(log, {runs->size(), log->size()});
            dock.model().sourceGrew();
            QTest::qWait(kBatchMs);
        }
        const double share = (processorSeconds() - start) / (kSeconds);
        std::printf("%-12s %10.1f %10.1f %22.1f\n", qPrintable(view->name()), opened * 1e3, painted * 1e3, share * 100);
    }
    return 0;
}
