// Files that go with a question. If these fail, a file is not what the model reads, a text is lost or falsified, a
// large or broken file stops the window, or a question with files is not what it was when it is seen again.

#include <QClipboard>
#include <QFile>
#include <QMimeData>
#include <QPainter>
#include <QPdfWriter>
#include <QStringEncoder>
#include <random>

#include "app/window/attachment_reader.h"
#include "tests/support/timing.h"
#include "tests/window/chrome.h"
#include "tests/window/loop_gaps.h"
#include "ui/composer/attachment_row.h"

using namespace moescope;
using markdown::Attachment;

namespace {

/// A token a word, so that limits are easy to see.
int words(std::string_view text) {
    int count = 0;
    bool inside = false;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\n';
        count += !blank && !inside;
        inside = !blank;
    }
    return count;
}

AttachmentLimits upTo(int tokens) {
    return {tokens, words, {}};
}

QString written(const QTemporaryDir& dir, const char* name, const QByteArray& bytes) {
    const QString path = dir.filePath(QString::fromUtf8(name));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) qFatal("cannot write");
    return path;
}

/// A page for each text.
QString pdf(const QTemporaryDir& dir, const QStringList& pages) {
    const QString path = dir.filePath(QStringLiteral("paper.pdf"));
    QPdfWriter writer(path);
    QPainter painter(&writer);
    for (const QString& text : pages) {
        if (text != pages.front()) writer.newPage();
        painter.drawText(QRect(0, 0, writer.width(), writer.height()), Qt::TextWordWrap, text);
    }
    painter.end();
    return path;
}

/// One that nobody knows the password of.
QByteArray lockedPdf() {
    const QByteArray secret(32, 'x');
    const QByteArrayList objects = {"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                                    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
                                    "<< /Filter /Standard /V 1 /R 2 /P -4 /O (" + secret + ") /U (" + secret + ") >>"};
    QByteArray all = "%PDF-1.4\n", table = "xref\n0 5\n0000000000 65535 f \n";
    for (qsizetype i = 0; i < objects.size(); ++i) {
        table += QByteArray::number(all.size()).rightJustified(10, '0') + " 00000 n \n";
        all += QByteArray::number(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
    }
    const QByteArray at = QByteArray::number(all.size());
    return all + table +
           "trailer\n<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID [(0123456789abcdef) (0123456789abcdef)] >>\n" +
           "startxref\n" + at + "\n%%EOF\n";
}

bool says(const Result<Attachment>& read, const char* words) {
    return !read.ok() && read.status().message().find(words) != std::string::npos;
}

}  // namespace

class TestAttachments : public QObject {
    Q_OBJECT

private slots:
    void theFormIsReadAsItWasWritten();
    void encodings();
    void longFilesAreCutByLines();
    void pdfs();
    void aFileGoesWithItsQuestion();
    void largeFilesStopNothing();
};

void TestAttachments::theFormIsReadAsItWasWritten() {
    std::mt19937 random(5);
    const std::vector<std::string> pieces = {"`", "```", "````\n", "\n",      "text", "Attached file \"a\":\n```\n",
                                             " ", "\"",  "é",      "```\n\n", "#",    "\n\n"};
    const auto text = [&](int most) {
        std::string made;
        for (int i = static_cast<int>(random() % static_cast<unsigned>(most)); i > 0; --i)
            made += pieces[random() % pieces.size()];
        return made;
    };
    for (int round = 0; round < 3000; ++round) {
        std::vector<Attachment> files(random() % 3);
        for (Attachment& file : files) file = {"notes.md", round % 2 ? "lines 1-3 of 9" : "", "md", text(12)};
        std::string question = text(8);
        // What looks like a file is one: nobody can tell them apart.
        while (markdown::readQuestion(question).question != 0) question = text(8);
        const std::string all = markdown::withAttachments(files, question);
        const markdown::ReadQuestion read = markdown::readQuestion(all);
        QCOMPARE(read.files.size(), files.size());
        for (std::size_t i = 0; i < files.size(); ++i) QVERIFY(read.files[i].toAttachment() == files[i]);
        QCOMPARE(std::string(markdown::questionOf(all)), question);
        // Cut anywhere it is read without harm.
        const std::string part = all.substr(0, random() % (all.size() + 1));
        QVERIFY(markdown::readQuestion(part).question <= part.size());
    }
    const std::vector<Attachment> odd = {{"a\"b\n(c).txt", "x)\ny", "c`d", ""}};
    const std::string all = markdown::withAttachments(odd, "Why?");
    const markdown::ReadQuestion read = markdown::readQuestion(all);
    QCOMPARE(read.files.size(), std::size_t{1});
    QCOMPARE(std::string(read.files[0].name), std::string("a b  c .txt"));
    QCOMPARE(std::string(markdown::questionOf(all)), std::string("Why?"));
    QCOMPARE(std::string(markdown::questionOf("Attached file is missing")), std::string("Attached file is missing"));
}

void TestAttachments::encodings() {
    const QTemporaryDir dir;
    const QString text = QStringLiteral("Grüße, 世界\nzwei\n");
    const auto encoded = [&](QStringConverter::Encoding encoding, const QString& what, bool mark) {
        QStringEncoder encoder(encoding, mark ? QStringConverter::Flag::WriteBom : QStringConverter::Flag::Default);
        return QByteArray(encoder(what));
    };
    const std::string expected = "Grüße, 世界\nzwei";
    for (const auto encoding :
         {QStringConverter::Utf8, QStringConverter::Utf16LE, QStringConverter::Utf16BE, QStringConverter::Utf32LE}) {
        const auto read = readAttachment(written(dir, "a.txt", encoded(encoding, text, true)), upTo(100));
        QVERIFY2(read.ok(), read.status().message().c_str());
        QCOMPARE(read->text, expected);
        QVERIFY(read->part.empty());
        QCOMPARE(read->name, std::string("a.txt"));
        QVERIFY(read->language.empty());
    }
    const QString latin = QStringLiteral("Grüße an alle\r\nzwei\r\n");
    const std::string plain = "Grüße an alle\nzwei";
    for (const auto encoding :
         {QStringConverter::Latin1, QStringConverter::Utf16LE, QStringConverter::Utf16BE, QStringConverter::Utf8}) {
        const auto read = readAttachment(written(dir, "b.py", encoded(encoding, latin, false)), upTo(100));
        QVERIFY2(read.ok(), read.status().message().c_str());
        QCOMPARE(read->text, plain);
        QCOMPARE(read->language, std::string("py"));
    }
    QVERIFY(says(readAttachment(written(dir, "c.bin",
                                        QByteArray("\x7f"
                                                   "ELF\0\1\0\0\0\0\0\2",
                                                   12)),
                                upTo(9)),
                 "not a text file"));
    QVERIFY(says(readAttachment(written(dir, "d.txt", {}), upTo(9)), "empty"));
    QVERIFY(says(readAttachment(dir.path(), upTo(9)), "folder"));
    QVERIFY(says(readAttachment(dir.filePath(QStringLiteral("none")), upTo(9)), "cannot be read"));
    QVERIFY(says(readAttachment(written(dir, "e.txt", "x"), upTo(0)), "no room"));
}

void TestAttachments::longFilesAreCutByLines() {
    const QTemporaryDir dir;
    QByteArray log;
    for (int i = 1; i <= 1000; ++i) log += "line " + QByteArray::number(i) + '\n';
    for (const int tokens : {2, 3, 130, 131, 1999}) {
        const auto read = readAttachment(written(dir, "run.log", log), upTo(tokens));
        QVERIFY(read.ok());
        QCOMPARE(words(read->text), tokens / 2 * 2);
        const std::string lines = tokens < 4 ? "line 1 of 1000" : "lines 1-" + std::to_string(tokens / 2) + " of 1000";
        QCOMPARE(read->part, lines);
        QVERIFY(log.startsWith(read->text.c_str()));
    }
    QVERIFY(readAttachment(written(dir, "run.log", log), upTo(2000))->part.empty());
    // A single line of a million letters is cut within, and never in a letter.
    const auto read = readAttachment(written(dir, "one.txt", QByteArray("é").repeated(500'000)), upTo(1));
    QVERIFY(read.ok());
    QCOMPARE(read->part, std::string("beginning of line 1 of 1"));
    QVERIFY(!read->text.empty() && read->text.size() % 2 == 0);
}

void TestAttachments::pdfs() {
    if (!canReadPdf()) QSKIP("This build has no Qt PDF.");
    const QTemporaryDir dir;
    QStringList pages;
    for (int i = 1; i <= 200; ++i) pages << QStringLiteral("Page number %1 says something of experts.").arg(i);
    const QString path = pdf(dir, pages);
    const auto whole = readAttachment(path, upTo(100'000));
    QVERIFY2(whole.ok(), whole.status().message().c_str());
    QVERIFY(whole->part.empty());
    QVERIFY(whole->text.find("number 1 says") < whole->text.find("number 200 says"));
    QVERIFY(whole->text.find("number 200 says") != std::string::npos);
    const auto cut = readAttachment(path, upTo(words(whole->text) / 2));
    QVERIFY(cut.ok());
    QCOMPARE(cut->part, std::string("pages 1-100 of 200"));
    QVERIFY(cut->text.find("number 101 ") == std::string::npos);

    QVERIFY(says(readAttachment(written(dir, "locked.pdf", lockedPdf()), upTo(99)), "password"));
    QVERIFY(says(readAttachment(written(dir, "broken.pdf", "%PDF-1.4\nnothing of the kind"), upTo(99)), "damaged"));
    QVERIFY(says(readAttachment(pdf(dir, {QString()}), upTo(99)), "no text"));
}

void TestAttachments::aFileGoesWithItsQuestion() {
    QTemporaryDir dir, files;
    Desk desk(dir.path());
    auto* row = desk.composer->findChild<AttachmentRow*>();
    QVERIFY(!row->isVisible());
    // Pasted, as a file manager gives it.
    auto* copied = new QMimeData;
    copied->setUrls({QUrl::fromLocalFile(written(files, "notes.md", "The capital of Ruritania is Strelsau.\n"))});
    QGuiApplication::clipboard()->setMimeData(copied);
    QTest::keyClick(desk.edit, Qt::Key_V, Qt::ControlModifier);
    QTRY_COMPARE(row->cards().size(), 1);
    QVERIFY(desk.composer->question().isEmpty());
    QTRY_VERIFY(row->cards().front()->figures().contains(QStringLiteral("token")));
    const QString folder = qEnvironmentVariable("MOESCOPE_PICTURES");
    // Dropped, and taken off again by a key.
    QMimeData dropped;
    dropped.setUrls({QUrl::fromLocalFile(written(files, "more.txt", "More.\n"))});
    sendDrop(desk.window.get(), QPoint(400, 300), &dropped);
    QTRY_COMPARE(row->cards().size(), 2);
    if (!folder.isEmpty()) desk.window->grab().save(folder + QStringLiteral("/attachments.png"));
    row->cards().back()->setFocus();
    QTest::keyClick(row->cards().back(), Qt::Key_Delete);
    QTRY_COMPARE(row->cards().size(), 1);
    // What cannot be read is said, and nothing is attached.
    QMimeData wrong;
    wrong.setUrls({QUrl::fromLocalFile(written(files, "empty.txt", {}))});
    sendDrop(desk.window.get(), QPoint(400, 300), &wrong);
    QTRY_VERIFY(desk.notice->sentence().contains(QStringLiteral("empty")));
    QCOMPARE(row->cards().size(), 1);

    // A draft keeps it.
    QTest::keyClicks(desk.edit, QStringLiteral("What is the capital?"));
    desk.composer->flushDraft();
    QTRY_VERIFY(
        QString::fromStdString(desk.window->chat().current().draft).startsWith(QStringLiteral("Attached file")));
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    QTest::keyClick(desk.edit, Qt::Key_Return);
    QVERIFY(!ended.isEmpty() || ended.wait(20'000));
    QVERIFY(!row->isVisible());
    QCOMPARE(QString::fromStdString(desk.window->chat().current().title), QStringLiteral("What is the capital?"));
    const std::string& asked = desk.transcript->at(0).text;
    QVERIFY(asked.find("Strelsau") != std::string::npos);
    QCOMPARE(std::string(markdown::questionOf(asked)), std::string("What is the capital?"));
    // Seen as a line that opens.
    auto* view = desk.window->findChild<TranscriptView*>();
    view->flush();
    const qint64 question = desk.idAt(0);
    const int folded = view->messageRect(question).height();
    QVERIFY(folded < 140);
    const std::size_t at = asked.find("Strelsau");
    view->revealBytes(question, at, at + 8);
    QCOMPARE(view->selectedText(), QStringLiteral("Strelsau"));
    QVERIFY(view->messageRect(question).height() > folded);
    if (!folder.isEmpty()) desk.window->grab().save(folder + QStringLiteral("/attached-open.png"));
    // Edited, it stands above the text again.
    QTest::keyClick(desk.edit, Qt::Key_Up, Qt::ControlModifier);
    QCOMPARE(desk.composer->question(), QStringLiteral("What is the capital?"));
    QCOMPARE(row->cards().size(), 1);
    QCOMPARE(desk.composer->text().toStdString(), asked);
}

void TestAttachments::largeFilesStopNothing() {
    QTemporaryDir dir, files;
    Desk desk(dir.path());
    QByteArray line = "2026-11-29 12:00:00 INFO something happened and was written down in a line of a log\n";
    const QString path = written(files, "large.log", line.repeated(50'000'000 / line.size()));
    LoopGaps gaps;
    QTest::qWait(200);
    gaps.restart();
    desk.window->openFiles({path});
    auto* row = desk.composer->findChild<AttachmentRow*>();
    QTRY_COMPARE_WITH_TIMEOUT(row->cards().size(), 1, 60'000);
    QVERIFY(row->cards().front()->figures().startsWith(QStringLiteral("lines 1-")));
    QVERIFY2(inTime(gaps.longest(), 50), qPrintable(QString::number(gaps.longest())));
    // It fits: it is sent.
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    QTest::keyClicks(desk.edit, QStringLiteral("Why?"));
    QTest::keyClick(desk.edit, Qt::Key_Return);
    QVERIFY(!ended.isEmpty() || ended.wait(60'000));
    QCOMPARE(desk.transcript->count(), 2);
}

QTEST_MAIN(TestAttachments)
#include "test_attachments.moc"
