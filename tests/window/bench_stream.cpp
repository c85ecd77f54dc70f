// Whether the window stays smooth: answers of 100 tokens/s, in the shape of the 16B model (27 MoE layers, 64 experts),
// come into a conversation of 100,000 tokens, are stored, and shown with their routing. Prints how long the event loop
// was away. Usage: bench_stream [SECONDS] (default 60)

#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <random>

#include "app/window/main_window.h"
#include "storage/answer_writer.h"

using namespace moescope;

namespace {

constexpr int kTokens = 100'000, kPerMessage = 400, kPerSecond = 100, kPerAnswer = 1500;
const RoutingShape kShape{1, 27, 64, 6, 2};

const char* const kWords[] = {" the",    " router", " sends",   " each", " token", " to",       " six",
                              " of",     " its",    " experts", ",",     " and",   " **adds**", " what",
                              " `they`", " say",    ".",        "\n\n",  " 混合",  " layer"};

std::vector<LayerRouting> randomRouting(std::mt19937& random) {
    std::vector<LayerRouting> layers(static_cast<std::size_t>(kShape.moe_layers));
    for (LayerRouting& r : layers) {
        r.count = 6;
        for (std::size_t i = 0; i < 6; ++i) {
            r.experts[i] = static_cast<std::int32_t>(random() % 64);
            r.gates[i] = 0.1f;
        }
        r.shared_norm = 1;
        r.routed_norm = 1;
    }
    return layers;
}

/// A conversation of kTokens tokens, each answer with its tokens and their routing.
ConversationContent longConversation(std::mt19937& random) {
    ConversationContent content;
    content.conversation.title = "A long conversation";
    for (int m = 1; m <= kTokens / kPerMessage; ++m) {
        MessageContent c;
        c.message.id = m;
        if (m > 1) c.message.parent = m - 1;
        const bool answer = m % 2 == 0;
        c.message.author = answer ? Author::kAssistant : Author::kUser;
        if (answer) {
            c.message.finish = FinishReason::kEndOfText;
            c.message.answer_tokens = kPerMessage;
            c.message.tokens_per_second = kPerSecond;
            c.routing.emplace(kShape);
        }
        for (int i = 0; i < kPerMessage; ++i) {
            const auto begin = static_cast<std::uint32_t>(c.message.text.size());
            c.message.text += kWords[random() % std::size(kWords)];
            if (!answer) continue;
            c.tokens.push_back({i, begin, static_cast<std::uint32_t>(c.message.text.size()), i});
            c.routing->onToken({i, i, Phase::kDecode, randomRouting(random)});
        }
        content.messages.push_back(std::move(c));
    }
    content.conversation.leaf = kTokens / kPerMessage;
    return content;
}

/// Answers at a given pace; writes and sends as the engine's thread does.
class ScriptedEngine : public EngineThread {
public:
    explicit ScriptedEngine(std::string dir) : EngineThread(dir), m_dir(std::move(dir)) {}

    void answer(AnswerRequest job) override {
        m_thread = std::jthread([this, job = std::move(job)](const std::stop_token& stop) { run(job, stop); });
    }
    void stop() override { m_thread.request_stop(); }

private:
    void run(const AnswerRequest& job, const std::stop_token& stop) {
        std::mt19937 random(2);
        auto history = History::open(m_dir);
        if (!history.ok()) return;
        Message message;
        message.conversation = job.conversation;
        message.parent = job.turns.back().id;
        message.author = Author::kAssistant;
        auto writer = (*history)->beginAnswer(message, kShape);
        if (!writer.ok()) return;
        emit answerBegun(job.conversation, (*writer)->message());
        AnswerBatch batch;
        batch.conversation = job.conversation;
        batch.message = (*writer)->message();
        batch.tokens_per_second = kPerSecond;
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < kPerAnswer && !stop.stop_requested(); ++i) {
            std::this_thread::sleep_until(start + std::chrono::microseconds(1'000'000 / kPerSecond) * i);
            const std::string word = kWords[random() % std::size(kWords)];
            const auto begin = static_cast<std::uint32_t>((*writer)->text().size());
            const MessageToken token{i, begin, begin + static_cast<std::uint32_t>(word.size()), i};
            const auto layers = randomRouting(random);
            (*writer)->appendText(word);
            (*writer)->appendToken(token);
            (*writer)->appendRouting({i, i, Phase::kDecode, layers});
            if (!batch.routing) batch.routing = std::make_shared<RoutingLog>(kShape);
            batch.routing->onToken({i, i, Phase::kDecode, layers});
            batch.text += word;
            batch.tokens.push_back(token);
            batch.answer_tokens = i + 1;
            batch.context_used = i + 1;
            if (i % 3 != 2) continue;  // a batch each 33 ms
            emit answerBatch(batch);
            batch.text.clear();
            batch.tokens.clear();
            batch.routing.reset();
            (void)(*writer)->commitIfDue();
        }
        emit answerBatch(batch);
        (void)(*writer)->finish(FinishReason::kLength, {});
        AnswerEnded end;
        end.conversation = job.conversation;
        end.message = (*writer)->message();
        end.finish = FinishReason::kLength;
        end.answer_tokens = batch.answer_tokens;
        emit answerEnded(end);
    }

    std::string m_dir;
    std::jthread m_thread;
};

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QApplication::setStyle(QStringLiteral("Fusion"));
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 60;
    QTemporaryDir dir;
    auto history = History::open(dir.path().toStdString());
    if (!history.ok()) return 1;
    std::mt19937 random(1);
    const auto id = (*history)->import(longConversation(random));
    if (!id.ok()) return 1;
    WindowOptions options;
    options.data_dir = dir.path().toStdString();
    options.load_model = false;
    options.engine = new ScriptedEngine(options.data_dir);
    MainWindow window(std::move(*history), options);
    window.resize(1600, 1000);
    window.show();
    LoadedModel shape;
    shape.name = QStringLiteral("scripted");
    shape.shape = kShape;
    shape.context = 4096;
    emit options.engine->loaded(shape);
    QApplication::processEvents();
    QElapsedTimer clock;
    clock.start();
    window.chat().open(*id);
    QApplication::processEvents();
    std::printf("shown          %lld ms for %d tokens\n", static_cast<long long>(clock.elapsed()), kTokens);

    int tokens = 0;
    QObject::connect(&window.chat(), &ChatController::answerProgress,
                     [&](const AnswerBatch& batch) { tokens += static_cast<int>(batch.tokens.size()); });
    const auto ask = [&] { window.chat().send(QStringLiteral("And then?")); };
    QObject::connect(&window.chat(), &ChatController::answerEnded, &app, ask, Qt::QueuedConnection);
    // A timer that is always due: how long the loop takes to come back to it.
    std::vector<double> gaps;
    QElapsedTimer since;
    QTimer probe;
    QObject::connect(&probe, &QTimer::timeout, [&] {
        gaps.push_back(static_cast<double>(since.nsecsElapsed()) * 1e-6);
        if (gaps.back() > 50) {
            std::printf("  away %.0f ms at %.1f s\n", gaps.back(), static_cast<double>(clock.elapsed()) / 1000);
        }
        since.start();
    });
    since.start();
    probe.start(1);
    ask();
    QTimer::singleShot(seconds * 1000, &app, &QApplication::quit);
    QApplication::exec();
    std::sort(gaps.begin(), gaps.end());
    const auto share = [&](double p) {
        return gaps[static_cast<std::size_t>(p * static_cast<double>(gaps.size() - 1))];
    };
    std::printf(
        "event loop     %zu rounds in %d s, %d tokens: p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, longest %.1f ms\n",
        gaps.size(), seconds, tokens, share(0.5), share(0.99), share(0.999), gaps.back());
    options.engine->stop();
    return 0;
}
