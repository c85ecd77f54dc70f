// If this fails, switching between light and dark leaves parts of the window in the colours of before.
// With MOESCOPE_SHOTS=FOLDER the pictures are kept there, in other sizes too, to be looked at.

#include <QAbstractButton>
#include <QDialog>
#include <QLineEdit>

#include "app/window/settings_json.h"
#include "tests/window/chrome.h"
#include "tests/window/modal.h"
#include "ui/inspector/inspector_dock.h"

using namespace moescope;
using Mode = ThemeStore::Mode;

namespace {

const QString kAnswer = QStringLiteral(
    "Here is **a function**, and what it gives:\n\n```python\ndef add(a, b):\n    \"\"\"Adds two numbers.\"\"\"\n"
    "    return a + b  # a comment\n```\n\n| Expert | Gate | Words |\n|:--|--:|:-:|\n| 24 | 0.17 | `router` |\n"
    "| 20 | 0.11 | *token* |\n\n> A quotation with a [link](https://example.org).\n\n1. First\n2. Second\n   - "
    "inner\n");

QAction* actionOf(MainWindow* window, const char* text) {
    for (QAction* action : window->actions()) {
        if (action->text() == QString::fromUtf8(text)) return action;
    }
    return nullptr;
}

using Pictures = QList<std::pair<QString, QImage>>;

/// A window with chats, put through what stands around a chat; each scene is taken after the theme was switched to `to`
/// while it was shown, if the window did not start in it.
class Show {
public:
    Show(Mode from, Mode to, const QSize& size) : m_from(from), m_to(to) {
        m_code = addChat(m_dir.path(), QStringLiteral("Code and a table"),
                         {QStringLiteral("Write a function that adds two numbers."), kAnswer,
                          QStringLiteral("And *why*?"), QStringLiteral("Because.")},
                         QStringLiteral("Work"));
        addChat(m_dir.path(), QStringLiteral("Of the same folder"), {QStringLiteral("q"), QStringLiteral("r")});
        m_trashed = addChat(m_dir.path(), QStringLiteral("In the trash"), {QStringLiteral("old?"), kAnswer});
        {
            auto history = History::open(m_dir.path().toStdString());
            AppSettings settings;
            settings.theme = from;
            settings.motion = AppSettings::Motion::kReduced;
            (void)(*history)->settings().set("app", jsonOf(settings));
        }
        m_desk = std::make_unique<Desk>(m_dir.path());
        m_desk->window->resize(size);
        [[maybe_unused]] const bool active = QTest::qWaitForWindowActive(m_desk->window.get());
    }

    Pictures run() {
        MainWindow* window = m_desk->window.get();
        window->inspector().setVisible(window->width() >= 1400);
        emit m_desk->sidebar->newChatRequested();
        take(QStringLiteral("welcome"), window);
        emit m_desk->sidebar->opened(m_code);
        window->findChild<TranscriptView*>()->setFocusedMessage(m_desk->idAt(1));
        take(QStringLiteral("chat"), window);
        actionOf(window, "Edit the last question")->trigger();
        m_desk->notice->warn(QStringLiteral("The model could not be loaded; choose another one."), 0,
                             QStringLiteral("Find it…"));
        take(QStringLiteral("edit"), window);
        m_desk->notice->say(QStringLiteral("Exported to /home/user/chat.md."), 0, QStringLiteral("Show in folder"));
        take(QStringLiteral("notice"), window);
        m_desk->notice->clear();
        emit m_desk->composer->editCancelled();
        actionOf(window, "Find in this chat…")->trigger();
        for (auto* field : window->findChildren<QLineEdit*>(QStringLiteral("find_text")))
            field->setText(QStringLiteral("function"));
        take(QStringLiteral("find"), window);
        QTest::keyClick(named<QLineEdit>(window, "find_text"), Qt::Key_Escape);
        m_desk->sidebar->findChild<QLineEdit*>()->setText(QStringLiteral("function"));
        QTest::qWait(400);
        take(QStringLiteral("search"), window);
        m_desk->sidebar->findChild<QLineEdit*>()->clear();
        QTest::qWait(500);  // its button fades
        const int rows = m_desk->sidebar->model()->rowCount();
        emit m_desk->sidebar->trashRequested({m_trashed});
        waitFor([this, rows] { return m_desk->sidebar->model()->rowCount() != rows; });  // another thread writes
        m_desk->notice->clear();
        m_desk->sidebar->showTrash(true);
        emit m_desk->sidebar->trashedOpened(m_trashed);
        waitFor([this] { return m_desk->window->chat().conversation() == m_trashed; });
        take(QStringLiteral("trash"), window);
        m_desk->sidebar->showTrash(false);
        emit m_desk->sidebar->opened(m_code);
        waitFor([this] { return m_desk->window->chat().conversation() == m_code; });
        whenShown<QDialog>([this](QDialog& dialog) {
            QTest::qWait(50);
            if (m_from != m_to) {
                for (auto* button : dialog.findChildren<QAbstractButton*>()) {
                    if (button->property("segment") == QLatin1String(m_to == Mode::kDark ? "dark" : "light"))
                        button->click();
                }
                actionOf(m_desk->window.get(), "Toggle theme")->trigger();
                QTest::qWait(50);
            }
            m_pictures << std::pair(QStringLiteral("settings"), dialog.grab().toImage());
            m_pictures << std::pair(QStringLiteral("behind"), m_desk->window->grab().toImage());
            dialog.close();
        });
        actionOf(window, "Settings…")->trigger();
        return m_pictures;
    }

private:
    /// What does not come shows as a difference between pictures.
    static void waitFor(const std::function<bool()>& holds) {
        [[maybe_unused]] const bool held = QTest::qWaitFor(holds);
    }
    void take(const QString& name, MainWindow* window) {
        QTest::qWait(50);
        QAction* toggle = actionOf(window, "Toggle theme");
        if (m_from != m_to) {
            (void)window->grab();
            toggle->trigger();
            QTest::qWait(50);
        }
        m_pictures << std::pair(name, window->grab().toImage());
        if (m_from != m_to) toggle->trigger();
    }

    QTemporaryDir m_dir;
    Mode m_from, m_to;
    qint64 m_code = 0, m_trashed = 0;
    std::unique_ptr<Desk> m_desk;
    Pictures m_pictures;
};

/// Where two pictures differ, in words; "" if they do not.
QString difference(const QImage& found, const QImage& expected) {
    if (found.size() != expected.size()) return QStringLiteral("other sizes");
    int pixels = 0;
    QRect where;
    for (int y = 0; y < found.height(); ++y) {
        for (int x = 0; x < found.width(); ++x) {
            if (found.pixel(x, y) == expected.pixel(x, y)) continue;
            ++pixels;
            where |= QRect(x, y, 1, 1);
        }
    }
    if (pixels == 0) return {};
    return QStringLiteral("%1 pixels differ, in %2 x %3 at %4, %5")
        .arg(pixels)
        .arg(where.width())
        .arg(where.height())
        .arg(where.x())
        .arg(where.y());
}

}  // namespace

class TestThemeSwitch : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        QApplication::setStyle(QStringLiteral("Fusion"));
        QApplication::setCursorFlashTime(0);
    }

    void aSwitchedThemeLooksLikeAFreshOne_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("to dark") << true;
        QTest::newRow("to light") << false;
    }
    void aSwitchedThemeLooksLikeAFreshOne() {
        QFETCH(bool, dark);
        const Mode to = dark ? Mode::kDark : Mode::kLight, from = dark ? Mode::kLight : Mode::kDark;
        const QSize size(1400, 860);
        const Pictures fresh = Show(to, to, size).run(), switched = Show(from, to, size).run();
        QCOMPARE(switched.size(), fresh.size());
        QCOMPARE(fresh.size(), 9);
        QStringList wrong;
        for (int i = 0; i < fresh.size(); ++i) {
            const QString found = difference(switched[i].second, fresh[i].second);
            if (found.isEmpty()) continue;
            wrong << fresh[i].first + QStringLiteral(": ") + found;
            keep(fresh[i], dark, QStringLiteral("fresh"));
            keep(switched[i], dark, QStringLiteral("switched"));
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    }

    void pictures() {
        if (qEnvironmentVariableIsEmpty("MOESCOPE_SHOTS")) QSKIP("no folder for pictures");
        for (const QSize& size : {QSize(1600, 1000), QSize(1280, 720), QSize(900, 700), QSize(720, 600)}) {
            for (const Mode mode : {Mode::kLight, Mode::kDark}) {
                for (const auto& picture : Show(mode, mode, size).run())
                    keep(picture, mode == Mode::kDark, QString::number(size.width()));
            }
        }
    }

private:
    static void keep(const std::pair<QString, QImage>& picture, bool dark, const QString& what) {
        const QByteArray folder = qgetenv("MOESCOPE_SHOTS");
        if (folder.isEmpty()) return;
        picture.second.save(QStringLiteral("%1/%2-%3-%4.png")
                                .arg(QString::fromLocal8Bit(folder), picture.first, what,
                                     dark ? QStringLiteral("dark") : QStringLiteral("light")));
    }
};

QTEST_MAIN(TestThemeSwitch)
#include "test_theme_switch.moc"
