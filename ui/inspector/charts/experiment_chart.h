#pragma once
// The loss of a text under several router rules: a curve with its points and lines to compare with, and the values as a
// table. Both read results that the view keeps.

#include <QCoreApplication>
#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

/// One setting of an experiment.
struct ExperimentResult {
    QString label;           ///< "best 4 of 64 masked"
    QString tick;            ///< on the axis: "4"
    double x = 0;            ///< place on the axis
    double nats = 0;         ///< mean loss a token
    qint64 tokens = 0;       ///< that count
    bool own = false;        ///< the model as it is
    bool reference = false;  ///< a line to compare with, not a point of the curve
};

struct ExperimentResults {
    Q_DECLARE_TR_FUNCTIONS(moescope::ExperimentResults)

public:
    QString title;            ///< of the plot: "Loss with the best experts masked"
    QString axis;             ///< under it: "experts masked for each token, of 64"
    QString source;           ///< whose text: "Sorting in C++"
    double from = 0, to = 1;  ///< of the axis; known before the points are
    std::vector<ExperimentResult> points;
    double loss(const ExperimentResult& r) const { return bits ? r.nats * 1.4426950408889634 : r.nats; }
    QString unit() const {
        return bits ? ExperimentResults::tr("bits per token") : ExperimentResults::tr("nats per token");
    }
    bool bits = false;
};

class ExperimentPlot : public Chart {
    Q_OBJECT

public:
    /// `results` are not owned and outlive it.
    ExperimentPlot(const ExperimentResults* results, InspectorModel* model, ThemeStore* themes);

    QString title() const override { return m_results->title; }
    QString caption() const override;
    QString words() const override;
    QString emptyText() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    QString csv() const override { return {}; }  // the table has it

    /// Where a point of the curve lies.
    QPointF placeOf(const ExperimentResult& result, const QRectF& body) const;

private:
    struct Scale {
        double low, high, step;
    };
    Scale scale() const;
    QRectF plotOf(const QRectF& body) const;
    void paintKey(QPainter& p, const QRectF& row) const;

    const ExperimentResults* m_results;
};

class ExperimentTable : public Chart {
    Q_OBJECT

public:
    ExperimentTable(const ExperimentResults* results, InspectorModel* model, ThemeStore* themes);

    QString title() const override { return tr("Values"); }
    QString caption() const override;
    QString words() const override;
    QString emptyText() const override { return {}; }
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    QString csv() const override;

private:
    const ExperimentResults* m_results;
};

}  // namespace moescope
