#pragma once
// Experts of the chosen layer by the tokens they take (vocabulary specialization, OLMoE, equation 8): of the times that
// a token occurs, the share that chose the expert. Without a chosen expert, each expert with its best tokens; with one,
// all tokens of it.

#include <QHash>
#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class VocabularyChart : public Chart {
    Q_OBJECT

public:
    using Chart::Chart;

    /// Tokens that occur less often do not count: their shares say nothing. OLMoE takes 10.
    void setLeast(int least);
    void setWhich(VocabularyToken which);

    QString title() const override;
    QString caption() const override;
    QString emptyText() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kLayers; }
    Axis down() const override { return Axis::kExperts; }
    QString csv() const override;
    void refresh() override;
    RoutingSelection::Parts refreshOn() const override { return RoutingSelection::kLayer | RoutingSelection::kExpert; }

    struct Entry {
        std::int32_t token;
        std::size_t count;
        double share;
    };
    /// An expert's tokens, the largest shares first; at most kMostEntries.
    const std::vector<Entry>& entriesOf(int expert) const { return m_entries[static_cast<std::size_t>(expert)]; }

private:
    int expert() const;
    QString textOf(std::int32_t token) const;
    void paintOverview(QPainter& p, const QRectF& body) const;
    void paintExpert(QPainter& p, const QRectF& body, int expert) const;

    int m_least = 3;
    VocabularyToken m_which = VocabularyToken::kInput;
    std::vector<VocabularyShares> m_shares;
    std::vector<std::vector<Entry>> m_entries;  // (N)
    QHash<std::int32_t, int> m_first;           // id -> a token of the log that has it
};

}  // namespace moescope
