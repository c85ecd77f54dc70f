#pragma once
// Balance of each layer's experts as a table with small bars: Jain's index, MaxVio, coefficient of variation,
// normalised entropy, and how many experts were never used. A click on a column's head sorts by it, again the other
// way.

#include <array>
#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class BalanceChart : public Chart {
    Q_OBJECT

public:
    enum Column { kLayer, kJain, kMaxViolation, kVariation, kEntropy, kNever, kColumns };

    using Chart::Chart;

    /// Worst first, or by rising layer; again with `descending` the other way.
    void sortBy(Column column, bool descending);
    Column sortColumn() const { return m_sort; }
    bool descending() const { return m_descending; }
    /// The layers from top to bottom.
    const std::vector<int>& order() const { return m_order; }
    QRectF headRect(const QRectF& body, Column column) const;
    QRectF rowRect(const QRectF& body, int layer) const;

    QString title() const override { return tr("Balance by layer"); }
    QString caption() const override;
    QString words() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    bool press(const QPointF& at, const QRectF& body) override;
    Axis down() const override { return Axis::kLayers; }
    QString csv() const override;
    void refresh() override;

signals:
    void sorted();

private:
    using Figures = std::array<double, kColumns>;
    static QString name(Column column);
    static QString note();
    QString describe(int layer) const;
    void sort();

    Column m_sort = kLayer;
    bool m_descending = false;
    std::vector<Figures> m_figures;  // (MoE layers)
    std::vector<int> m_order;
    std::size_t m_tokens = 0;
};

}  // namespace moescope
