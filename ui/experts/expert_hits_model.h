#pragma once
// Tokens that an expert took, as a list.

#include <QAbstractListModel>
#include <QList>

namespace moescope {

struct ExpertHit {
    qint64 conversation = 0, message = 0;
    int index = -1;  ///< of the token in its message; -1: a token that was read
    QString title;   ///< of the conversation
    QString before;  ///< the text before the token
    QString token;   ///< as it stands in the text, or in the vocabulary
    QString after;
    double gate = 0;
    int rank = 1;      ///< 1: the likeliest expert
    int position = 0;  ///< in the context
};

class ExpertHitsModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum DataRole {
        kTitleRole = Qt::UserRole + 1,
        kBeforeRole,
        kTokenRole,
        kAfterRole,
        kGateRole,      ///< double
        kRankRole,      ///< int
        kMessageRole,   ///< qint64
        kNewTitleRole,  ///< bool: the first of its conversation in a row
    };

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override;
    /// Qt::DisplayRole is the text around the token, Qt::AccessibleTextRole all of it in words.
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    void setHits(const QList<ExpertHit>& hits);
    const ExpertHit& at(int row) const { return m_hits[row]; }

private:
    QList<ExpertHit> m_hits;
};

}  // namespace moescope
