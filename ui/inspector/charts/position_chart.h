#pragma once
// Routing against the position in the context, in the chosen layer: how evenly the gates are spread, the largest gate,
// and how many of the tokens there chose the expert in hand.

#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class PositionChart : public Chart {
    Q_OBJECT

public:
    using Chart::Chart;

    QString title() const override;
    QString caption() const override;
    QString emptyText() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kTokens; }
    QString csv() const override;
    void refresh() override;
    RoutingSelection::Parts refreshOn() const override { return RoutingSelection::kLayer | RoutingSelection::kExpert; }

    /// Positions [begin, end) together.
    struct Bin {
        int begin = 0, end = 0, tokens = 0;
        int first = -1;      ///< the first token there
        double entropy = 0;  ///< means over its tokens
        double top_gate = 0;
        double of_expert = 0;  ///< share of its tokens
    };
    const std::vector<Bin>& bins() const { return m_bins; }

private:
    QRectF plot(const QRectF& body) const;
    int binAt(const QPointF& at, const QRectF& body) const;
    QString describe(const Bin& bin) const;

    std::vector<Bin> m_bins;
    int m_expert = -1;
    bool m_gates = false;
};

}  // namespace moescope
