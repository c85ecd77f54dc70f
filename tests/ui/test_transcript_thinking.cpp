// What models think aloud. If these fail, tags are seen in an answer, a text is lost, or what was thought is copied
// along. MOESCOPE_PICTURES=FOLDER saves pictures, to look at.

#include <QApplication>
#include <QClipboard>
#include <QTest>

#include "engine/markdown/thinking.h"
#include "ui/chat/message_layout.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/theme.h"

using namespace moescope;

namespace {

const std::string kThought =
    "First, **what** is asked?\n\n- The root of \\(x^2\\).\n- Or `code`.\n\n```\n</not-a-tag\n```\n\nWell then.";
const std::string kAnswer = "It is \\(x\\).\n\n1. one\n2. two";

/// Everything that is seen of an answer while it streams or after it.
struct Answer {
    explicit Answer(bool open) : style(Theme::makeLight()), layout(TranscriptRole::kAnswer) {
        message.role = TranscriptRole::kAnswer;
        layout.prepare(context());
        if (open) layout.toggleThought(context());
    }
    MessageContext context() const { return {style, message, {}, true, 600}; }
    void set(std::string text, bool streams) {
        message.text = std::move(text);
        message.state = streams ? TranscriptState::kStreaming : TranscriptState::kComplete;
        layout.update(context());
        layout.layOut(context(), 0, 1 << 20);
    }
    QString seen() {
        QString all;
        for (const Block& block : layout.blocks()) all += block.inlines.text + QLatin1Char('\n');
        return all;
    }
    QString copied() { return layout.text(context(), {0, static_cast<std::uint32_t>(message.text.size())}); }

    TranscriptStyle style;
    TranscriptMessage message;
    MessageLayout layout;
};

}  // namespace

class TranscriptThinkingTest : public QObject {
    Q_OBJECT

private slots:
    void tags();
    void neverATagNeverLost_data();
    void neverATagNeverLost();
    void foldsAndOpens();
    void copiesLeaveItOut();
};

void TranscriptThinkingTest::tags() {
    using markdown::answerOf;
    using markdown::thinkingOf;
    QVERIFY(!thinkingOf("Hello"));
    QVERIFY(!thinkingOf(""));
    QVERIFY(!thinkingOf("Use <think> for thoughts"));
    QVERIFY(!thinkingOf("The tag `</think>` ends it"));
    QVERIFY(!thinkingOf("a < b"));
    QVERIFY(!thinkingOf("<"));
    QVERIFY(!thinkingOf("<thi"));
    QVERIFY(thinkingOf("<thi", true));
    QVERIFY(!thinkingOf("<this", true));
    QVERIFY(answerOf("<think>a</think>b") == "b");
    QVERIFY(answerOf("\n<think>\na\n</think>\n\nb") == "b");
    QVERIFY(answerOf("<think></think>b") == "b");
    QVERIFY(answerOf("<think>a") == "");
    QVERIFY(answerOf("thought\n</think>\n\nanswer") == "answer");
    QVERIFY(answerOf("◁think▷a◁/think▷b") == "b");
    QVERIFY(answerOf("plain") == "plain");
    QVERIFY(markdown::openedThought("<|assistant|><think>") == "<think>");
    QVERIFY(markdown::openedThought("<|assistant|><think>\n") == "<think>");
    QVERIFY(markdown::openedThought("<|assistant|><think></think>").empty());
    QVERIFY(markdown::openedThought("").empty());
    const std::string text = "<think>\nabc\n</th";
    QCOMPARE(text.substr(thinkingOf(text, true)->begin, thinkingOf(text, true)->end - thinkingOf(text, true)->begin),
             std::string("abc"));
    QCOMPARE(thinkingOf(text)->end, text.size());
}

void TranscriptThinkingTest::neverATagNeverLost_data() {
    QTest::addColumn<QString>("open");
    QTest::addColumn<QString>("close");
    QTest::newRow("deepseek") << "<think>\n"
                              << "\n</think>\n\n";
    QTest::newRow("close together") << "<think>"
                                    << "</think>";
    QTest::newRow("other") << "<thinking>\n"
                           << "\n</thinking>\n";
    QTest::newRow("kimi") << "◁think▷"
                          << "◁/think▷";
}

void TranscriptThinkingTest::neverATagNeverLost() {
    QFETCH(QString, open);
    QFETCH(QString, close);
    const std::string text = open.toStdString() + kThought + close.toStdString() + kAnswer;
    Answer streamed(true);
    for (std::size_t size = 1; size <= text.size(); ++size) {
        streamed.set(text.substr(0, size), true);
        const QString seen = streamed.seen();
        for (const char* tag : {"<think", "</think", "<thi", "</thi", "◁"})
            QVERIFY(!seen.contains(QString::fromUtf8(tag)));
        // Parsed as it grows and as a whole it is the same.
        MarkdownDocument whole;
        whole.update(std::string_view(text).substr(0, size), true);
        QVERIFY(whole.blocks() == streamed.layout.blocks());
    }
    streamed.set(text, false);
    MarkdownDocument thought, answer;
    thought.update(kThought);
    answer.update(kAnswer);
    QCOMPARE(streamed.layout.blocks().size(), 1 + thought.blocks().size() + answer.blocks().size());
    for (std::size_t i = 0; i < thought.blocks().size(); ++i) {
        QCOMPARE(streamed.layout.blocks()[1 + i].inlines.text, thought.blocks()[i].inlines.text);
        QVERIFY(streamed.layout.blocks()[1 + i].thought);
    }
    for (std::size_t i = 0; i < answer.blocks().size(); ++i) {
        const Block& block = streamed.layout.blocks()[1 + thought.blocks().size() + i];
        QCOMPARE(block.inlines.text, answer.blocks()[i].inlines.text);
        QVERIFY(!block.thought);
    }
    // What only looks like a tag while it streams is text in the end.
    Answer cut(false);
    cut.set("<thi", true);
    QVERIFY(!cut.seen().contains(QLatin1Char('<')));
    cut.set("<thi", false);
    QVERIFY(cut.seen().contains(QStringLiteral("<thi")));
}

void TranscriptThinkingTest::foldsAndOpens() {
    ThemeStore themes;
    themes.setMode(ThemeStore::Mode::kDark);
    TranscriptModel model;
    TranscriptView view(&themes, &model);
    view.resize(824, 700);
    TranscriptMessage question, answer;
    question.id = 1;
    question.text = "Why?";
    answer.id = 2;
    answer.role = TranscriptRole::kAnswer;
    answer.text = "<think>\n" + kThought + "\n</think>\n\n" + kAnswer;
    answer.figures.tokens_per_second = 20;
    for (std::uint32_t at = 0; at < answer.text.size(); at += 4)
        answer.tokens.push_back(
            {at, std::min<std::uint32_t>(at + 4, static_cast<std::uint32_t>(answer.text.size())), 0});
    model.setMessages({question, answer});
    view.show();
    view.flush();
    const auto picture = [&](const char* name) {
        const QString folder = qEnvironmentVariable("MOESCOPE_PICTURES");
        if (!folder.isEmpty()) view.grab().save(folder + QLatin1Char('/') + QString::fromUtf8(name));
    };
    picture("thinking-folded.png");
    const int folded = view.messageRect(2).height();
    const QPoint line = view.messageRect(2).topLeft() + QPoint(30, 10);
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, line);
    picture("thinking-open.png");
    QVERIFY(view.messageRect(2).height() > folded + 100);
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, view.messageRect(2).topLeft() + QPoint(30, 10));
    QCOMPARE(view.messageRect(2).height(), folded);
    // What is found in a thought is shown.
    const std::size_t found = answer.text.find("Well");
    view.revealBytes(2, found, found + 4);
    QVERIFY(view.messageRect(2).height() > folded + 100);
    QCOMPARE(view.selectedText(), QStringLiteral("Well"));
}

void TranscriptThinkingTest::copiesLeaveItOut() {
    Answer answer(false);
    answer.set("<think>\n" + kThought + "\n</think>\n\n" + kAnswer, false);
    QVERIFY(!answer.copied().contains(QStringLiteral("Well then")));
    QVERIFY(answer.copied().contains(QStringLiteral("It is \\(x\\)")));
    Answer open(true);
    open.set(answer.message.text, false);
    QVERIFY(open.copied().contains(QStringLiteral("Well then")));
    QVERIFY(!open.copied().contains(QStringLiteral("think>")));
}

QTEST_MAIN(TranscriptThinkingTest)
#include "test_transcript_thinking.moc"
