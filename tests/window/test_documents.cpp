// Exports of the window: PDF, read back and looked at through poppler's tools; whole jobs in other formats; imports.

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QFontDatabase>
#include <QImage>
#include <QProcess>
#include <QStandardPaths>
#include <algorithm>

#include "app/window/exchange.h"
#include "storage/exchange/export.h"
#include "tests/exchange/samples.h"
#include "tests/window/desk.h"

using namespace moescope;

namespace {

/// What a PDF says, as pdftotext reads it, blanks simplified.
QString textOfPdf(const QString& path) {
    QProcess process;
    process.start(QStringLiteral("pdftotext"), {QStringLiteral("-layout"), path, QStringLiteral("-")});
    if (!process.waitForFinished(60'000)) return {};
    return QString::fromUtf8(process.readAllStandardOutput()).simplified();
}

/// The pages of a PDF at 60 dpi.
QList<QImage> pagesOfPdf(const QString& path, const QString& folder) {
    QProcess::execute(QStringLiteral("pdftoppm"),
                      {QStringLiteral("-r"), QStringLiteral("60"), QStringLiteral("-png"), path, folder + "/page"});
    QList<QImage> pages;
    for (const QFileInfo& info : QDir(folder).entryInfoList({QStringLiteral("page*.png")}, QDir::Files, QDir::Name)) {
        pages << QImage(info.filePath());
    }
    return pages;
}

/// Pixels of clear colours: of words in code, for example.
int coloured(const QList<QImage>& pages) {
    int count = 0;
    for (const QImage& page : pages) {
        for (int y = 0; y < page.height(); ++y) {
            for (int x = 0; x < page.width(); ++x) {
                const QColor c = page.pixelColor(x, y);
                count += c.hsvSaturation() > 110 && c.value() > 90;
            }
        }
    }
    return count;
}

/// Pixels that are clearly no paper, within a part of a page.
int inked(const QImage& page, const QRect& part) {
    int count = 0;
    for (int y = part.top(); y <= part.bottom(); ++y) {
        for (int x = part.left(); x <= part.right(); ++x) count += qGray(page.pixel(x, y)) < 160;
    }
    return count;
}

}  // namespace

class TestDocuments : public QObject {
    Q_OBJECT

private slots:
    void pdfSaysWhatWasSaid();
    void pdfOfALongMessage();
    void pdfThatCannotBeWritten();
    void pdfGoesWhereItIsToGo();
    void allFormats();
    void importAgain();
    void importIsWholeOrNothing();
};

void TestDocuments::pdfSaysWhatWasSaid() {
    if (QStandardPaths::findExecutable(QStringLiteral("pdftotext")).isEmpty()) QSKIP("needs poppler-utils");
    QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("chat.pdf"));
    ExportChoice choice;
    const Status written = writePdf(path, {textSample()}, choice);
    QVERIFY2(written.ok(), written.message().c_str());
    const QString text = textOfPdf(path);
    for (const char* wanted : {"Vectors, <b>bold</b> & *stars*", "#include <vector>", "std::vector<int> v = {1, 2};",
                               "return v[0] < v[1] && v.size() > 1;", "if (a < b && b > c) puts(\"<b>not bold</b>\");",
                               "a|b", "98.5 %", "x < y", "</div>", "<!-- nor an open comment", "2026-01-01 00:00",
                               "first", "nested", "quoted", "good", "Answer in one sentence."}) {
        // Lines may be broken anywhere.
        const auto joined = [](QString s) { return s.remove(QLatin1Char(' ')); };
        QVERIFY2(joined(text).contains(joined(QString::fromUtf8(wanted))),
                 qPrintable(QString::fromUtf8(wanted) + " in " + text));
    }
    // Arabic is joined, and in its order.
    const bool arabic = !QFontDatabase::families(QFontDatabase::Arabic).isEmpty();
    if (arabic)
        QVERIFY2(text.contains(QString::fromUtf8("ﺣﺎﻟﻚ")) || text.contains(QString::fromUtf8("حالك")),
                 qPrintable(text));
    // Other scripts, where a font has them.
    if (!QFontDatabase::families(QFontDatabase::SimplifiedChinese).isEmpty()) {
        for (const char* wanted : {"数量", "二十", "混合专家模型是什么", "用中文也可以"}) {
            QVERIFY2(text.contains(QString::fromUtf8(wanted)), qPrintable(text));
        }
    }
    const QList<QImage> pages = pagesOfPdf(path, dir.path());
    QVERIFY(!pages.isEmpty());
    QVERIFY(coloured(pages) > 60);  // code and bubbles, as in the window
    for (const QImage& page : pages) {
        QVERIFY2(qAbs(page.width() - 496) <= 2 && qAbs(page.height() - 702) <= 2, "A4 at 60 dpi");
        QVERIFY(inked(page, page.rect()) > 500);
        // Nothing runs into the margins (18 mm are 42 pixels).
        QCOMPARE(inked(page, QRect(0, 0, 38, page.height())), 0);
        QCOMPARE(inked(page, QRect(page.width() - 38, 0, 38, page.height())), 0);
        QCOMPARE(inked(page, QRect(0, 0, page.width(), 38)), 0);
    }
}

void TestDocuments::pdfOfALongMessage() {
    if (QStandardPaths::findExecutable(QStringLiteral("pdftotext")).isEmpty()) QSKIP("needs poppler-utils");
    QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("long.pdf"));
    ConversationContent content = emptySample("Long");
    std::string text;
    for (int i = 0; text.size() < 1'000'000; ++i) {
        text += "Line " + std::to_string(i) + " of an answer that goes on and on.\n\n";
    }
    const auto question = addMessage(content, 0, Author::kUser, "Say much.");
    addMessage(content, question, Author::kAssistant, text + "The very last words.");
    QVERIFY(writePdf(path, {content}, {}).ok());
    const QString said = textOfPdf(path);
    QVERIFY(said.contains(QStringLiteral("Line 0 of an answer")));
    QVERIFY(said.contains(QStringLiteral("Line 10000 of an answer")));
    QVERIFY(said.contains(QStringLiteral("The very last words.")));
}

void TestDocuments::pdfThatCannotBeWritten() {
    QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("there/is/no/such.pdf"));
    const Status status = writePdf(path, {textSample()}, {});
    QVERIFY(!status.ok());
    QVERIFY(QString::fromStdString(status.message()).contains(path));
}

/// Links, modes and devices, as with all other exports.
void TestDocuments::pdfGoesWhereItIsToGo() {
    QTemporaryDir dir;
    const auto write = [](const QString& path) { return writePdf(path, {textSample()}, {}); };
    const QString real = dir.filePath(QStringLiteral("real.pdf")), link = dir.filePath(QStringLiteral("link.pdf"));
    QFile old(real);
    QVERIFY(old.open(QIODevice::WriteOnly));
    old.close();
    const QFile::Permissions mine = QFile::ReadOwner | QFile::WriteOwner | QFile::ReadUser | QFile::WriteUser;
    QVERIFY(QFile::setPermissions(real, mine));
    QVERIFY(QFile::link(real, link));
    QVERIFY(write(link).ok());
    QVERIFY(QFileInfo(link).isSymLink());
    QCOMPARE(QFile::permissions(real), mine);
    QVERIFY(QFileInfo(real).size() > 1000);
    // A pipe is written into, and stays one.
    const QString pipe = dir.filePath(QStringLiteral("pipe.pdf"));
    QCOMPARE(QProcess::execute(QStringLiteral("mkfifo"), {pipe}), 0);
    QProcess reader;
    reader.start(QStringLiteral("cat"), {pipe});
    QVERIFY(write(pipe).ok());
    QVERIFY(reader.waitForFinished(20'000));
    QVERIFY(reader.readAllStandardOutput().startsWith("%PDF-"));
    QVERIFY(!QFileInfo(pipe).isFile());
    // What has no room says so.
    const Status full = write(QStringLiteral("/dev/full"));
    QVERIFY(!full.ok());
    QVERIFY2(full.message().find("/dev/full") != std::string::npos, full.message().c_str());
}

void TestDocuments::allFormats() {
    QTemporaryDir dir, out;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("What is 7 plus 8?"));
    const qint64 first = desk.window->chat().conversation();
    desk.window->chat().startNew();
    desk.ask(QStringLiteral("Hello!"));
    const QList<qint64> ids{first, desk.window->chat().conversation()};
    for (const char* format : {"md", "html", "pdf", "txt", "json", "jsonl"}) {
        ExportJob job;
        job.choice.format = QString::fromLatin1(format);
        job.choice.timings = true;
        job.path = out.filePath(QStringLiteral("all.%1").arg(job.choice.format));
        job.conversations = ids;
        const Status done = runExport(dir.path().toStdString(), job);
        QVERIFY2(done.ok(), done.message().c_str());
        QFile file(job.path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        QVERIFY(bytes.size() > 100);
        if (job.choice.format == QLatin1String("pdf")) {
            QVERIFY(bytes.startsWith("%PDF-"));
        } else {
            QVERIFY2(bytes.contains("7 + 8 = 15") && bytes.contains("How can I help you?"), format);
        }
    }
    // JSON holds all: a second history gives the same bytes.
    QTemporaryDir other;
    const Imported imported = runImport(other.path().toStdString(), {out.filePath(QStringLiteral("all.json"))});
    QVERIFY2(imported.status.ok(), imported.status.message().c_str());
    QCOMPARE(imported.conversations, 2);
    ExportJob again;
    again.choice.format = QStringLiteral("json");
    again.path = out.filePath(QStringLiteral("again.json"));
    again.conversations = {1, 2};
    QVERIFY(runExport(other.path().toStdString(), again).ok());
    const auto read = [](const QString& path) {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    QCOMPARE(read(again.path), read(out.filePath(QStringLiteral("all.json"))));
}

void TestDocuments::importAgain() {
    QTemporaryDir dir, files;
    std::vector<ConversationContent> chats;
    for (int i = 0; i < 30; ++i) {
        chats.push_back(emptySample("Chat " + std::to_string(i)));
        for (int m = 0; m < 20; ++m) addMessage(chats.back(), 0, Author::kUser, "Text " + std::to_string(m));
    }
    QFile file(files.filePath(QStringLiteral("chats.json")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(exportConversations(chats, ExportFormat::kJson)));
    file.close();
    const std::string data_dir = dir.path().toStdString();

    // Stopped on the way: what came in stays, and is not brought in again.
    std::stop_source stop;
    QList<int> told;
    const auto progress = [&](int percent) {
        told.append(percent);
        if (percent >= 20) stop.request_stop();
    };
    const Imported part = runImport(data_dir, {file.fileName()}, progress, stop.get_token());
    QVERIFY(std::is_sorted(told.begin(), told.end()));
    QCOMPARE(part.status.ok(), part.conversations == 30);
    QVERIFY(part.conversations > 0);
    const Imported rest = runImport(data_dir, {file.fileName()});
    QVERIFY2(rest.status.ok(), rest.status.message().c_str());
    QCOMPARE(part.conversations + rest.conversations, 30);
    QCOMPARE(rest.present, part.conversations);
    const Imported again = runImport(data_dir, {file.fileName()});
    QCOMPARE(again.present, 30);
    QVERIFY(importSentence(again).startsWith(QStringLiteral("30 chat")));
    Imported some;
    some.conversations = 1;
    some.extended = 2;
    some.remark = QStringLiteral("3 messages were left out.");
    const QString said = importSentence(some);
    QVERIFY2(said.startsWith(QStringLiteral("Imported 1 chat")) && said.contains(QStringLiteral(" 2 chat")) &&
                 said.endsWith(some.remark),
             qPrintable(said));
}

void TestDocuments::importIsWholeOrNothing() {
    QTemporaryDir dir, files;
    const auto write = [&](const char* name, const QByteArray& bytes) {
        QFile file(files.filePath(QString::fromLatin1(name)));
        if (file.open(QIODevice::WriteOnly)) file.write(bytes);
        return file.fileName();
    };
    const std::vector<ConversationContent> one{textSample()};
    const QString good = write("good.json", QByteArray::fromStdString(exportConversations(one, ExportFormat::kJson)));
    const QString bad = write("bad.json", "{\"format\": ");
    const Imported refused = runImport(dir.path().toStdString(), {good, bad});
    QVERIFY(!refused.status.ok());
    QVERIFY(QString::fromStdString(refused.status.message()).contains(QStringLiteral("bad.json")));
    QCOMPARE(refused.conversations, 0);
    Desk desk(dir.path(), false);
    QCOMPARE(desk.sidebar->model()->rowCount(), 0);
}

QTEST_MAIN(TestDocuments)
#include "test_documents.moc"
