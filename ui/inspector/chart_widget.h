#pragma once
// Shows a chart: keeps it fresh while it is seen, and lets pointer and keys select in it.
//
// Pointer: hover shows, click chooses (again: lets go), dragging along tokens chooses a range. Keys: arrows along the
// chart's axes, Home and End, PgUp and PgDn ten at a time, with Shift a range of tokens; Escape lets go.
// While tokens stream a chart is refreshed at most ten times a second, and seldomer where the views' LivePace says so:
// with a hundred thousand tokens some seconds are soon enough.

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include "ui/inspector/chart.h"

namespace moescope {

class ChartWidget : public QWidget {
    Q_OBJECT

public:
    /// Takes the chart over.
    explicit ChartWidget(Chart* chart, QWidget* parent = nullptr);

    Chart& chart() const { return *m_chart; }
    /// What waits to be computed is computed now, if it is seen.
    void refreshNow();
    /// The same although nobody sees it: for a picture.
    void refreshIfStale();
    /// What reading and painting took lately.
    double costMs() const { return m_refresh_ms + m_paint_ms; }
    /// How often the chart was refreshed; for tests.
    int refreshes() const { return m_refreshes; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    enum class Urgency { kMayWait, kBeforePainting };
    void markStale(int delay_ms, Urgency urgency);
    void onTimer();
    void refresh();
    void resized();
    void onSelection(RoutingSelection::Parts parts);
    void updateDescription();
    bool step(Chart::Axis axis, int by, bool extend);

    Chart* m_chart;
    QTimer m_timer;
    QElapsedTimer m_stale_since;
    bool m_stale = true, m_urgent = true;
    double m_refresh_ms = 0, m_paint_ms = 0, m_last_refresh_ms = 0, m_last_paint_ms = 0;
    int m_refreshes = 0;
    int m_laid_out_height = -1;
    int m_pressed_token = -1;
    bool m_dragged = false;
    QString m_tip;
};

}  // namespace moescope
