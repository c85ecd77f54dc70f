// The window in its other language: no words are left in English, numbers have their plural forms.

#include <QAbstractButton>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QRegularExpression>

#include "app/window/opening.h"
#include "app/window/settings_json.h"
#include "app/window/translation.h"
#include "tests/window/desk.h"
#include "tests/window/modal.h"
#include "ui/chrome/status_line.h"
#include "ui/chrome/welcome.h"
#include "ui/settings/chat_settings_dialog.h"
#include "ui/settings/export_choice_dialog.h"
#include "ui/settings/settings_dialog.h"

using namespace moescope;

namespace {

/// Whether English words stand in a text that is no name.
bool hasEnglish(QString text) {
    static const QRegularExpression kNames(QStringLiteral(
        "Moescope( Demo)?|OLMoE|DeepSeek(MoE)?|Jain|MaxVio|CV|PNG|SVG|CSV|cividis|viridis|magma|English|JSON( "
        "Lines)?|JSONL|PDF|PEM|API|OpenAI|vLLM|SGLang|https?:[^ "
        "]*|Markdown|ChatGPT|HTML|MoE|KV|Top-k|Top-p|Min-p|CPU[^,]*|Qt [0-9.]+|"
        "SQLite|zstd|fmt|Inter|JetBrains "
        "Mono|GPU|Ctrl|Shift|Tab|Esc|Enter|Delete|Del|End|Home|F[0-9]+|PgUp|PgDown|Up|Down|f16|f32|"
        "q8_0|threads?|[KMG]i?B|bytes|\\{\\{[a-z]+\\}\\}|…[^ ，]*|/[^ ]*|\\([*.a-z]+\\)"));
    static const QRegularExpression kWord(QStringLiteral("[A-Za-z]{2,}"));
    return text.remove(kNames).contains(kWord);
}

QStringList textsOf(QWidget* root) {
    QStringList texts;
    QList<QWidget*> widgets = root->findChildren<QWidget*>();
    widgets << root;
    for (const QWidget* w : widgets) {
        if (w->objectName().startsWith(QLatin1String("qt_"))) continue;
        texts << w->accessibleName() << w->accessibleDescription() << w->toolTip();
        if (w->isWindow()) texts << w->windowTitle();
        if (const auto* label = qobject_cast<const QLabel*>(w)) texts << label->text();
        if (const auto* b = qobject_cast<const QAbstractButton*>(w)) texts << b->text();
        if (const auto* line = qobject_cast<const QLineEdit*>(w)) texts << line->placeholderText();
        if (const auto* list = qobject_cast<const QListWidget*>(w)) {
            for (int i = 0; i < list->count(); ++i) texts << list->item(i)->text();
        }
        for (const QAction* action : w->actions()) texts << action->text();
    }
    return texts;
}

}  // namespace

class TestLanguage : public QObject {
    Q_OBJECT

private slots:
    void cleanup() { useLanguage(QStringLiteral("en")); }
    void chineseIsComplete();
    void pluralsOfEnglish();
    void theLanguageOfTheSettings();
    void anotherLanguageStartsAgain();
};

void TestLanguage::chineseIsComplete() {
    useLanguage(QStringLiteral("zh_CN"));
    QTemporaryDir dir;
    Desk desk(dir.path());
    QStringList english;
    const auto look = [&](QWidget* root) {
        for (const QString& text : textsOf(root)) {
            if (hasEnglish(text)) english << text;
        }
    };
    // Its suggestions are in the demo model's language.
    for (auto* suggestion : desk.window->findChild<Welcome*>()->findChildren<QAbstractButton*>()) {
        suggestion->setText({});
        suggestion->setAccessibleName({});
    }
    // The engine's own sentences (what lies where) are English.
    desk.window->findChild<StatusLine*>()->setToolTip({});
    look(desk.window.get());
    // Titles and texts of chats are the user's own: one that is Chinese.
    desk.ask(QStringLiteral("你好"));
    QCOMPARE(desk.sidebar->model()->item(desk.window->chat().conversation())->detail, QStringLiteral("2 条消息"));
    ThemeStore themes;
    SettingsDialog settings(&themes);
    ChatSettingsDialog chat(&themes);
    ExportChoiceDialog choice(&themes, 3);
    for (QWidget* dialog :
         {static_cast<QWidget*>(&settings), static_cast<QWidget*>(&chat), static_cast<QWidget*>(&choice)}) {
        look(dialog);
    }
    english.removeDuplicates();
    QVERIFY2(english.isEmpty(), qPrintable(english.join(QLatin1Char('\n'))));
    QVERIFY(textsOf(&choice).contains(QStringLiteral("导出 3 个对话")));
}

void TestLanguage::pluralsOfEnglish() {
    useLanguage(QStringLiteral("en"));
    ThemeStore themes;
    QVERIFY(
        textsOf(std::make_unique<ExportChoiceDialog>(&themes, 1).get()).contains(QStringLiteral("Export one chat")));
    QVERIFY(textsOf(std::make_unique<ExportChoiceDialog>(&themes, 2).get()).contains(QStringLiteral("Export 2 chats")));
    OpenReport report;
    report.interrupted_answers = 1;
    QCOMPARE(describe(report),
             QStringLiteral("One answer was interrupted when the program ended; the text written so far was kept."));
    report.interrupted_answers = 3;
    QVERIFY(describe(report).startsWith(QStringLiteral("3 answers were")));
}

void TestLanguage::theLanguageOfTheSettings() {
    QCOMPARE(shownLanguage(QStringLiteral("zh_CN")), QStringLiteral("zh_CN"));
    QCOMPARE(shownLanguage(QStringLiteral("en")), QStringLiteral("en"));
    QVERIFY(QStringList({QStringLiteral("en"), QStringLiteral("zh_CN")}).contains(shownLanguage({})));
    QTemporaryDir dir;
    {
        auto history = History::open(dir.path().toStdString());
        QVERIFY(history.ok());
        AppSettings settings = readSettings(**history);
        QCOMPARE(settings.language, QString());
        settings.language = QStringLiteral("zh_CN");
        QVERIFY((*history)->settings().set("app", jsonOf(settings)).ok());
    }
    auto history = History::open(dir.path().toStdString());
    useLanguage(readSettings(**history).language);
    Desk desk(dir.path(), false);
    QVERIFY(textsOf(desk.sidebar).contains(QStringLiteral("新对话")));
}

/// A button away, with what was typed.
void TestLanguage::anotherLanguageStartsAgain() {
    QTemporaryDir dir;
    {
        Desk desk(dir.path(), false);
        QTest::keyClicks(desk.edit, QStringLiteral("a draft"));
        whenShown<SettingsDialog>([](SettingsDialog& dialog) {
            AppSettings settings;
            settings.language = QStringLiteral("zh_CN");
            emit dialog.changed(settings);
            dialog.close();
        });
        for (QAction* action : desk.window->findChildren<QAction*>()) {
            if (action->text() == QStringLiteral("Settings…")) action->trigger();
        }
        QVERIFY(!desk.window->startsAgain());
        QPushButton* again = nullptr;
        for (auto* button : desk.notice->findChildren<QPushButton*>()) {
            if (button->isVisible() && button->text() == QLatin1String("Restart")) again = button;
        }
        QVERIFY(again);
        QTest::mouseClick(again, Qt::LeftButton);
        QVERIFY(!desk.window->isVisible());
        QVERIFY(desk.window->startsAgain());
    }
    // As the program does then.
    auto history = History::open(dir.path().toStdString());
    useLanguage(readSettings(**history).language);
    Desk desk(dir.path(), false);
    QVERIFY(textsOf(desk.sidebar).contains(QStringLiteral("新对话")));
    QCOMPARE(desk.composer->text(), QStringLiteral("a draft"));
}

QTEST_MAIN(TestLanguage)
#include "test_language.moc"
