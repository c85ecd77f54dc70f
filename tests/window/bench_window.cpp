// What the window costs the engine, and how fast it stops. Usage: bench_window MODEL [ROUNDS [TOKENS]]
//
// Answers of TOKENS (900) tokens, in the window (saved, shown, with live routing) and by the engine alone in turn; the
// median of the ratios of their tokens/s. Then stops at moments spread over load, prefill and decoding, from the call
// to the window's own knowledge of it.

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cstdio>

#include "app/window/main_window.h"
#include "engine/generate.h"
#include "ui/chat/transcript_model.h"

using namespace moescope;

namespace {

int g_answer = 900;  // tokens
const char* const kQuestion = "Tell me something.";

GenerationSettings wild(std::uint64_t seed) {
    GenerationSettings s;
    s.temperature = 5;
    s.top_k = 0;
    s.top_p = 1;
    s.min_p = 0;
    s.random_seed = false;
    s.seed = seed;
    s.max_tokens = g_answer;
    return s;
}

/// The answer by the engine alone, with its routing.
Result<Generation> answer(Session& session, std::uint64_t seed) {
    const Model& model = session.model();
    GenerationOptions options;
    options.max_tokens = g_answer;
    options.sampling = {.temperature = 5, .top_k = 0, .top_p = 1, .min_p = 0, .logit_bias = {}, .seed = seed};
    RoutingLog log(model.config().routingShape());
    options.sink = &log;
    session.truncate(0);
    return generate(session, model.chatTemplate().render(model.tokenizer(), {{Role::kUser, kQuestion}}, true).ids(),
                    options);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Runs the event loop until `object` emits `signal`.
template <class Object, class Signal>
void waitFor(Object* object, Signal signal) {
    QEventLoop loop;
    QObject::connect(object, signal, &loop, &QEventLoop::quit);
    loop.exec();
}

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    if (argc < 2) {
        std::fprintf(stderr, "Usage: bench_window MODEL [ROUNDS [TOKENS]]\n");
        return 2;
    }
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 9;
    if (argc > 3) g_answer = std::atoi(argv[3]);
    const QString model_path = QString::fromLocal8Bit(argv[1]);
    QTemporaryDir dir;
    auto history = History::open(dir.path().toStdString());
    if (!history.ok()) return 1;
    WindowOptions options;
    options.data_dir = dir.path().toStdString();
    options.load_model = false;
    MainWindow window(std::move(*history), options);
    window.show();
    std::shared_ptr<Model> model;
    QObject::connect(&window.engine(), &EngineThread::loaded, [&](const LoadedModel& m) { model = m.model; });
    window.loadModel(model_path);
    waitFor(&window.engine(), &EngineThread::loaded);
    std::vector<double> in_window, alone, ratios;
    auto session = Session::create(model, {});
    if (!session.ok()) return 1;
    // Most answers at this temperature find an end sooner than a measurement wants.
    std::uint64_t seed = 0;
    for (int longest = 0; seed < 200 && longest < g_answer; ++seed) {
        const auto result = answer(**session, seed);
        if (!result.ok()) return 1;
        longest = static_cast<int>(result->tokens.size());
        if (longest == g_answer) break;
    }
    window.chat().setDefaults(wild(seed));
    for (int round = 0; round < rounds; ++round) {
        window.chat().startNew();
        AnswerEnded end;
        const auto connection =
            QObject::connect(&window.chat(), &ChatController::answerEnded, [&](const AnswerEnded& e) { end = e; });
        window.chat().send(QString::fromLatin1(kQuestion));
        waitFor(&window.chat(), &ChatController::answerEnded);
        QObject::disconnect(connection);

        const auto result = answer(**session, seed);
        if (!result.ok() || result->tokens.size() < 2 || end.answer_tokens < 2) return 1;
        in_window.push_back(end.tokens_per_second);
        alone.push_back(result->tokensPerSecond());
        ratios.push_back(in_window.back() / alone.back());
        std::fprintf(stderr, "%d tokens: %.1f in the window, %.1f alone\n", end.answer_tokens, in_window.back(),
                     alone.back());
    }
    std::printf("decode         %.1f tokens/s in the window, %.1f alone, ratio %.4f\n", median(in_window),
                median(alone), median(ratios));
    session.value().reset();

    const auto stops = [&](const char* name, auto&& begin, auto* source, auto signal, double whole) {
        double longest = 0;
        for (int i = 0; i < rounds; ++i) {
            bool ended = false;
            double latency = 0;
            QElapsedTimer clock;
            const auto connection = QObject::connect(source, signal, [&] {
                ended = true;
                if (clock.isValid()) latency = static_cast<double>(clock.nsecsElapsed()) * 1e-6;
            });
            const auto loaded = QObject::connect(&window.engine(), &EngineThread::loaded, [&] { ended = true; });
            begin();
            QTest::qWait(static_cast<int>(whole * 1000 * (i + 0.5) / rounds));
            if (ended) {  // before it could be stopped
                QObject::disconnect(connection);
                QObject::disconnect(loaded);
                continue;
            }
            clock.start();
            window.chat().stop();  // of a question that the engine has not got yet, too
            while (!ended) QApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 50);
            QObject::disconnect(connection);
            QObject::disconnect(loaded);
            longest = std::max(longest, latency);
        }
        std::printf("stop in %-6s %.1f ms at most, of %d\n", name, longest, rounds);
    };
    const double answer_s = g_answer / median(in_window);
    stops(
        "decode",
        [&] {
            window.chat().startNew();
            window.chat().send(QString::fromLatin1(kQuestion));
        },
        &window.chat(), &ChatController::answerEnded, answer_s);
    QString long_text;
    while (long_text.size() < 1500) long_text += QStringLiteral("A fox met a snail on a hill. ");
    stops(
        "prefill",
        [&] {
            window.chat().startNew();
            window.chat().send(long_text);
        },
        &window.chat(), &ChatController::answerEnded, std::min(answer_s, 2.0) / 4);
    model.reset();
    QElapsedTimer load;
    load.start();
    window.loadModel(model_path);
    waitFor(&window.engine(), &EngineThread::loaded);
    const double load_s = static_cast<double>(load.elapsed()) / 1000;
    model.reset();
    stops(
        "load",
        [&] {
            model.reset();
            window.loadModel(model_path);
        },
        &window.engine(), &EngineThread::loadFailed, load_s * 0.8);
    return 0;
}
