// Code in messages, questions that are Markdown, and what can be done with a message. If these fail, a long line of
// code cannot be read, a button does something else than it says, or a question shows other signs than were typed.
// MOESCOPE_PICTURES=FOLDER saves pictures, to look at.

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include "engine/markdown/attachment.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/markdown/code_file.h"
#include "ui/markdown/document.h"
#include "ui/theme.h"

using namespace moescope;

namespace {

const std::string kLong = "first = \"" + std::string(200, 'x') + "END\"";
const std::string kAnswer = "Here it is:\n\n```python\n" + kLong + "\ndef f():\n    return first\n```\n\nThat is all.";

struct Stage {
    explicit Stage(const std::string& question, const std::string& answer = kAnswer, bool dark = false) {
        themes.setMode(dark ? ThemeStore::Mode::kDark : ThemeStore::Mode::kLight);
        view = std::make_unique<TranscriptView>(&themes, &model);
        view->resize(640, 700);
        TranscriptMessage first, second;
        first.id = 1;
        first.text = question;
        second.id = 2;
        second.role = TranscriptRole::kAnswer;
        second.text = answer;
        // A token for each three bytes.
        for (std::size_t at = 0; at < answer.size(); at += 3) {
            second.tokens.push_back(
                {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(std::min(at + 3, answer.size())), 0});
        }
        model.setMessages({first, second});
        view->show();
        view->activateWindow();
        view->setFocus();
        view->flush();
        view->scrollToMessage(1);
        QCoreApplication::processEvents();
    }
    QRect tokenAt(const std::string& text) const {
        const std::size_t at = model.at(1).text.find(text);
        return view->tokenRect(2, static_cast<int>(at / 3));
    }
    void wheel(QPoint at, int sideways) {
        QWheelEvent event(QPointF(at), view->viewport()->mapToGlobal(QPointF(at)), {sideways, 0}, {sideways, 0},
                          Qt::NoButton, {}, Qt::NoScrollPhase, false);
        QApplication::sendEvent(view->viewport(), &event);
    }
    /// Presses the button of the code that is `tabs` behind the text.
    void pressButton(int tabs) {
        view->setFocusedMessage(2);
        for (int i = 0; i < tabs; ++i) QTest::keyClick(view.get(), Qt::Key_Tab);
        QTest::keyClick(view.get(), Qt::Key_Return);
    }
    void save(const QString& name) {
        const QString folder = qEnvironmentVariable("MOESCOPE_PICTURES");
        if (!folder.isEmpty()) view->grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png"));
    }

    ThemeStore themes;
    TranscriptModel model;
    std::unique_ptr<TranscriptView> view;
};

std::vector<BlockKind> kinds(const std::string& question) {
    MarkdownDocument document(MarkdownDocument::Kind::kQuestion);
    document.update(question);
    std::vector<BlockKind> found;
    for (const Block& block : document.blocks()) found.push_back(block.kind);
    return found;
}

}  // namespace

class TranscriptCodeTest : public QObject {
    Q_OBJECT

private slots:
    void longLinesAreMovedSideways();
    void aHitFarToTheRightIsShown();
    void linesWrapWhereThatIsWanted();
    void linesHaveNumbersWhereThatIsWanted();
    void buttonsCopyAndSave();
    void filesHaveTheEndingOfTheirLanguage();
    void questionsAreMarkdownWhereTheyMeanIt();
    void aQuestionOfFilesAloneHasNoEmptyLine();
    void actionsHaveNames();
    void pictures();
};

void TranscriptCodeTest::longLinesAreMovedSideways() {
    Stage stage("Why?");
    const int width = stage.view->viewport()->width();
    QVERIFY(stage.tokenAt("END").isEmpty());  // out of sight
    const QRect before = stage.tokenAt("def");
    QVERIFY(before.right() < width);
    const int lines = stage.view->messageRect(2).height();
    stage.wheel(before.center(), -240);
    const QRect after = stage.tokenAt("irst");
    QVERIFY(after.isEmpty() || after.left() < before.left());
    for (int i = 0; i < 40; ++i) stage.wheel(before.center(), -240);
    const QRect end = stage.tokenAt("END");
    QVERIFY(!end.isEmpty() && end.right() < width);
    QCOMPARE(stage.view->messageRect(2).height(), lines);
    for (int i = 0; i < 40; ++i) stage.wheel(before.center(), 240);
    QCOMPARE(stage.tokenAt("def"), before);
    // By keys: of the message with the ring.
    stage.view->setFocusedMessage(2);
    for (int i = 0; i < 60; ++i) QTest::keyClick(stage.view.get(), Qt::Key_Right);
    QCOMPARE(stage.tokenAt("END"), end);
    for (int i = 0; i < 60; ++i) QTest::keyClick(stage.view.get(), Qt::Key_Left);
    QCOMPARE(stage.tokenAt("def"), before);
    // What is outside of code does not move.
    const QRect words = stage.tokenAt("That");
    stage.wheel(words.center(), -240);
    QCOMPARE(stage.tokenAt("That"), words);
}

void TranscriptCodeTest::aHitFarToTheRightIsShown() {
    Stage stage("Why?");
    const std::size_t at = kAnswer.find("END");
    stage.view->revealBytes(2, at, at + 3);
    const QRect end = stage.tokenAt("END");
    QVERIFY(!end.isEmpty());
    QVERIFY(end.right() < stage.view->viewport()->width() && end.left() > 0);
}

void TranscriptCodeTest::linesWrapWhereThatIsWanted() {
    Stage stage("Why?");
    const int before = stage.view->messageRect(2).height();
    QSignalSpy changed(stage.view.get(), &TranscriptView::codeLookChanged);
    stage.pressButton(3);
    QCOMPARE(changed.size(), 1);
    QVERIFY(changed[0][0].toBool());
    QVERIFY(stage.view->messageRect(2).height() > before + 30);
    QVERIFY(!stage.tokenAt("END").isEmpty());
    stage.themes.zoomBy(1);  // stays so
    QVERIFY(stage.view->wrapsCode());
    stage.pressButton(3);
    QVERIFY(!stage.view->wrapsCode());
}

void TranscriptCodeTest::linesHaveNumbersWhereThatIsWanted() {
    Stage stage("Why?");
    const QRect before = stage.tokenAt("def");
    stage.pressButton(4);
    QVERIFY(stage.view->numbersCode());
    const QRect after = stage.tokenAt("def");
    QVERIFY(after.left() > before.left() + 10);
    QCOMPARE(after.top(), before.top());
    // Numbers are no part of what is copied.
    stage.view->selectAll();
    QVERIFY(stage.view->selectedText().contains(QStringLiteral("\ndef f():\n    return first\n")));
}

void TranscriptCodeTest::buttonsCopyAndSave() {
    Stage stage("Why?");
    stage.pressButton(1);
    const QString code = QString::fromStdString(kLong + "\ndef f():\n    return first");
    QCOMPARE(QApplication::clipboard()->text(), code);
    QSignalSpy saved(stage.view.get(), &TranscriptView::saveCodeRequested);
    stage.pressButton(2);
    QCOMPARE(saved.size(), 1);
    QCOMPARE(saved[0][0].toString(), code);
    QCOMPARE(saved[0][1].toString(), QStringLiteral("python"));
}

void TranscriptCodeTest::filesHaveTheEndingOfTheirLanguage() {
    QCOMPARE(codeFileName(QStringLiteral("Python")), QStringLiteral("code.py"));
    QCOMPARE(codeFileName(QStringLiteral("c++")), QStringLiteral("code.cpp"));
    QCOMPARE(codeFileName(QStringLiteral("../../etc")), QStringLiteral("code.txt"));
    QCOMPARE(codeFileName({}), QStringLiteral("code.txt"));
}

void TranscriptCodeTest::questionsAreMarkdownWhereTheyMeanIt() {
    using enum BlockKind;
    // As it is typed: what is pasted keeps its indents and signs.
    for (const char* plain : {"# include <x>\n    indented\n* a * b", "It costs $5, and then $6.", "a_b_c\n\n1. x",
                              "C:\\dir\\(new)\nsecond", "regex ^\\(a|b\\)$ `"}) {
        for (const BlockKind kind : kinds(plain)) QVERIFY2(kind == kParagraph, plain);
    }
    QCOMPARE(kinds("# a\nb\n    c").size(), std::size_t{3});
    QCOMPARE(kinds("Look:\n```c\nint x;\n```\nWhy?"), (std::vector{kParagraph, kCode, kParagraph}));
    QCOMPARE(kinds("## Task\nWhat is \\(x^2\\)?"), (std::vector{kHeading, kParagraph}));
    QCOMPARE(kinds("- `ls`\n- `cd`"), (std::vector{kParagraph, kParagraph}));
    // Selected as it is seen.
    Stage stage("Look:\n\n```c\nint x;\n```\n\nWhy is `x` **not** set?");
    stage.view->selectAll();
    QVERIFY(stage.view->selectedText().startsWith(QStringLiteral("Look:\n\n```c")));  // a whole message: its source
    QVERIFY(stage.view->messageRect(1).height() > 100);
    // Files before a marked question stay folded.
    markdown::Attachment file;
    file.name = "a.txt";
    file.text = "folded\n";
    const std::string with = markdown::withAttachments(std::vector{file}, "Why `x`?");
    MarkdownDocument document(MarkdownDocument::Kind::kQuestion);
    document.update(with);
    QCOMPARE(document.files(), QStringLiteral("a.txt"));
    const Block& question = document.blocks().back();
    QCOMPARE(question.inlines.text, QStringLiteral("Why x?"));
    QCOMPARE(with.substr(question.begin, 3), std::string("Why"));
}

void TranscriptCodeTest::aQuestionOfFilesAloneHasNoEmptyLine() {
    markdown::Attachment file;
    file.name = "a.txt";
    file.text = "Some text.\n";
    Stage alone(markdown::withAttachments(std::vector{file}, "")),
        asked(markdown::withAttachments(std::vector{file}, "Why?"));
    const int line = 15;
    QVERIFY(alone.view->messageRect(1).height() + line < asked.view->messageRect(1).height());
}

void TranscriptCodeTest::actionsHaveNames() {
    Stage stage("Why?");
    const QStringList names = stage.view->actionNames(2);
    QVERIFY(names.contains(QStringLiteral("Copy message")));
    QVERIFY(names.contains(QStringLiteral("Regenerate answer")));
    QVERIFY(!stage.view->actionNames(1).contains(QStringLiteral("Regenerate answer")));
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(stage.view.get());
    QVERIFY(list);
    QAccessibleInterface* answer = list->child(1);
    QVERIFY(answer && answer->actionInterface());
    QCOMPARE(answer->actionInterface()->actionNames(), names);
    QSignalSpy regenerated(stage.view.get(), &TranscriptView::regenerateRequested);
    answer->actionInterface()->doAction(QStringLiteral("Regenerate answer"));
    QCOMPARE(regenerated.size(), 1);
    QCOMPARE(regenerated[0][0].toLongLong(), 2);
    // Each button is as large as its icon, and apart from its neighbor.
    const QRect copy = stage.view->actionRect(2, MessageAction::kCopy);
    const QRect edit = stage.view->actionRect(2, MessageAction::kEdit);
    QVERIFY(copy.width() >= 20 && copy.width() < 40);
    QVERIFY(!copy.intersects(edit));
}

void TranscriptCodeTest::pictures() {
    if (qEnvironmentVariableIsEmpty("MOESCOPE_PICTURES")) QSKIP("set MOESCOPE_PICTURES to a folder");
    const std::string question =
        "## Task\n\nWhy does `f(x)` with \\(x^2 = 2\\) print **nothing**?\n\n```cpp\nint main() {\n    return 0;\n}\n"
        "```\n\n1. It compiles.\n2. It runs.";
    const std::string answer = kAnswer + "\n\n```diff\n--- a\n+++ b\n-old line\n+new line\n```\n\n```\nplain\n```";
    for (const bool dark : {false, true}) {
        const QString theme = dark ? QStringLiteral("-dark") : QStringLiteral("-light");
        Stage stage(question, answer, dark);
        stage.view->setFocusedMessage(2);
        stage.view->scrollToMessage(1);
        stage.save(QStringLiteral("code") + theme);
        stage.view->setCodeLook(false, true);
        stage.save(QStringLiteral("code-numbers") + theme);
        stage.view->setCodeLook(true, true);
        stage.save(QStringLiteral("code-wrapped") + theme);
    }
}

QTEST_MAIN(TranscriptCodeTest)
#include "test_transcript_code.moc"
