#pragma once
// How tokens pass from the experts of one layer to those of another, as a Sankey diagram: each side's largest experts,
// the rest of a side together as "others"; the strongest paths by themselves, all others through one band. Heights are
// shares of all tokens; what an expert is worth in the flow is explained at expertFlow() in engine/routing/metrics.h.

#include <QPainterPath>
#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class FlowChart : public Chart {
    Q_OBJECT

public:
    using Chart::Chart;

    /// Into which layer it flows; from the chosen one, or the one before it if they are the same. -1: the next.
    void setTarget(int layer);
    int from() const;
    int to() const;

    QString title() const override;
    QString caption() const override;
    QString words() const override;
    QString emptyText() const override;
    double height(double width) const override;
    bool stretches() const override { return true; }
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kLayers; }
    Axis down() const override { return Axis::kExperts; }
    QString csv() const override;
    void refresh() override;
    RoutingSelection::Parts refreshOn() const override { return RoutingSelection::kLayer; }

    struct Node {
        int expert = -1;  ///< -1: others
        double share = 0;
        QRectF rect;
    };
    struct Ribbon {
        std::size_t left = 0, right = 0;
        double share = 0;
        QPainterPath path;
    };
    struct Layout {
        std::vector<Node> left, right;
        std::vector<Ribbon> ribbons;  ///< the strongest paths; the widest last, so that it lies above
        Node other_paths;             ///< the band in the middle that all other paths run through
        std::vector<Ribbon> into_band, out_of_band;
    };
    /// Where everything is; for painting, pointing and tests.
    Layout layout(const QRectF& body) const;

private:
    QString nameOf(const Node& node, int others) const;

    int m_target = -1;
    int m_experts = 0;
    std::vector<double> m_flow;        // (N, N): shares of all
    std::vector<int> m_left, m_right;  // experts that have a node of their own, from top to bottom
};

}  // namespace moescope
