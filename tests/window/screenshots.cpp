// Screenshots of the window, light and dark: first start, a conversation with its routing, a search.
// Usage: screenshots FOLDER [walkthrough]

#include <QApplication>
#include <QDir>
#include <QJsonDocument>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/window/interventions.h"
#include "app/window/main_window.h"
#include "engine/routing/rules_text.h"
#include "tests/window/walkthrough.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/views/experiment_view.h"
#include "ui/settings/router_rules_dialog.h"
#include "ui/sidebar/sidebar.h"

using namespace moescope;

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QApplication::setStyle(QStringLiteral("Fusion"));
    if (argc < 2) return 2;
    const QString folder = QString::fromLocal8Bit(argv[1]);
    QDir().mkpath(folder);
    if (!takeWalkthrough(folder)) return 1;
    if (argc > 2) return 0;  // only those
    for (const bool dark : {true, false}) {
        QTemporaryDir dir;
        auto history = History::open(dir.path().toStdString());
        if (!history.ok()) return 1;
        AppSettings settings;
        settings.theme = dark ? ThemeStore::Mode::kDark : ThemeStore::Mode::kLight;
        settings.generation.temperature = 0;
        (void)(*history)->setSetting("app", QJsonDocument(settings.toJson()).toJson().toStdString());
        WindowOptions options;
        options.data_dir = dir.path().toStdString();
        options.demo_model = QStringLiteral(MOESCOPE_DEMO_MODEL);
        MainWindow window(std::move(*history), options);
        window.resize(1600, 1000);
        QSignalSpy loaded(&window.engine(), &EngineThread::loaded);
        window.show();
        if (!loaded.wait(20'000)) return 1;
        const QString name = dark ? QStringLiteral("dark") : QStringLiteral("light");
        const auto shoot = [&](const QString& what) {
            QTest::qWait(300);
            window.grab().save(QStringLiteral("%1/%2-%3.png").arg(folder, what, name));
        };
        shoot(QStringLiteral("first-start"));
        const auto ask = [&](const QString& question) {
            QSignalSpy ended(&window.chat(), &ChatController::answerEnded);
            window.chat().send(question);
            if (ended.isEmpty()) ended.wait(20'000);
        };
        for (const char* question : {"Hello!", "What is 7 plus 8?"}) ask(QString::fromUtf8(question));
        window.chat().startNew();
        for (const char* question : {"How do you say house in German?", "How do you say water in Spanish?"}) {
            ask(QString::fromUtf8(question));
        }
        window.chat().startNew();
        for (const char* question :
             {"What is a router?", "What is a shared expert?", "Write a Python function that adds two numbers.",
              "Write a short story about a fox."}) {
            ask(QString::fromUtf8(question));
        }
        auto* model = window.findChild<TranscriptModel*>();
        auto* view = window.findChild<TranscriptView*>();
        view->flush();
        const qint64 last = model->at(model->count() - 1).id;
        emit view->tokenClicked(last, 9);
        shoot(QStringLiteral("conversation"));
        // The windows that belong to the routing.
        const auto shootWidget = [&](QWidget& widget, const QString& what) {
            QTest::qWait(300);
            widget.grab().save(QStringLiteral("%1/%2-%3.png").arg(folder, what, name));
        };
        {
            ThemeStore themes;
            themes.setMode(settings.theme);
            RouterRulesDialog dialog(&themes, window.chat().routing(last)->shape(), true);
            dialog.setRules(*parseRules("k 3; k 4: 2; mask 2: 3 5 7; shared off"));
            dialog.show();
            shootWidget(dialog, QStringLiteral("rules"));
        }
        window.interventions().searchExperts();
        ExpertSearch* experts = window.interventions().expertSearch();
        const LayerRouting record = window.chat().tokenRouting(last, 9).back();
        ExpertQuery query;
        query.layer = 4;
        query.expert = record.experts[0];
        experts->setQuery(query);
        QTest::qWait(300);
        shootWidget(*experts, QStringLiteral("experts"));
        experts->close();
        window.interventions().showExperiments();
        auto* experiment = qobject_cast<ExperimentView*>(window.inspector().view(QStringLiteral("experiments")));
        for (const char* figure : {"mask", "active"}) {
            QSignalSpy ended(&window.engine(), &EngineThread::experimentEnded);
            emit experiment->runRequested(QString::fromLatin1(figure));
            if (ended.isEmpty()) ended.wait(20'000);
            shoot(QStringLiteral("experiment-") + QString::fromLatin1(figure));
        }
        auto* field = window.findChild<Sidebar*>()->findChild<QLineEdit*>();
        field->setText(QStringLiteral("expert"));
        QTest::qWait(300);
        shoot(QStringLiteral("search"));
    }
    return 0;
}
