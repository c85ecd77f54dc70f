#pragma once
// The rows of the sidebar: headings, and under them conversations by date and folder, hits of a search, or the trash.
// GUI thread.

#include <QAbstractListModel>
#include <QDate>
#include <QHash>

#include "ui/sidebar/items.h"

namespace moescope {

class ConversationListModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum class View { kConversations, kHits, kTrash };
    enum DataRole {
        kIdRole = Qt::UserRole + 1,  ///< qint64 of the conversation; 0: a heading
        kMessageRole,                ///< qint64 of the message that was found; 0: none
        kDetailRole,                 ///< QString, second line
        kRangesRole,                 ///< QList<QPair<int, int>> of hits in the second line
        kFolderRole,                 ///< qint64, of a heading: the folder that it stands for
        kPinnedRole,
    };

    explicit ConversationListModel(QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

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
    void setTrashItems(const QList<ConversationItem>& items);
    void setHits(const QList<HitItem>& hits, bool complete);

    const ConversationItem* item(qint64 id) const;
    int rowOf(qint64 id) const;  ///< -1: not listed

private:
    struct Row {
        QString heading;  ///< not empty: a heading
        qint64 id = 0;
        qint64 folder = 0;
        int hit = -1;
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
    QList<Row> m_rows;
};

}  // namespace moescope
