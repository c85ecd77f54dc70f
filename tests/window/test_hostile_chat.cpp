// Chats that were made to choke the window. If these fail, one of them keeps the program from starting: the last chat
// is opened again at each start.

#include "tests/support/timing.h"
#include "tests/window/desk.h"

using namespace moescope;

/// What somebody else's file can put into a chat.
struct Hostile {
    std::string question = "Show me", answer = "Here.", draft, error, system, settings;
};
Q_DECLARE_METATYPE(Hostile)

namespace {

/// A history whose last chat is that one.
void store(const QString& folder, const Hostile& hostile) {
    auto history = History::open(folder.toStdString());
    QVERIFY2(history.ok(), history.status().message().c_str());
    ConversationContent content;
    content.conversation.title = "hostile";
    content.conversation.created_ms = content.conversation.updated_ms = 1'800'000'000'000;
    MessageContent question, reply;
    question.message.id = 1;
    question.message.author = Author::kUser;
    question.message.text = hostile.question;
    reply.message.id = 2;
    reply.message.parent = 1;
    reply.message.author = Author::kAssistant;
    reply.message.text = hostile.answer;
    reply.message.error = hostile.error;
    if (!hostile.error.empty()) reply.message.finish = FinishReason::kError;
    if (!hostile.settings.empty()) reply.message.settings = hostile.settings;
    content.conversation.draft = hostile.draft;
    content.conversation.system_prompt = hostile.system;
    content.messages = {question, reply};
    content.conversation.leaf = 2;
    const auto id = (*history)->import(content);
    QVERIFY2(id.ok(), id.status().message().c_str());
    QVERIFY((*history)->settings().set("window.conversation", std::to_string(*id)).ok());
}

std::string times(const std::string& one, int count) {
    std::string all;
    all.reserve(one.size() * static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) all += one;
    return all;
}

/// How long a window takes to open it, and to show its beginning and its end.
void open(const Hostile& hostile) {
    QTemporaryDir folder;
    store(folder.path(), hostile);
    QElapsedTimer clock;
    clock.start();
    Desk desk(folder.path(), false);
    QTRY_COMPARE(desk.transcript->count(), 2);
    auto* view = desk.window->findChild<TranscriptView*>();
    for (const int message : {1, 2}) {
        view->scrollToMessage(message);
        (void)view->grab();
    }
    view->scrollToEnd();
    (void)view->grab();
    (void)desk.window->grab();
    QVERIFY2(inTime(clock.elapsed(), 8000), qPrintable(QString::number(clock.elapsed())));
    const int least = desk.window->minimumSizeHint().height();
    QVERIFY2(least <= 720, qPrintable(QString::number(least)));
    // What is sent is what was written, however it is shown.
    QCOMPARE(desk.composer->text().toStdString(), hostile.draft);
}

}  // namespace

class TestHostileChat : public QObject {
    Q_OBJECT

private slots:
    void windowOpensIt_data() {
        QTest::addColumn<QString>("answer");
        QString table(5000, QLatin1Char('|')),
            uses = QStringLiteral("[x]: /") + QString(50000, QLatin1Char('u')) + "\n\n";
        table += "\n|" + QStringLiteral("---|").repeated(5000) + QStringLiteral("\n|x|").repeated(5000);
        uses += QStringLiteral("[x]").repeated(16000);
        QTest::newRow("table") << table;
        QTest::newRow("definition") << uses;
        QTest::newRow("quotes") << QString(20000, QLatin1Char('>')) + "x";
        QTest::newRow("lists") << QStringLiteral("- ").repeated(60) + "x";
        QTest::newRow("emphasis") << QStringLiteral("*a **b ").repeated(8000);
        QTest::newRow("formulas") << QStringLiteral("\\(").repeated(25000);
        QTest::newRow("dollars") << QStringLiteral("$a ").repeated(17000);
        QTest::newRow("tables") << QStringLiteral("|a|\n|-|\n\n").repeated(5500);
        QTest::newRow("links") << QStringLiteral("[a](https://a.b/c)").repeated(3000);
        QTest::newRow("ticks") << [] {
            QString text;
            for (int i = 1; text.size() < 50000; ++i) text += QString(i, QLatin1Char('`')) + QLatin1Char('a');
            return text;
        }();
        QTest::newRow("one word") << QString(50000, QLatin1Char('w'));
        QTest::newRow("entities") << QStringLiteral("&CounterClockwiseContourIntegral;").repeated(1500);
    }

    void windowOpensIt() {
        QFETCH(QString, answer);
        Hostile hostile;
        hostile.answer = answer.toStdString();
        open(hostile);
    }

    void windowOpensWhatStandsAroundIt_data() {
        QTest::addColumn<Hostile>("hostile");
        const std::string file = "Attached file \"a.txt\":\n```\nx\n```\n\n", letters(2'000'000, 'w');
        const auto add = [](const char* name, std::string Hostile::*part, std::string text) {
            Hostile hostile;
            hostile.*part = std::move(text);
            QTest::newRow(name) << hostile;
        };
        add("question of files", &Hostile::question, times(file, 60'000) + "Why?");
        add("name of a file", &Hostile::question, "Attached file \"" + letters + "\":\n```\nx\n```\n\nWhy?");
        add("draft of files", &Hostile::draft, times(file, 60'000) + "Why?");
        add("draft of some files", &Hostile::draft, times(file, 100) + "Why?");
        add("name of a file in a draft", &Hostile::draft, "Attached file \"" + letters + "\":\n```\nx\n```\n\nWhy?");
        add("error", &Hostile::error, letters);
        add("system prompt", &Hostile::system, letters);
        std::string mask = "0";
        for (int i = 1; i < 60; ++i) mask += " " + std::to_string(i);
        std::string rules;
        for (int layer = 0; layer < 2000; ++layer) rules += "mask " + std::to_string(layer) + ": " + mask + "; ";
        add("rules", &Hostile::settings, "{\"rules\": \"" + rules + "\"}");
        add("language of code", &Hostile::answer, "```" + letters + "\nx\n```");
        add("thought", &Hostile::answer, "<think>" + times("<think>", 200'000) + "</think>" + times("a\n\n", 100'000));
        add("nested formula", &Hostile::answer,
            "$" + times("\\frac{", 20'000) + "$ and \\[" + times("{", 50'000) + "\\]");
    }

    void windowOpensWhatStandsAroundIt() {
        QFETCH(Hostile, hostile);
        open(hostile);
    }
};

QTEST_MAIN(TestHostileChat)
#include "test_hostile_chat.moc"
