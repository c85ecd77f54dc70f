// What memory the window has after chats with much routing were opened one after another: that of the chats that are
// not open any more must be free again. Exit code 1 if it grows after the first three by more than 30 MB, or by more
// than half of what the records of the later ones take. Of a single chat: what it takes once it is open, and once its
// tokens are shown in the heatmap, beside what its records take in memory once. Usage: bench_routing_memory [CHATS]
// [TOKENS] [LAYERS] (default 20, 3000, 20)

#include <QApplication>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cstdio>
#include <random>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "app/window/history_writer.h"
#include "app/window/main_window.h"
#include "app/window/routing_desk.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/views/tokens_view.h"

using namespace moescope;

namespace {

double residentMb() {
#ifdef __GLIBC__
    ::malloc_trim(0);  // what was given back is not the window's
#endif
    QFile file(QStringLiteral("/proc/self/status"));
    if (!file.open(QIODevice::ReadOnly)) return 0;
    for (const QByteArray& line : file.readAll().split('\n')) {
        if (line.startsWith("VmRSS:")) return line.mid(6).trimmed().split(' ')[0].toDouble() / 1024;
    }
    return 0;
}

ConversationContent chatOf(int tokens, int layers, std::mt19937& random) {
    const RoutingShape shape{1, layers, 64, 6, 2};
    ConversationContent content;
    content.conversation.title = "Chat " + std::to_string(random() % 1000);
    MessageContent question, answer;
    question.message.id = 1;
    question.message.text = "And then?";
    answer.message.id = 2;
    answer.message.parent = 1;
    answer.message.author = Author::kAssistant;
    answer.message.finish = FinishReason::kEndOfText;
    answer.message.answer_tokens = tokens;
    answer.routing.emplace(shape);
    std::vector<LayerRouting> records(static_cast<std::size_t>(layers));
    for (int i = 0; i < tokens; ++i) {
        for (LayerRouting& r : records) {
            r.count = 6;
            for (std::size_t k = 0; k < 6; ++k) {
                r.experts[k] = static_cast<std::int32_t>((random() % 10) * 6 + k);
                r.gates[k] = static_cast<float>(random() % 1000) / 1000;
            }
            r.shared_norm = 1;
            r.routed_norm = 1;
        }
        const auto begin = static_cast<std::uint32_t>(answer.message.text.size());
        answer.message.text += i % 12 == 11 ? "\n\n" : " word";
        answer.tokens.push_back({i, begin, static_cast<std::uint32_t>(answer.message.text.size()), i});
        answer.routing->onToken({i, i, Phase::kDecode, records});
    }
    content.messages = {std::move(question), std::move(answer)};
    content.conversation.leaf = 2;
    return content;
}

/// One chat: before it is opened, while it is open, and with the heatmap.
int measureOne(MainWindow& window, qint64 chat) {
    constexpr double kMb = 1 << 20;
    QTest::qWait(1000);
    const double before = residentMb();
    window.chat().open(chat);
    window.routing().flush();
    QTest::qWait(3000);
    const double open = residentMb();
    const auto log = window.chat().routing(window.chat().lastQuestion().value_or(0) + 1);
    auto* tokens = window.findChild<TokensView*>();
    window.inspector().showView(tokens->kind());
    const bool read = QTest::qWaitFor([&] { return tokens->upToDate(); }, 120'000);
    QTest::qWait(1000);
    const double shown = residentMb();
    const double once = log ? static_cast<double>(log->bytes()) / kMb : 0;
    std::printf("%.1f MB without a chat; +%.1f MB with it, +%.1f MB with the heatmap; its records once: %.1f MB\n",
                before, open - before, shown - before, once);
    return log && read ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QApplication::setStyle(QStringLiteral("Fusion"));
    const int chats = argc > 1 ? std::atoi(argv[1]) : 20;
    const int tokens = argc > 2 ? std::atoi(argv[2]) : 3000, layers = argc > 3 ? std::atoi(argv[3]) : 20;
    QTemporaryDir dir;
    auto history = History::open(dir.path().toStdString());
    if (!history.ok()) return 1;
    std::mt19937 random(1);
    std::vector<qint64> ids;
    for (int i = 0; i < chats; ++i) {
        const auto id = (*history)->import(chatOf(tokens, layers, random));
        if (!id.ok()) return 1;
        ids.push_back(*id);
    }
    WindowOptions options;
    options.data_dir = dir.path().toStdString();
    options.load_model = false;
    MainWindow window(std::move(*history), options);
    window.resize(1600, 1000);
    window.show();
    if (chats == 1) return measureOne(window, ids[0]);
    double first = 0, last = 0, most = 0, records = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        window.chat().open(ids[i]);
        window.routing().flush();
        window.chat().tokenRouting(window.chat().conversation(), 0);
        const auto log = [&] { return window.chat().routing(window.chat().lastQuestion().value_or(0) + 1); };
        if (!QTest::qWaitFor([&] { return log() != nullptr; }, 60'000)) return 1;
        QTest::qWait(400);
        if (i >= 3) records += static_cast<double>(log()->bytes()) / (1 << 20);
        last = residentMb();
        most = std::max(most, last);
        // The first few fill what is kept for every chat: fonts, pictures, the history's pages.
        if (i < 3) first = last;
        std::printf("after %2zu chats %7.1f MB\n", i + 1, last);
        std::fflush(stdout);
    }
    std::printf(
        "%d chats of %d tokens x %d layers: %.1f MB after 3, %.1f MB at the end, %.1f MB at most; "
        "records of the later ones: %.1f MB\n",
        chats, tokens, layers, first, last, most, records);
    return last - first <= std::min(30.0, records / 2) ? 0 : 1;
}
