// What is copied for a report. If this fails, a report tells too little to help, or what its sender would keep private.

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QPushButton>

#include "app/window/diagnostics.h"
#include "app/window/engine_thread.h"
#include "tests/window/desk.h"
#include "ui/settings/app_settings.h"

using namespace moescope;

class TestDiagnostics : public QObject {
    Q_OBJECT

private slots:
    void theMenuCopiesThem();
    void pathsAndNamesStayHere();
    void aCrashIsOfferedForAReport();
};

void TestDiagnostics::aCrashIsOfferedForAReport() {
    QTemporaryDir dir;
    auto history = History::open(dir.path().toStdString());
    QVERIFY(history.ok());
    WindowOptions options;
    options.data_dir = dir.path().toStdString();
    options.load_model = false;
    options.crash = CrashNote{"SIGSEGV", "0.9", "loading a model"};
    MainWindow window(std::move(*history), options);
    window.show();
    auto* notice = window.findChild<NoticeBar*>();
    QVERIFY(notice->sentence().contains(QLatin1String("crashed last time")));
    QGuiApplication::clipboard()->clear();
    for (QPushButton* button : notice->findChildren<QPushButton*>()) {
        if (button->text() == QLatin1String("Copy diagnostics")) button->click();
    }
    QTRY_VERIFY_WITH_TIMEOUT(!QGuiApplication::clipboard()->text().isEmpty(), 20'000);
    const QString text = QGuiApplication::clipboard()->text();
    QVERIFY2(text.contains(QLatin1String("\nEnded the last time by: SIGSEGV in version 0.9, while loading a model\n")),
             qPrintable(text));
}

void TestDiagnostics::theMenuCopiesThem() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("My secret word is rhubarb."));
    QGuiApplication::clipboard()->clear();
    for (QAction* action : desk.window->findChildren<QAction*>()) {
        if (action->text() == QLatin1String("Copy diagnostics")) {
            action->trigger();
            break;
        }
    }
    QTRY_VERIFY_WITH_TIMEOUT(!QGuiApplication::clipboard()->text().isEmpty(), 20'000);
    const QString text = QGuiApplication::clipboard()->text();
    for (const char* name : {"\nQt: ", "\nSystem: ", "\nCPU: ", "\nRAM available: ", "\nGPU: ", "\nHeatmaps: ",
                             "\nModel: deepseek", "\nLoaded: ", "\nSettings: {"}) {
        QVERIFY2(text.contains(QLatin1String(name)), qPrintable(QLatin1String(name) + text));
    }
    QVERIFY(!text.contains(QLatin1String("rhubarb")));
    QVERIFY(!text.contains(dir.path()));
    QVERIFY2(!text.contains(QLatin1String(".gguf")), qPrintable(text));
    QVERIFY(desk.notice->sentence().startsWith(QLatin1String("Copied versions")));
}

void TestDiagnostics::pathsAndNamesStayHere() {
    AppSettings settings;
    settings.threads = 3;
    settings.model_path = QStringLiteral("/home/rhubarb/private.gguf");
    settings.recent_models << settings.model_path;
    settings.model_names[settings.model_path] = QStringLiteral("Rhubarb 7B");
    CudaSurvey survey;
    survey.status = ioError("The driver\nrefuses " + QDir::homePath().toStdString() + "/lib.so.");
    const QString text = diagnosticsText({}, settings, QStringLiteral("CPU"), survey);
    QVERIFY(text.contains(QLatin1String("\"threads\":3")));
    QVERIFY(text.contains(QLatin1String("\nModel: none is loaded\n")));
    QVERIFY(!text.contains(QLatin1String("rhubarb"), Qt::CaseInsensitive));
    QVERIFY2(text.contains(QLatin1String("\nGPU: The driver refuses ~/lib.so.\n")), qPrintable(text));
}

QTEST_MAIN(TestDiagnostics)
#include "test_diagnostics.moc"
