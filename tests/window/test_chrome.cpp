// What stands around the transcript: notices, files that are dropped, the welcome, the empty inspector; and that text
// of others is letters in all of it.

#include <QFile>
#include <QLabel>
#include <QMenu>
#include <QScrollBar>
#include <QToolButton>

#include "app/window/routing_desk.h"
#include "app/window/trace_files.h"
#include "app/window/translation.h"
#include "storage/history.h"
#include "tests/support/gguf_builder.h"
#include "tests/support/timing.h"
#include "tests/window/chrome.h"
#include "tests/window/modal.h"
#include "ui/chrome/find_bar.h"
#include "ui/chrome/header_bar.h"
#include "ui/chrome/welcome.h"
#include "ui/inspector/empty_state.h"
#include "ui/inspector/inspector_dock.h"

using namespace moescope;

namespace {

/// What could make Qt read a text as HTML, in labels and tool tips of all widgets and lists.
QStringList richTexts(QWidget* root) {
    QStringList wrong;
    const auto tip = [&](const QString& text, const QString& where) {
        // A tag that is not the tool tip's own paragraph would be taken for one.
        if (text.contains(QLatin1String("<img")) || text.contains(QLatin1String("<h1")))
            wrong << where + QStringLiteral(": tool tip ") + text.left(80);
        if (text.size() > 4000) wrong << where + QStringLiteral(": a tool tip of %1 letters").arg(text.size());
    };
    for (QWidget* widget : root->findChildren<QWidget*>()) {
        const QString where = QString::fromLatin1(widget->metaObject()->className());
        tip(widget->toolTip(), where);
        if (auto* label = qobject_cast<QLabel*>(widget)) {
            if (label->textFormat() != Qt::PlainText && !label->text().isEmpty())
                wrong << where + QStringLiteral(": label ") + label->text().left(80);
        }
        if (auto* view = qobject_cast<QAbstractItemView*>(widget); view && view->model()) {
            for (int row = 0; row < std::min(view->model()->rowCount(), 200); ++row)
                tip(view->model()->index(row, 0).data(Qt::ToolTipRole).toString(), where);
        }
        for (QAction* action : widget->actions()) tip(action->toolTip(), where);
    }
    return wrong;
}

}  // namespace

class TestChrome : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs); }
    void cleanup() { useLanguage(QStringLiteral("en")); }

    void textOfOthersIsLetters();
    void aNameOfAMillionLettersStopsNothing();
    void noticesCoverNothing();
    void theWelcomeSaysWhatThereIs();
    void theDemoIsExact();
    void modelsHaveOneName();
    void loadingShowsHowFar();
    void emptyInspectorSaysWhy();
    void theTintIsKept();
    void aMovedModelIsSaid();
    void noticesAreTakenBackByWhoSaidThem();
    void theStateSaysWhatCanBeDone();
    void filesAreDropped();
};

void TestChrome::textOfOthersIsLetters() {
    QTemporaryDir dir;
    const QString heading = QStringLiteral("<h1>Your disk is damaged</h1> & [*]");
    const qint64 chat = addChat(dir.path(), kImage, {heading, kImage}, kImage);
    addChat(dir.path(), heading, {kImage, heading});
    Desk desk(dir.path());
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    emit desk.sidebar->opened(chat);
    QVERIFY(desk.window->windowTitle().contains(kImage));
    QCOMPARE(desk.window->findChild<HeaderBar*>()->title(), kImage);
    // Each kind of place has it: notices, the model's pill and menu, a file that is not there.
    desk.window->loadModel(dir.filePath(kImage.mid(0, 4) + QStringLiteral(">.gguf")));
    QVERIFY(desk.notice->sentence().contains(QLatin1String("<img>.gguf")));
    // What a model file calls its keys, in the engine's own sentence.
    GgufBuilder twice;
    twice.integer(kImage.toStdString(), 1);
    twice.integer(kImage.toStdString(), 2);
    const auto bytes = twice.build();
    QFile file(dir.filePath(QStringLiteral("twice.gguf")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<qint64>(bytes.size()));
    file.close();
    desk.window->loadModel(file.fileName());
    QTRY_VERIFY2(desk.notice->sentence().contains(kImage), qPrintable(desk.notice->sentence()));
    desk.window->findChild<HeaderBar*>()->setModel(kImage, heading);
    desk.composer->setEnabledReason(kImage);
    desk.ask(QStringLiteral("Hello!"));
    emit desk.sidebar->trashRequested({chat});
    const QStringList wrong = richTexts(desk.window.get());
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    // A menu's "&" is a letter.
    auto* model = desk.window->findChild<HeaderBar*>()->modelButton();
    QVERIFY(!model->text().contains(QLatin1String(" & ")) || model->text().contains(QLatin1String("&&")));
    // The row of the list.
    const auto* list = desk.sidebar->model();
    bool seen = false;
    for (int row = 0; row < list->rowCount(); ++row)
        seen |= list->index(row).data(Qt::DisplayRole).toString().startsWith(QLatin1String("<h1>"));
    QVERIFY(seen);
}

void TestChrome::aNameOfAMillionLettersStopsNothing() {
    QTemporaryDir dir;
    const QString name(1'000'000, QLatin1Char('x'));
    const qint64 chat = addChat(dir.path(), name, {name.left(20), name.left(20)}, name);
    QElapsedTimer clock;
    clock.start();
    Desk desk(dir.path(), false);
    emit desk.sidebar->opened(chat);
    desk.notice->warn(name);
    desk.window->findChild<HeaderBar*>()->setModel(name, name);
    desk.window->repaint();
    QVERIFY(desk.notice->sentence().size() < 2000);
    QVERIFY(desk.notice->height() <= desk.window->height() / 2 + 40);
    QVERIFY(desk.window->minimumSizeHint().width() < 1200);
    QVERIFY2(inTime(clock.elapsed(), 5000), qPrintable(QString::number(clock.elapsed())));
}

void TestChrome::noticesCoverNothing() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    auto* view = desk.window->findChild<TranscriptView*>();
    const auto topOf = [&desk](const QWidget* widget) { return widget->mapTo(desk.window.get(), QPoint()).y(); };
    const QRect before = view->geometry();
    desk.notice->say(QStringLiteral("Imported 4 chats."));
    QApplication::processEvents();
    // The first message goes on below it.
    QVERIFY(view->isVisible());
    QCOMPARE_GE(topOf(view), topOf(desk.notice) + desk.notice->height());
    QVERIFY(desk.notice->height() > 20);
    desk.notice->clear();
    QCOMPARE(view->geometry(), before);
    // In a chat that is long, what is read stays where it is.
    const auto lines = [](int count) { return QStringLiteral("A line of text.\n\n").repeated(count); };
    const qint64 chat = addChat(dir.path(), QStringLiteral("long"), {QStringLiteral("q"), lines(200)});
    emit desk.sidebar->opened(chat);
    QApplication::processEvents();
    QScrollBar* bar = view->verticalScrollBar();
    bar->setValue(bar->maximum() / 2);
    QApplication::processEvents();
    const int at = bar->value() - topOf(view);
    desk.notice->say(QStringLiteral("Imported 4 chats."));
    QApplication::processEvents();
    QVERIFY(topOf(view) >= topOf(desk.notice) + desk.notice->height());
    QCOMPARE(bar->value() - topOf(view), at);
    desk.notice->clear();
    QApplication::processEvents();
    QCOMPARE(bar->value() - topOf(view), at);
    // The find bar stands above it.
    QTest::keyClick(desk.edit, Qt::Key_F, Qt::ControlModifier);
    desk.notice->say(QStringLiteral("Imported 4 chats."));
    auto* find = desk.window->findChild<FindBar*>();
    QTRY_VERIFY(find->isVisible());
    QTRY_VERIFY(topOf(desk.notice) >= topOf(find) + find->height());
    QVERIFY(desk.notice->isVisible());
    QCOMPARE(desk.notice->tone(), NoticeBar::Tone::kInfo);
    const QImage info = desk.notice->grab().toImage();
    desk.notice->warn(QStringLiteral("Imported 4 chats."));
    QCOMPARE(desk.notice->tone(), NoticeBar::Tone::kError);
    QVERIFY(desk.notice->grab().toImage() != info);
    QCOMPARE(desk.notice->accessibleName(), QStringLiteral("Error"));
    // All of a long one is seen.
    desk.notice->warn(QStringLiteral("a path without a blank /") + QString(300, QLatin1Char('p')));
    QVERIFY(desk.notice->height() > before.height() / 30);
    QVERIFY(desk.notice->geometry().right() < desk.notice->parentWidget()->width());
}

void TestChrome::theWelcomeSaysWhatThereIs() {
    QTemporaryDir dir;
    Desk desk(dir.path(), false);
    auto* welcome = desk.window->findChild<Welcome*>();
    QStringList buttons;
    const auto look = [&] {
        buttons.clear();
        for (auto* b : welcome->findChildren<QPushButton*>()) {
            if (b->isVisible()) buttons << b->text();
        }
        QString all;
        for (auto* label : welcome->findChildren<QLabel*>()) {
            if (label->isVisible()) all += label->text() + QLatin1Char('\n');
        }
        return all;
    };
    QVERIFY(look().contains(QLatin1String("No model is loaded")));
    QCOMPARE(buttons, (QStringList{QStringLiteral("Find or download a model…"), QStringLiteral("Open a model…"),
                                   QStringLiteral("Use the demo model")}));
    QSignalSpy loaded(&desk.window->engine(), &EngineThread::loaded);
    for (auto* b : welcome->findChildren<QPushButton*>()) {
        if (b->text() == QLatin1String("Use the demo model")) QTest::mouseClick(b, Qt::LeftButton);
    }
    QVERIFY(loaded.wait(20'000));
    QVERIFY(look().contains(QLatin1String("13 M parameters")));
    QVERIFY(look().contains(QLatin1String("English")));
    QVERIFY(buttons.contains(QStringLiteral("What is a router?")));
    QVERIFY(!buttons.contains(QStringLiteral("Use the demo model")));
    QVERIFY(buttons.contains(QStringLiteral("Find or download a model…")));  // the way to a real one
    auto* pill = desk.window->findChild<HeaderBar*>()->modelButton();
    desk.window->resize(1600, 900);
    QVERIFY2(pill->text().contains(QStringLiteral("demo, 13 M parameters ▾")), qPrintable(pill->text()));
    QVERIFY(pill->toolTip().contains(QLatin1String("capitals")));
    // The menu tells where models lie and how large they are.
    QVERIFY(pill->menu()->actions()[0]->text().contains(QLatin1String("MB")));
}

void TestChrome::theDemoIsExact() {
    QTemporaryDir dir;
    {
        auto history = History::open(dir.path().toStdString());
        WindowOptions options;
        options.data_dir = dir.path().toStdString();
        options.demo_model = QStringLiteral(MOESCOPE_DEMO_MODEL);
        MainWindow window(std::move(*history), options);
        QSignalSpy loaded(&window.engine(), &EngineThread::loaded);
        window.show();
        QVERIFY(loaded.wait(20'000));
        QCOMPARE(window.chat().settings().temperature, 0.0);
        window.close();
    }
    // What the user has set stands.
    {
        auto history = History::open(dir.path().toStdString());
        QVERIFY((*history)->settings().set("app", "{\"generation\": {\"temperature\": 0.9}}").ok());
        WindowOptions options;
        options.data_dir = dir.path().toStdString();
        options.demo_model = QStringLiteral(MOESCOPE_DEMO_MODEL);
        MainWindow window(std::move(*history), options);
        QSignalSpy loaded(&window.engine(), &EngineThread::loaded);
        window.show();
        QVERIFY(loaded.wait(20'000));
        QCOMPARE(window.chat().settings().temperature, 0.9);
        window.close();
    }
}

/// The model's own, with the type of its weights, wherever it is named.
void TestChrome::modelsHaveOneName() {
    QTemporaryDir dir, models;
    const QString path = models.filePath(QStringLiteral("file-Q4_K_M.gguf"));
    QVERIFY(QFile::copy(QStringLiteral(MOESCOPE_TEST_DATA "/tiny-moe/model.gguf"), path));
    Desk desk(dir.path(), false);
    desk.window->resize(1600, 900);
    QSignalSpy loaded(&desk.window->engine(), &EngineThread::loaded);
    desk.window->loadModel(path);
    QVERIFY(loaded.wait(20'000));
    auto* pill = desk.window->findChild<HeaderBar*>()->modelButton();
    const QString name = pill->text().section(QStringLiteral(" ▾"), 0, 0);
    QVERIFY2(name.endsWith(QStringLiteral(" · Q4_K_M")) && !name.startsWith(QLatin1String("file")), qPrintable(name));
    QStringList offered;
    for (const QAction* action : pill->menu()->actions()) offered << action->text().section(QLatin1Char('\t'), 0, 0);
    QVERIFY2(offered.contains(name), qPrintable(offered.join(QLatin1Char('\n'))));
}

void TestChrome::loadingShowsHowFar() {
    QTemporaryDir dir;
    Desk desk(dir.path(), false);
    auto* header = desk.window->findChild<HeaderBar*>();
    const auto done = [header] {  // whether a place of the bar differs from its end
        const QImage image = header->grab().toImage();
        const auto at = [&](double x) { return image.pixel(static_cast<int>(x * image.width()), image.height() - 1); };
        return std::pair(at(0.25) != at(0.99), at(0.75) != at(0.99));
    };
    header->setModel(QStringLiteral("m"), {}, 0.5);
    QCOMPARE(done(), std::pair(true, false));
    header->setModel(QStringLiteral("m"), {}, 0.9);
    QCOMPARE(done(), std::pair(true, true));
    header->setModel(QStringLiteral("m"), {});
    QCOMPARE(done(), std::pair(false, false));
}

void TestChrome::emptyInspectorSaysWhy() {
    QTemporaryDir dir;
    const qint64 imported = addChat(dir.path(), QStringLiteral("imported"), {QStringLiteral("q"), QStringLiteral("r")});
    Desk desk(dir.path());
    emit desk.sidebar->newChatRequested();
    desk.window->resize(1500, 900);
    auto* empty = desk.window->inspector().findChild<EmptyState*>();
    QTRY_VERIFY(empty->isVisible());
    QCOMPARE(empty->reason(), EmptyState::Reason::kNothingYet);
    QCOMPARE(empty->steps().size(), 3);
    emit desk.sidebar->opened(imported);
    QTRY_COMPARE(empty->sentence(), QStringLiteral("No routing was recorded for this chat."));
    QVERIFY(empty->isVisible());
    desk.window->inspector().showView(ViewKind::kCompare);
    QVERIFY(!empty->isVisible());
    desk.window->inspector().showView(ViewKind::kLive);
    emit desk.sidebar->newChatRequested();
    desk.ask(QStringLiteral("What is 7 plus 8?"));
    QTRY_VERIFY(!empty->isVisible());
    QVERIFY(desk.window->inspector().currentView()->isVisible());
}

void TestChrome::theTintIsKept() {
    QTemporaryDir dir;
    {
        Desk desk(dir.path(), false);
        QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
        desk.window->inspector().hide();  // room for all pills
        desk.edit->setFocus();
        whenShown<QMenu>([](QMenu& menu) {
            for (QAction* action : menu.actions()) {
                if (action->text().startsWith(QLatin1String("Margin"))) action->trigger();
            }
            menu.close();
        });
        QTest::keyClick(desk.edit, Qt::Key_T, Qt::ControlModifier);
        QVERIFY2(chipText(desk.composer, "tint").contains(QLatin1String("margin")),
                 qPrintable(chipText(desk.composer, "tint")));
        desk.window->close();
    }
    Desk desk(dir.path(), false);
    desk.window->inspector().hide();
    QVERIFY2(chipText(desk.composer, "tint").contains(QLatin1String("margin")),
             qPrintable(chipText(desk.composer, "tint")));
}

void TestChrome::aMovedModelIsSaid() {
    QTemporaryDir dir;
    Desk desk(dir.path(), false);
    const QString path = dir.filePath(QStringLiteral("gone.gguf"));
    desk.window->loadModel(path);
    QCOMPARE(desk.notice->sentence(), path + QStringLiteral(" no longer exists."));
    QCOMPARE(desk.notice->tone(), NoticeBar::Tone::kError);
    QStringList buttons;
    for (auto* b : desk.notice->findChildren<QPushButton*>()) {
        if (b->isVisible()) buttons << b->text();
    }
    QVERIFY(buttons.contains(QStringLiteral("Find it…")));
}

void TestChrome::noticesAreTakenBackByWhoSaidThem() {
    QTemporaryDir dir;
    Desk desk(dir.path(), false);
    const QString same = QStringLiteral("The same sentence.");
    const NoticeBar::Id first = desk.notice->warn(same), second = desk.notice->say(same);
    QVERIFY(first != second);
    QCOMPARE(desk.notice->shown(), second);
    desk.notice->takeBack(first);
    QCOMPARE(desk.notice->sentence(), same);
    desk.notice->takeBack(second);
    QVERIFY(desk.notice->sentence().isEmpty());
    QCOMPARE(desk.notice->shown(), NoticeBar::Id(0));
    // What is said of a chat comes and goes with it.
    const qint64 a = addChat(dir.path(), QStringLiteral("a"), {QStringLiteral("q"), QStringLiteral("r")});
    const qint64 b = addChat(dir.path(), QStringLiteral("b"), {QStringLiteral("q"), QStringLiteral("r")});
    emit desk.sidebar->opened(a);
    emit desk.window->chat().failed(b, QStringLiteral("b failed"));
    QVERIFY(desk.notice->sentence().isEmpty());
    emit desk.sidebar->opened(b);
    QCOMPARE(desk.notice->sentence(), QStringLiteral("b failed"));
    emit desk.sidebar->opened(a);
    QVERIFY(desk.notice->sentence().isEmpty());
    const NoticeBar::Id other = desk.notice->say(same);
    emit desk.sidebar->opened(b);
    QVERIFY(desk.notice->shown() != other);
    QCOMPARE(desk.notice->sentence(), QStringLiteral("b failed"));
}

void TestChrome::theStateSaysWhatCanBeDone() {
    WindowState state;
    QVERIFY(!canStop(state));
    QCOMPARE(reasonNotToAsk(state), QStringLiteral("Choose a model above to ask something"));
    QCOMPARE(welcomeOf(state), Welcome::Model::kNone);
    QCOMPARE(emptyReasonOf(state), EmptyState::Reason::kNoModel);
    QCOMPARE(lightOf(state), StatusLine::Light::kOff);
    state.loading = true;
    QVERIFY(canStop(state));
    QCOMPARE(reasonNotToAsk(state), QStringLiteral("The model is being loaded…"));
    QCOMPARE(welcomeOf(state), Welcome::Model::kLoading);
    QCOMPARE(emptyReasonOf(state), EmptyState::Reason::kNothingYet);
    state.loading = false;
    state.has_model = state.demo = true;
    QVERIFY(!canStop(state));
    QVERIFY(reasonNotToAsk(state).isEmpty());
    QVERIFY(savedWords(state).isEmpty());  // a new chat
    QCOMPARE(welcomeOf(state), Welcome::Model::kDemo);
    QCOMPARE(lightOf(state), StatusLine::Light::kReady);
    state.answering = state.saving = state.messages = true;
    QVERIFY(canStop(state));
    QVERIFY(reasonNotToAsk(state).isEmpty());  // in the chat itself the button stops
    QCOMPARE(savedWords(state), QStringLiteral("saving the question…"));
    QCOMPARE(emptyReasonOf(state), EmptyState::Reason::kNothingYet);
    QCOMPARE(lightOf(state), StatusLine::Light::kWorking);
    state.elsewhere = true;
    QCOMPARE(reasonNotToAsk(state), QStringLiteral("Another chat is being answered"));
    state.answering = state.saving = state.elsewhere = false;
    state.stored = state.experiment = true;
    QVERIFY(canStop(state));
    QVERIFY(reasonNotToAsk(state).contains(QLatin1String("experiment")));
    QCOMPARE(savedWords(state), QStringLiteral("saved"));
    QCOMPARE(emptyReasonOf(state), EmptyState::Reason::kNotRecorded);
}

void TestChrome::filesAreDropped() {
    QTemporaryDir dir;
    addChat(dir.path(), QStringLiteral("here"), {QStringLiteral("q"), QStringLiteral("r")});
    Desk desk(dir.path(), false);
    desk.composer->setText(QStringLiteral("a draft"));
    const QString chats = dir.filePath(QStringLiteral("Chats & more.JSON"));
    QFile file(chats);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(R"({"format":"moescope-conversations","version":1,"conversations":[{"title":"dropped","messages":[
        {"id":1,"parent":null,"role":"user","text":"Where does routed_experts stand?","created_ms":1764000000000}]}]})");
    file.close();
    const auto drop = [&](QWidget* to, const QStringList& paths) {
        QMimeData data;
        QList<QUrl> urls;
        for (const QString& path : paths) urls << QUrl::fromLocalFile(path);
        data.setUrls(urls);
        sendDrop(to, to->rect().center(), &data);
    };
    const auto titles = [&] {
        QStringList found;
        for (int row = 0; row < desk.sidebar->model()->rowCount(); ++row)
            found << desk.sidebar->model()->index(row).data(Qt::DisplayRole).toString();
        return found.join(QLatin1Char('|'));
    };
    // Chats, onto the list of chats.
    drop(desk.sidebar->list()->viewport(), {chats});
    QTRY_VERIFY_WITH_TIMEOUT(titles().contains(QLatin1String("dropped")), 10'000);
    // One or 1, as the language has it.
    QTRY_VERIFY(desk.notice->sentence().startsWith(QLatin1String("Imported ")));
    // Routing, onto the box for questions; a server's is JSON as chats are.
    auto* edit = desk.composer->findChild<QPlainTextEdit*>();
    for (const char* name : {"gates_f16.npz", "vllm_bom.json", "megatron_zero.jsonl"}) {
        QSignalSpy opened(&desk.window->traces(), &TraceFiles::opened);
        drop(edit->viewport(), {QStringLiteral(MOESCOPE_TEST_DATA "/traces/%1").arg(QLatin1String(name))});
        QVERIFY2(!opened.isEmpty() || opened.wait(10'000), name);
        QVERIFY(desk.window->routing().shownSource());
        QCOMPARE(desk.window->routing().shownSource()->name(), QLatin1String(name));
    }
    QCOMPARE(desk.composer->text(), QStringLiteral("a draft"));
    // A model, onto the page.
    QSignalSpy loaded(&desk.window->engine(), &EngineThread::loaded);
    drop(desk.window->findChild<Welcome*>(), {QStringLiteral(MOESCOPE_DEMO_MODEL)});
    QVERIFY(loaded.wait(20'000));
    // What is neither is said.
    QSignalSpy opened(&desk.window->traces(), &TraceFiles::opened);
    const QString other = dir.filePath(QStringLiteral("picture.png"));
    QVERIFY(QFile::copy(chats, other));
    drop(desk.window->findChild<HeaderBar*>(), {other});
    QVERIFY(opened.wait(10'000));
    QVERIFY2(desk.notice->sentence().contains(QLatin1String("picture.png")), qPrintable(desk.notice->sentence()));
    QCOMPARE(desk.notice->tone(), NoticeBar::Tone::kError);
    // Text is the box's.
    QMimeData text;
    text.setText(QStringLiteral("text"));
    QDragEnterEvent enter(QPoint(20, 20), Qt::CopyAction, &text, Qt::LeftButton, {});
    QApplication::sendEvent(desk.window.get(), &enter);
    QVERIFY(!enter.isAccepted());
}

QTEST_MAIN(TestChrome)
#include "test_chrome.moc"
