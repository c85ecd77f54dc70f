// What models think aloud, from their real chat templates to the screen. If these fail, a tag is seen or a text is lost
// while an answer streams, a model thinks although it was told not to, or a thought is copied or exported unasked.

#include <QClipboard>
#include <QDir>
#include <QFile>

#include "app/window/exchange.h"
#include "engine/markdown/thinking.h"
#include "engine/text/jinja.h"
#include "tests/support/demo_template.h"
#include "tests/window/chrome.h"
#include "ui/chat/message_layout.h"

using namespace moescope;

namespace {

using jinja::Value;

const std::string kThought = "First: is 3 < 4?\n\n- `if a </ b`\n\n**Yes.** 想一想 😀";
const std::string kAnswer = "It is \\(x < 4\\).\n\n1. one\n2. 二 </b>\n";

/// What a template writes behind a question.
std::string openingOf(const jinja::Template& read, std::optional<bool> thinking) {
    jinja::Variables variables;
    variables["messages"] = Value::list(
        {Value::dict({{Value::own("role"), Value::own("user")}, {Value::own("content"), Value::own("Why?")}})});
    variables["add_generation_prompt"] = Value::boolean(true);
    variables["bos_token"] = Value::own("<s>");
    variables["eos_token"] = Value::own("</s>");
    if (thinking) variables["thinking"] = variables["enable_thinking"] = Value::boolean(*thinking);
    const auto text = read.run(std::move(variables), {});
    return text.ok() ? std::string(text->view()) : std::string();
}

/// An answer as it is seen, with its thought open.
struct Shown {
    Shown() : style(Theme::makeLight()), layout(TranscriptRole::kAnswer) {
        message.role = TranscriptRole::kAnswer;
        layout.prepare(context());
        layout.toggleThought(context());
    }
    MessageContext context() const { return {style, message, {}, true, 600}; }
    QString set(const std::string& text, bool streams) {
        message.text = text;
        message.state = streams ? TranscriptState::kStreaming : TranscriptState::kComplete;
        layout.update(context());
        QString all;
        for (const Block& block : layout.blocks()) all += block.inlines.text + QLatin1Char('\n');
        return all;
    }

    TranscriptStyle style;
    TranscriptMessage message;
    MessageLayout layout;
};

QString textsOf(const std::string& markdown) {
    MarkdownDocument document;
    document.update(markdown);
    QString all;
    for (const Block& block : document.blocks()) all += block.inlines.text + QLatin1Char('\n');
    return all;
}

}  // namespace

class TestThinking : public QObject {
    Q_OBJECT

private slots:
    void streamsOfRealTemplates_data();
    void streamsOfRealTemplates();
    void theWatchSeesWhatIsThought();
    void aModelIsToldNotToThink();
    void copiesAndExportsAreByChoice();
};

void TestThinking::streamsOfRealTemplates_data() {
    QTest::addColumn<QString>("file");
    const QDir folder(QStringLiteral(MOESCOPE_SHARED "/templates"));
    const auto files = folder.entryList({QStringLiteral("*.jinja")});
    if (files.isEmpty()) QTest::newRow("none") << QString();
    for (const QString& file : files) QTest::newRow(qPrintable(file)) << folder.filePath(file);
}

void TestThinking::streamsOfRealTemplates() {
    QFETCH(QString, file);
    if (file.isEmpty()) QSKIP("There are no real templates here.");
    QFile source(file);
    QVERIFY(source.open(QIODevice::ReadOnly));
    const auto read = jinja::Template::parse(source.readAll().toStdString());
    QVERIFY2(read.ok(), read.status().message().c_str());
    for (const std::optional<bool> thinking : {std::optional<bool>(), std::optional(true), std::optional(false)}) {
        const std::string opening = openingOf(*read, thinking);
        QVERIFY(!opening.empty());
        // As answers begin: inside the thought that the prompt has opened, or with one of the model's own, or without.
        const std::string opened(markdown::openedThought(opening));
        std::vector<std::pair<std::string, bool>> streams = {{kAnswer, false}};
        if (!opened.empty()) streams = {{opened + kThought + "</think>" + kAnswer, true}};
        if (opened.empty() && thinking != std::optional(false)) {
            streams.push_back({"<think>\n" + kThought + "\n</think>\n\n" + kAnswer, true});
            streams.push_back({"◁think▷" + kThought + "◁/think▷" + kAnswer, true});
        }
        for (const auto& [stream, thinks] : streams) {
            Shown grown;
            for (std::size_t size = 0; size <= stream.size(); ++size) {
                const QString seen = grown.set(stream.substr(0, size), true);
                for (const char* tag : {"<t", "</t", "think>", "◁", "▷"})
                    QVERIFY2(!seen.contains(QString::fromUtf8(tag)), stream.substr(0, size).c_str());
            }
            // Cut anywhere into two pieces, as an engine may send it, it is the same text with nothing lost.
            const QString whole = (thinks ? QStringLiteral("\n") + textsOf(kThought) : QString()) + textsOf(kAnswer);
            QCOMPARE(grown.set(stream, false), whole);
            for (std::size_t size = 0; size <= stream.size(); ++size) {
                Shown cut;
                cut.set(stream.substr(0, size), true);
                QCOMPARE(cut.set(stream, false), whole);
            }
        }
    }
}

void TestThinking::theWatchSeesWhatIsThought() {
    for (const std::string open : {"<think>", "\n<think>", "<thinking>", "◁think▷", ""}) {
        const std::string close = open.empty()                                  ? ""
                                  : open.find("ing") != std::string::npos       ? "</thinking>"
                                  : open.front() == '\n' || open.front() == '<' ? "</think>"
                                                                                : "◁/think▷";
        const std::string text = open + (open.empty() ? "" : "abc < d </thin e") + close + "An <think> answer";
        for (std::size_t step = 1; step <= text.size(); ++step) {
            markdown::ThinkingWatch watch;
            for (std::size_t at = 0; at < text.size(); at += step) {
                const std::size_t end = std::min(text.size(), at + step);
                watch.add(std::string_view(text).substr(at, end - at));
                const auto thinking = markdown::thinkingOf(std::string_view(text).substr(0, end), true);
                // A tag that may still come is no thought yet.
                const bool open_now = thinking && !thinking->closed && end >= open.size() && !open.empty();
                QCOMPARE(watch.thinks(), open_now);
            }
        }
    }
}

void TestThinking::aModelIsToldNotToThink() {
    QTemporaryDir dir;
    const QString model = dir.filePath(QStringLiteral("thinker.gguf"));
    QVERIFY(writeWithTemplate(MOESCOPE_DEMO_MODEL, model.toStdString(), kThinkingTemplate));
    Desk desk(dir.path());
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    QTest::keyClick(desk.edit, Qt::Key_I, Qt::ControlModifier);  // room for all pills
    // The demo model has no choice: no pill offers one.
    QVERIFY(!desk.composer->chip(QStringLiteral("thinking"))->isVisible());
    QSignalSpy loaded(&desk.window->engine(), &EngineThread::loaded);
    desk.window->loadModel(model);
    QVERIFY(loaded.wait(20'000));
    QTRY_VERIFY(desk.composer->chip(QStringLiteral("thinking"))->isVisible());
    QCOMPARE(chipText(desk.composer, "thinking"), QStringLiteral("Thinking: on"));
    // What it was not taught ends at once where it is answered exactly.
    GenerationSettings wild;
    wild.temperature = 5;
    wild.top_k = 0;
    wild.top_p = 1;
    wild.min_p = 0;
    wild.random_seed = false;
    wild.seed = 1;
    wild.max_tokens = 12;
    desk.window->chat().setDefaults(wild);

    QVERIFY(desk.ask(QStringLiteral("What is 7 plus 8?")).startsWith(QStringLiteral("<think>")));
    const TranscriptMessage& thought = desk.transcript->at(1);
    const int tokens = thought.figures.thinking_tokens;
    QVERIFY(tokens > 1);
    QVERIFY(thought.figures.thinking_tokens_per_second > 0);
    QVERIFY(figuresText(thought.figures).startsWith(QStringLiteral("thinking %1 token").arg(tokens)));
    QCOMPARE(QString::fromStdString(desk.window->chat().current().title), QStringLiteral("What is 7 plus 8?"));
    const TranscriptView& view = *desk.window->findChild<TranscriptView*>();
    QVERIFY(!view.model()
                 ->data(view.model()->index(1), Qt::AccessibleTextRole)
                 .toString()
                 .contains(QStringLiteral("think")));

    // By key, and seen on the pill.
    QTest::keyClick(desk.edit, Qt::Key_H, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(chipText(desk.composer, "thinking"), QStringLiteral("Thinking: off"));
    QVERIFY(!desk.ask(QStringLiteral("What is 7 plus 8?")).contains(QStringLiteral("think")));
    QCOMPARE(desk.transcript->at(3).figures.thinking_tokens, 0);
    // It is the chat's own: what is shown again is as it was.
    QTest::mouseClick(desk.composer->chip(QStringLiteral("thinking")), Qt::LeftButton);
    QCOMPARE(chipText(desk.composer, "thinking"), QStringLiteral("Thinking: on"));
    const qint64 chat = desk.window->chat().conversation();
    desk.window->chat().startNew();
    desk.window->chat().open(chat);
    QCOMPARE(desk.transcript->at(1).figures.thinking_tokens, tokens);
    QCOMPARE(desk.window->chat().settings().thinking, std::optional(true));
}

void TestThinking::copiesAndExportsAreByChoice() {
    QTemporaryDir dir;
    const qint64 chat = addChat(dir.path(), QStringLiteral("Roots"),
                                {QStringLiteral("Why?"), QStringLiteral("<think>\nSecret\n</think>\n\nBecause.")});
    Desk desk(dir.path(), false);
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    desk.window->chat().open(chat);
    desk.edit->setFocus();
    QTest::keyClick(desk.edit, Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("Because."));
    for (const char* format : {"md", "html", "txt"}) {
        for (const bool with : {true, false}) {
            ExportChoice choice;
            choice.format = QLatin1String(format);
            choice.thoughts = with;
            const QString path = dir.filePath(QStringLiteral("out.%1").arg(choice.format));
            QVERIFY(runExport(dir.path().toStdString(), {choice, path, {chat}}, {}).ok());
            QFile file(path);
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray text = file.readAll();
            QCOMPARE(text.contains("Secret"), with);
            QVERIFY(text.contains("Because."));
            QVERIFY(!text.contains("think>"));
        }
    }
}

QTEST_MAIN(TestThinking)
#include "test_thinking.moc"
