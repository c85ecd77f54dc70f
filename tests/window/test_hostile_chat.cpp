// Chats that were made to choke the window. If these fail, one of them keeps the program from starting: the last chat
// is opened again at each start.

#include "tests/support/timing.h"
#include "tests/window/desk.h"

using namespace moescope;

namespace {

/// A history whose last chat has this answer.
void store(const QString& folder, const std::string& answer) {
    auto history = History::open(folder.toStdString());
    QVERIFY2(history.ok(), history.status().message().c_str());
    ConversationContent content;
    content.conversation.title = "hostile";
    content.conversation.created_ms = content.conversation.updated_ms = 1'800'000'000'000;
    MessageContent question, reply;
    question.message.id = 1;
    question.message.author = Author::kUser;
    question.message.text = "Show me";
    reply.message.id = 2;
    reply.message.parent = 1;
    reply.message.author = Author::kAssistant;
    reply.message.text = answer;
    content.messages = {question, reply};
    content.conversation.leaf = 2;
    const auto id = (*history)->import(content);
    QVERIFY2(id.ok(), id.status().message().c_str());
    QVERIFY((*history)->settings().set("window.conversation", std::to_string(*id)).ok());
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
        QTemporaryDir folder;
        store(folder.path(), answer.toStdString());
        QElapsedTimer clock;
        clock.start();
        Desk desk(folder.path(), false);
        QTRY_COMPARE(desk.transcript->count(), 2);
        auto* view = desk.window->findChild<TranscriptView*>();
        view->scrollToMessage(2);
        (void)view->grab();
        view->scrollToEnd();
        (void)view->grab();
        QVERIFY2(inTime(clock.elapsed(), 8000), qPrintable(QString::number(clock.elapsed())));
    }
};

QTEST_MAIN(TestHostileChat)
#include "test_hostile_chat.moc"
