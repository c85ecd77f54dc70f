#pragma once
// One token: in each MoE layer the chosen experts with their gates, the two that came next with their probabilities,
// the margin between the last chosen and the first of those, and the norms of the shared and the routed output. Where
// a GPU computed, gates of experts that lay in memory instead are hollow.

#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class TokenChart : public Chart {
    Q_OBJECT

public:
    /// `most_rows`: shows this many layers, spread evenly; 0: all.
    TokenChart(InspectorModel* model, ThemeStore* themes, int most_rows = 0, QObject* parent = nullptr);

    QString title() const override;
    QString caption() const override;
    QString words() const override;
    QString emptyText() const override;
    double height(double width) const override;
    bool keepsHeight() const override { return hasData(); }
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kTokens; }
    Axis down() const override { return Axis::kLayers; }
    QString csv() const override;

    /// Where the chip of a layer's slot is painted; for tests.
    QRectF chipRect(const QRectF& body, int layer, int slot) const;

private:
    struct Columns {
        double layer, experts, slot, number, next, next_width, margin, margin_width, sums, sums_width;
    };
    int token() const;
    std::vector<int> rows() const;
    Columns columns(const QRectF& body) const;
    /// Whether the records say where experts ran, and some of the shown token's ran beside the GPU.
    bool someInMemory() const;
    QString placeOf(const LayerRouting& r, int slot) const;
    double headHeight() const;
    double rowHeight() const;

    int m_most_rows;
};

}  // namespace moescope
