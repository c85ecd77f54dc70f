#pragma once
// Layers x experts: how much each expert was used, relative to an even share of its layer, in the colours of cividis
// with a logarithmic scale; a lane at the right for the shared experts' part of the output. What the token that is
// pointed at or chosen went to is framed. A cell's expert and layer are its place in the selection.

#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class LayersChart : public Chart {
    Q_OBJECT

public:
    LayersChart(InspectorModel* model, ThemeStore* themes, PhaseFilter phase = PhaseFilter::kBoth,
                QObject* parent = nullptr);

    void setMetric(ExpertAmount metric);

    QString title() const override;
    QString caption() const override;
    QString words() const override;
    QString emptyText() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kExperts; }
    Axis down() const override { return Axis::kLayers; }
    QString csv() const override;
    void refresh() override;

    /// Times an even share; for tests.
    double relativeLoadAt(int layer, int expert) const;
    QRectF cellRect(const QRectF& body, int layer, int expert) const;

private:
    struct Places {
        QRectF grid, lane, legend;
    };
    Places places(const QRectF& body) const;
    QRgb colourAt(double relative) const;
    QString describe(int layer, int expert) const;
    /// Of the spot, if the chart is about it; -1: none.
    int framedToken(const Spot& shown) const;

    ExpertAmount m_metric = ExpertAmount::kGateMass;
    PhaseFilter m_phase;
    std::vector<std::vector<double>> m_relative;  // (MoE layers, N)
    std::vector<double> m_shared_share;           // (MoE layers): shared / (shared + routed)
    double m_top = 4;                             // where the scale ends, times an even share
    std::size_t m_tokens = 0;
};

}  // namespace moescope
