#pragma once
// Shared against routed by layer and token: the ratio of the norms, amber where the shared experts weigh more, blue
// where the routed ones do, on a logarithmic scale.

#include <vector>

#include "ui/inspector/chart.h"
#include "ui/inspector/charts/token_axis.h"

namespace moescope {

class RatioChart : public Chart {
    Q_OBJECT

public:
    using Chart::Chart;

    QString title() const override { return tr("Ratio by layer and token"); }
    QString caption() const override;
    QString words() const override;
    QString emptyText() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kTokens; }
    Axis down() const override { return Axis::kLayers; }
    QString csv() const override;
    void refresh() override;

private:
    QRectF grid(const QRectF& body) const;
    TokenAxis axis(const QRectF& body) const;
    float ratioOf(int token, int layer) const;
    QString describe(int token, int layer) const;

    std::uint64_t m_records = 0;  // RoutingSource::recordsId() of what was read
    int m_layers = 0;
    std::vector<float> m_ratios;  // (tokens, MoE layers): log2 of shared / routed
    float m_far = 1;              // where the scale ends
};

}  // namespace moescope
