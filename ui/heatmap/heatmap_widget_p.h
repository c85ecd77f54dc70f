#pragma once
// What HeatmapWidget is made of; its parts are heatmap_widget.cpp (state), heatmap_paint.cpp and heatmap_input.cpp.

#include <QPointF>
#include <QRectF>

#include "ui/heatmap/heatmap_widget.h"
#include "ui/heatmap/heatmap_worker.h"
#include "ui/theme.h"

class QPainter;

namespace moescope {

/// Where things are, in the widget's coordinates.
struct HeatmapPlaces {
    QRectF plot, header, legend;
    double gutter = 0;  ///< width of the labels at the left
};

class HeatmapWidget::Private {
public:
    Private(HeatmapWidget* widget, ThemeStore* theme_store) : q(widget), themes(theme_store) {}

    HeatmapWidget* q;
    ThemeStore* themes;
    HeatmapScene scene;
    QString title;
    std::function<QString(int)> token_text;
    bool follow = true, decorated = true;

    HeatmapWorker worker;
    HeatmapFrame frame;        // shown
    quint64 last_request = 0;  // the newest
    bool stale = false;        // something changed that has not been asked for yet
    QString renderer_name;

    HeatmapCell hover, current;
    int selected_token = -1, selected_layer = -1, selected_expert = -1;
    HeatmapTokens selected_tokens;

    enum class Drag { kNone, kPress, kPan, kTokens };
    Drag drag = Drag::kNone;
    QPointF press;           // where a drag began
    HeatmapRect press_rect;  // what was visible then
    int anchor_token = -1;   // where a range of tokens began, by mouse or keys

    bool isTokens() const { return scene.view.kind == HeatmapKind::kTokens; }
    bool empty() const;
    HeatmapPlaces places(QSizeF size) const;
    /// What is visible: the view's rectangle, or everything; few tokens do not get columns wider than 8 pixels.
    HeatmapRect rect(const QRectF& plot) const;
    HeatmapRect rect() const { return rect(places(q->size()).plot); }
    QPointF toCells(QPointF point) const;
    QRectF toPixels(const HeatmapRect& cells, const QRectF& plot) const;
    QRectF pixelsOf(const HeatmapCell& cell, const QRectF& plot) const;
    HeatmapCell cellUnder(QPointF point) const;

    /// Asks for a new picture at the next paint.
    void refresh();
    void request();
    /// Sets the visible rectangle, kept inside the data; everything if it covers all.
    void setRect(HeatmapRect wanted);
    void zoomAt(QPointF cells, double factor_x, double factor_y);
    void pan(double cells_x, double cells_y);
    void reveal(const HeatmapCell& cell);

    void setHover(const HeatmapCell& cell);
    void setCurrent(const HeatmapCell& cell);
    void choose(const HeatmapCell& cell);
    void chooseTokens(HeatmapTokens tokens);
    void updateDescription();
    void showTip(QPoint global) const;

    bool arrow(int key, Qt::KeyboardModifiers modifiers);
    void moveCurrent(int columns, int rows);
    void moveLayer(int step);

    QString tokenName(int token) const;
    QString caption() const;
    void paint(QPainter& p, QSizeF size, const QImage& image, const HeatmapRect& shows, bool interactive) const;
    /// Lines between groups of experts.
    void paintGroups(QPainter& p, const QRectF& plot) const;
    void paintAxes(QPainter& p, const HeatmapPlaces& at) const;
    void paintLegend(QPainter& p, const HeatmapPlaces& at) const;
    void paintSelection(QPainter& p, const QRectF& plot) const;
    void paintPointer(QPainter& p, const QRectF& plot) const;
};

}  // namespace moescope
