#pragma once
// The rows of the sidebar: headings, and under them conversations by date and folder, hits of a search by conversation,
// or the trash. Conversations can be dragged; what is dropped where is the sidebar's to say.
// GUI thread.

#include <QAbstractListModel>
#include <QDate>
#include <QHash>
#include <QSet>

#include "ui/sidebar/items.h"

class QMimeData;

namespace moescope {

class ConversationListModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum class View { kConversations, kHits, kTrash };
    enum class Kind {
        kHeading,  ///< "Today"; not to be chosen
        kFolder,   ///< a folder, which may be folded
        kChat,
        kHitChat,  ///< of what was found: the conversation, with its title
        kHit,      ///< a place in it
    };
    enum DataRole {
        kIdRole = Qt::UserRole + 1,  ///< qint64 of the conversation; 0: a heading
        kMessageRole,                ///< qint64 of the message that was found; 0: none
        kDetailRole,                 ///< QString, second line
        kRangesRole,                 ///< QList<QPair<int, int>> of hits in the second line
        kFolderRole,                 ///< qint64, of a heading: the folder that it stands for
        kPinnedRole,
        kKindRole,      ///< int of a Kind
        kInFolderRole,  ///< bool, of a conversation: listed under its folder
        kCountRole,     ///< int, of a folder: its conversations
        kFoldedRole,    ///< bool, of a folder
    };

    explicit ConversationListModel(QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    Qt::DropActions supportedDragActions() const override { return Qt::MoveAction; }
    QStringList mimeTypes() const override;
    QMimeData* mimeData(const QModelIndexList& indexes) const override;
    /// The conversations of mimeData(); empty for anything else.
    static QList<qint64> draggedIds(const QMimeData* data);

    View view() const { return m_view; }
    void setView(View view);
    void setItems(const QList<ConversationItem>& items);
    /// Adds many or changes them, at the cost of one.
    void addItems(const QList<ConversationItem>& items);
    /// Adds or changes one.
    void updateItem(const ConversationItem& item);
    void removeItem(qint64 id);
    void setFolders(const QList<FolderItem>& folders);
    const QList<FolderItem>& folders() const { return m_folders; }
    /// Folders that show no conversations.
    void setFolded(const QSet<qint64>& folders);
    const QSet<qint64>& folded() const { return m_folded; }
    void setTrashItems(const QList<ConversationItem>& items);
    void setHits(const QList<HitItem>& hits, bool complete);

    const ConversationItem* item(qint64 id) const;
    int rowOf(qint64 id) const;  ///< -1: not listed

private:
    struct Row {
        Kind kind = Kind::kHeading;
        QString heading;  ///< of a heading or a folder
        qint64 id = 0;    ///< of a conversation; 0 for headings and folders
        qint64 folder = 0;
        int hit = -1;
        int count = 0;  ///< of a folder
        bool folded = false;
        bool operator==(const Row&) const = default;
    };
    QList<Row> layout() const;
    void relayout();

    View m_view = View::kConversations;
    QHash<qint64, ConversationItem> m_items;
    QList<FolderItem> m_folders;
    QList<ConversationItem> m_trash;
    QList<HitItem> m_hits;
    bool m_hits_complete = true;
    QSet<qint64> m_folded;
    QList<Row> m_rows;
};

}  // namespace moescope
