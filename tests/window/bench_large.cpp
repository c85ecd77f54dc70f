// The window on a large history, as bench_history writes one: how soon after its start the program can be typed into,
// how soon after the last key hits are shown, how much memory it takes. Usage: bench_large DATA_DIR

#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTest>
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "app/window/main_window.h"
#include "app/window/opening.h"
#include "app/window/translation.h"
#include "ui/composer/composer.h"
#include "ui/sidebar/sidebar.h"

using namespace moescope;

namespace {

/// Milliseconds since this process was begun.
double msSinceStart() {
    QFile file(QStringLiteral("/proc/self/stat"));
    if (!file.open(QIODevice::ReadOnly)) return 0;
    const QByteArray line = file.readAll();
    // After the name in brackets; the start time is field 22, in clock ticks since the machine was started.
    const QList<QByteArray> fields = line.mid(line.lastIndexOf(')') + 2).split(' ');
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    const double start = fields.value(19).toDouble() / static_cast<double>(sysconf(_SC_CLK_TCK));
    return (static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9 - start) * 1000;
}

double residentMb(const char* field) {
    QFile file(QStringLiteral("/proc/self/status"));
    if (!file.open(QIODevice::ReadOnly)) return 0;
    for (const QByteArray& line : file.readAll().split('\n')) {
        if (line.startsWith(field))
            return line.mid(static_cast<int>(qstrlen(field)) + 1).simplified().split(' ')[0].toDouble() / 1000;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QApplication::setStyle(QStringLiteral("Fusion"));
    if (argc != 2) {
        std::fprintf(stderr, "Usage: bench_large DATA_DIR\n");
        return 2;
    }
    useLanguage({});
    OpenedHistory opened = openForWindow(argv[1]);
    if (!opened.history) return 1;
    WindowOptions options;
    options.data_dir = opened.data_dir;
    options.load_model = false;
    MainWindow window(std::move(opened.history), options);
    window.show();
    auto* composer = window.findChild<Composer*>();
    auto* edit = composer->findChild<QPlainTextEdit*>();
    const bool exposed = QTest::qWaitForWindowExposed(&window);
    QTest::keyClick(edit, Qt::Key_A);
    QApplication::processEvents();
    if (!exposed || composer->text() != QLatin1String("a")) return 1;
    std::printf("typeable       %.0f ms after the start, %.0f MB\n", msSinceStart(), residentMb("VmRSS:"));
    composer->setText({});

    auto* sidebar = window.findChild<Sidebar*>();
    auto* field = sidebar->findChild<QLineEdit*>();
    bool shown = false;
    QObject::connect(sidebar->model(), &QAbstractItemModel::modelReset,
                     [&] { shown = sidebar->model()->view() == ConversationListModel::View::kHits; });
    QObject::connect(sidebar->model(), &QAbstractItemModel::layoutChanged, [&] { shown = true; });
    std::vector<double> times;
    for (const char* query :
         {"chrysanthemum",     "the",         "router", "rou",    "expert gate", "专家模", "混合 专家", "std::map",
          "nothing like this", "Berlin",      "e",      "it",     "xq",          "专家",   "heat map",  "chrys",
          "balance of the",    "story house", "lay",    "capital"}) {
        QElapsedTimer clock;
        const QString text = QString::fromUtf8(query);
        field->clear();
        QTest::qWait(100);
        for (int i = 0; i < text.size(); ++i) {
            if (i > 0) QTest::qWait(70);  // a fast typist
            shown = false;
            clock.start();
            field->insert(text.mid(i, 1));
        }
        while (!shown && clock.elapsed() < 5000) QApplication::processEvents(QEventLoop::AllEvents, 5);
        QApplication::processEvents();
        times.push_back(static_cast<double>(clock.nsecsElapsed()) * 1e-6);
        std::printf("  %-20s %6.1f ms, %d rows%s\n", query, times.back(), sidebar->model()->rowCount(),
                    shown ? "" : ", nothing was shown");
    }
    std::sort(times.begin(), times.end());
    std::printf("search         p50 %.1f ms, p95 %.1f ms, most %.1f ms after the last key\n", times[times.size() / 2],
                times[times.size() * 95 / 100], times.back());
    std::printf("memory         %.0f MB resident, %.0f MB at most\n", residentMb("VmRSS:"), residentMb("VmHWM:"));
    return 0;
}
