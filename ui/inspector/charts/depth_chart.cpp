#include "ui/inspector/charts/depth_chart.h"

#include <QImage>
#include <QPaintEngine>
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/sizes.h"
#include "ui/heatmap/colour_map.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

constexpr double kWidestColumn = 44;
/// So many tokens are kept: several for each pixel of any screen, read within a picture's time.
constexpr std::size_t kMostRead = 16'384;

}  // namespace

void DepthChart::setValue(Value value) {
    if (value == m_value) return;
    m_value = value;
    emit changed();
}

double DepthChart::valueOf(int token, int layer) const {
    const RoutingSource& source = *m_model->source();
    if (m_value == Value::kRepetition) {
        // The token before may be out of the scope.
        return repeatedExperts(m_model->whole()->log(), asSize(source.inWhole(token)), layer).value_or(std::nan(""));
    }
    const LayerRouting r = source.log().at(asSize(token), layer);
    const auto known = [](float gate) { return std::isfinite(gate); };
    if (r.count == 0 || !std::all_of(r.gates.begin(), r.gates.begin() + r.count, known)) return std::nan("");
    switch (m_value) {
        case Value::kEntropy:
            return gateEntropy(r);
        case Value::kTopGate:
            return static_cast<double>(*std::max_element(r.gates.begin(), r.gates.begin() + r.count));
        default:
            return margin(r);
    }
}

QString DepthChart::valueName() const {
    switch (m_value) {
        case Value::kEntropy:
            return tr("gate entropy");
        case Value::kTopGate:
            return tr("largest gate");
        case Value::kMargin:
            return tr("margin");
        case Value::kRepetition:
            return tr("repeated experts");
    }
    return {};
}

QString DepthChart::title() const {
    return tr("Tokens × layers: %1").arg(valueName());
}

QString DepthChart::caption() const {
    if (!hasData() || !emptyText().isEmpty()) return {};
    const Spot shown = marked();
    const RoutingSource& source = *m_model->source();
    if (shown.hasTokens() && shown.source == source.id() && shown.last < source.size())
        return describe(shown.last,
                        shown.layer >= 0 && shown.layer < source.shape().moe_layers ? shown.layer : m_model->layer());
    return m_stride > 1 ? tr("%Ln token(s), one of %1 read", nullptr, source.size()).arg(m_stride)
                        : tr("%Ln token(s)", nullptr, source.size());
}

QString DepthChart::words() const {
    const QString shown = caption();
    return shown.isEmpty() ? Chart::words() : shown;
}

QString DepthChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    const RoutingShape& shape = m_model->source()->shape();
    if (m_value == Value::kMargin && !shape.has_runners_up)
        return tr("This trace has no runners-up, so no margins. Choose another value above.");
    if ((m_value == Value::kEntropy || m_value == Value::kTopGate) && !shape.has_gates)
        return tr("This trace has no gates. Choose “repeated experts” above.");
    return {};
}

QString DepthChart::describe(int token, int layer) const {
    const double value = valueOf(token, layer);
    const bool recorded = !m_model->source()->log().experts(asSize(token), layer).empty();
    const QString text = !std::isnan(value) ? m_value == Value::kRepetition ? percent(value) : numberText(value)
                         : !recorded ? tr("not recorded")
                         : m_value == Value::kRepetition ? tr("no token before")
                                                         : tr("no number");
    return tr("%1, layer %2: %3 %4")
        .arg(m_model->source()->quoted(token), QString::number(layerNumber(layer)), valueName(), text);
}

void DepthChart::refresh() {
    if (!hasData()) {
        m_values.clear();
        m_records = 0;
        return;
    }
    const RoutingSource& source = *m_model->source();
    const int layers = source.shape().moe_layers;
    if (m_records != source.recordsId() || m_value != m_read_value || source.size() < m_read) {
        m_records = source.recordsId();
        m_read_value = m_value;
        m_values.clear();
        m_read = 0;
        m_stride = 1;
        m_low = std::numeric_limits<double>::infinity();
        m_high = 0;
    }
    if (!emptyText().isEmpty()) return;
    const std::size_t row = asSize(layers);
    const int before = m_stride;
    while (asSize(source.size() / m_stride) > kMostRead) m_stride *= 2;
    if (const std::size_t step = asSize(m_stride / before); step > 1 && !m_values.empty()) {
        // Of what was read, what a new reading would read stays.
        const std::size_t kept = (m_values.size() / row + step - 1) / step;
        for (std::size_t i = 1; i < kept; ++i)
            std::copy_n(m_values.begin() + static_cast<std::ptrdiff_t>(i * step * row), row,
                        m_values.begin() + static_cast<std::ptrdiff_t>(i * row));
        m_values.resize(kept * row);
    }
    for (int token = static_cast<int>(m_values.size() / row) * m_stride; token < source.size(); token += m_stride) {
        for (int l = 0; l < layers; ++l) {
            const double value = valueOf(token, l);
            m_values.push_back(static_cast<float>(value));
            if (!std::isfinite(value)) continue;
            m_low = std::min(m_low, value);
            m_high = std::max(m_high, value);
        }
    }
    m_read = source.size();
}

double DepthChart::low() const {
    return m_value == Value::kEntropy && m_low < m_high ? m_low : 0;
}

double DepthChart::high() const {
    return m_value == Value::kRepetition || m_high <= 0 ? 1 : m_high;
}

double DepthChart::height(double) const {
    const int layers = hasData() ? m_model->source()->shape().moe_layers : 1;
    return std::clamp(layers * theme().px(13), theme().px(72), theme().px(600)) + theme().space(13);
}

QRectF DepthChart::grid(const QRectF& body) const {
    const Theme& t = theme();
    const int layers = hasData() ? std::max(1, m_model->source()->shape().moe_layers) : 1;
    return {body.left() + t.space(6), body.top(), std::max(1.0, body.width() - t.space(6)),
            std::clamp(body.height() - t.space(13), 1.0, layers * t.px(24) * 1.0)};
}

TokenAxis DepthChart::axis(const QRectF& body) const {
    const QRectF area = grid(body);
    return {area.left(), area.width(), hasData() ? std::min(m_read, m_model->source()->size()) : 0, kWidestColumn};
}

void DepthChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const RoutingSource& source = *m_model->source();
    const int layers = source.shape().moe_layers;
    const TokenAxis tokens = axis(body);
    QRectF area = grid(body);
    area.setRight(tokens.right());
    const double range = std::max(high() - low(), 1e-12);
    const auto columns = static_cast<int>(m_values.size() / asSize(std::max(1, layers)));
    // The mean of the tokens that share a pixel.
    const auto colourOf = [&](int first, int last, int layer) {
        double sum = 0;
        int count = 0;
        for (int c = first; c <= std::min(last, columns - 1); ++c) {
            const float value = m_values[asSize(c) * asSize(layers) + asSize(layer)];
            if (!std::isfinite(value)) continue;
            sum += static_cast<double>(value);
            ++count;
        }
        const QRgb none = m_value == Value::kRepetition ? t.line.rgb() : nanColour(ColourMap::kCividis);
        return count == 0 ? none : cividis(std::clamp((sum / count - low()) / range, 0.0, 1.0));
    };
    if (p.paintEngine()->type() == QPaintEngine::Raster || tokens.tokens() > tokens.bins()) {
        QImage image(std::max(1, tokens.bins()), std::max(1, layers), QImage::Format_RGB32);
        for (int b = 0; b < tokens.bins(); ++b) {
            const int first = tokens.binBegin(b) / m_stride;
            const int last = b + 1 < tokens.bins() ? std::max(first, (tokens.binBegin(b + 1) - 1) / m_stride) : columns;
            for (int l = 0; l < layers; ++l) reinterpret_cast<QRgb*>(image.scanLine(l))[b] = colourOf(first, last, l);
        }
        p.setRenderHint(QPainter::SmoothPixmapTransform, false);
        p.drawImage(area, image);
    } else {
        fillCells(p, area, tokens.tokens(), layers,
                  [&](int token, int layer) { return colourOf(token / m_stride, token / m_stride, layer); });
    }

    const QFont digits = t.mono(Theme::kTiny - 1);
    const double row = area.height() / std::max(1, layers);
    const Spot shown = marked();
    for (int l = 0, step = labelStep(row, t.px(13)); l < layers; ++l) {
        const bool chosen = l == shown.layer;
        const bool hidden = shown.layer >= 0 && std::abs(l - shown.layer) * row < t.px(12);
        if (!chosen && (l % step != 0 || hidden)) continue;
        drawText(p, QRectF(body.left() - t.space(2), area.top() + (l + 0.5) * row - t.px(8), t.space(7), t.px(16)),
                 Qt::AlignRight | Qt::AlignVCenter, QString::number(layerNumber(l)), digits, chosen ? t.text : t.faint);
    }
    if (shown.layer >= 0 && shown.layer < layers) {
        p.setBrush(Qt::NoBrush);
        p.setPen(QPen(t.blue, 1.5));
        p.drawRect(
            QRectF(area.left(), area.top() + shown.layer * row, area.width(), row).adjusted(-0.5, -0.5, 0.5, 0.5));
    }
    tokens.paintSelection(p, t, tokenMarks(), source, area.top(), area.bottom());
    tokens.paintNumbers(p, t, area.bottom() + t.px(3), &source);

    const QRectF legend(area.left(), area.bottom() + t.space(6), std::min(t.px(160) * 1.0, grid(body).width() * 0.5),
                        t.px(6));
    const auto mark = [this](double value) {
        return m_value == Value::kRepetition ? percent(value) : numberText(value);
    };
    drawLegend(p, t, legend, [](double at) { return cividis(at); }, {{0, mark(low())}, {1, mark(high())}});
    const QString what = m_value == Value::kEntropy      ? tr("1: all gates alike")
                         : m_value == Value::kMargin     ? tr("near 0: another was nearly chosen")
                         : m_value == Value::kRepetition ? tr("of its experts, chosen by the token before")
                                                         : QString();
    const QRectF words(legend.right() + t.space(9), legend.top() - t.px(5),
                       std::max(0.0, body.right() - legend.right() - t.space(9)), t.px(32));
    drawText(p, words, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, what, t.sans(Theme::kTiny), t.faint);
}

Spot DepthChart::spotAt(const QPointF& at, const QRectF& body) const {
    if (!hasData() || !emptyText().isEmpty()) return {};
    const QRectF area = grid(body);
    const int token = axis(body).tokenAt(at.x());
    const int layer = cellUnder(at.y() - area.top(), area.height(), m_model->source()->shape().moe_layers);
    return token < 0 || layer < 0 ? Spot() : Spot{m_model->source()->id(), token, token, layer, -1};
}

QString DepthChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    return spot.hasTokens() ? describe(spot.first, spot.layer) : QString();
}

QString DepthChart::csv() const {
    if (!hasData()) return {};
    const bool known = emptyText().isEmpty();
    const RoutingSource& source = *m_model->source();
    QString text = QStringLiteral("token,text,layer,%1\n")
                       .arg(QLatin1String(m_value == Value::kEntropy   ? "entropy"
                                          : m_value == Value::kTopGate ? "largest_gate"
                                          : m_value == Value::kMargin  ? "margin"
                                                                       : "repeated"));
    for (int token = 0; token < source.size(); ++token) {
        for (int l = 0; l < source.shape().moe_layers; ++l) {
            const double value = known ? valueOf(token, l) : std::nan("");
            text += QStringLiteral("%1,%2,%3,%4\n")
                        .arg(QString::number(source.inWhole(token)), csvField(source.text(token)),
                             QString::number(layerNumber(l)),
                             std::isnan(value) ? QString() : QString::number(value, 'g', 9));
        }
    }
    return text;
}

}  // namespace moescope
