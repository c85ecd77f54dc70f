#pragma once
// The left column: new chat, search, the conversations, trash and settings.
//
// One row looks chosen: that of the open conversation, or while the list has the keyboard, the one that is walked to.
// Keyboard: arrows choose, Enter opens (a folder: folds it), F2 renames, Ctrl+Delete moves to the trash, the menu key
// opens the menu. A bare Delete does nothing. Conversations are dragged onto folders, and onto a date out of them.
// A click on one in the trash shows it, without the rest. GUI thread.

#include <QTimer>
#include <QWidget>

#include "ui/sidebar/conversation_list_model.h"

class QLabel;
class QAction;
class QDropEvent;
class QLineEdit;
class QListView;
class QPushButton;
class QVBoxLayout;

namespace moescope {

class RowDelegate;
class ThemeStore;

class Sidebar : public QWidget {
    Q_OBJECT

public:
    /// `themes` is not owned and must outlive it.
    explicit Sidebar(ThemeStore* themes, QWidget* parent = nullptr);

    void setItems(const QList<ConversationItem>& items);
    void addItems(const QList<ConversationItem>& items);
    void updateItem(const ConversationItem& item);
    void removeItem(qint64 id);
    void setFolders(const QList<FolderItem>& folders);
    void setTrashItems(const QList<ConversationItem>& items);
    /// Shows what was found, if the search field still says `query`.
    void showHits(const QString& query, const QList<HitItem>& hits, bool complete);
    /// Marks the conversation that is shown; 0: none.
    void setCurrent(qint64 id);
    qint64 current() const { return m_current; }
    /// The title of the row in hand (of the open conversation, if the list has not the keyboard) becomes a field; false
    /// if it is not listed.
    bool rename();
    /// Those in hand, as rename(), go to the trash.
    void trash();
    void setFolded(const QSet<qint64>& folders);
    bool showsTrash() const;
    /// Asks, and says purgeRequested(); for no ids at all emptyTrashRequested().
    void askToPurge(const QList<qint64>& ids);
    void showTrash(bool shown);
    QString searchText() const;
    void focusSearch();
    /// Opens the conversation that is `delta` rows further.
    void openNeighbour(int delta);

    ConversationListModel* model() const { return m_model; }
    QListView* list() const { return m_list; }

signals:
    void newChatRequested();
    void opened(qint64 id);
    void trashedOpened(qint64 id);  ///< one in the trash, to be looked at
    void hitOpened(qint64 conversation, qint64 message);
    void searchChanged(const QString& text);  ///< 30 ms after the last key
    void renamed(qint64 id, const QString& title);
    void pinToggled(qint64 id, bool pinned);
    void folderChosen(qint64 id, qint64 folder);
    void folderCreated(const QString& name, const QList<qint64>& ids);  ///< and the conversations go into it
    void foldedChanged(const QSet<qint64>& folders);
    void folderRenamed(qint64 id, const QString& name);
    void folderDeleted(qint64 id);
    void trashRequested(const QList<qint64>& ids);
    void restoreRequested(const QList<qint64>& ids);
    void purgeRequested(const QList<qint64>& ids);
    void emptyTrashRequested();
    void exportRequested(const QList<qint64>& ids);
    void settingsRequested();
    void moreWanted();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void applyTheme();
    void search();
    void activate(const QModelIndex& index);
    void showMenu(const QPoint& at);
    QList<qint64> selectedIds() const;
    /// What a command is for: as rename().
    QList<qint64> idsInHand() const;
    void follow();
    void toggleFolder(qint64 folder);
    bool dragOver(QDropEvent* event);
    void updateEmpty();

    ThemeStore* m_themes;
    ConversationListModel* m_model;
    QVBoxLayout* m_top;
    QVBoxLayout* m_bottom;
    QLabel* m_name;
    QPushButton* m_new;
    QLineEdit* m_search;
    QAction* m_search_icon;
    QListView* m_list;
    QPushButton* m_empty;
    QPushButton* m_trash;
    QPushButton* m_settings;
    RowDelegate* m_delegate;
    QTimer m_search_timer, m_follow_timer;
    QPoint m_pressed;
    qint64 m_current = 0;
};

}  // namespace moescope
