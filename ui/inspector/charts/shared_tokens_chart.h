#pragma once
// Shared vs. routed, token by token: the norm of the shared experts' output (amber) and of the routed sum (blue),
// mean over the layers or of one layer, on a logarithmic scale, where a distance is a
// ratio; below, that ratio by itself.

#include <span>
#include <vector>

#include "ui/inspector/chart.h"
#include "ui/inspector/charts/token_axis.h"

namespace moescope {

class SharedTokensChart : public Chart {
    Q_OBJECT

public:
    /// Without the ratio it is as small as Live wants it.
    SharedTokensChart(InspectorModel* model, ThemeStore* themes, bool with_ratio, QObject* parent = nullptr);
    /// The chosen layer instead of the mean over all.
    void setOneLayer(bool one);

    QString title() const override { return tr("Shared vs. routed"); }
    QString caption() const override;
    QString emptyText() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kTokens; }
    QString csv() const override;
    void refresh() override;
    RoutingSelection::Parts refreshOn() const override {
        return m_one_layer ? RoutingSelection::Parts(RoutingSelection::kLayer) : RoutingSelection::Parts();
    }

private:
    struct Places {
        QRectF norms, ratio;
    };
    Places places(const QRectF& body) const;
    TokenAxis axis(const QRectF& body) const;
    QString describe(int token) const;
    double ratioOf(int token) const;
    void paintLine(QPainter& p, const TokenAxis& tokens, const QRectF& area, double low, double high,
                   std::span<const double> values, const QColor& colour) const;

    bool m_with_ratio, m_one_layer = false;
    int m_layer = -1;
    std::uint64_t m_records = 0;             // RoutingSource::recordsId() of what was read
    std::vector<double> m_shared, m_routed;  // (tokens)
    // (tokens): logarithms to base 2, as they are painted
    std::vector<double> m_shared_log, m_routed_log, m_ratio_log;
    double m_least = 0, m_most = 0, m_far = 0;  // of the norms, and of the ratio's logarithm
};

}  // namespace moescope
