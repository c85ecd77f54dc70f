#include "ui/sidebar/conversation_list_model.h"

#include <QDateTime>
#include <algorithm>

namespace moescope {

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
    if (!row.heading.isEmpty()) {
        if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole) return row.heading;
        if (role == kIdRole) return qint64{0};
        if (role == kFolderRole) return row.folder;
        return {};
    }
    const HitItem* hit = row.hit >= 0 ? &m_hits[row.hit] : nullptr;
    const ConversationItem* c = item(row.id);
    switch (role) {
        case Qt::DisplayRole:
        case Qt::EditRole:
            return hit ? hit->title : c ? c->title : QString();
        case Qt::ToolTipRole:
            return c ? c->title : QString();
        case Qt::AccessibleTextRole:
            return hit ? tr("%1: %2").arg(hit->title, hit->snippet)
                   : c ? tr("%1, %2").arg(c->title, c->detail)
                       : QString();
        case kIdRole:
            return row.id;
        case kMessageRole:
            return hit ? hit->message : qint64{0};
        case kDetailRole:
            return hit ? hit->snippet : c ? c->detail : QString();
        case kRangesRole:
            return hit ? QVariant::fromValue(hit->ranges) : QVariant();
        case kPinnedRole:
            return c && c->pinned;
        default:
            return {};
    }
}

Qt::ItemFlags ConversationListModel::flags(const QModelIndex& index) const {
    if (!index.isValid()) return Qt::NoItemFlags;
    if (!m_rows[index.row()].heading.isEmpty()) return Qt::ItemIsEnabled | Qt::ItemNeverHasChildren;
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
    if (m_view == View::kConversations) flags |= Qt::ItemIsEditable;
    return flags;
}

QList<ConversationListModel::Row> ConversationListModel::layout() const {
    QList<Row> rows;
    const auto heading = [&](const QString& text, qint64 folder = 0) { rows.append({text, 0, folder, -1}); };
    if (m_view == View::kTrash) {
        heading(m_trash.isEmpty() ? tr("The trash is empty") : tr("Trash"));
        for (const ConversationItem& c : m_trash) rows.append({{}, c.id, 0, -1});
        return rows;
    }
    if (m_view == View::kHits) {
        const int count = static_cast<int>(m_hits.size());
        heading(m_hits.isEmpty()   ? tr("Nothing found")
                : !m_hits_complete ? tr("The newest %Ln place(s)", nullptr, count)
                                   : tr("%Ln place(s)", nullptr, count));
        for (int i = 0; i < m_hits.size(); ++i) rows.append({{}, m_hits[i].conversation, 0, i});
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
            rows.append({{}, c->id, 0, -1});
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
        heading(f.name, f.id);
        for (const ConversationItem* c : sorted) {
            if (c->folder == f.id && !c->pinned) rows.append({{}, c->id, f.id, -1});
        }
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
        if (m_rows[i].id == id && m_rows[i].heading.isEmpty()) return static_cast<int>(i);
    }
    return -1;
}

}  // namespace moescope
