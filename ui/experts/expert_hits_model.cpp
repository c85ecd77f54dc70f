#include "ui/experts/expert_hits_model.h"

namespace moescope {

int ExpertHitsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_hits.size());
}

QVariant ExpertHitsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const ExpertHit& hit = m_hits[index.row()];
    switch (role) {
        case Qt::DisplayRole:
            return QString(hit.before + hit.token + hit.after);
        case Qt::AccessibleTextRole:
            return tr("%1, gate %2, rank %3, in %4: %5")
                .arg(hit.token.trimmed())
                .arg(hit.gate, 0, 'f', 3)
                .arg(hit.rank)
                .arg(hit.title, hit.before + hit.token + hit.after);
        case kTitleRole:
            return hit.title;
        case kBeforeRole:
            return hit.before;
        case kTokenRole:
            return hit.token;
        case kAfterRole:
            return hit.after;
        case kGateRole:
            return hit.gate;
        case kRankRole:
            return hit.rank;
        case kMessageRole:
            return hit.message;
        case kNewTitleRole:
            return index.row() == 0 || m_hits[index.row() - 1].conversation != hit.conversation;
        default:
            return {};
    }
}

QHash<int, QByteArray> ExpertHitsModel::roleNames() const {
    auto names = QAbstractListModel::roleNames();
    names.insert({{kTitleRole, "title"},
                  {kBeforeRole, "before"},
                  {kTokenRole, "token"},
                  {kAfterRole, "after"},
                  {kGateRole, "gate"},
                  {kRankRole, "rank"},
                  {kMessageRole, "message"},
                  {kNewTitleRole, "newTitle"}});
    return names;
}

void ExpertHitsModel::setHits(const QList<ExpertHit>& hits) {
    beginResetModel();
    m_hits = hits;
    endResetModel();
}

}  // namespace moescope
