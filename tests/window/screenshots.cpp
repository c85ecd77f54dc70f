// Screenshots of the window, light and dark: first start, a long conversation with its routing, a search; one in
// Chinese; and those of the walk-through, which can be had alone. `all` also takes columns side by side and the dialogs
// about routing, to look at; `sizes` takes the window alone, at the sizes that screens have. Usage: screenshots FOLDER
// [walkthrough|all|sizes]

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSplitter>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include "app/window/interventions.h"
#include "app/window/main_window.h"
#include "app/window/settings_json.h"
#include "app/window/side_by_side.h"
#include "app/window/translation.h"
#include "engine/routing/rules_text.h"
#include "tests/window/walkthrough.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/column_bar.h"
#include "ui/chrome/notice_bar.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/views/experiment_view.h"
#include "ui/settings/router_rules_dialog.h"
#include "ui/sidebar/sidebar.h"

using namespace moescope;

namespace {

/// A window of its own on a history of its own, with the demo model loaded.
class Scene {
public:
    Scene(bool dark, const QString& language) {
        useLanguage(language);
        auto history = History::open(m_dir.path().toStdString());
        if (!history.ok()) qFatal("%s", history.status().message().c_str());
        AppSettings settings;
        settings.theme = dark ? ThemeStore::Mode::kDark : ThemeStore::Mode::kLight;
        themes.setMode(settings.theme);
        settings.generation.temperature = 0;
        (void)(*history)->settings().set("app", jsonOf(settings));
        WindowOptions options;
        options.data_dir = m_dir.path().toStdString();
        options.demo_model = QStringLiteral(MOESCOPE_DEMO_MODEL);
        window = std::make_unique<MainWindow>(std::move(*history), options);
        window->resize(1600, 1000);
        QSignalSpy loaded(&window->engine(), &EngineThread::loaded);
        window->show();
        if (!loaded.wait(20'000)) qFatal("the demo model was not loaded");
    }

    void ask(const QStringList& questions) {
        for (const QString& question : questions) {
            QSignalSpy ended(&window->chat(), &ChatController::answerEnded);
            window->chat().send(question);
            if (ended.isEmpty()) ended.wait(20'000);
        }
    }

    void shoot(const QString& path) {
        QTest::qWait(300);
        window->grab().save(path);
    }

    std::unique_ptr<MainWindow> window;
    ThemeStore themes;  ///< of dialogs

private:
    QTemporaryDir m_dir;
};

/// Some chats, of which the last is shown with one of its tokens chosen.
void hold(Scene& scene) {
    ChatController& chat = scene.window->chat();
    scene.ask({QStringLiteral("Hello!"), QStringLiteral("What is 7 plus 8?")});
    chat.startNew();
    scene.ask({QStringLiteral("How do you say house in German?"), QStringLiteral("How do you say water in Spanish?")});
    chat.startNew();
    scene.ask({QStringLiteral("What is a token?"), QStringLiteral("What is a router?"),
               QStringLiteral("What is a shared expert?"), QStringLiteral("What is the capital of France?"),
               QStringLiteral("What is 7 plus 8?"), QStringLiteral("How do you say house in German?"),
               QStringLiteral("Write a Python function that adds two numbers."),
               QStringLiteral("Write a short story about a fox.")});
    auto* model = scene.window->findChild<TranscriptModel*>();
    chat.regenerate(model->at(model->count() - 1).id);
    QSignalSpy ended(&chat, &ChatController::answerEnded);
    ended.wait(20'000);
    auto* view = scene.window->findChild<TranscriptView*>();
    view->flush();
    emit view->tokenClicked(model->at(model->count() - 1).id, 9);
}

/// The windows that belong to the routing of the last answer.
void shootRouting(Scene& scene, const QString& name) {
    MainWindow& window = *scene.window;
    auto* model = window.findChild<TranscriptModel*>();
    const qint64 last = model->at(model->count() - 1).id;
    const auto shootWidget = [&](QWidget& widget, const QString& what) {
        QTest::qWait(300);
        widget.grab().save(name.arg(what));
    };
    {
        RouterRulesDialog dialog(&scene.themes, window.chat().routing(last)->shape(), true);
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
    shootWidget(*experts, QStringLiteral("experts"));
    experts->close();
    window.interventions().showExperiments();
    auto* experiment = window.inspector().view<ExperimentView>();
    for (const char* figure : {"mask", "active"}) {
        QSignalSpy ended(&window.engine(), &EngineThread::experimentEnded);
        emit experiment->runRequested(QString::fromLatin1(figure));
        if (ended.isEmpty()) ended.wait(20'000);
        scene.shoot(name.arg(QStringLiteral("experiment-") + QString::fromLatin1(figure)));
    }
}

/// Two columns and three, before, while and after they answer.
void shootColumns(Scene& scene, const QString& name) {
    MainWindow& window = *scene.window;
    SideBySide& beside = window.sideBySide();
    const auto add = [&](const char* rules) {
        QSignalSpy opened(&window.engine(), &EngineThread::columnOpened);
        beside.add();
        if (opened.isEmpty()) opened.wait(20'000);
        beside.setRules(static_cast<int>(window.findChildren<ColumnBar*>().size()) - 1, *parseRules(rules));
    };
    const auto ask = [&](const char* question) {
        QSignalSpy ended(&window.engine(), &EngineThread::besideEnded);
        window.chat().send(QString::fromUtf8(question));
        QTest::qWait(120);
        scene.window->grab().save(name.arg(QStringLiteral("columns-streaming")));
        if (ended.isEmpty()) ended.wait(30'000);
    };
    add("k 2; shared off");
    scene.shoot(name.arg(QStringLiteral("columns-empty")));
    ask("Write a short story about an owl.");
    scene.shoot(name.arg(QStringLiteral("columns")));
    add("mask 4: 5");
    ask("What is 7 plus 8?");
    scene.shoot(name.arg(QStringLiteral("columns-three")));
    ColumnBar* bar = window.findChild<QSplitter*>(QStringLiteral("columns"))->widget(1)->findChild<ColumnBar*>();
    QTimer::singleShot(300, &window, [&] {
        if (QWidget* menu = QApplication::activePopupWidget()) {
            menu->grab().save(name.arg(QStringLiteral("columns-menu")));
            menu->close();
        }
    });
    bar->openMenu();
    beside.close();
}

/// With and without the inspector, at the end of a chat and at its beginning, where a notice stands.
void shootSizes(Scene& scene, const QString& name) {
    MainWindow& window = *scene.window;
    auto* notice = window.findChild<NoticeBar*>();
    QScrollBar* bar = window.findChild<TranscriptView*>()->verticalScrollBar();
    for (const QSize size : {QSize(1600, 1000), QSize(1440, 900), QSize(1280, 720), QSize(900, 700), QSize(720, 600)}) {
        window.resize(size);
        for (const bool inspector : {true, false}) {
            for (QAction* action : window.actions()) {
                const bool toggles = action->shortcut() == QKeySequence(Qt::CTRL | Qt::Key_I);
                if (toggles && window.inspector().isVisible() != inspector) action->trigger();
            }
            const QString of_size = QStringLiteral("%1x%2-%3").arg(size.width()).arg(size.height());
            scene.shoot(name.arg(of_size.arg(inspector ? QStringLiteral("inspector") : QStringLiteral("alone"))));
        }
        const int at = bar->value();
        bar->setValue(0);
        notice->say(QStringLiteral("Imported 4 chats. Those that were there already got what was new."));
        scene.shoot(name.arg(QStringLiteral("%1x%2-notice").arg(size.width()).arg(size.height())));
        notice->clear();
        bar->setValue(at);
    }
}

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QApplication::setStyle(QStringLiteral("Fusion"));
    if (argc < 2 || argc > 3) {
        std::fprintf(stderr, "Usage: screenshots FOLDER [walkthrough|all|sizes]\n");
        return 2;
    }
    const QString folder = QString::fromLocal8Bit(argv[1]);
    QDir().mkpath(folder);
    useLanguage(QStringLiteral("en"));
    const QString which = argc > 2 ? QString::fromLocal8Bit(argv[2]) : QString();
    const bool sizes = which == QLatin1String("sizes");
    if (!sizes && !takeWalkthrough(folder)) return 1;
    if (which == QLatin1String("walkthrough")) return 0;
    for (const bool dark : {true, false}) {
        const QString name =
            QStringLiteral("%1/%2-%3.png")
                .arg(folder, QStringLiteral("%1"), dark ? QStringLiteral("dark") : QStringLiteral("light"));
        Scene scene(dark, QStringLiteral("en"));
        scene.shoot(name.arg(QStringLiteral("first-start")));
        hold(scene);
        if (sizes) {
            shootSizes(scene, name);
            continue;
        }
        scene.shoot(name.arg(QStringLiteral("conversation")));
        if (which == QLatin1String("all")) {
            shootRouting(scene, name);
            shootColumns(scene, name);
        }
        scene.window->findChild<Sidebar*>()->findChild<QLineEdit*>()->setText(QStringLiteral("expert"));
        QTest::qWait(300);
        scene.shoot(name.arg(QStringLiteral("search")));
    }
    if (sizes) return 0;
    Scene chinese(false, QStringLiteral("zh_CN"));
    hold(chinese);
    chinese.shoot(folder + QStringLiteral("/chinese-light.png"));
    if (which == QLatin1String("all")) shootColumns(chinese, folder + QStringLiteral("/chinese-%1.png"));
    return 0;
}
