#pragma once
// Which experts run, layer by layer, while an answer comes: one row a MoE layer, one column a routed expert, a lane at
// the right for the shared experts' part. Amounts of the answer so far in the colours of cividis; the experts of the
// current or selected token are framed.

#include <QImage>
#include <QWidget>
#include <vector>

#include "engine/routing/record.h"
#include "engine/routing/routing_log.h"

namespace moescope {

class ThemeStore;

class LivePanel : public QWidget {
    Q_OBJECT

public:
    explicit LivePanel(ThemeStore* themes, QWidget* parent = nullptr);

    /// Starts over, for a model of this shape; no layers: nothing to show.
    void setShape(const RoutingShape& shape);
    /// Adds records to the sums and makes the last one current. Prompt tokens count too.
    void add(const RoutingLog& log);
    /// Shows all of a log at once.
    void setLog(const RoutingLog* log);
    /// Frames a token's experts and names it; nullptr goes back to the newest token. Copies what it needs.
    void select(const QString& token, const LayerRouting* layers);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    /// Under the pointer; layer -1 when it leaves. Layer as the model counts, the dense one is 0.
    void cellHovered(int layer, int expert);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    struct Measures {
        QRectF grid, lane, legend;
        double cell_width = 0, cell_height = 0;
    };
    Measures measures() const;
    void count(const RoutingLog& log);
    double relativeLoad(int layer, int expert) const;
    void rebuildImage();
    void updateDescription();

    ThemeStore* m_themes;
    RoutingShape m_shape;
    std::vector<double> m_mass;          // (MoE layers, experts): sums of gates
    std::vector<double> m_shared_share;  // (MoE layers): sums of shared / (shared + routed) norms
    std::vector<LayerRouting> m_current, m_selected;
    QString m_selected_name;
    long m_tokens = 0;
    QImage m_image;
    bool m_image_old = true;
    int m_hover_layer = -1, m_hover_expert = -1;
};

}  // namespace moescope
