#pragma once
// A heatmap that one can look around in: picture, axes, legend, crosshair with a tooltip, selection.
//
// Drawing happens on a thread of its own (heatmap_worker.h); the widget shows the newest picture that is ready, moved
// and scaled to where it belongs until a better one comes. Without Vulkan the CPU draws, and `rendererChanged` says
// why.
//
// Keys: arrows move the current cell (Shift extends a range of tokens, Ctrl pans), Home and End go to the first and
// last column, Page Up and Page Down to the layer above and below, + and - zoom around the current cell, W A S D pan, 0
// shows everything, Enter selects, Escape clears. Wheel: zoom along tokens; Ctrl + wheel: both axes; Shift + wheel:
// pan. Touchpads pan with two fingers and zoom by pinching. Dragging pans; with Shift it selects tokens.

#include <QImage>
#include <QWidget>
#include <functional>
#include <memory>

#include "ui/heatmap/heatmap_renderer.h"
#include "ui/heatmap/heatmap_view.h"

namespace moescope {

class ThemeStore;

/// Tokens [begin, end); empty: none.
struct HeatmapTokens {
    int begin = 0, end = 0;
    bool empty() const { return end <= begin; }
    bool operator==(const HeatmapTokens&) const = default;
};

class HeatmapWidget : public QWidget {
    Q_OBJECT

public:
    explicit HeatmapWidget(ThemeStore* themes, QWidget* parent = nullptr);
    ~HeatmapWidget() override;

    /// The heading at the upper left, such as "Tokens × experts, layer 14".
    void setTitle(const QString& title);
    /// What is drawn: routing of tokens, or a matrix. A copy is kept; call again with the grown matrix as tokens
    /// arrive. Zoom, selection and the other settings of the view stay.
    void setRouting(const RoutingMatrix& routing);
    void setMatrix(std::shared_ptr<const DenseMatrix> matrix);
    /// Layer, metric, colours, zoom. Its kind is set by setRouting and setMatrix.
    void setView(const HeatmapView& view);
    const HeatmapView& view() const;
    const HeatmapScene& scene() const;
    /// The words of a token, for tooltips and descriptions; without it they show numbers.
    void setTokenText(std::function<QString(int token)> text);
    /// Follows the newest tokens: the view moves right as they come, until the user pans or zooms. Default: on.
    void setFollow(bool follow);
    /// Whether heading and legend are shown (on), or only the picture and its axes.
    void setDecorated(bool decorated);

    /// Selection from outside; -1 and an empty span: none. No signal. What the view has no axis for is kept and
    /// ignored.
    void setSelection(int token, int layer, int expert);
    void setSelectedTokens(HeatmapTokens tokens);
    /// Moves the view along tokens so that one is visible.
    void showToken(int token);

    void zoomBy(double factor);
    void showAll();

    /// "layer 14, expert 40, gate 0.31, rank 1 of 6", for the current cell or any other.
    QString describe(const HeatmapCell& cell) const;
    HeatmapCell hoveredCell() const;
    HeatmapCell currentCell() const;  ///< that the keyboard is at
    QString rendererName() const;
    /// Paints all of it, decorations included, at any size, without the pointer's crosshair: for export as PNG, SVG or
    /// PDF. The picture of the cells is drawn by the CPU with `ratio` pixels a unit.
    void paintInto(QPainter& painter, QSizeF size, qreal ratio) const;
    /// True once the shown picture is that of the present scene.
    bool upToDate() const;

    /// Where the picture is, in the widget's coordinates, and the place of a cell in it.
    QRectF plotRect() const;
    QRectF rectOf(const HeatmapCell& cell) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    /// Under the pointer or at the keyboard; not valid when it leaves.
    void hovered(const HeatmapCell& cell);
    /// By click or Enter; not valid: cleared.
    void selected(const HeatmapCell& cell);
    /// By Shift + drag or Shift + arrows.
    void tokensSelected(HeatmapTokens tokens);
    /// By the user's zoom and pan, with the new rectangle in view().
    void viewChanged();
    /// What draws now, and a sentence if the CPU had to take over.
    void rendererChanged(const QString& name, const QString& sentence);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    class Private;
    std::unique_ptr<Private> d;
};

}  // namespace moescope
