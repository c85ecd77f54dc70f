#pragma once
// Which experts of the chosen layer run together: of the tokens that chose the row's expert, the share that also chose
// the column's (OLMoE, equation 6), and the strongest pairs in words.

#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class CoActivationChart : public Chart {
    Q_OBJECT

public:
    using Chart::Chart;

    QString title() const override;
    QString caption() const override;
    QString words() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kLayers; }
    Axis down() const override { return Axis::kExperts; }
    QString csv() const override;
    void refresh() override;
    RoutingSelection::Parts refreshOn() const override { return RoutingSelection::kLayer; }

    /// Where a cell is; for tests.
    QRectF cell(const QRectF& body, int given, int also) const;

private:
    struct Pair {
        int given, also;
        double share;
    };
    QRectF grid(const QRectF& body) const;
    double side(double width) const;
    double share(int given, int also) const;
    /// What choices at random would give: (K - 1) / (N - 1).
    double chance() const;
    QString describe(int given, int also) const;

    int m_experts = 0;
    std::vector<double> m_shares;  // (N, N)
    std::vector<Pair> m_strongest;
    double m_most = 0;
};

}  // namespace moescope
