// Who cannot see the window must still be told of everything in it: walks what assistive technology is given, of the
// window, its menus, the palette and every dialog, and finds no control without a name. And who has no mouse gets
// everywhere.

#include <QAccessible>
#include <QDialog>
#include <QFileDialog>
#include <QListWidget>
#include <QMenu>
#include <QMessageBox>
#include <QSet>
#include <QTimer>

#include "tests/window/desk.h"
#include "ui/palette/command_palette.h"

using namespace moescope;

namespace {

bool isControl(const QAccessibleInterface& item) {
    static const QSet<int> kRoles = {
        QAccessible::Button,       QAccessible::CheckBox, QAccessible::RadioButton, QAccessible::ComboBox,
        QAccessible::EditableText, QAccessible::SpinBox,  QAccessible::Slider,      QAccessible::List,
        QAccessible::ListItem,     QAccessible::MenuItem, QAccessible::PopupMenu,   QAccessible::ButtonMenu,
        QAccessible::ProgressBar,  QAccessible::PageTab,  QAccessible::Dialog,      QAccessible::ButtonDropDown};
    return kRoles.contains(item.role()) || item.state().focusable;
}

/// Parts that Qt makes itself and that their owner names.
bool isInner(const QObject* object) {
    if (!object) return false;
    const QString name = object->objectName();
    return name.startsWith(QLatin1String("qt_")) || QByteArray(object->metaObject()->className()).contains("Private");
}

void walk(QAccessibleInterface* item, const QString& where, QStringList& unnamed, int& seen) {
    if (!item || !item->isValid() || item->state().invisible || isInner(item->object())) return;
    const QString name = item->text(QAccessible::Name);
    const QString kind = item->object() ? QString::fromLatin1(item->object()->metaObject()->className())
                                        : QStringLiteral("role %1").arg(item->role());
    if (isControl(*item)) {
        ++seen;
        if (name.trimmed().isEmpty() && item->state().disabled == 0) unnamed << where + QLatin1String(" > ") + kind;
    }
    // A list's own parts are its items; a spin box's and a combo box's are one with it.
    if (item->role() == QAccessible::SpinBox || item->role() == QAccessible::ComboBox) return;
    constexpr int kMost = 40;
    for (int i = 0; i < std::min(item->childCount(), kMost); ++i) {
        walk(item->child(i), where + QLatin1String(" > ") + (name.isEmpty() ? kind : name), unnamed, seen);
    }
}

}  // namespace

class TestAccess : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs); }
    void everythingHasAName();
    void tabGoesEverywhere();
};

void TestAccess::everythingHasAName() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    desk.ask(QStringLiteral("What is 7 plus 8?"));
    desk.window->chat().regenerate(desk.idAt(1));
    QTRY_COMPARE(desk.transcript->at(1).siblings, 2);
    QTRY_VERIFY(!desk.window->chat().answering());
    QStringList unnamed;
    QSet<QString> dialogs;
    int seen = 0;
    const auto look = [&](QWidget* root, const QString& where) {
        walk(QAccessible::queryAccessibleInterface(root), where, unnamed, seen);
    };
    look(desk.window.get(), QStringLiteral("window"));
    QVERIFY2(seen > 15, qPrintable(QString::number(seen)));

    // What opens is looked at, page by page, and closed.
    QTimer closer;
    closer.setInterval(20);
    connect(&closer, &QTimer::timeout, this, [&] {
        if (QWidget* popup = QApplication::activePopupWidget()) {
            dialogs.insert(QString::fromLatin1(popup->metaObject()->className()));
            look(popup, QStringLiteral("menu"));
            popup->close();
            return;
        }
        auto* dialog = qobject_cast<QDialog*>(QApplication::activeModalWidget());
        if (!dialog) return;
        dialogs.insert(QString::fromLatin1(dialog->metaObject()->className()));
        if (!qobject_cast<QFileDialog*>(dialog)) {
            look(dialog, dialog->windowTitle());
            if (auto* pages = dialog->findChild<QListWidget*>(QStringLiteral("settings_pages"))) {
                for (int row = 1; row < pages->count(); ++row) {
                    pages->setCurrentRow(row);
                    look(dialog, pages->item(row)->text());
                }
            }
        }
        dialog->reject();
    });
    closer.start();
    for (QAction* action : desk.window->actions()) {
        if (action->text() == QLatin1String("Quit") || !action->isEnabled()) continue;
        action->trigger();
        QTest::qWait(60);
        look(desk.window.get(), action->text());
    }
    for (QMenu* menu : desk.window->findChildren<QMenu*>()) {
        menu->popup(desk.window->mapToGlobal(QPoint(50, 50)));
        QTRY_VERIFY(!menu->isVisible());
    }
    QVERIFY2(unnamed.isEmpty(), qPrintable(unnamed.join(QLatin1Char('\n'))));
    for (const char* name : {"moescope::SettingsDialog", "moescope::ChatSettingsDialog", "moescope::ShortcutsDialog",
                             "moescope::ExportChoiceDialog", "QFileDialog", "QMenu"}) {
        QVERIFY2(dialogs.contains(QString::fromLatin1(name)), name);
    }
}

void TestAccess::tabGoesEverywhere() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    desk.ask(QStringLiteral("Hello!"));
    desk.edit->setFocus();
    QSet<QString> reached;
    for (int i = 0; i < 80; ++i) {
        QWidget* at = QApplication::focusWidget();
        QVERIFY(at);
        reached.insert(at->accessibleName());
        QTest::keyClick(at, Qt::Key_Tab);
    }
    for (const char* name : {"Question", "Search titles and texts", "Chats", "Trash", "Settings", "New chat", "Model",
                             "Menu", "Transcript"}) {
        QVERIFY2(reached.contains(QString::fromLatin1(name)),
                 qPrintable(QString::fromLatin1(name) + " not in " + QStringList(reached.values()).join(", ")));
    }
}

QTEST_MAIN(TestAccess)
#include "test_access.moc"
