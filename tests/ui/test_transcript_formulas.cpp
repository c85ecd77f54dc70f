// Formulas in messages. If these fail, an answer's mathematics flickers while it streams, is copied as something else
// than it says, or its tokens cannot be pointed at. MOESCOPE_PICTURES=FOLDER saves pictures, to look at.

#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QPainter>
#include <QPdfWriter>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include "tests/support/timing.h"
#include "ui/chat/message_layout.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_print.h"
#include "ui/chat/transcript_view.h"
#include "ui/markdown/document.h"
#include "ui/theme.h"

using namespace moescope;

namespace {

const std::string kAnswer =
    "To solve \\(ax^2 + bx + c = 0\\) with $a \\neq 0$, complete the square:\n\n"
    "\\[ x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a} \\]\n\n"
    "Here \\(\\Delta = b^2 - 4ac\\) is the **discriminant**. If \\(\\Delta > 0\\) there are two real roots, and their "
    "sum is "
    "\\(x_1 + x_2 = -\\frac{b}{a}\\). It costs $5, and then $6.\n\n"
    "1. First, \\(\\sum_{k=1}^n k = \\frac{n(n+1)}{2}\\).\n2. Then:\n   \\[\n   \\begin{aligned}\n   2x + 4 &= 10 "
    "\\\\\n"
    "   x &= 3\n   \\end{aligned}\n   \\]\n   which is what we want.\n\n"
    "> 由 $f(x)=x^2$ 可得\\(f'(x)=2x\\)，所以\n> $$\\int_0^1 f(x)\\,dx = \\frac13$$\n\n"
    "| formula | value |\n|:--|--:|\n| \\(\\sqrt{2}\\) | 1.414 |\n| $\\pi$ | \\(\\frac{22}{7}\\) |\n\n"
    "### The case \\(n = 2\\)\n\n"
    "$$\\boxed{x = 42} \\tag{1}$$\n\nAn unknown \\(\\foo{x}+1\\), a broken \\(\\frac{a\\) and `\\(code\\)`. "
    "Long: \\(a_1 + a_2 + a_3 + a_4 + a_5 + a_6 + a_7 + a_8 + a_9 + a_{10} + a_{11} + a_{12} + a_{13} + a_{14} + "
    "a_{15} + "
    "a_{16} + a_{17} + a_{18} = S\\).";

struct Stage {
    explicit Stage(const std::string& text, bool dark = false, int height = 1000) {
        themes.setMode(dark ? ThemeStore::Mode::kDark : ThemeStore::Mode::kLight);
        view = std::make_unique<TranscriptView>(&themes, &model);
        view->resize(824, height);
        TranscriptMessage question, answer;
        question.id = 1;
        question.role = TranscriptRole::kUser;
        question.text = "Why?";
        answer.id = 2;
        answer.role = TranscriptRole::kAnswer;
        answer.text = text;
        for (std::size_t at = 0; at < text.size(); at += 3) {
            const std::size_t end = std::min(at + 3, text.size());
            answer.tokens.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end), 0});
        }
        model.setMessages({question, answer});
        view->show();
        view->flush();
    }
    void save(const QString& name) {
        const QString folder = qEnvironmentVariable("MOESCOPE_PICTURES");
        if (!folder.isEmpty()) view->grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png"));
    }

    ThemeStore themes;
    TranscriptModel model;
    std::unique_ptr<TranscriptView> view;
};

/// An answer by itself, laid out.
struct Answer {
    explicit Answer(const std::string& text, int column = 700)
        : style(Theme::makeLight()), layout(TranscriptRole::kAnswer) {
        message.id = 1;
        message.role = TranscriptRole::kAnswer;
        width = column;
        set(text);
    }
    MessageContext context() const { return {style, message, {}, true, width}; }
    void set(const std::string& text) {
        message.text = text;
        layout.prepare(context());
        layout.update(context());
        layout.layOut(context(), 0, 1 << 20);
    }
    std::vector<QRectF> rects(const std::string& part) {
        const std::size_t at = message.text.find(part);
        return layout.rects(context(), {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + part.size())});
    }

    TranscriptStyle style;
    TranscriptMessage message;
    MessageLayout layout;
    int width;
};

}  // namespace

class TranscriptFormulasTest : public QObject {
    Q_OBJECT

private slots:
    void looks();
    void copiesAreTheSource();
    void tokensCanBePointedAt();
    void selectionTakesFormulasWhole();
    void unclosedFormulasAreText();
    void whatIsDoneStays();
    void streamedIsTheSameAsWhole();
    void wideOnesScroll();
    void linesBreakBetweenParts();
    void printed();
    void muchMathematicsDoesNotFreeze();
};

void TranscriptFormulasTest::looks() {
    for (const bool dark : {false, true}) {
        Stage stage(kAnswer, dark, 1300);
        stage.view->setTint([](qint64, int token) { return QColor(240, 180, 41, token % 3 * 30); });
        stage.save(dark ? QStringLiteral("formulas-tint-dark") : QStringLiteral("formulas-tint-light"));
        stage.view->setTint({});
        stage.save(dark ? QStringLiteral("formulas-dark") : QStringLiteral("formulas-light"));
        QVERIFY(stage.view->messageRect(2).height() > 400);
    }
}

void TranscriptFormulasTest::copiesAreTheSource() {
    Stage stage(kAnswer);
    stage.view->selectAll();
    stage.view->copySelection();
    const QString copied = QApplication::clipboard()->text();
    for (const char* part :
         {"\\(ax^2 + bx + c = 0\\)", "$a \\neq 0$", "\\[ x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a} \\]",
          "\\begin{aligned}", "\\(f'(x)=2x\\)", "\\(\\sqrt{2}\\)", "\\tag{1}", "costs $5, and then $6"}) {
        QVERIFY2(copied.contains(QString::fromUtf8(part)), part);
    }
}

void TranscriptFormulasTest::tokensCanBePointedAt() {
    Answer answer("Let \\(alpha + \\frac{q}{r}\\) be.");
    for (const char* part : {"l", "q", "r", "+"}) {
        const std::size_t at = answer.message.text.rfind(part);
        const auto byte = static_cast<std::uint32_t>(at);
        const std::vector<QRectF> rects = answer.layout.rects(answer.context(), {byte, byte + 1});
        QCOMPARE(rects.size(), std::size_t{1});
        const TextHit hit = answer.layout.hitText(answer.context(), rects[0].center().toPoint());
        QVERIFY2(hit.byte, part);
        QCOMPARE(*hit.byte, byte);
    }
    // The numerator stands above the denominator.
    QVERIFY(answer.rects("q")[0].bottom() < answer.rects("r}")[0].top() + 4);
    QVERIFY(answer.rects("\\frac")[0].width() > 3);
}

void TranscriptFormulasTest::selectionTakesFormulasWhole() {
    const std::string text = "Let \\(abcdef = ghijkl\\) be.";
    Answer answer(text);
    const auto begin = static_cast<std::uint32_t>(text.find("\\(")), end = static_cast<std::uint32_t>(text.find(" be"));
    const QRectF whole = answer.layout.rects(answer.context(), {begin, end})[0];
    for (double x = whole.left() + 1; x < whole.right() - 1; x += 3) {
        const TextHit hit = answer.layout.hitText(answer.context(), QPointF(x, whole.center().y()).toPoint());
        QVERIFY(hit.caret == begin || hit.caret == end);
        QCOMPARE(answer.layout.wordAt(answer.context(), QPointF(x, whole.center().y()).toPoint()).begin, begin);
        QCOMPARE(answer.layout.wordAt(answer.context(), QPointF(x, whole.center().y()).toPoint()).end, end);
    }
}

void TranscriptFormulasTest::unclosedFormulasAreText() {
    const std::string text = "So \\(x = \\frac{a}{b}\\) holds.\n\n\\[ \\sqrt{2} \\]";
    for (std::size_t size = 1; size <= text.size(); ++size) {
        MarkdownDocument document;
        document.update(text.substr(0, size));
        std::size_t formulas = 0;
        for (const Block& block : document.blocks()) formulas += block.inlines.formulas.size();
        const std::size_t closed = (size >= text.find("\\)") + 2) + (size >= text.size());
        QCOMPARE(formulas, closed);
    }
}

/// While an answer goes on, the pieces above it are not made again.
void TranscriptFormulasTest::whatIsDoneStays() {
    std::string text = "One \\(a\\):\n\\[ b \\]\nTwo\n\n\\[ c \\]\n\n";
    Answer answer(text);
    const auto tops = [&] {
        std::vector<int> list;
        for (std::size_t i = 0; i < answer.layout.pieceCount(); ++i) list.push_back(answer.layout.pieceTop(i));
        return list;
    };
    const std::vector<int> before = tops();
    QCOMPARE(before.size(), std::size_t{4});
    const PieceLayout* first = answer.layout.piece(0).layout.get();
    for (const char c : std::string("And \\(d = e\\) and\n\\[ f \\]\n")) {
        text += c;
        answer.set(text);
        QVERIFY(answer.layout.piece(0).layout.get() == first);
        const std::vector<int> now = tops();
        QVERIFY(std::equal(before.begin(), before.end(), now.begin()));
    }
    QCOMPARE(answer.layout.pieceCount(), std::size_t{6});
}

void TranscriptFormulasTest::streamedIsTheSameAsWhole() {
    Answer streamed("");
    for (std::size_t size = 1; size <= kAnswer.size(); size += size % 7 + 1) streamed.set(kAnswer.substr(0, size));
    streamed.set(kAnswer);
    Answer whole(kAnswer);
    QCOMPARE(streamed.layout.pieceCount(), whole.layout.pieceCount());
    for (std::size_t i = 0; i < whole.layout.pieceCount(); ++i) {
        QCOMPARE(streamed.layout.pieceTop(i), whole.layout.pieceTop(i));
        QCOMPARE(streamed.layout.piece(i).height, whole.layout.piece(i).height);
    }
}

void TranscriptFormulasTest::wideOnesScroll() {
    std::string wide = "\\[ ";
    for (int i = 0; i < 40; ++i) wide += "a_{" + std::to_string(i) + "} + ";
    wide += "z \\]";
    Stage stage(wide);
    const QImage before = stage.view->grab().toImage();
    const QPointF middle(400, stage.view->messageRect(2).top() + 20);
    const auto wheel = [&](QPoint angle, Qt::KeyboardModifiers keys) {
        QWheelEvent event(middle, stage.view->viewport()->mapToGlobal(middle), {}, angle, Qt::NoButton, keys,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(stage.view->viewport(), &event);
    };
    wheel({0, -120}, Qt::ShiftModifier);
    const QImage moved = stage.view->grab().toImage();
    QVERIFY(moved != before);
    wheel({120, 0}, Qt::NoModifier);
    QVERIFY(stage.view->grab().toImage() == before);
    wheel({120, 0}, Qt::NoModifier);  // it is at its beginning
    QVERIFY(stage.view->grab().toImage() == before);
    stage.save(QStringLiteral("formulas-wide"));
}

void TranscriptFormulasTest::linesBreakBetweenParts() {
    std::string sum = "\\(";
    for (int i = 0; i < 30; ++i) sum += "a_{" + std::to_string(i) + "} + ";
    sum += "z\\)";
    Answer answer("The sum " + sum + " is long.", 300);
    QVERIFY(answer.rects(sum).size() > 2);
    for (const QRectF& rect : answer.rects(sum)) QVERIFY(rect.right() <= 301);
}

void TranscriptFormulasTest::printed() {
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("a.pdf"));
    {
        QPdfWriter writer(path);
        PrintItem item;
        item.kind = PrintItem::kMessage;
        item.message.role = TranscriptRole::kAnswer;
        item.message.text = kAnswer;
        QVERIFY(printTranscript(&writer, {item}, {}));
    }
    QVERIFY(QFileInfo(path).size() > 10000);
    const QString pictures = qEnvironmentVariable("MOESCOPE_PICTURES");
    if (!pictures.isEmpty()) QFile::copy(path, pictures + QStringLiteral("/formulas.pdf"));
}

/// A megabyte of formulas: what is seen is set, the rest is left until it is.
void TranscriptFormulasTest::muchMathematicsDoesNotFreeze() {
    std::string text;
    for (int i = 0; text.size() < (1 << 20); ++i) {
        const std::string n = std::to_string(i);
        text += "Of \\(x_{" + n + "} + \\frac{a}{" + n + "} = \\sqrt{b}\\) and $y^{" + n +
                "}$ follows\n\n\\[ \\sum_{k=1}^{" + n +
                "} \\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix} = \\int_0^1 f_{" + n + "}(x)\\,dx \\]\n\n";
    }
    QElapsedTimer clock;
    clock.start();
    Stage stage(text);
    const qint64 shown_ms = clock.restart();
    (void)stage.view->grab();
    qint64 longest_ms = 0;
    for (int i = 0; i < 60; ++i) {
        clock.restart();
        stage.view->verticalScrollBar()->setValue(stage.view->verticalScrollBar()->maximum() / 60 * i);
        (void)stage.view->grab();
        longest_ms = std::max(longest_ms, clock.elapsed());
    }
    qInfo("shown in %lld ms, a page in at most %lld ms", shown_ms, longest_ms);
    QVERIFY(inTime(static_cast<double>(longest_ms), 50));
}

QTEST_MAIN(TranscriptFormulasTest)
#include "test_transcript_formulas.moc"
