#pragma once
// Shared against routed, layer by layer: means over all tokens of the norm of the shared experts' output (amber) and of
// the routed sum (blue), with their ratio; strokes mark the token in hand.

#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class SharedLayersChart : public Chart {
    Q_OBJECT

public:
    using Chart::Chart;

    QString title() const override { return tr("By layer"); }
    QString caption() const override;
    QString words() const override;
    QString emptyText() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis down() const override { return Axis::kLayers; }
    QString csv() const override;
    void refresh() override;

private:
    QString describe(int layer) const;

    std::vector<double> m_shared, m_routed;  // (MoE layers)
};

}  // namespace moescope
