// Prompts that are kept: found by "/", filled by Tab, changed in the settings. If these fail, keys do something else
// than the list says, or a text that a user kept is lost.

#include <QJsonArray>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QSignalSpy>

#include "tests/ui/composer_bench.h"
#include "ui/composer/placeholders.h"
#include "ui/composer/prompt_popup.h"
#include "ui/settings/built_in_prompts.h"
#include "ui/settings/settings_dialog.h"

using namespace moescope;

namespace {

struct PromptBench : ComposerBench {
    PromptBench() {
        composer->setPrompts({{QStringLiteral("Translate"),
                               QStringLiteral("Translate into {{language}}, {{tone}}:\n{{clipboard}}"), false},
                              {QStringLiteral("Code review"), QStringLiteral("Review this."), false},
                              {QStringLiteral("Teacher"), QStringLiteral("You are a teacher."), true}});
    }
    PromptPopup* popup() { return window.findChild<PromptPopup*>(); }
    bool open() { return popup() && popup()->isVisible(); }
    QString chosen() { return edit->textCursor().selectedText(); }
};

}  // namespace

class TestPrompts : public QObject {
    Q_OBJECT

private slots:
    void keysFindOneAndFillIt();
    void escapeAndOtherTextLeaveItAlone();
    void aSystemPromptIsTold();
    void aClickTakesOne();
    void placeholders();
    void theSettingsKeepThem();
    void thePageChangesThem();
};

void TestPrompts::keysFindOneAndFillIt() {
    PromptBench bench;
    QApplication::clipboard()->setText(QStringLiteral("Bonjour {{x"));
    bench.type("Hello");
    QTest::keyClick(bench.edit, Qt::Key_Return, Qt::ShiftModifier);
    bench.type("/");
    QVERIFY(bench.open());
    QCOMPARE(bench.popup()->count(), 3);
    const QRect box(bench.composer->mapTo(&bench.window, QPoint()), bench.composer->size());
    QVERIFY(!bench.popup()->geometry().intersects(box));
    bench.window.grab().save(qEnvironmentVariable("MOESCOPE_PICTURES") + QStringLiteral("/prompts.png"));
    bench.type("re");  // of any word
    QCOMPARE(bench.popup()->count(), 1);
    QTest::keyClick(bench.edit, Qt::Key_Backspace);
    QTest::keyClick(bench.edit, Qt::Key_Backspace);
    QTest::keyClick(bench.edit, Qt::Key_Down);
    QTest::keyClick(bench.edit, Qt::Key_Up);
    QSignalSpy sent(bench.composer, &Composer::sent);
    QTest::keyClick(bench.edit, Qt::Key_Return);
    QVERIFY(!bench.open());
    QVERIFY(sent.isEmpty());
    QCOMPARE(bench.composer->text(), QStringLiteral("Hello\nTranslate into {{language}}, {{tone}}:\nBonjour {{x"));
    QCOMPARE(bench.chosen(), QStringLiteral("{{language}}"));
    bench.type("English");
    QTest::keyClick(bench.edit, Qt::Key_Tab);
    QCOMPARE(bench.chosen(), QStringLiteral("{{tone}}"));
    QTest::keyClick(bench.edit, Qt::Key_Backtab);
    QCOMPARE(bench.chosen(), QStringLiteral("{{tone}}"));  // the only one that is left
    bench.type("kindly");
    QVERIFY(bench.edit->hasFocus());
    QTest::keyClick(bench.edit, Qt::Key_Tab);
    QVERIFY(!bench.edit->hasFocus());  // Tab leads on again
    bench.edit->setFocus();
    QTest::keyClick(bench.edit, Qt::Key_Return);
    QCOMPARE(sent.size(), 1);
    QCOMPARE(sent[0][0].toString(), QStringLiteral("Hello\nTranslate into English, kindly:\nBonjour {{x"));
}

void TestPrompts::escapeAndOtherTextLeaveItAlone() {
    PromptBench bench;
    bench.type("/");
    QVERIFY(bench.open());
    QSignalSpy stopped(bench.composer, &Composer::stopRequested);
    bench.composer->setAnswering(true);
    QTest::keyClick(bench.edit, Qt::Key_Escape);
    QVERIFY(!bench.open());
    QVERIFY(stopped.isEmpty());
    QCOMPARE(bench.composer->text(), QStringLiteral("/"));
    bench.composer->setAnswering(false);
    for (const char* text : {"/usr/bin", "and/or", " /", "a /"}) {
        bench.composer->setText({});
        bench.type(text);
        QVERIFY2(!bench.open(), text);
    }
    // Enter sends what is no name of a prompt.
    QSignalSpy sent(bench.composer, &Composer::sent);
    bench.composer->setText({});
    bench.type("/nothing");
    QTest::keyClick(bench.edit, Qt::Key_Return);
    QCOMPARE(sent.size(), 1);
    // It goes with the focus.
    bench.type("/");
    QVERIFY(bench.open());
    bench.button->setFocus();
    QTRY_VERIFY(!bench.open());
}

void TestPrompts::aSystemPromptIsTold() {
    PromptBench bench;
    QSignalSpy told(bench.composer, &Composer::systemPromptChosen);
    bench.type("/tea");
    QTest::keyClick(bench.edit, Qt::Key_Tab);
    QCOMPARE(told.size(), 1);
    QCOMPARE(told[0][0].value<PromptEntry>().text, QStringLiteral("You are a teacher."));
    QCOMPARE(bench.composer->text(), QString());
    QVERIFY(bench.edit->hasFocus());
}

void TestPrompts::aClickTakesOne() {
    PromptBench bench;
    bench.type("/");
    QTest::mouseClick(bench.popup()->viewport(), Qt::LeftButton, {},
                      bench.popup()->visualItemRect(bench.popup()->item(1)).center());
    QCOMPARE(bench.composer->text(), QStringLiteral("Review this."));
    QVERIFY(bench.edit->hasFocus());
}

void TestPrompts::placeholders() {
    const QString text = QStringLiteral("{{}} {{a}} {b} {{c\nd}} {{e f}}");
    const auto first = findPlaceholder(text, 0);
    QVERIFY(first);
    QCOMPARE(text.mid(first->first, first->second - first->first), QStringLiteral("{{a}}"));
    const auto second = findPlaceholder(text, first->second);
    QCOMPARE(text.mid(second->first, second->second - second->first), QStringLiteral("{{e f}}"));
    QVERIFY(!findPlaceholder(text, second->second));
    // What is pasted is taken as it is.
    QCOMPARE(withKnownPlaceholders(QStringLiteral("{{date}}: {{clipboard}}"), QStringLiteral("{{date}}"),
                                   QStringLiteral("today")),
             QStringLiteral("today: {{date}}"));
}

void TestPrompts::theSettingsKeepThem() {
    AppSettings settings;
    QVERIFY(!AppSettings::fromJson(settings.toJson()).prompts);  // the built-in ones
    QCOMPARE(promptsOf(settings), builtInPrompts());
    settings.prompts = QList<PromptEntry>{{QStringLiteral("A"), QStringLiteral("text\nof two lines"), true}};
    QCOMPARE(AppSettings::fromJson(settings.toJson()), settings);
    settings.prompts = QList<PromptEntry>();  // all were removed
    QCOMPARE(AppSettings::fromJson(settings.toJson()), settings);
    QJsonObject odd = settings.toJson();
    odd[QLatin1String("prompts")] = QJsonArray{1, QJsonObject{{QLatin1String("name"), QStringLiteral("no text")}}};
    QCOMPARE(AppSettings::fromJson(odd), settings);
}

void TestPrompts::thePageChangesThem() {
    ThemeStore themes;
    SettingsDialog dialog(&themes);
    dialog.showPage(SettingsDialog::Page::kPrompts);
    dialog.show();
    QSignalSpy changed(&dialog, &SettingsDialog::changed);
    auto* list = dialog.findChild<QListWidget*>(QStringLiteral("prompts"));
    const int before = list->count();
    QCOMPARE(before, static_cast<int>(builtInPrompts().size()));
    dialog.grab().save(qEnvironmentVariable("MOESCOPE_PICTURES") + QStringLiteral("/prompts-page.png"));
    dialog.findChild<QPushButton*>(QStringLiteral("add_prompt"))->click();
    QTest::keyClicks(dialog.findChild<QLineEdit*>(QStringLiteral("prompt_name")), QStringLiteral("Mine"));
    dialog.findChild<QPlainTextEdit*>(QStringLiteral("prompt_text"))->setPlainText(QStringLiteral("Do {{it}}."));
    QCOMPARE(list->item(before)->text(), QStringLiteral("Mine"));
    dialog.findChild<QPushButton*>(QStringLiteral("add_prompt"))->click();  // left empty
    dialog.accept();
    QCOMPARE(changed.size(), 1);
    const auto kept = changed[0][0].value<AppSettings>().prompts;
    QVERIFY(kept);
    QCOMPARE(kept->size(), before + 1);
    QCOMPARE(kept->constLast(), (PromptEntry{QStringLiteral("Mine"), QStringLiteral("Do {{it}}."), false}));
    // Back to the built-in ones, which are not stored.
    dialog.findChild<QPushButton*>(QStringLiteral("built_in_prompts"))->click();
    dialog.accept();
    QVERIFY(!changed[1][0].value<AppSettings>().prompts);
}

QTEST_MAIN(TestPrompts)
#include "test_prompts.moc"
