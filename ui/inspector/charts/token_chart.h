#pragma once
// One token: in each MoE layer the chosen experts with their gates, as numbers over bars on one scale; the sum of the
// gates and how evenly they are spread, the margin between the last chosen and the first runner-up, the runners-up, and
// the norms of the shared and the routed output; where experts are in groups, which of these the chosen ones are of.
// Where a GPU computed, gates of experts that lay in memory instead are hollow. The token may be out of the scope: it
// is of the whole source.

#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class TokenChart : public Chart {
    Q_OBJECT

public:
    using Chart::Chart;

    /// Only the layer in hand, or all of them.
    void setCompact(bool compact);

    QString title() const override;
    QString caption() const override;
    QString words() const override;
    QString emptyText() const override;
    double height(double width) const override;
    bool keepsHeight() const override { return true; }
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kTokens; }
    Axis down() const override { return Axis::kLayers; }
    QString csv() const override;

    /// Where the chip of a layer's slot is painted; for tests.
    QRectF chipRect(const QRectF& body, int layer, int slot) const;

private:
    /// Left ends and widths; a column without room has the width 0.
    struct Column {
        double left = 0, width = 0;
    };
    struct Columns {
        Column layer, experts, sum, groups, entropy, margin, next, norms;
        double slot = 0;  ///< of an expert
        int digits = 2;   ///< of a gate, behind the point; 0: no room for numbers
    };
    int token() const;
    std::vector<int> rows() const;
    Columns columns(const QRectF& body) const;
    /// Whether the records say where experts ran, and some of the shown token's ran beside the GPU.
    bool someInMemory() const;
    /// Of the experts that a layer chose: bit g is group g.
    std::vector<bool> groupsOf(const LayerRouting& r) const;
    QString groupWords(const LayerRouting& r) const;
    QString placeOf(const LayerRouting& r, int slot) const;
    double headHeight() const;
    double rowHeight() const;

    bool m_compact = false;
};

}  // namespace moescope
