// Whether the window stays smooth: a scripted answer of 100 tokens/s arrives in a conversation of 100,000 tokens, with
// the routing panel open. Prints how long the event loop was away. Usage: bench_stream [SECONDS] (default 60)

#include <QApplication>
#include <QElapsedTimer>
#include <QSplitter>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <random>

#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/theme.h"

using namespace moescope;

namespace {

constexpr int kTokens = 100'000, kPerMessage = 400, kPerSecond = 100;

const char* const kWords[] = {" the",    " router", " sends",   " each", " token", " to",       " six",
                              " of",     " its",    " experts", ",",     " and",   " **adds**", " what",
                              " `they`", " say",    ".",        "\n\n",  " 混合",  " layer"};

TranscriptMessage message(qint64 id, std::mt19937& random) {
    TranscriptMessage m;
    m.id = id;
    m.role = id % 2 ? TranscriptRole::kUser : TranscriptRole::kAnswer;
    for (int i = 0; i < kPerMessage; ++i) {
        const auto begin = static_cast<std::uint32_t>(m.text.size());
        m.text += kWords[random() % std::size(kWords)];
        m.tokens.push_back({begin, static_cast<std::uint32_t>(m.text.size()), i});
    }
    m.figures = {kPerMessage, 100, 0.2, QStringLiteral("end of text")};
    return m;
}

void addRecords(RoutingLog& log, std::mt19937& random) {
    std::vector<LayerRouting> layers(static_cast<std::size_t>(log.shape().moe_layers));
    for (LayerRouting& r : layers) {
        r.count = 6;
        for (std::size_t i = 0; i < 6; ++i) {
            r.experts[i] = static_cast<std::int32_t>(random() % 64);
            r.gates[i] = 0.1f;
        }
        r.shared_norm = 1;
        r.routed_norm = 1;
    }
    log.onToken({0, static_cast<std::int32_t>(log.size()), Phase::kDecode, layers});
}

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 60;
    std::mt19937 random(1);
    ThemeStore themes;
    TranscriptModel model;
    QSplitter window;
    TranscriptView view(&themes, &model);
    InspectorDock inspector(&themes);
    window.addWidget(&view);
    window.addWidget(&inspector);
    window.resize(1440, 900);
    RoutingShape shape;
    shape.first_moe_layer = 1;
    shape.moe_layers = 27;
    shape.experts = 64;
    shape.experts_used = 6;
    shape.shared_experts = 2;
    const auto log = std::make_shared<RoutingLog>(shape);
    inspector.model().setSource(std::make_shared<RoutingSource>(1, QStringLiteral("stream"), log));

    QElapsedTimer opening;
    opening.start();
    std::vector<TranscriptMessage> messages;
    for (int i = 1; i <= kTokens / kPerMessage; ++i) messages.push_back(message(i, random));
    TranscriptMessage answer;
    answer.id = 1'000'000;
    answer.role = TranscriptRole::kAnswer;
    answer.state = TranscriptState::kStreaming;
    messages.push_back(answer);
    const auto made = opening.elapsed();
    model.setMessages(std::move(messages));
    window.show();
    QApplication::processEvents();
    std::printf("shown          %lld ms for %d tokens\n", static_cast<long long>(opening.elapsed() - made), kTokens);

    // As the engine's thread sends it: batches of 33 ms.
    std::uint32_t size = 0;
    int position = 0;
    double due = 0;
    QTimer source;
    QElapsedTimer clock;
    clock.start();
    QObject::connect(&source, &QTimer::timeout, [&] {
        std::string text;
        std::vector<TranscriptToken> tokens;
        for (; due < static_cast<double>(clock.nsecsElapsed()) * 1e-9 * kPerSecond; ++due) {
            const std::string word = kWords[random() % std::size(kWords)];
            const auto end = size + static_cast<std::uint32_t>(word.size());
            tokens.push_back({size, end, position++});
            size = end;
            text += word;
            addRecords(*log, random);
        }
        model.appendText(answer.id, text, tokens);
        inspector.model().sourceGrew();
        model.setFigures(answer.id, {position, kPerSecond, 0.2, {}});
    });
    source.start(33);

    // A timer that is always due: how long the loop takes to come back to it.
    std::vector<double> gaps;
    QElapsedTimer since;
    since.start();
    QTimer probe;
    QObject::connect(&probe, &QTimer::timeout, [&] {
        gaps.push_back(static_cast<double>(since.nsecsElapsed()) * 1e-6);
        since.start();
    });
    probe.start(1);
    QTimer::singleShot(seconds * 1000, &app, &QApplication::quit);
    QApplication::exec();
    std::sort(gaps.begin(), gaps.end());
    const auto share = [&](double p) {
        return gaps[static_cast<std::size_t>(p * static_cast<double>(gaps.size() - 1))];
    };
    std::printf(
        "event loop     %zu rounds in %d s, %d tokens: p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, longest %.1f ms\n",
        gaps.size(), seconds, position, share(0.5), share(0.99), share(0.999), gaps.back());
    return 0;
}
