// The form of the router's rules. If these fail, an answer is made with other rules than those that were typed, or
// rules that do not fit are let through.

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include "engine/routing/rules_text.h"
#include "ui/settings/expert_grid.h"
#include "ui/settings/router_rules_dialog.h"
#include "ui/settings/router_rules_editor.h"
#include "ui/settings/rules_words.h"
#include "ui/widgets/controls.h"

using namespace moescope;

namespace {

const RoutingShape kShape{1, 27, 64, 6, 2};

RouterRules parsed(const char* text) {
    const auto rules = parseRules(text);
    if (!rules.ok()) qFatal("%s", rules.status().message().c_str());
    return *rules;
}

void type(QWidget& form, const char* field, const QString& text) {
    auto* edit = form.findChild<QLineEdit*>(QLatin1String(field));
    edit->clear();
    QTest::keyClicks(edit, text);
}

}  // namespace

class TestRouterRules : public QObject {
    Q_OBJECT

private slots:
    void theFormGivesWhatIsTyped();
    void theGridIsTheText();
    void theFormShowsWhatIsSet_data();
    void theFormShowsWhatIsSet();
    void whatDoesNotFitIsSaid();
    void theDialogAppliesOrRegenerates();
    void words();
};

void TestRouterRules::theFormGivesWhatIsTyped() {
    RouterRulesEditor editor;
    editor.setShape(kShape);
    editor.show();
    QSignalSpy edited(&editor, &RouterRulesEditor::edited);
    QVERIFY(*editor.rules() == RouterRules());
    type(editor, "used", QStringLiteral("4; 12: 2"));
    type(editor, "masked", QStringLiteral("12: 3 5 7; 14: 40"));
    type(editor, "forced", QStringLiteral("63"));
    type(editor, "top", QStringLiteral("8"));
    type(editor, "scale", QStringLiteral("1.5"));
    editor.findChild<QCheckBox*>(QStringLiteral("shared"))->click();
    editor.findChild<Choice*>(QStringLiteral("gates"))->choose(QStringLiteral("on"));
    QVERIFY2(editor.error().isEmpty(), qPrintable(editor.error()));
    QVERIFY(*editor.rules() == parsed("k 4; k 12: 2; mask 12: 3 5 7; mask 14: 40; force 63; mask-top 8; shared off; "
                                      "renormalise on; scale 1.5"));
    QVERIFY(edited.size() > 20);
}

/// Clicks in the grid and the text say the same, whichever was changed.
void TestRouterRules::theGridIsTheText() {
    RouterRulesEditor editor;
    editor.setTheme(Theme::makeDark());
    editor.setShape(kShape);
    editor.resize(600, 900);
    editor.show();
    auto* grid = editor.findChild<ExpertGrid*>();
    auto* masked = editor.findChild<QLineEdit*>(QStringLiteral("masked"));
    auto* forced = editor.findChild<QLineEdit*>(QStringLiteral("forced"));
    QVERIFY(grid->isVisible());
    const auto click = [&](int layer, int expert) {
        QTest::mouseClick(grid, Qt::LeftButton, {}, grid->cellRect(layer, expert).center());
    };
    QSignalSpy edited(&editor, &RouterRulesEditor::edited);
    click(11, 40);
    QCOMPARE(masked->text(), QStringLiteral("12: 40"));
    QCOMPARE(edited.size(), 1);
    click(11, 3);
    QCOMPARE(masked->text(), QStringLiteral("12: 3 40"));
    click(11, 40);
    QCOMPARE(masked->text(), QStringLiteral("12: 3"));
    QCOMPARE(forced->text(), QStringLiteral("12: 40"));
    click(11, 40);
    click(11, 3);
    click(11, 3);
    QVERIFY(*editor.rules() == RouterRules());
    // One more layer apart from what holds for all, and one expert of it free again.
    type(editor, "masked", QStringLiteral("5 6"));
    click(0, 5);
    QVERIFY(*editor.rules() == parsed("mask 5 6; mask 1: 6; force 1: 5"));
    click(0, 5);
    QVERIFY(*editor.rules() == parsed("mask 5 6; mask 1: 6"));
    click(0, 5);
    QVERIFY(*editor.rules() == parsed("mask 5 6"));
    // By keys; what the cell under the cursor is, is said.
    editor.setRules({});
    QTest::keyClick(grid, Qt::Key_Down);
    QTest::keyClick(grid, Qt::Key_Right);
    QTest::keyClick(grid, Qt::Key_Space);
    QVERIFY2(grid->accessibleDescription().endsWith(QStringLiteral("masked")),
             qPrintable(grid->accessibleDescription()));
    QCOMPARE(masked->text(), QStringLiteral("2: 6"));
    // What is not understood stays as it was typed.
    type(editor, "masked", QStringLiteral("x"));
    click(3, 3);
    QCOMPARE(masked->text(), QStringLiteral("x"));
}

void TestRouterRules::theFormShowsWhatIsSet_data() {
    QTest::addColumn<QString>("text");
    for (const char* text :
         {"", "k 4", "k 12: 2", "mask 1 2 3", "k 4; k 12: 2; mask 12: 3 5 7; mask 14: 40; shared off",
          "force 7; mask-top 16; renormalise off; scale 0.25", "renormalise on", "mask 5; mask 3: none"}) {
        QTest::newRow(text) << QString::fromLatin1(text);
    }
}

void TestRouterRules::theFormShowsWhatIsSet() {
    QFETCH(QString, text);
    RouterRulesEditor editor;
    editor.setShape(kShape);
    editor.setRules(parsed("k 3; mask 9; shared off; scale 7"));
    editor.setRules(parsed(qPrintable(text)));
    QCOMPARE(QString::fromStdString(formatRules(*editor.rules())), text);
}

void TestRouterRules::whatDoesNotFitIsSaid() {
    ThemeStore themes;
    RouterRulesDialog dialog(&themes, kShape, true);
    dialog.show();
    RouterRulesEditor& editor = dialog.editor();
    auto* verdict = editor.findChild<QLabel*>(QStringLiteral("verdict"));
    auto* regenerate = dialog.findChild<QPushButton*>(QStringLiteral("regenerate"));
    QVERIFY(regenerate->isEnabled());
    const std::pair<const char*, const char*> wrong[] = {{"17", "17 experts per token; expected 1 to 16"},
                                                         {"four", "“four” is not a whole number"},
                                                         {"28: 2", "layer 28; layers with experts are 1 to 27"}};
    for (const auto& [typed, said] : wrong) {
        type(editor, "used", QString::fromUtf8(typed));
        QVERIFY2(verdict->text().contains(QString::fromUtf8(said)), qPrintable(verdict->text()));
        QVERIFY(!regenerate->isEnabled());
    }
    type(editor, "used", QString());
    type(editor, "masked", QStringLiteral("64"));
    QVERIFY2(verdict->text().contains(QStringLiteral("no expert 64")), qPrintable(verdict->text()));
    type(editor, "masked", QStringLiteral("3"));
    QVERIFY(regenerate->isEnabled());
    QVERIFY(verdict->text().contains(QStringLiteral("without 3")));
    // Without a model only what is no text of rules is refused.
    editor.setShape({});
    type(editor, "masked", QStringLiteral("64"));
    QVERIFY(editor.error().isEmpty());
}

void TestRouterRules::theDialogAppliesOrRegenerates() {
    ThemeStore themes;
    RouterRulesDialog dialog(&themes, kShape, true);
    QSignalSpy applied(&dialog, &RouterRulesDialog::applied), again(&dialog, &RouterRulesDialog::regenerateRequested);
    RouterRules got;
    connect(&dialog, &RouterRulesDialog::regenerateRequested, this, [&](const RouterRules& rules) { got = rules; });
    dialog.setRules(parsed("k 2"));
    dialog.show();
    dialog.findChild<QPushButton*>(QStringLiteral("regenerate"))->click();
    QCOMPARE(again.size(), 1);
    QVERIFY(got == parsed("k 2"));
    QVERIFY(!dialog.isVisible());
    dialog.show();
    dialog.findChild<QPushButton*>(QStringLiteral("own"))->click();
    dialog.findChild<QPushButton*>(QStringLiteral("apply"))->click();
    QCOMPARE(applied.size(), 1);
    QVERIFY(*dialog.editor().rules() == RouterRules());

    RouterRulesDialog of_chat(&themes, kShape, false);
    of_chat.show();
    QVERIFY(!of_chat.findChild<QPushButton*>(QStringLiteral("regenerate"))->isVisible());
}

void TestRouterRules::words() {
    QCOMPARE(rulesSummary({}, kShape), QStringLiteral("top 6, all experts"));
    QCOMPARE(rulesSummary({}, {}), QStringLiteral("all experts"));
    QCOMPARE(rulesSummary(parsed("k 4; mask 3; mask 12: 3 5; shared off"), kShape),
             QStringLiteral("top 4, 3 masked, shared off"));
    QCOMPARE(rulesSummary(parsed("k 12: 2; force 1; mask-top 2; scale 2"), kShape),
             QStringLiteral("top by layer, 1 forced, best masked, other gates"));
    QCOMPARE(rulesWords({}), QString());
    QCOMPARE(rulesWords(parsed("k 4; k 12: 2; mask 14: 3 5; shared off")),
             QStringLiteral("top 4, layer 12: 2; without layer 14: 3 5; shared experts off"));
    QCOMPARE(rulesWords(parsed("mask 5; mask 3: none; mask-top 4; renormalise on; scale 1.5")),
             QStringLiteral("without 5, layer 3: model default; without the best 4 of each token; gates sum to 1; "
                            "routed sum times 1.5"));
}

QTEST_MAIN(TestRouterRules)
#include "test_router_rules.moc"
