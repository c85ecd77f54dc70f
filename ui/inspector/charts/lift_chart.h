#pragma once
// How tokens pass from the experts of one layer to those of another, against chance: the observed share of a pair of
// experts over the product of both experts' shares (lift; 1: independent), and the paths that stand out most.

#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class LiftChart : public Chart {
    Q_OBJECT

public:
    using Chart::Chart;

    /// MoE layer that the paths lead to; -1: the one after the layer in hand.
    void setTarget(int layer);

    QString title() const override;
    QString caption() const override;
    QString words() const override;
    QString emptyText() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kLayers; }
    Axis down() const override { return Axis::kExperts; }
    QString csv() const override;
    void refresh() override;
    RoutingSelection::Parts refreshOn() const override { return RoutingSelection::kLayer; }

    int from() const { return m_from; }
    int to() const { return m_to; }
    /// Observed over independent; NaN where an expert was never chosen.
    double lift(int expert, int next) const;
    struct Path {
        int expert, next;
        double tokens;  ///< that took it
        double lift;
    };
    /// Those that carry most more than chance would, most first.
    const std::vector<Path>& paths() const { return m_paths; }
    /// For tests.
    QRectF cell(const QRectF& body, int expert, int next) const;

private:
    double side(double width) const;
    QRectF grid(const QRectF& body) const;
    QRectF list(const QRectF& body) const;
    QString describe(int expert, int next) const;

    int m_target = -1, m_from = -1, m_to = -1, m_experts = 0;
    double m_tokens = 0;
    std::vector<double> m_both;         // tokens that chose both (N, N)
    std::vector<double> m_out, m_into;  // tokens that chose the expert in the first and the second layer (N)
    std::vector<Path> m_paths;
};

}  // namespace moescope
