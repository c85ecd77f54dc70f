#include "ui/sidebar/conversation_list_model.h"

#include <QDateTime>
#include <QMimeData>
#include <algorithm>
#include <memory>

#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

const QString kMimeType = QStringLiteral("application/x-moescope-chats");

}  // namespace

ConversationListModel::ConversationListModel(QObject* parent) : QAbstractListModel(parent) {}

int ConversationListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

const ConversationItem* ConversationListModel::item(qint64 id) const {
    const auto found = m_items.constFind(id);
    if (found != m_items.constEnd()) return &*found;
    for (const ConversationItem& t : m_trash) {
        if (t.id == id) return &t;
    }
    return nullptr;
}

QVariant ConversationListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Row& row = m_rows[index.row()];
    if (role == kKindRole) return static_cast<int>(row.kind);
    if (row.kind == Kind::kHeading || row.kind == Kind::kFolder) {
        switch (role) {
            case Qt::DisplayRole:
                return row.heading;
            case Qt::ToolTipRole:
                return row.kind == Kind::kFolder ? plainToolTip(row.heading) : QVariant();
            case Qt::AccessibleTextRole:
                if (row.kind == Kind::kHeading) return row.heading;
                return (row.folded ? tr("Folder %1, collapsed, %Ln chat(s)", nullptr, row.count)
                                   : tr("Folder %1, %Ln chat(s)", nullptr, row.count))
                    .arg(row.heading);
            case kIdRole:
                return qint64{0};
            case kFolderRole:
                return row.folder;
            case kCountRole:
                return row.count;
            case kFoldedRole:
                return row.folded;
            default:
                return {};
        }
    }
    const HitItem* hit = row.hit >= 0 ? &m_hits[row.hit] : nullptr;
    const ConversationItem* c = item(row.id);
    switch (role) {
        case Qt::DisplayRole:
        case Qt::EditRole:
            if (row.kind == Kind::kHit) return hit->snippet;
            if (row.kind == Kind::kHitChat) return row.heading;
            return c ? c->title : QString();
        case Qt::ToolTipRole:
            if (row.kind == Kind::kHit) return plainToolTip(hit->snippet);
            return plainToolTip(c ? c->title : row.heading);
        case Qt::AccessibleTextRole:
            if (row.kind == Kind::kHit) return tr("%1: %2").arg(hit->title, hit->snippet);
            if (row.kind == Kind::kHitChat) return row.heading;
            return c ? tr("%1, %2").arg(c->title, c->detail) : QString();
        case kIdRole:
            return row.id;
        case kMessageRole:
            return hit ? hit->message : qint64{0};
        case kDetailRole:
            return row.kind == Kind::kChat && c ? c->detail : QString();
        case kRangesRole:
            return hit ? QVariant::fromValue(hit->ranges) : QVariant();
        case kInFolderRole:
            return row.folder != 0;
        case kPinnedRole:
            return c && c->pinned;
        default:
            return {};
    }
}

Qt::ItemFlags ConversationListModel::flags(const QModelIndex& index) const {
    if (!index.isValid()) return Qt::NoItemFlags;
    const Kind kind = m_rows[index.row()].kind;
    if (kind == Kind::kHeading) return Qt::ItemIsEnabled | Qt::ItemNeverHasChildren;
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
    if (m_view == View::kConversations && kind == Kind::kChat) flags |= Qt::ItemIsEditable | Qt::ItemIsDragEnabled;
    return flags;
}

QStringList ConversationListModel::mimeTypes() const {
    return {kMimeType};
}

QMimeData* ConversationListModel::mimeData(const QModelIndexList& indexes) const {
    QStringList ids;
    for (const QModelIndex& index : indexes) {
        const qint64 id = index.data(kIdRole).toLongLong();
        if (id != 0) ids << QString::number(id);
    }
    if (ids.isEmpty()) return nullptr;
    auto data = std::make_unique<QMimeData>();
    data->setData(kMimeType, ids.join(QLatin1Char(' ')).toLatin1());
    return data.release();
}

QList<qint64> ConversationListModel::draggedIds(const QMimeData* data) {
    QList<qint64> ids;
    for (const QByteArray& part : data->data(kMimeType).split(' ')) {
        if (const qint64 id = part.toLongLong(); id > 0) ids.append(id);
    }
    return ids;
}

void ConversationListModel::setFolded(const QSet<qint64>& folders) {
    if (folders == m_folded) return;
    m_folded = folders;
    relayout();
}

QList<ConversationListModel::Row> ConversationListModel::layout() const {
    QList<Row> rows;
    const auto heading = [&](const QString& text) { rows.append({Kind::kHeading, text, 0, 0, -1, 0, false}); };
    const auto chat = [&](qint64 id, qint64 folder) { rows.append({Kind::kChat, {}, id, folder, -1, 0, false}); };
    if (m_view == View::kTrash) {
        heading(m_trash.isEmpty() ? tr("The trash is empty") : tr("Trash"));
        for (const ConversationItem& c : m_trash) chat(c.id, 0);
        return rows;
    }
    if (m_view == View::kHits) {
        const int count = static_cast<int>(m_hits.size());
        heading(m_hits.isEmpty()   ? tr("No matches")
                : !m_hits_complete ? tr("The newest %Ln match(es)", nullptr, count)
                                   : tr("%Ln match(es)", nullptr, count));
        // Each conversation once, with its places under it.
        QHash<qint64, QList<int>> places;
        QList<qint64> order;
        for (int i = 0; i < m_hits.size(); ++i) {
            QList<int>& own = places[m_hits[i].conversation];
            if (own.isEmpty()) order.append(m_hits[i].conversation);
            own.append(i);
        }
        for (const qint64 id : order) {
            const QList<int>& own = places[id];
            const auto title = std::find_if(own.begin(), own.end(), [&](int i) { return m_hits[i].message == 0; });
            const HitItem& first = m_hits[own[0]];
            rows.append({Kind::kHitChat, title != own.end() ? m_hits[*title].snippet : first.title, id, 0,
                         title != own.end() ? *title : -1, 0, false});
            for (const int i : own) {
                if (m_hits[i].message != 0) rows.append({Kind::kHit, {}, id, 0, i, 0, false});
            }
        }
        return rows;
    }
    QList<const ConversationItem*> sorted;
    sorted.reserve(m_items.size());
    for (const ConversationItem& c : m_items) sorted.append(&c);
    std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) {
        return a->updated_ms != b->updated_ms ? a->updated_ms > b->updated_ms : a->id > b->id;
    });
    const auto section = [&](const QString& text, auto&& belongs) {
        bool first = true;
        for (const ConversationItem* c : sorted) {
            if (!belongs(*c)) continue;
            if (std::exchange(first, false)) heading(text);
            chat(c->id, 0);
        }
    };
    section(tr("Pinned"), [](const ConversationItem& c) { return c.pinned; });
    const QDate today = QDate::currentDate();
    const qint64 day_start = today.startOfDay().toMSecsSinceEpoch();
    const qint64 yesterday = today.addDays(-1).startOfDay().toMSecsSinceEpoch();
    const qint64 week = today.addDays(-7).startOfDay().toMSecsSinceEpoch();
    const auto between = [](qint64 from, qint64 to) {
        return [=](const ConversationItem& c) {
            return !c.pinned && c.folder == 0 && c.updated_ms >= from && c.updated_ms < to;
        };
    };
    section(tr("Today"), between(day_start, std::numeric_limits<qint64>::max()));
    section(tr("Yesterday"), between(yesterday, day_start));
    section(tr("Last 7 days"), between(week, yesterday));
    section(tr("Earlier"), between(std::numeric_limits<qint64>::min(), week));
    for (const FolderItem& f : m_folders) {
        const qsizetype at = rows.size();
        const bool folded = m_folded.contains(f.id);
        rows.append({Kind::kFolder, f.name, 0, f.id, -1, 0, folded});
        int count = 0;
        for (const ConversationItem* c : sorted) {
            if (c->folder != f.id || c->pinned) continue;
            ++count;
            if (!folded) chat(c->id, f.id);
        }
        rows[at].count = count;
    }
    return rows;
}

void ConversationListModel::relayout() {
    const QList<Row> rows = layout();
    // What changes lies between an equal start and an equal end: views keep their place.
    qsizetype begin = 0;
    while (begin < rows.size() && begin < m_rows.size() && rows[begin] == m_rows[begin]) ++begin;
    qsizetype old_end = m_rows.size(), new_end = rows.size();
    while (old_end > begin && new_end > begin && m_rows[old_end - 1] == rows[new_end - 1]) {
        --old_end;
        --new_end;
    }
    if (old_end > begin) {
        beginRemoveRows({}, static_cast<int>(begin), static_cast<int>(old_end - 1));
        m_rows.remove(begin, old_end - begin);
        endRemoveRows();
    }
    if (new_end > begin) {
        beginInsertRows({}, static_cast<int>(begin), static_cast<int>(new_end - 1));
        m_rows = rows;
        endInsertRows();
    }
}

void ConversationListModel::setView(View view) {
    if (view == m_view) return;
    beginResetModel();
    m_view = view;
    m_rows = layout();
    endResetModel();
}

void ConversationListModel::setItems(const QList<ConversationItem>& items) {
    m_items.clear();
    m_items.reserve(items.size());
    for (const ConversationItem& c : items) m_items.insert(c.id, c);
    beginResetModel();
    m_rows = layout();
    endResetModel();
}

void ConversationListModel::addItems(const QList<ConversationItem>& items) {
    for (const ConversationItem& c : items) m_items.insert(c.id, c);
    relayout();
}

void ConversationListModel::updateItem(const ConversationItem& item) {
    m_items.insert(item.id, item);
    relayout();
    if (const int row = rowOf(item.id); row >= 0) emit dataChanged(index(row), index(row));
}

void ConversationListModel::removeItem(qint64 id) {
    if (m_items.remove(id)) relayout();
}

void ConversationListModel::setFolders(const QList<FolderItem>& folders) {
    m_folders = folders;
    relayout();
}

void ConversationListModel::setTrashItems(const QList<ConversationItem>& items) {
    if (m_view != View::kTrash) {
        m_trash = items;
        return;
    }
    beginResetModel();
    m_trash = items;
    m_rows = layout();
    endResetModel();
}

void ConversationListModel::setHits(const QList<HitItem>& hits, bool complete) {
    beginResetModel();
    m_hits = hits;
    m_hits_complete = complete;
    m_view = View::kHits;
    m_rows = layout();
    endResetModel();
}

int ConversationListModel::rowOf(qint64 id) const {
    for (qsizetype i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].id == id && id != 0) return static_cast<int>(i);
    }
    return -1;
}

}  // namespace moescope
