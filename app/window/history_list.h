#pragma once
// Shows the history in the sidebar, and does there what is asked in the sidebar. GUI thread.

#include <QObject>
#include <functional>

#include "storage/history.h"

namespace moescope {

class ChatController;
class HistoryWriter;
class SearchThread;
class Sidebar;

class HistoryList : public QObject {
    Q_OBJECT

public:
    /// None is owned; all outlive this. `history` is read, `writer` writes.
    HistoryList(History* history, HistoryWriter* writer, Sidebar* sidebar, ChatController* chat,
                QObject* parent = nullptr);

    /// Reads everything again: the first page of conversations, folders, trash.
    void reload();
    /// One conversation has changed or is new.
    void update(qint64 conversation);

signals:
    void opened(qint64 conversation);
    /// One in the trash is to be shown, to be read.
    void trashedOpened(qint64 conversation);
    /// A hit of a search: its message is on the branch that is shown now.
    void messageWanted(qint64 conversation, qint64 message);
    void exportRequested(const QList<qint64>& conversations);
    void settingsRequested();
    void newChatRequested();
    void failed(const QString& sentence);
    /// Conversations went to the trash; restore(ids) brings them back.
    void trashed(const QList<qint64>& conversations);
    /// Conversations came back from the trash.
    void restored(const QList<qint64>& conversations);
    /// Conversations are gone.
    void purged(const QList<qint64>& conversations);

public slots:
    void restore(const QList<qint64>& conversations);
    void purge(const QList<qint64>& conversations);
    void emptyTrash();

private:
    void loadPage();
    void trash(const QList<qint64>& conversations);
    void reloadTrash();
    void reloadFolders();
    void restoreFolded();
    void search(const QString& text);
    void showFound(const QString& text, const SearchResult& result);
    bool check(const Status& status);
    /// Writes, and does `then` if that went well; what went wrong is told.
    void write(std::function<Status(History&)> work, std::function<void()> then);
    /// The same change of each conversation; `each` for those that went well, and at the end `then` with them, if any.
    void writeEach(const QList<qint64>& conversations, Status (History::*change)(std::int64_t),
                   const std::function<void(qint64)>& each, const std::function<void(const QList<qint64>&)>& then);

    History* m_history;
    HistoryWriter* m_writer;
    Sidebar* m_sidebar;
    ChatController* m_chat;
    SearchThread* m_search;
    int m_loaded = 0;
    bool m_all_loaded = false;
};

}  // namespace moescope
