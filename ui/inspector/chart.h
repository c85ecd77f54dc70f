#pragma once
// A picture of routing that a view stacks with others: paints itself into any rectangle of any painter (screen, PNG,
// SVG, PDF), says what lies under a point, and writes its data as CSV. A ChartWidget shows it.

#include <QObject>
#include <QPainter>

#include "ui/inspector/charts/token_axis.h"
#include "ui/inspector/inspector_model.h"
#include "ui/theme.h"

class QMouseEvent;

namespace moescope {

class Chart : public QObject {
    Q_OBJECT

public:
    /// What the arrow keys and the pointer walk along.
    enum class Axis { kNone, kTokens, kLayers, kExperts };

    /// Neither is owned; both outlive the chart.
    Chart(InspectorModel* model, ThemeStore* themes, QObject* parent = nullptr);

    virtual QString title() const = 0;
    /// Units, scale and what counts: at the right of the title, or below it where it finds no room there.
    virtual QString caption() const { return {}; }
    /// What is selected in it, in words: for screen readers.
    virtual QString words() const;
    /// Instead of the body while there is nothing to paint: what to do. "" when there is something.
    virtual QString emptyText() const;

    /// Of the body, at a width of it.
    virtual double height(double width) const = 0;
    /// Whether it is as high while nothing is selected, so that pointing at a token moves nothing.
    virtual bool keepsHeight() const { return false; }
    /// Whether it takes the room that is left.
    virtual bool stretches() const { return false; }
    virtual void paint(QPainter& p, const QRectF& body) const = 0;

    virtual Spot spotAt(const QPointF&, const QRectF&) const { return {}; }
    virtual QString tipAt(const QPointF&, const QRectF&) const { return {}; }
    /// A click that is not a choice of a spot (a column's head); true if it did something.
    virtual bool press(const QPointF&, const QRectF&) { return false; }
    virtual Axis across() const { return Axis::kNone; }
    virtual Axis down() const { return Axis::kNone; }
    /// Which source its tokens are of.
    virtual SharedSource tokens() const { return m_model->source(); }
    /// A source of which it shows tokens, by its id; null if it shows none of it.
    virtual SharedSource shownSource(qint64 id) const;
    /// Selections count tokens in whole sources, what is painted in those of the scope: one from the other.
    Spot toWhole(const Spot& spot) const;
    Spot toShown(const Spot& spot) const;

    /// With a line of column names. Lines end with \n, numbers have a point.
    virtual QString csv() const = 0;
    /// Computes what it paints again; called before painting when the source grew, only while it is seen. Until then
    /// the other functions may be asked of what was computed for the source before, also when there is none any more.
    virtual void refresh() {}
    /// Whether it is out of date when the model's source grew.
    virtual bool growsWithSource() const { return true; }
    /// Which changes of the selection need a refresh; any other only repaints.
    virtual RoutingSelection::Parts refreshOn() const { return {}; }

    /// Title, caption and body.
    void paintWhole(QPainter& p, const QRectF& area) const;
    /// The same for a file: without the marks of what is chosen or pointed at, which a reader would take for data.
    void paintUnmarked(QPainter& p, const QRectF& area);
    /// The same in another theme than the window's.
    void paintUnmarked(QPainter& p, const QRectF& area, ThemeStore* themes);
    double wholeHeight(double width) const;
    QRectF bodyOf(const QRectF& area) const;
    /// Of title and caption, with the gap below them. The same wherever one points.
    double headingHeight(double width) const;

    InspectorModel& model() const { return *m_model; }
    ThemeStore& themes() const { return *m_themes; }

signals:
    /// Its data or size changed for a reason of its own (an option).
    void changed();

protected:
    const Theme& theme() const { return m_themes->theme(); }
    RoutingSelection& selection() const { return m_model->selection(); }
    /// What is to be marked: the selection as it is shown; nothing while the chart is painted for a file.
    Spot marked() const;
    /// The same for a chart of one MoE layer: an expert that is pointed at in another layer is none of its own.
    Spot marked(int layer) const;
    /// The same for the tokens along an axis: what is chosen, and what is pointed at.
    TokenMarks tokenMarks() const;
    bool hasData() const { return m_model->source() && !m_model->source()->empty(); }

    /// A layer as the model counts: the dense one is 0.
    int layerNumber(int layer) const;
    /// An expert's number, and where experts are in groups, which group it is of.
    QString expertName(int expert) const;

    InspectorModel* m_model;
    ThemeStore* m_themes;

private:
    mutable bool m_unmarked = false;  // while it is painted for a file, or measured
};

/// A field of CSV of a text, quoted where it must be, and with an apostrophe before what a spreadsheet would compute
/// (texts that begin with = + - @, a tab or a carriage return). Numbers are written without it.
QString csvField(const QString& field);

}  // namespace moescope
