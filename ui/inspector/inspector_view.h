#pragma once
// A tab of the inspector: controls above, charts below each other. Subclasses add charts; those with other widgets
// override paintView and csv. What can be seen can be saved: one function paints for PNG, SVG and PDF.

#include <QWidget>
#include <vector>

#include "ui/inspector/chart_widget.h"
#include "ui/inspector/view_table.h"

class QBoxLayout;
class QLabel;
class QScrollArea;

namespace moescope {

class WrapLayout;

class InspectorView : public QWidget {
    Q_OBJECT

public:
    /// `title` stands on its tab. Model and themes outlive it.
    InspectorView(ViewKind kind, const QString& title, InspectorModel* model, ThemeStore* themes,
                  QWidget* parent = nullptr);

    ViewKind kind() const { return m_kind; }
    /// In files: "balance".
    QString name() const;
    const QString& title() const { return m_title; }

    /// For a file: paints one of its charts or, without one, all that are not hidden, with the name of the source and
    /// without marks of the selection, filling `size` with the panel's colour. What is too high is made smaller.
    /// Computes what is out of date.
    virtual void paintView(QPainter& p, const QSize& size, ChartWidget* only = nullptr);
    /// A height at which paintView fits a width without making anything smaller.
    virtual int pictureHeight(int width, ChartWidget* only = nullptr);
    /// The data of the same; charts are parted by an empty line and headed by a line "# title".
    virtual QString csv(ChartWidget* only = nullptr);

    const std::vector<ChartWidget*>& charts() const { return m_charts; }

signals:
    /// A sentence to show: where something was saved.
    void said(const QString& sentence);
    void failed(const QString& sentence);  ///< what went wrong

protected:
    void contextMenuEvent(QContextMenuEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

    /// What lies at a point, counted in the whole source: what the menu is of. `chart`: the one there, or null.
    virtual Spot spotUnder(const QPoint& at, ChartWidget* chart) const;
    /// Adds it below the others; takes it over.
    ChartWidget* addChart(Chart* chart);
    /// The row above the charts; made when it is first asked for.
    WrapLayout* controls();
    /// Adds a control with a word before it, which also is its accessible name.
    void addControl(const QString& caption, QWidget* control);
    QBoxLayout* column() const { return m_column; }
    const Theme& theme() const { return m_themes->theme(); }
    virtual void applyTheme();

    InspectorModel* m_model;
    ThemeStore* m_themes;

private:
    void updateMissing();
    /// Those that a file is made of.
    std::vector<ChartWidget*> savedCharts(ChartWidget* only) const;

    ViewKind m_kind;
    QString m_title;
    QWidget* m_control_row = nullptr;
    WrapLayout* m_controls = nullptr;  // of it
    QWidget* m_content;
    QScrollArea* m_scroll;
    QBoxLayout* m_outer;
    QBoxLayout* m_column;
    QLabel* m_missing;
    std::vector<ChartWidget*> m_charts;
};

}  // namespace moescope
