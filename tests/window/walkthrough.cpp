#include "tests/window/walkthrough.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cstdio>

#include "app/window/interventions.h"
#include "app/window/main_window.h"
#include "app/window/routing_desk.h"
#include "app/window/settings_json.h"
#include "engine/routing/metrics.h"
#include "engine/routing/rules_text.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/views/compare_view.h"

namespace moescope {
namespace {

struct Domain {
    const char* name;
    std::vector<const char*> questions;
};
const Domain kDomains[] = {
    {"story", {"Write a short story about a fox.", "Write a short story about an owl."}},
    {"sum", {"What is 7 plus 8?", "What is 12 plus 5?", "What is 9 minus 4?", "What is 3 plus 6?"}},
    {"translation",
     {"How do you say house in German?", "How do you say water in Spanish?", "How do you say dog in German?",
      "How do you say tree in German?"}},
};

/// The experts that carry most of a source's answers in a layer: "5 (18 %)".
QString leaders(const RoutingSource& source, int layer) {
    std::vector<double> mass(static_cast<std::size_t>(source.shape().experts));
    double all = 0;
    for (const TokenRange& range : source.ranges(PhaseFilter::kAnswer)) {
        const auto part = gateMass(source.log(), layer, range);
        for (std::size_t e = 0; e < mass.size(); ++e) {
            mass[e] += part[e] * static_cast<double>(range.end - range.begin);
            all += part[e] * static_cast<double>(range.end - range.begin);
        }
    }
    QStringList parts;
    for (int i = 0; i < 3; ++i) {
        const auto best = std::max_element(mass.begin(), mass.end());
        parts << QStringLiteral("%1 (%2 %)").arg(best - mass.begin()).arg(100 * *best / all, 0, 'f', 0);
        *best = -1;
    }
    return parts.join(QStringLiteral(", "));
}

}  // namespace

bool takeWalkthrough(const QString& folder) {
    QTemporaryDir dir;
    auto history = History::open(dir.path().toStdString());
    if (!history.ok()) return false;
    AppSettings settings;
    settings.theme = ThemeStore::Mode::kDark;
    settings.generation.temperature = 0;
    (void)(*history)->settings().set("app", jsonOf(settings));
    WindowOptions options;
    options.data_dir = dir.path().toStdString();
    options.demo_model = QStringLiteral(MOESCOPE_DEMO_MODEL);
    MainWindow window(std::move(*history), options);
    window.resize(1600, 1000);
    QSignalSpy loaded(&window.engine(), &EngineThread::loaded);
    window.show();
    if (!loaded.wait(20'000)) return false;
    window.resizeDocks({&window.inspector()}, {640}, Qt::Horizontal);
    const auto shoot = [&](const char* what) {
        window.routing().flush();
        if (auto* compare = qobject_cast<CompareView*>(window.inspector().currentView())) compare->loadNow();
        QTest::qWait(400);
        window.grab().save(QStringLiteral("%1/walkthrough-%2.png").arg(folder, QString::fromLatin1(what)));
    };
    const auto wait = [&](auto&& begin) {
        QSignalSpy ended(&window.chat(), &ChatController::answerEnded);
        begin();
        return !ended.isEmpty() || ended.wait(20'000);
    };
    auto* transcript = window.findChild<TranscriptModel*>();
    const auto answerAt = [&](int row) { return QString::fromStdString(transcript->at(row).text); };

    std::vector<qint64> chats;
    for (const Domain& domain : kDomains) {
        window.chat().startNew();
        for (const char* question : domain.questions) {
            if (!wait([&] { window.chat().send(QString::fromUtf8(question)); })) return false;
        }
        chats.push_back(window.chat().conversation());
        window.routing().flush();
        const SharedSource source = window.routing().shownSource();
        for (int layer = 0; layer < source->shape().moe_layers; ++layer) {
            std::printf("%-12s layer %d: %s\n", domain.name, source->shape().first_moe_layer + layer,
                        qPrintable(leaders(*source, layer)));
        }
    }
    const auto compare = [&](std::size_t a, std::size_t b) {
        window.routing().compare(RoutingSources::idOfConversation(chats[a]),
                                 RoutingSources::idOfConversation(chats[b]));
    };
    window.chat().open(chats[0]);
    compare(0, 1);
    shoot("story-and-sum");
    window.chat().open(chats[1]);
    compare(1, 2);
    shoot("sum-and-translation");

    // Without the expert that carries the ten.
    window.chat().startNew();
    if (!wait([&] { window.chat().send(QString::fromUtf8(kDomains[1].questions[0])); })) return false;
    std::printf("as it is: %s\n", qPrintable(answerAt(1)));
    window.interventions().searchExperts();
    ExpertSearch* search = window.interventions().expertSearch();
    search->setQuery({4, 5, 0.3, 0, false});
    search->resize(820, 300);
    QTest::qWait(400);
    search->grab().save(folder + QStringLiteral("/walkthrough-expert.png"));
    search->close();
    if (!wait([&] { window.chat().regenerate(transcript->at(1).id, *parseRules("mask 4: 5")); })) return false;
    std::printf("mask 4: 5: %s\n", qPrintable(answerAt(1)));
    shoot("expert-masked");
    return true;
}

}  // namespace moescope
