// The window at every size: what gives way, what comes back, and where the inspector stands. If these fail, a part of
// it cannot be reached on a small screen.

#include <QMenu>
#include <QTabBar>
#include <QToolButton>

#include "app/window/translation.h"
#include "storage/history.h"
#include "tests/window/chrome.h"
#include "tests/window/modal.h"
#include "ui/chrome/header_bar.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/inspector_view.h"

using namespace moescope;

class TestRoom : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs); }
    void cleanup() { useLanguage(QStringLiteral("en")); }

    void fitsSmallScreens_data();
    void fitsSmallScreens();
    void theInspectorGivesWayAndComesBack();
    void pillsBecomeOne();
    void floatsBesideAndComesBack();
    void theKeyMaximisesAndDocks();
};

void TestRoom::fitsSmallScreens_data() {
    QTest::addColumn<QString>("language");
    QTest::addColumn<double>("zoom");
    for (const char* language : {"en", "zh_CN"}) {
        for (const double zoom : {1.0, 1.5}) {
            QTest::addRow("%s at %.1f", language, zoom) << QString::fromLatin1(language) << zoom;
        }
    }
}

void TestRoom::fitsSmallScreens() {
    QFETCH(QString, language);
    QFETCH(double, zoom);
    QTemporaryDir dir;
    addChat(dir.path(), QStringLiteral("A chat with a title that is longer than any header has room for, and more"),
            {QStringLiteral("question"), QStringLiteral("answer")});
    {
        auto history = History::open(dir.path().toStdString());
        QVERIFY((*history)->settings().set("app", QStringLiteral("{\"text_size\": %1}").arg(zoom).toStdString()).ok());
    }
    useLanguage(language);
    Desk desk(dir.path());
    QCOMPARE(desk.window->findChild<HeaderBar*>()->height(), qRound(52 * zoom));
    const auto small = [&](const QString& what) {
        QApplication::processEvents();
        const QSize least = desk.window->minimumSizeHint();
        QVERIFY2(least.width() <= 720 && least.height() <= 600,
                 qPrintable(QStringLiteral("%1: %2 x %3").arg(what).arg(least.width()).arg(least.height())));
    };
    desk.window->resize(720, 600);
    small(QStringLiteral("welcome"));
    QCOMPARE(desk.window->width(), 720);
    desk.ask(QStringLiteral("What is 7 plus 8?"));
    small(QStringLiteral("answer"));
    desk.composer->setText(QStringLiteral("a draft"));
    QTest::keyClicks(desk.edit, QStringLiteral("!"));
    desk.notice->warn(QString(400, QLatin1Char('w')), 0, QStringLiteral("Do something about it"));
    QTest::keyClick(desk.edit, Qt::Key_F, Qt::ControlModifier);
    small(QStringLiteral("notice, find and draft"));
    QTest::keyClick(desk.edit, Qt::Key_I, Qt::ControlModifier);
    QVERIFY(desk.window->inspector().isVisible());
    for (InspectorView* view : desk.window->inspector().views()) {
        desk.window->inspector().showView(view->kind());
        small(view->name());
    }
    QCOMPARE(desk.window->size(), QSize(720, 600));
    // Nothing sticks out.
    for (QWidget* widget : desk.window->findChildren<QToolButton*>()) {
        if (!widget->isVisible() || widget->window() != desk.window.get()) continue;
        const QRect there(widget->mapTo(desk.window.get(), QPoint()), widget->size());
        QVERIFY2(desk.window->rect().contains(there) || !widget->visibleRegion().isEmpty(),
                 qPrintable(widget->accessibleName()));
    }
    if (const QByteArray shots = qgetenv("MOESCOPE_SHOTS"); !shots.isEmpty())
        desk.window->grab().save(
            QStringLiteral("%1/small-%2-%3.png").arg(QString::fromLocal8Bit(shots), language).arg(zoom));
}

void TestRoom::theInspectorGivesWayAndComesBack() {
    QTemporaryDir dir;
    Desk desk(dir.path(), false);
    auto* header = desk.window->findChild<HeaderBar*>();
    QToolButton *sidebar = nullptr, *inspector = nullptr;
    for (auto* button : header->findChildren<QToolButton*>()) {
        if (button->accessibleName() == QLatin1String("Show the chat list")) sidebar = button;
        if (button->accessibleName() == QLatin1String("Show the routing inspector")) inspector = button;
    }
    QVERIFY(sidebar && inspector);
    desk.window->resize(1400, 800);
    QVERIFY(desk.window->inspector().isVisible());
    QVERIFY(!inspector->isVisible());
    desk.window->resize(1100, 800);
    QVERIFY(!desk.window->inspector().isVisible());
    QVERIFY(desk.sidebar->isVisible());
    QVERIFY(inspector->isVisible());
    QTest::mouseClick(inspector, Qt::LeftButton);
    QVERIFY(desk.window->inspector().isVisible());
    QVERIFY(!desk.sidebar->isVisible());
    QVERIFY(sidebar->isVisible());
    QTest::mouseClick(sidebar, Qt::LeftButton);
    QVERIFY(desk.sidebar->isVisible());
    QVERIFY(!desk.window->inspector().isVisible());
    desk.window->resize(1400, 800);
    QVERIFY(desk.window->inspector().isVisible());
    QVERIFY(desk.sidebar->isVisible());
    // Closed while narrow, it is there again at a start that is wide.
    desk.window->resize(1100, 800);
    desk.window->close();
    Desk again(dir.path(), false);
    again.window->resize(1400, 800);
    QVERIFY(again.window->inspector().isVisible());
    // One that the user has closed stays closed.
    QVERIFY(QTest::qWaitForWindowActive(again.window.get()));
    again.edit->setFocus();
    QTest::keyClick(again.edit, Qt::Key_I, Qt::ControlModifier);
    QVERIFY(!again.window->inspector().isVisible());
    again.window->resize(1100, 800);
    again.window->resize(1400, 800);
    QVERIFY(!again.window->inspector().isVisible());
}

void TestRoom::pillsBecomeOne() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.window->resize(1600, 900);
    QCOMPARE(chipText(desk.composer, "settings"), QStringLiteral("Temperature 0"));
    QVERIFY(desk.composer->chip(QStringLiteral("rules")) != desk.composer->chip(QStringLiteral("tint")));
    for (const char* id : {"rules", "settings", "system", "tint"})
        QVERIFY(desk.composer->chip(QLatin1String(id))->isVisible());
    const QString rules_text = chipText(desk.composer, "rules"), tint_text = chipText(desk.composer, "tint");
    // Those that find room stay, the others are in the menu of one more.
    QWidget* tint = desk.composer->chip(QStringLiteral("tint"));
    for (int width = 1600; width > 720 && desk.composer->chip(QStringLiteral("tint")) == tint; width -= 20)
        desk.window->resize(width, 600);
    QWidget* rules = desk.composer->chip(QStringLiteral("rules"));
    QWidget* one = desk.composer->chip(QStringLiteral("tint"));
    QVERIFY(rules->isVisible());
    QVERIFY(one->isVisible());
    QVERIFY(rules != one);
    QVERIFY(!rules->geometry().intersects(one->geometry()));
    QStringList offered;
    whenShown<QMenu>([&](QMenu& menu) {
        for (QAction* action : menu.actions()) offered << action->text();
        menu.close();
    });
    QTest::mouseClick(one, Qt::LeftButton);
    QVERIFY(offered.contains(QStringLiteral("System prompt")));
    QVERIFY(offered.contains(tint_text));
    QVERIFY(!offered.contains(rules_text));
    // Where none finds room, it has them all.
    desk.composer->setChipText(QStringLiteral("rules"), QString(200, QLatin1Char('w')));
    QCOMPARE(desk.composer->chip(QStringLiteral("rules")), one);
}

void TestRoom::floatsBesideAndComesBack() {
    QTemporaryDir dir;
    Desk desk(dir.path(), false);
    InspectorDock& dock = desk.window->inspector();
    desk.window->resize(1200, 700);
    QVERIFY(dock.isVisible());
    const QRect screen = desk.window->screen()->availableGeometry();
    const auto fillsScreen = [&] {
        return dock.frameGeometry().width() >= screen.width() - 40 &&
               dock.frameGeometry().height() >= screen.height() - 80;
    };
    const auto press = [&] {
        QVERIFY(QTest::qWaitForWindowActive(&dock));
        QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : &dock, Qt::Key_F11);
    };
    // Beside the window, on the screen, not over it where there is room.
    desk.window->resize(screen.width() - 420, 500);
    desk.window->move(screen.topLeft());
    dock.show();
    dock.floatBeside();
    QVERIFY(dock.isFloating());
    QVERIFY(dock.isVisible());
    QTRY_VERIFY(screen.intersects(dock.frameGeometry()));
    const QRect floating = dock.geometry();
    QVERIFY(!fillsScreen());
    press();
    QVERIFY(dock.isMaximised());
    QTRY_VERIFY(fillsScreen());
    press();
    QVERIFY(!dock.isMaximised());
    QVERIFY(dock.isFloating());
    // As narrow as before, or as its tabs allow.
    QTRY_VERIFY(!fillsScreen());
    QVERIFY(std::abs(dock.width() - floating.width()) < 60 && dock.height() == floating.height());
    dock.dock();
    QVERIFY(!dock.isFloating());
    QVERIFY(dock.isVisible());
    QVERIFY(dock.width() < desk.window->width());
}

/// By the key from where it is docked and back there, also once its menu has named the key, from the main window, and
/// where the window manager takes a moment to agree.
void TestRoom::theKeyMaximisesAndDocks() {
    QTemporaryDir dir;
    Desk desk(dir.path(), false);
    InspectorDock& dock = desk.window->inspector();
    desk.window->resize(1300, 700);
    auto* tabs = dock.findChild<QTabBar*>();
    for (auto* button : dock.findChildren<QToolButton*>()) {
        if (button->menu()) emit button->menu()->aboutToShow();
    }
    for (const bool from_main : {false, true}) {
        desk.window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
        (tabs->isVisible() ? static_cast<QWidget*>(tabs) : dock.findChild<QToolButton*>())->setFocus();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_F11);
        QTRY_VERIFY(dock.isMaximised());
        QVERIFY(dock.isFloating());
        QVERIFY(QTest::qWaitForWindowActive(&dock));
        QWindowStateChangeEvent not_yet(Qt::WindowMaximized);
        dock.overrideWindowState(Qt::WindowNoState);
        QCoreApplication::sendEvent(&dock, &not_yet);
        dock.overrideWindowState(Qt::WindowMaximized);
        QWindowStateChangeEvent now(Qt::WindowNoState);
        QCoreApplication::sendEvent(&dock, &now);
        QVERIFY(dock.isMaximised());
        if (from_main) {
            desk.window->activateWindow();
            QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
            desk.edit->setFocus();
        }
        QWidget* focused = QApplication::focusWidget();
        QTest::keyClick(focused ? focused : &dock, Qt::Key_F11);
        QTRY_VERIFY(!dock.isFloating());
        QVERIFY(dock.isVisible());
        QVERIFY(!dock.isMaximised());
    }
    // Docked, it is the inspector's key only.
    desk.window->activateWindow();
    desk.edit->setFocus();
    QTest::keyClick(desk.edit, Qt::Key_F11);
    QVERIFY(!dock.isMaximised());
}

QTEST_MAIN(TestRoom)
#include "test_room.moc"
