#pragma once
// Tokens x experts of the chosen layer, or of all layers stacked, with lanes for the shared experts' share: the picture
// to zoom into.

#include <QTimer>

#include "ui/heatmap/routing_matrix.h"
#include "ui/inspector/inspector_view.h"

namespace moescope {

class HeatmapWidget;
class SmallChoice;

class TokensView : public InspectorView {
    Q_OBJECT

public:
    TokensView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);

    HeatmapWidget* heatmap() const { return m_heatmap; }
    /// All tokens are read and drawn.
    bool upToDate() const;
    /// Tokens that were read from the source so far; for tests.
    int tokensRead() const { return static_cast<int>(m_matrix.tokens()); }

    void paintView(QPainter& p, const QSize& size, ChartWidget* only = nullptr) override;
    int pictureHeight(int width, ChartWidget* only = nullptr) override;
    QString csv(ChartWidget* only = nullptr) override;

signals:
    /// What draws, and a sentence if the CPU had to take over.
    void rendererChanged(const QString& name, const QString& sentence);

protected:
    Spot spotUnder(const QPoint& at, ChartWidget* chart) const override;
    void showEvent(QShowEvent* event) override;

private:
    void schedule();
    void read();
    void applyOptions();
    void showSelection();
    bool stacked() const;

    HeatmapWidget* m_heatmap;
    SmallChoice *m_layers, *m_value, *m_scale, *m_shared_pixels, *m_colours;
    RoutingMatrix m_matrix;
    std::uint64_t m_records = 0;  // RoutingSource::recordsId() of what was read
    QTimer m_timer;
    double m_cost_ms = 0;  ///< of the last reading
};

}  // namespace moescope
