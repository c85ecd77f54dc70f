#pragma once
// A list of experts or tokens, each a name, a bar and a number, in as many columns as there is room for. What the rows
// are is for subclasses to say.

#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class RowsChart : public Chart {
    Q_OBJECT

public:
    using Chart::Chart;

    struct Row {
        Spot spot;         ///< as the shown source counts tokens
        QString name;      ///< at the left
        QString value;     ///< at the right
        double share = 0;  ///< of the bar, 0 to 1
        QString tip;       ///< the row in words
    };
    const std::vector<Row>& rows() const { return m_rows; }
    /// For tests.
    QRectF rowRect(const QRectF& body, int row) const;

    QString words() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;

protected:
    /// Whether a row is of what is marked.
    virtual bool isMarked(const Row& row, const Spot& marked) const = 0;
    /// Of a column, in pixels at zoom 1.
    virtual int narrowest() const { return 240; }
    /// Of a row's width, for its name.
    virtual double nameShare() const { return 0.5; }

    std::vector<Row> m_rows;

private:
    int columns(double width) const;
    int perColumn(double width) const;
    int rowAt(const QPointF& at, const QRectF& body) const;
};

/// Experts that are never or rarely chosen by the scope's tokens, over all layers: the rarest first.
class UnusedChart : public RowsChart {
    Q_OBJECT

public:
    using RowsChart::RowsChart;

    QString title() const override;
    QString caption() const override;
    QString emptyText() const override;
    Axis down() const override { return Axis::kLayers; }
    Axis across() const override { return Axis::kExperts; }
    QString csv() const override;
    void refresh() override;

    int never() const { return m_never; }
    int rare() const { return m_rare; }

protected:
    bool isMarked(const Row& row, const Spot& marked) const override;
    int narrowest() const override { return 190; }

private:
    struct Rare {
        int layer, expert;
        double count, relative;
    };
    std::vector<Rare> m_found;
    int m_never = 0, m_rare = 0, m_experts = 0;
};

/// Tokens whose experts are most like those of the chosen one: of all layers' experts of both, the share that both
/// chose (Jaccard). Most alike first.
class SimilarChart : public RowsChart {
    Q_OBJECT

public:
    using RowsChart::RowsChart;

    QString title() const override;
    QString caption() const override;
    QString emptyText() const override;
    Axis down() const override { return Axis::kTokens; }
    QString csv() const override;
    void refresh() override;
    bool growsWithSource() const override { return false; }
    RoutingSelection::Parts refreshOn() const override { return RoutingSelection::kTokens; }

protected:
    bool isMarked(const Row& row, const Spot& marked) const override;
    int narrowest() const override { return 300; }
    double nameShare() const override { return 0.62; }

private:
    int chosen() const;  ///< a token of the whole source, or -1
};

}  // namespace moescope
