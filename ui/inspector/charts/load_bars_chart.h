#pragma once
// The experts of the layer that is pointed at, else of the chosen one, as bars: how much each was used, in times an
// even share, with the balanced line at 1.

#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class LoadBarsChart : public Chart {
    Q_OBJECT

public:
    using Chart::Chart;

    void setMetric(ExpertAmount metric);

    QString title() const override;
    QString caption() const override;
    QString words() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kExperts; }
    Axis down() const override { return Axis::kLayers; }
    QString csv() const override;
    void refresh() override;
    RoutingSelection::Parts refreshOn() const override { return RoutingSelection::kLayer | RoutingSelection::kHover; }

    const std::vector<double>& relative() const { return m_relative; }

private:
    QRectF plot(const QRectF& body) const;
    QString describe(int expert) const;
    int layer() const;

    ExpertAmount m_metric = ExpertAmount::kCount;
    std::vector<double> m_relative;  // (N)
};

}  // namespace moescope
