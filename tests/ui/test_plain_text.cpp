// Text of others is shown as letters: the helpers, and that all sources use them.

#include <QDirIterator>
#include <QFile>
#include <QLabel>
#include <QRegularExpression>
#include <QTest>
#include <QTextDocument>

#include "ui/widgets/plain_text.h"

using namespace moescope;

namespace {

const QString kImage = QStringLiteral("<img src=\"file:///dev/zero\">");

/// The arguments of each call of `name` in a source, parentheses balanced.
QStringList callsOf(const QString& source, const QString& name) {
    QStringList found;
    const QRegularExpression call(QStringLiteral("\\b%1\\(").arg(QRegularExpression::escape(name)));
    for (auto at = call.globalMatch(source); at.hasNext();) {
        const qsizetype begin = at.next().capturedEnd();
        int depth = 1;
        qsizetype end = begin;
        for (; end < source.size() && depth > 0; ++end) {
            if (source[end] == QLatin1Char('(')) ++depth;
            if (source[end] == QLatin1Char(')')) --depth;
        }
        found << source.mid(begin, end - begin - 1).simplified();
    }
    return found;
}

/// Whether a tool tip's text is letters of ours: literals, or one of several by a condition.
bool isLiteral(QString argument) {
    static const QRegularExpression ours(
        QStringLiteral("(\\w+::)?tr\\((\\s*\"([^\"\\\\]|\\\\.)*\"\\s*)+\\)|QString\\(\\)"));
    static const QRegularExpression condition(QStringLiteral("^[^?]*\\?"));
    argument.remove(ours);
    argument.remove(condition);
    return argument.remove(QLatin1Char(':')).trimmed().isEmpty();
}

}  // namespace

class TestPlainText : public QObject {
    Q_OBJECT

private slots:
    void linesAreCutWhole() {
        QCOMPARE(oneLine(QStringLiteral("a\nb\tc")), QStringLiteral("a b c"));
        QCOMPARE(oneLine(QString(300, QLatin1Char('x'))).size(), kShownLetters + 1);
        const QString fox = QString::fromUtf8("\U0001F98A");
        const QString cut = oneLine(QString(9, QLatin1Char('a')) + fox + QStringLiteral("b"), 10);
        QCOMPARE(cut, QString(9, QLatin1Char('a')) + QChar(0x2026));
        QCOMPARE(oneLine(QStringLiteral("a\u202egpj.exe")), QStringLiteral("a\ufffdgpj.exe"));
        QCOMPARE(oneLine(QStringLiteral("\u4e2d\u6587 \u0627\u0644")), QStringLiteral("\u4e2d\u6587 \u0627\u0644"));
    }

    void toolTipsShowLetters_data() {
        QTest::addColumn<QString>("text");
        QTest::newRow("plain") << QStringLiteral("Sorting in C++");
        QTest::newRow("less") << QStringLiteral("1 < 2 && 3 > 2");
        QTest::newRow("image") << kImage;
        QTest::newRow("headline") << QStringLiteral("<h1>Your disk is damaged</h1><a href=\"x\">Repair now</a>");
        QTest::newRow("document") << QStringLiteral("<?xml version=\"1.0\"?><html>");
        QTest::newRow("entity") << QStringLiteral("&lt;b&gt; and &amp;");
        QTest::newRow("lines") << QStringLiteral("token 3\n<b>layer</b>  2");
    }
    void toolTipsShowLetters() {
        QFETCH(QString, text);
        const QString tip = plainToolTip(text);
        QVERIFY(!tip.contains(QLatin1String("<img")));
        QTextDocument shown;
        if (Qt::mightBeRichText(tip)) {
            shown.setHtml(tip);
        } else {
            shown.setPlainText(tip);
        }
        QCOMPARE(shown.toPlainText(), text);
    }

    void longTipsAreCut() {
        const QString tip = plainToolTip(QString(1'000'000, QLatin1Char('x')));
        QVERIFY(tip.size() <= kShownSentence + 1);
    }

    void captionsKeepTheirLetters() {
        QCOMPARE(plainCaption(QStringLiteral("A & B\tC")), QStringLiteral("A && B C"));
        QCOMPARE(plainWindowTitle(QStringLiteral("x[*]")), QStringLiteral("x[*][*]"));
    }

    void labelsOfADialogAreMadePlain() {
        QWidget dialog;
        auto* label = new QLabel(kImage.left(4), &dialog);
        showAsPlainText(dialog);
        QCOMPARE(label->textFormat(), Qt::PlainText);
    }

    void allSourcesUseThem() {
        int files = 0, tips = 0;
        QStringList wrong;
        for (const char* folder : {"/ui", "/app/window"}) {
            QDirIterator sources(QStringLiteral(MOESCOPE_SOURCES) + QLatin1String(folder), {QStringLiteral("*.cpp")},
                                 QDir::Files, QDirIterator::Subdirectories);
            while (sources.hasNext()) {
                QFile file(sources.next());
                QVERIFY(file.open(QIODevice::ReadOnly));
                const QString text = QString::fromUtf8(file.readAll());
                ++files;
                for (const char* call : {"setToolTip", "showText"}) {
                    for (const QString& argument : callsOf(text, QLatin1String(call))) {
                        ++tips;
                        if (argument.contains(QLatin1String("plainToolTip(")) || isLiteral(argument)) continue;
                        wrong << file.fileName() + QStringLiteral(": %1(%2)").arg(QLatin1String(call), argument);
                    }
                }
                // Boxes that show what they are given as HTML, and leave no place to say otherwise.
                static const QRegularExpression box(
                    QStringLiteral("\\bQMessageBox::(question|critical|warning|information|about)\\("));
                if (text.contains(box)) wrong << file.fileName() + QStringLiteral(": a message box by a static call");
                if (text.contains(QLatin1String("QMessageBox box")) &&
                    !text.contains(QLatin1String("showAsPlainText(")))
                    wrong << file.fileName() + QStringLiteral(": a message box that may show HTML");
                if (text.contains(QLatin1String("case Qt::ToolTipRole")) &&
                    !text.contains(QLatin1String("plainToolTip(")))
                    wrong << file.fileName() + QStringLiteral(": a model's tool tip");
            }
        }
        QVERIFY(files > 50);
        QVERIFY(tips > 10);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    }
};

QTEST_MAIN(TestPlainText)
#include "test_plain_text.moc"
