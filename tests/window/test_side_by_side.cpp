// The same question in columns beside each other. If these fail, a column answers by another's rules, waits for the
// other, cannot be stopped by itself, or its answers are not in the chat when it is closed.

#include <QMenu>
#include <QScrollBar>

#include "app/window/side_by_side.h"
#include "engine/routing/rules_text.h"
#include "tests/window/chrome.h"
#include "tests/window/modal.h"
#include "ui/chrome/columns.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/views/compare_view.h"
#include "ui/settings/chat_settings_dialog.h"
#include "ui/settings/router_rules_dialog.h"

using namespace moescope;

namespace {

const QString kStory = QStringLiteral("Write a short story about a fox.");

struct Beside : Desk {
    explicit Beside(const QString& dir) : Desk(dir) {
        columns = window->findChild<Columns*>();
        side = window->findChild<SideBySide*>();
    }
    TranscriptView* view(int column) const { return qobject_cast<TranscriptView*>(columns->body(column)); }
    const TranscriptModel& shown(int column) const { return *view(column)->model(); }
    QPushButton* button(int column, const char* name) const {
        return columns->body(column)->parentWidget()->findChild<QPushButton*>(QLatin1String(name));
    }
    bool quiet() const { return !side->answering() && !window->chat().answering(); }
    /// By the keys that a user has.
    void add() {
        QTest::keyClick(edit, Qt::Key_D, Qt::ControlModifier);
        if (columns->count() == 1) return;
        const QPushButton* model = button(columns->count() - 1, "column_model");
        QTRY_VERIFY(model->text() != QStringLiteral("Loading…"));
    }
    void send(const QString& question) {
        composer->setText(question);
        QTest::keyClick(edit, Qt::Key_Return);
    }
    void setRules(int column, const char* text) {
        whenShown<RouterRulesDialog>([text](RouterRulesDialog& dialog) {
            dialog.setRules(*parseRules(text));
            dialog.findChild<QPushButton*>(QStringLiteral("apply"))->click();
        });
        button(column, "column_rules")->click();
    }
    Columns* columns = nullptr;
    SideBySide* side = nullptr;
};

const TranscriptMessage& lastOf(const TranscriptModel& model) {
    return model.at(model.count() - 1);
}

void picture(QWidget* of, const char* name) {
    const QString folder = qEnvironmentVariable("MOESCOPE_PICTURES");
    if (!folder.isEmpty()) of->grab().save(folder + QLatin1Char('/') + QLatin1String(name));
}

}  // namespace

class TestSideBySide : public QObject {
    Q_OBJECT

private slots:
    void bothStreamByTheirOwnRules();
    void eachIsStoppedByItself();
    void turnsGoOnInEachColumn();
    void compareOpensOnThem();
    void columnsScrollTogether();
    void theyStayAsBranches();
    void memoryIsAsPlannedAndGivenBack();
    void anotherModelAnswersBeside();
    void whatDoesNotGoIsSaid();
};

void TestSideBySide::bothStreamByTheirOwnRules() {
    QTemporaryDir dir;
    Beside desk(dir.path());
    QTRY_COMPARE(QApplication::focusWidget(), desk.edit);
    desk.add();
    QCOMPARE(desk.columns->count(), 2);
    QVERIFY(desk.columns->isVisible());
    picture(desk.window.get(), "side-by-side-empty.png");
    desk.setRules(1, "k 1");
    QVERIFY(desk.button(1, "column_rules")->text().contains(QLatin1Char('1')));
    whenShown<ChatSettingsDialog>([](ChatSettingsDialog& dialog) {
        picture(&dialog, "side-by-side-settings.png");
        GenerationSettings settings = dialog.settings();
        settings.max_tokens = 100;
        dialog.setSettings(settings);
        emit dialog.changed({}, settings);
        dialog.reject();
    });
    desk.button(1, "column_settings")->click();

    // Whether both have text before one has ended.
    bool both = false;
    QObject watch;
    for (int column = 0; column < 2; ++column) {
        connect(&desk.shown(column), &QAbstractItemModel::dataChanged, &watch, [&] {
            const auto streams = [&](int i) {
                const TranscriptMessage& m = lastOf(desk.shown(i));
                return m.state == TranscriptState::kStreaming && m.role == TranscriptRole::kAnswer && !m.text.empty();
            };
            if (!both && streams(0) && streams(1)) picture(desk.window.get(), "side-by-side-streams.png");
            both = both || (streams(0) && streams(1));
        });
    }
    desk.send(kStory);
    QTRY_COMPARE(desk.shown(1).count(), 2);
    QTRY_VERIFY_WITH_TIMEOUT(desk.quiet(), 20'000);
    QVERIFY(both);
    picture(desk.window.get(), "side-by-side-dark.png");
    QCOMPARE(desk.shown(0).count(), 2);
    QCOMPARE(desk.shown(0).at(0).id, desk.shown(1).at(0).id);  // one question
    QVERIFY(desk.shown(0).at(1).id != desk.shown(1).at(1).id);
    QCOMPARE(desk.shown(0).at(1).siblings, 2);
    QVERIFY(desk.shown(0).at(1).text != desk.shown(1).at(1).text);
    QVERIFY(desk.shown(1).at(1).figures.finish.contains(QStringLiteral("top 1")));
    QVERIFY(!desk.shown(0).at(1).figures.finish.contains(QStringLiteral("top 1")));
    auto history = History::open(dir.path().toStdString());
    const auto stored = (*history)->message(desk.shown(1).at(1).id);
    QVERIFY(stored.ok());
    QCOMPARE(AnswerSettings::fromJson(stored->settings).max_tokens, 100);
    // The chat's own rules and settings are as they were.
    QVERIFY(desk.window->chat().rules() == RouterRules());
    QCOMPARE(desk.window->chat().settings().max_tokens, 160);
}

void TestSideBySide::eachIsStoppedByItself() {
    QTemporaryDir dir;
    Beside desk(dir.path());
    desk.add();
    desk.send(kStory);
    QTRY_VERIFY(desk.shown(1).count() == 2 && !lastOf(desk.shown(1)).text.empty());
    QVERIFY(desk.button(1, "column_stop")->isVisible());
    QTest::mouseClick(desk.button(1, "column_stop"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(desk.quiet(), 20'000);
    QCOMPARE(lastOf(desk.shown(1)).state, TranscriptState::kStopped);
    QCOMPARE(lastOf(desk.shown(0)).state, TranscriptState::kComplete);
    QVERIFY(lastOf(desk.shown(0)).text.size() > lastOf(desk.shown(1)).text.size());
    QVERIFY(!desk.button(1, "column_stop")->isVisible());

    // Esc ends all.
    desk.send(kStory);
    QTRY_VERIFY(desk.shown(1).count() == 4 && !lastOf(desk.shown(1)).text.empty());
    QTest::keyClick(desk.edit, Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(desk.quiet(), 5'000);
    for (int column = 0; column < 2; ++column) QCOMPARE(lastOf(desk.shown(column)).state, TranscriptState::kStopped);
}

void TestSideBySide::turnsGoOnInEachColumn() {
    QTemporaryDir dir;
    Beside desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    desk.add();
    desk.add();
    QCOMPARE(desk.columns->count(), 3);
    QCOMPARE(desk.shown(2).count(), 2);  // what was said so far
    desk.setRules(1, "k 1");
    desk.setRules(2, "shared off");
    for (const QString& question : {kStory, QStringLiteral("What is 7 plus 8?")}) {
        desk.send(question);
        QTRY_VERIFY_WITH_TIMEOUT(lastOf(desk.shown(2)).role == TranscriptRole::kAnswer && desk.quiet(), 20'000);
    }
    picture(desk.window.get(), "side-by-side-three.png");
    auto history = History::open(dir.path().toStdString());
    const auto messages = (*history)->messages(desk.window->chat().conversation());
    QVERIFY(messages.ok());
    QCOMPARE(messages->size(), std::size_t{2 + 1 + 3 + 3 + 3});
    for (int column = 0; column < 3; ++column) {
        const TranscriptModel& shown = desk.shown(column);
        QCOMPARE(shown.count(), 6);
        QCOMPARE(shown.at(2).id, desk.shown(0).at(2).id);  // the same question to all
        QCOMPARE(shown.at(4).text, std::string("What is 7 plus 8?"));
        for (int row = 1; row < 6; ++row) {
            const auto stored = (*history)->message(shown.at(row).id);
            QCOMPARE(qint64(stored->parent.value_or(0)), shown.at(row - 1).id);
        }
    }
    QVERIFY(desk.shown(0).at(4).id != desk.shown(1).at(4).id);
}

void TestSideBySide::compareOpensOnThem() {
    QTemporaryDir dir;
    Beside desk(dir.path());
    desk.add();
    desk.setRules(1, "k 1");
    QVERIFY(!desk.button(1, "column_compare")->isEnabled());
    desk.send(QStringLiteral("What is 7 plus 8?"));
    QTRY_VERIFY_WITH_TIMEOUT(desk.shown(1).count() == 2 && desk.quiet(), 20'000);
    QTRY_VERIFY(desk.button(1, "column_compare")->isEnabled());
    QTest::mouseClick(desk.button(1, "column_compare"), Qt::LeftButton);
    InspectorDock& inspector = desk.window->inspector();
    QVERIFY(inspector.isVisible());
    QVERIFY(inspector.currentView() == inspector.view<CompareView>());
    QCOMPARE(inspector.model().comparedA(), desk.shown(0).at(1).id);
    QCOMPARE(inspector.model().comparedB(), desk.shown(1).at(1).id);
    QTest::qWait(300);
    picture(desk.window.get(), "side-by-side-compare.png");
}

void TestSideBySide::columnsScrollTogether() {
    QTemporaryDir dir;
    QStringList texts;
    for (int i = 0; i < 12; ++i) {
        texts << QStringLiteral("Question %1").arg(i)
              << QStringLiteral("A line of an answer.\n\n").repeated(5 + 3 * (i % 3));
    }
    const qint64 chat = addChat(dir.path(), QStringLiteral("Long"), texts);
    Beside desk(dir.path());
    desk.window->chat().open(chat);
    desk.add();
    QTRY_VERIFY(desk.view(0)->verticalScrollBar()->maximum() > 500);
    desk.view(0)->scrollToMessage(desk.shown(0).at(10).id);
    QTRY_COMPARE(desk.view(1)->place().row, desk.view(0)->place().row);
    QVERIFY(std::abs(desk.view(1)->place().share - desk.view(0)->place().share) < 0.1);
    desk.view(1)->verticalScrollBar()->setValue(0);
    QTRY_COMPARE(desk.view(0)->verticalScrollBar()->value(), 0);
    desk.view(1)->scrollToEnd();
    desk.view(1)->verticalScrollBar()->setValue(desk.view(1)->verticalScrollBar()->maximum() - 40);
    QTRY_VERIFY(desk.view(0)->verticalScrollBar()->value() > 500);
}

void TestSideBySide::theyStayAsBranches() {
    QTemporaryDir dir;
    qint64 chat = 0, second = 0;
    {
        Beside desk(dir.path());
        desk.add();
        desk.setRules(1, "k 1");
        desk.send(kStory);
        QTRY_VERIFY_WITH_TIMEOUT(desk.shown(1).count() == 2 && desk.quiet(), 20'000);
        const qint64 first = desk.shown(0).at(1).id;
        second = desk.shown(1).at(1).id;
        chat = desk.window->chat().conversation();
        // Columns go with the chat, which shows what the first column did.
        desk.window->chat().startNew();
        QCOMPARE(desk.columns->count(), 1);
        desk.window->chat().open(chat);
        QCOMPARE(desk.transcript->at(1).id, first);
        QCOMPARE(desk.transcript->at(1).siblings, 2);
        desk.window->chat().showMessage(second);
        QCOMPARE(desk.transcript->at(1).id, second);
        QVERIFY(desk.window->chat().rulesOf(second) == *parseRules("k 1"));

        // Of the first column, what stands beside it takes the place.
        desk.add();
        desk.send(QStringLiteral("What is 7 plus 8?"));
        QTRY_VERIFY_WITH_TIMEOUT(desk.shown(1).count() == 4 && desk.quiet(), 20'000);
        second = desk.shown(1).at(3).id;
        QVERIFY(second != desk.shown(0).at(3).id);
        auto* close =
            desk.columns->body(0)->parentWidget()->findChild<QAbstractButton*>(QStringLiteral("column_close"));
        close->click();
        QCOMPARE(desk.columns->count(), 1);
        QCOMPARE(desk.transcript->at(3).id, second);
        QVERIFY(!close->isVisible());
        desk.window->close();
    }
    Desk again(dir.path(), false);
    QCOMPARE(again.window->chat().conversation(), chat);
    QCOMPARE(again.transcript->at(3).id, second);
}

void TestSideBySide::memoryIsAsPlannedAndGivenBack() {
    QTemporaryDir dir;
    Beside desk(dir.path());
    LoadedModel model;
    connect(&desk.window->engine(), &EngineThread::loaded, this, [&](const LoadedModel& loaded) { model = loaded; });
    desk.window->loadModel(QStringLiteral(MOESCOPE_DEMO_MODEL));
    QTRY_VERIFY_WITH_TIMEOUT(model.model, 20'000);
    const std::weak_ptr<Model> watched = model.model;
    const std::uint64_t planned =
        sessionBytes(model.model->config(), model.session, model.model->backend().threads()).all();
    desk.add();
    LoadedModel beside = desk.side->modelOf(1);
    QCOMPARE(beside.model.get(), model.model.get());  // weights are there once
    QCOMPARE(beside.context, model.context);
    QVERIFY(beside.memory_bytes <= planned);
    QVERIFY(beside.memory_bytes >= planned / 2);
    QCOMPARE(model.turns->members(), 2);
    desk.window->findChild<SideBySide*>()->closeAll();
    QCOMPARE(model.turns->members(), 1);
    // Another model: nothing of a column holds the one before.
    desk.add();
    model = beside = {};
    QSignalSpy unloaded(&desk.window->engine(), &EngineThread::unloaded);
    desk.window->loadModel(QStringLiteral(MOESCOPE_TEST_DATA "/tiny-moe/model.gguf"));
    QVERIFY(!unloaded.isEmpty() || unloaded.wait(20'000));
    QCOMPARE(desk.columns->count(), 1);
    QTRY_VERIFY(watched.expired());
}

void TestSideBySide::anotherModelAnswersBeside() {
    QTemporaryDir dir;
    Beside desk(dir.path());
    // It is known from before.
    QTemporaryDir files;
    const QString tiny = files.filePath(QStringLiteral("tiny.gguf"));
    QVERIFY(QFile::copy(QStringLiteral(MOESCOPE_TEST_DATA "/tiny-moe/model.gguf"), tiny));
    for (const QString& path : {tiny, QStringLiteral(MOESCOPE_DEMO_MODEL)}) {
        QSignalSpy loaded(&desk.window->engine(), &EngineThread::loaded);
        desk.window->loadModel(path);
        QVERIFY(loaded.wait(20'000));
    }
    const auto choose = [&](int row) {
        whenShown<QMenu>([row](QMenu& menu) {
            QTest::keyClick(&menu, Qt::Key_Down);
            for (int i = 0; i < row; ++i) QTest::keyClick(&menu, Qt::Key_Down);
            QTest::keyClick(&menu, Qt::Key_Return);
        });
        desk.button(1, "column_model")->click();
    };
    desk.add();
    QVERIFY(!desk.button(0, "column_model")->isVisible());
    const QString of_chat = desk.button(1, "column_model")->text();
    choose(1);
    QTRY_VERIFY(desk.button(1, "column_model")->text() != of_chat &&
                desk.button(1, "column_model")->text() != QStringLiteral("Loading…"));
    desk.send(QStringLiteral("What is 7 plus 8?"));
    QTRY_VERIFY_WITH_TIMEOUT(desk.shown(1).count() == 2 && desk.quiet(), 20'000);
    QCOMPARE(desk.shown(0).at(1).text, std::string("7 + 8 = 15"));
    auto history = History::open(dir.path().toStdString());
    const auto mine = (*history)->message(desk.shown(0).at(1).id), other = (*history)->message(desk.shown(1).at(1).id);
    QVERIFY(mine->model_name != other->model_name);
    // A file that is no model anymore: the column goes on with the chat's.
    choose(0);
    QTRY_COMPARE(desk.button(1, "column_model")->text(), of_chat);
    QVERIFY(QFile::resize(tiny, 1000));
    choose(1);
    QTRY_COMPARE(desk.button(1, "column_model")->text(), of_chat);
    QTRY_VERIFY(desk.notice->isVisible());
    QCOMPARE(desk.columns->count(), 2);
}

void TestSideBySide::whatDoesNotGoIsSaid() {
    QTemporaryDir dir;
    Beside desk(dir.path());
    for (int i = 0; i < 4; ++i) desk.add();
    QCOMPARE(desk.columns->count(), Columns::kMost);
    QTRY_VERIFY(desk.notice->isVisible());
    desk.send(QStringLiteral("Hello!"));
    QTRY_VERIFY_WITH_TIMEOUT(desk.shown(2).count() == 2 && desk.quiet(), 20'000);
    // Editing would change the question of one column only.
    QTest::keyClick(desk.edit, Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(desk.composer->text().isEmpty());
    QTest::keyClick(desk.edit, Qt::Key_D, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(desk.columns->count(), 1);
    QTest::keyClick(desk.edit, Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(desk.composer->text(), QStringLiteral("Hello!"));
    // Without a model there is nothing to answer with.
    QTemporaryDir other;
    Beside bare(other.path());
    bare.window->engine().unload();
    QTRY_VERIFY(!bare.side->isOpen());
    QTest::qWait(50);
    bare.add();
    QCOMPARE(bare.columns->count(), 1);
}

QTEST_MAIN(TestSideBySide)
#include "test_side_by_side.moc"
