// What messages look like. If these fail, a reader is shown other letters than were written, text on the wrong side, or
// a conversation without rhythm. MOESCOPE_PICTURES=FOLDER saves pictures of many texts, to look at.

#include <QImage>
#include <QPainter>
#include <QPdfWriter>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/timing.h"
#include "ui/chat/text_part.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_print.h"
#include "ui/chat/transcript_view.h"
#include "ui/theme.h"

using namespace moescope;

namespace {

/// A view of some messages, questions and answers by turns; each word of an answer is a token.
struct Stage {
    explicit Stage(const std::vector<std::string>& texts, bool dark = false) {
        themes.setMode(dark ? ThemeStore::Mode::kDark : ThemeStore::Mode::kLight);
        view = std::make_unique<TranscriptView>(&themes, &model);
        view->resize(824, 1000);
        std::vector<TranscriptMessage> messages;
        for (const std::string& text : texts) {
            TranscriptMessage message;
            message.id = static_cast<qint64>(messages.size()) + 1;
            message.role = messages.size() % 2 == 0 ? TranscriptRole::kUser : TranscriptRole::kAnswer;
            message.text = text;
            if (message.role == TranscriptRole::kAnswer) {
                message.figures = {118, 84.24, 0.214, 0, 0, {}};
                for (std::size_t at = 0; at < text.size();) {
                    const std::size_t end = std::min(text.find(' ', at + 1), text.size());
                    message.tokens.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end), 0});
                    at = end;
                }
            }
            messages.push_back(std::move(message));
        }
        model.setMessages(std::move(messages));
        view->show();
        view->flush();
        view->scrollToMessage(1);
    }

    void save(const QString& name) {
        const QString folder = qEnvironmentVariable("MOESCOPE_PICTURES");
        if (!folder.isEmpty()) view->grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png"));
    }

    ThemeStore themes;
    TranscriptModel model;
    std::unique_ptr<TranscriptView> view;
};

/// A line of code as the transcript draws it.
QImage codeLine(const QString& text, double width = 700) {
    ThemeStore themes;
    themes.setMode(ThemeStore::Mode::kLight);
    const TranscriptStyle style(themes.theme());
    Inlines inlines;
    inlines.text = text;
    const std::string source = text.toStdString();
    inlines.runs = {
        {0, static_cast<int>(text.size()), 0, static_cast<std::uint32_t>(source.size()), kPlainStyle, true, -1}};
    TextPart::Setup setup;
    setup.font = style.code;
    setup.colour = Qt::black;
    setup.line = style.code_line;
    setup.width = width;
    setup.code = true;
    const TextPart part(setup, style, inlines, source, 0, static_cast<int>(text.size()));
    QImage image(static_cast<int>(width), part.height(), QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    part.draw(&painter, {}, {}, style);
    return image;
}

}  // namespace

class TestTranscript : public QObject {
    Q_OBJECT

private slots:
    void codeHasNoLigatures() {
        // Letter by letter is the same as all at once.
        for (const char* code : {"A-->B", "x[::-1] != y", "a <= b && c => d", "www ### |>"}) {
            const QString text = QString::fromLatin1(code);
            const QImage whole = codeLine(text);
            ThemeStore themes;
            const double unit = TranscriptStyle(themes.theme()).code_unit;
            QImage single(whole.size(), QImage::Format_RGB32);
            single.fill(Qt::white);
            QPainter painter(&single);
            for (int i = 0; i < text.size(); ++i) {
                const QImage letter = codeLine(QString(i, QLatin1Char(' ')) + text[i]);
                painter.setCompositionMode(QPainter::CompositionMode_Darken);
                painter.drawImage(0, 0, letter);
            }
            painter.end();
            int differ = 0;
            for (int y = 0; y < whole.height(); ++y) {
                for (int x = 0; x < whole.width(); ++x)
                    differ += qAbs(qGray(whole.pixel(x, y)) - qGray(single.pixel(x, y))) > 48;
            }
            QVERIFY2(differ <= 4, qPrintable(QStringLiteral("%1: %2 pixels, unit %3").arg(text).arg(differ).arg(unit)));
        }
    }

    void wrappedCodeHangs() {
        Stage stage({"q", "```\n    " + std::string(300, 'x') + "\n```"});
        stage.save(QStringLiteral("hang"));
        const QImage image = codeLine(QStringLiteral("    ") + QString(200, QLatin1Char('x')), 500);
        ThemeStore themes;
        const double unit = TranscriptStyle(themes.theme()).code_unit;
        // The second line begins farther in than the first, behind a mark.
        const auto firstInk = [&](int from, int to) {
            for (int x = 0; x < image.width(); ++x) {
                for (int y = from; y < to; ++y) {
                    if (qGray(image.pixel(x, y)) < 100) return x;
                }
            }
            return image.width();
        };
        QVERIFY(image.height() > 38);
        QVERIFY(firstInk(19, 38) > firstInk(0, 19) + static_cast<int>(1.5 * unit));
    }

    void rightToLeftBeginsAtTheRight() {
        Stage stage({"مرحبا", "مرحبا بالعالم\n\n- שלום\n- العنصر `code()` هنا\n\nLatin text"});
        stage.save(QStringLiteral("rtl"));
        const QRect first = stage.view->tokenRect(2, 0);
        const QRect column = stage.view->messageRect(2);
        QVERIFY(first.right() > column.right() - 8);
        const QImage image = stage.view->grab().toImage();
        const auto inked = [&](const QRect& part) {
            int count = 0;
            for (int y = part.top(); y <= part.bottom(); ++y) {
                for (int x = part.left(); x <= part.right(); ++x) count += qGray(image.pixel(x, y)) < 190;
            }
            return count;
        };
        // Bullets: nothing at the left of the items, something at the right.
        const int top = first.bottom() + 8, height = 50;
        QCOMPARE(inked(QRect(column.left(), top, 40, height)), 0);
        QVERIFY(inked(QRect(column.right() - 20, top, 20, height)) > 10);
    }

    void codeDoesNotTurnRound() {
        const std::string text = "العنصر `code()` هنا";
        Stage stage({"q", text});
        // "code" is left of its brackets.
        const auto rectOf = [&](std::size_t at, std::size_t size) {
            TranscriptMessage message = stage.model.at(1);
            message.tokens = {{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + size), 0}};
            Stage other({"q", text});
            std::vector<TranscriptMessage> messages{other.model.at(0), message};
            messages[1].id = 9;
            other.model.setMessages(messages);
            other.view->flush();
            return other.view->tokenRect(9, 0);
        };
        const std::size_t code = text.find("code");
        const QRect word = rectOf(code, 4), brackets = rectOf(code + 4, 2);
        QVERIFY(!word.isNull() && !brackets.isNull());
        QVERIFY(word.center().x() < brackets.center().x());
    }

    void rhythmOfTurns() {
        Stage stage({"One", "Answer", "Two", "Answer"});
        const QRect question = stage.view->messageRect(1), answer = stage.view->messageRect(2);
        const QRect next = stage.view->messageRect(3);
        const int line = stage.view->tokenRect(2, 0).height();
        const int bubble = question.height() - 16;
        QVERIFY(bubble >= 36 && bubble <= 44);  // a line and its padding: 16 pixels are left
        QCOMPARE(answer.top() - question.top(), bubble + 16);
        QCOMPARE(next.top() - answer.top(), line + 32);
    }

    /// Under every answer they would be noise.
    void figuresShowUnderTheLastAndThePointer() {
        Stage stage({"One", "Answer", "Two", "Answer"});
        const auto figures = [&](int message) {
            const QRect text = stage.view->tokenRect(message, 0), column = stage.view->messageRect(message);
            const QImage image = stage.view->grab().toImage();
            const int ground = qGray(image.pixel(1, 1));
            int inked = 0;
            for (int y = text.bottom() + 2; y <= std::min(text.bottom() + 24, image.height() - 1); ++y) {
                for (int x = column.center().x(); x < column.right(); ++x)
                    inked += qAbs(qGray(image.pixel(x, y)) - ground) > 25;
            }
            return inked > 20;
        };
        QVERIFY(!figures(2));
        QVERIFY(figures(4));
        QTest::mouseMove(stage.view->viewport(), stage.view->messageRect(2).center());
        QTRY_VERIFY(figures(2));
    }

    void figuresSayThreeDigits() {
        const QLocale before;
        QLocale::setDefault(QLocale::c());
        QCOMPARE(figuresText({118, 84.24, 0.2142, 0, 0, {}}),
                 QStringLiteral("118 token(s) · 84.2 tok/s · first token after 214 ms"));
        QCOMPARE(figuresText({9, 3040.2, 0.0004, 0, 0, {}}),
                 QStringLiteral("9 token(s) · 3040 tok/s · first token after 1 ms"));
        QCOMPARE(figuresText({9, 3.14159, 12.345, 0, 0, QStringLiteral("stopped")}),
                 QStringLiteral("9 token(s) · 3.14 tok/s · first token after 12.3 s · stopped"));
        QLocale::setDefault(before);
    }

    /// An answer of 50 kB that would swell is laid out like any other.
    void bombsAreShown() {
        std::string table(5000, '|');
        table += "\n|";
        for (int i = 0; i < 5000; ++i) table += "---|";
        for (int i = 0; i < 5000; ++i) table += "\n|x|";
        std::string uses = "[x]: /" + std::string(50000, 'u') + "\n\n", deep(20000, '>'), lists, tables;
        for (int i = 0; i < 16000; ++i) uses += "[x]";
        for (int i = 0; i < 60; ++i) lists += "- ";
        for (int i = 0; i < 5000; ++i) tables += "|a|\n|-|\n\n";
        for (const std::string& bomb : {table, uses, deep + "x", lists + "deep", tables}) {
            QElapsedTimer clock;
            clock.start();
            Stage stage({"q", bomb, "q", "After."});
            stage.view->scrollToEnd();
            stage.view->scrollToMessage(2);
            (void)stage.view->grab();
            QVERIFY2(inTime(clock.elapsed(), 5000), qPrintable(QStringLiteral("%1 ms for %2")
                                                                   .arg(clock.elapsed())
                                                                   .arg(QString::fromStdString(bomb.substr(0, 12)))));
        }
    }

    /// On paper: short messages stay whole, long ones break, and it can be stopped.
    void printsPages() {
        std::vector<PrintItem> items{{PrintItem::kTitle, QStringLiteral("A chat"), {}}};
        const auto add = [&](TranscriptRole role, const std::string& text) {
            PrintItem item;
            item.message.role = role;
            item.message.text = text;
            items.push_back(item);
        };
        for (int i = 0; i < 9; ++i) {
            add(TranscriptRole::kUser, "Question " + std::to_string(i) + "\nof two lines");
            items.push_back({PrintItem::kSpeaker, QStringLiteral("Assistant"), {}});
            std::string text =
                "Some `code`, \\( a_1 \\).\n\n```diff\n-a -> b\n+a --> b\n```\n\n| a | `ls \\| wc` |\n|---|---|\n| 1 | "
                "2 |\n";
            for (int line = 0; i == 4 && line < 60; ++line)
                text += "\nParagraph " + std::to_string(line) + " of words.\n";
            add(TranscriptRole::kAnswer, text);
        }
        const QString pictures = qEnvironmentVariable("MOESCOPE_PICTURES");
        QTemporaryDir dir;
        const QString path = pictures.isEmpty() ? dir.filePath(QStringLiteral("print.pdf")) : pictures + "/print.pdf";
        const auto print = [&](int most_pages) {
            QPdfWriter writer(path);
            writer.setPageSize(QPageSize(QPageSize::A4));
            writer.setPageMargins(QMarginsF(18, 18, 18, 18), QPageLayout::Millimeter);
            int pages = 1;
            const bool whole = printTranscript(&writer, items, [&] { return ++pages <= most_pages; });
            return std::pair(whole, pages);
        };
        const auto [whole, pages] = print(1000);
        QVERIFY(whole);
        QVERIFY2(pages >= 4 && pages <= 6, qPrintable(QString::number(pages)));
        QVERIFY(QFileInfo(path).size() > 2000);
        const auto [stopped, until] = print(2);
        QVERIFY(!stopped);
        QCOMPARE(until, 3);
        if (!pictures.isEmpty()) QVERIFY(print(1000).first);
    }

    void pictures() {
        if (qEnvironmentVariableIsEmpty("MOESCOPE_PICTURES")) QSKIP("set MOESCOPE_PICTURES to a folder");
        const std::vector<std::string> texts = {
            "Show me",
            "价格是5~10元，需要3~5天。**注意：**请看。这是**“重点”**内容，**加粗（括号）**后面。见 "
            "https://example.org/b，详见\n\n"
            "Here is the table:\n| cmd | what |\n|---|--:|\n| `ls \\| wc` | 12 |\n| a | 3 |\n\nRoses are red\nViolets "
            "are blue\n\n"
            "Inline \\( a_1^2 + b_2^2 = c^2 \\) and $x_i * y_i$; it costs $5 and then $6.\n\n\\[\n\\int_0^1 "
            "\\frac{1}{\\cos x}\\,dx\n\\]\n\n"
            "```diff\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-old -> line\n+new --> line != x\n same\n```\n\n- [ ] open\n- "
            "[x] done ~~gone~~\n\n> quote\n> > nested *quote*",
            "A second question, somewhat longer, to see how far it stands from what is above and below.",
            "مرحبا بالعالم with English inside.\n\n- שלום\n- العنصر الثاني `code()`\n\n1. واحد\n2. اثنان\n\n> "
            "اقتباس\n\n| اسم | قيمة |\n|---|---|\n| أ | 1 |\n\n"
            "```python\ndef f(a: list[int]) -> int:\n    return sum(a) if a != [] else "
            "some_quite_long_function_name(a, b, c, d, e, f, g, h, i, j, k, l, m, n)\n```",
            "Third",
            "Fine."};
        for (const bool dark : {false, true}) {
            Stage stage(texts, dark);
            stage.view->resize(824, 1560);
            stage.view->scrollToMessage(1);
            stage.save(dark ? QStringLiteral("dark") : QStringLiteral("light"));
        }
    }
};

QTEST_MAIN(TestTranscript)
#include "test_transcript.moc"
