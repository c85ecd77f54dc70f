#pragma once
// The left column: new chat, search, the conversations, trash and settings.
//
// Keyboard: arrows choose, Enter opens, F2 renames, Ctrl+Delete moves to the trash, the menu key opens the menu. A bare
// Delete does nothing. GUI thread.

#include <QTimer>
#include <QWidget>

#include "ui/sidebar/conversation_list_model.h"

class QLabel;
class QAction;
class QLineEdit;
class QListView;
class QPushButton;
class QVBoxLayout;

namespace moescope {

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
    QString searchText() const;
    void focusSearch();
    /// Opens the conversation that lies `delta` rows further.
    void openNeighbour(int delta);

    ConversationListModel* model() const { return m_model; }
    QListView* list() const { return m_list; }

signals:
    void newChatRequested();
    void opened(qint64 id);
    void hitOpened(qint64 conversation, qint64 message);
    void searchChanged(const QString& text);  ///< 30 ms after the last key
    void renamed(qint64 id, const QString& title);
    void pinToggled(qint64 id, bool pinned);
    void folderChosen(qint64 id, qint64 folder);
    void folderCreated(const QString& name);
    void folderRenamed(qint64 id, const QString& name);
    void folderDeleted(qint64 id);
    void trashRequested(const QList<qint64>& ids);
    void restoreRequested(const QList<qint64>& ids);
    void purgeRequested(const QList<qint64>& ids);
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
    void showTrash(bool shown);
    QList<qint64> selectedIds() const;

    ThemeStore* m_themes;
    ConversationListModel* m_model;
    QVBoxLayout* m_top;
    QVBoxLayout* m_bottom;
    QLabel* m_name;
    QPushButton* m_new;
    QLineEdit* m_search;
    QAction* m_search_icon;
    QListView* m_list;
    QPushButton* m_trash;
    QPushButton* m_settings;
    QTimer m_search_timer;
    qint64 m_current = 0;
};

}  // namespace moescope
