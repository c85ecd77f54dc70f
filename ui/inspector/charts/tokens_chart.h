#pragma once
// Tokens x experts of the chosen layer, all tokens at once: the gate of each expert that was chosen, the largest where
// tokens share a pixel. A small still picture; the Tokens view has the one to zoom into.

#include <vector>

#include "ui/inspector/chart.h"
#include "ui/inspector/charts/token_axis.h"

namespace moescope {

class TokensChart : public Chart {
    Q_OBJECT

public:
    using Chart::Chart;

    QString title() const override;
    QString caption() const override;
    double height(double width) const override;
    bool stretches() const override { return true; }
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kTokens; }
    Axis down() const override { return Axis::kExperts; }
    QString csv() const override;
    void refresh() override;
    RoutingSelection::Parts refreshOn() const override { return RoutingSelection::kLayer; }

private:
    struct Dot {
        int token, expert;
        float amount;
    };
    QRectF grid(const QRectF& body) const;
    TokenAxis axis(const QRectF& body) const;
    QString describe(int token, int expert) const;

    int m_layer = -1, m_counted = 0;
    std::uint64_t m_records = 0;  // RoutingSource::recordsId() of what was read
    std::vector<Dot> m_dots;
    float m_most = 0;
};

}  // namespace moescope
