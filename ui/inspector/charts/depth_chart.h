#pragma once
// Tokens x MoE layers, one figure of each record: entropy of the gates, largest gate, margin, or what it has in common
// with the token before. Of many tokens every 2nd, 4th, ... is read, which the caption says: a pixel has several
// anyway.

#include <vector>

#include "ui/inspector/chart.h"
#include "ui/inspector/charts/token_axis.h"

namespace moescope {

class DepthChart : public Chart {
    Q_OBJECT

public:
    enum class Value : std::uint8_t { kEntropy, kTopGate, kMargin, kRepetition };

    using Chart::Chart;

    void setValue(Value value);
    Value value() const { return m_value; }
    /// Of a token of the shown source in a MoE layer; NaN if its record does not say.
    double valueOf(int token, int layer) const;
    /// Every how many tokens one was read.
    int stride() const { return m_stride; }

    QString title() const override;
    QString caption() const override;
    QString words() const override;
    QString emptyText() const override;
    double height(double width) const override;
    bool stretches() const override { return true; }
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kTokens; }
    Axis down() const override { return Axis::kLayers; }
    QString csv() const override;
    void refresh() override;

    /// Where the cells are; for tests.
    QRectF grid(const QRectF& body) const;

private:
    QString valueName() const;
    QString describe(int token, int layer) const;
    TokenAxis axis(const QRectF& body) const;
    /// The ends of the scale.
    double low() const;
    double high() const;

    Value m_value = Value::kEntropy;
    Value m_read_value = Value::kEntropy;
    std::uint64_t m_records = 0;  // RoutingSource::recordsId() of what was read
    int m_read = 0;               // tokens that were looked at
    int m_stride = 1;
    std::vector<float> m_values;  // (tokens / stride, MoE layers)
    double m_low = 0, m_high = 0;
};

}  // namespace moescope
