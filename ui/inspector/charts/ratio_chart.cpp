#include "ui/inspector/charts/ratio_chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/inspector/plot.h"

namespace moescope {
namespace {

/// Ratios beyond 64 (or of a routed sum of 0) look like 64.
constexpr float kFarthest = 6;

}  // namespace

QString RatioChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    return m_model->source()->shape().has_norms ? QString()
                                                : tr("This trace has no norms of the shared and routed outputs.");
}

QString RatioChart::caption() const {
    const Spot shown = marked();
    if (!hasData() || !m_model->source()->shape().has_norms) return {};
    if (shown.hasTokens() && shown.source == m_model->source()->id() && shown.layer >= 0 &&
        shown.last * m_layers < static_cast<int>(m_ratios.size())) {
        return describe(shown.last, std::min(shown.layer, m_layers - 1));
    }
    return tr("shared : routed, log scale");
}

void RatioChart::refresh() {
    if (!hasData()) {
        m_records = 0;
        m_ratios.clear();
        return;
    }
    const RoutingSource& source = *m_model->source();
    m_layers = source.shape().moe_layers;
    const auto layers = static_cast<std::size_t>(m_layers);
    const RoutingView log = source.log();
    if (m_records != source.recordsId() || log.size() * layers < m_ratios.size()) {
        m_records = source.recordsId();
        m_ratios.clear();
        m_far = 1;
    }
    for (std::size_t t = m_ratios.size() / layers; t < log.size(); ++t) {
        for (int l = 0; l < m_layers; ++l) {
            const LayerRouting r = log.at(t, l);
            const double ratio = sharedRatio(r);
            const float power = std::isnan(ratio) ? std::numeric_limits<float>::quiet_NaN()
                                : ratio > 0 ? std::clamp(static_cast<float>(std::log2(ratio)), -kFarthest, kFarthest)
                                            : (r.shared_norm > 0 ? kFarthest : -kFarthest);
            m_ratios.push_back(power);
            if (std::isfinite(ratio)) m_far = std::max(m_far, std::abs(power));
        }
    }
}

double RatioChart::height(double) const {
    const double rows = hasData() ? m_model->source()->shape().moe_layers : 1;
    return std::clamp(rows * theme().px(12), static_cast<double>(theme().px(48)),
                      static_cast<double>(theme().px(240))) +
           theme().space(12);
}

QRectF RatioChart::grid(const QRectF& body) const {
    const Theme& t = theme();
    return {body.left() + t.space(6), body.top(), std::max(1.0, body.width() - t.space(6)),
            std::max(1.0, body.height() - t.space(12))};
}

TokenAxis RatioChart::axis(const QRectF& body) const {
    const QRectF all = grid(body);
    return {all.left(), all.width(), m_layers > 0 ? static_cast<int>(m_ratios.size()) / m_layers : 0, 12};
}

float RatioChart::ratioOf(int token, int layer) const {
    return m_ratios[static_cast<std::size_t>(token) * static_cast<std::size_t>(m_layers) +
                    static_cast<std::size_t>(layer)];
}

void RatioChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const TokenAxis tokens = axis(body);
    QRectF area = grid(body);
    area.setRight(tokens.right());
    fillCells(p, area, tokens.bins(), m_layers, [&](int bin, int layer) {
        // Of several tokens on a pixel the one that is farthest from balance: spikes must not vanish.
        float far = 0;
        const int end = bin + 1 < tokens.bins() ? tokens.binBegin(bin + 1) : tokens.tokens();
        for (int token = tokens.binBegin(bin); token < end; ++token) {
            const float r = ratioOf(token, layer);
            if (std::isnan(r) || std::abs(r) > std::abs(far)) far = r;
        }
        return differenceColour(static_cast<double>(far / m_far), t);
    });
    const QFont digits = t.mono(Theme::kTiny - 1);
    const double row = area.height() / std::max(1, m_layers);
    const Spot shown = marked();
    for (int l = 0, step = labelStep(row, t.px(13)); l < m_layers; l += step) {
        drawText(p, QRectF(body.left() - t.space(2), area.top() + (l + 0.5) * row - t.px(8), t.space(7), t.px(16)),
                 Qt::AlignRight | Qt::AlignVCenter, QString::number(layerNumber(l)), digits,
                 l == shown.layer ? t.text : t.faint);
    }
    if (shown.layer >= 0 && shown.layer < m_layers) {
        p.setBrush(Qt::NoBrush);
        p.setPen(QPen(t.dim, 1));
        p.drawRect(QRectF(area.left(), area.top() + shown.layer * row, area.width(), row));
    }
    tokens.paintSelection(p, t, tokenMarks(), *m_model->source(), area.top(), area.bottom());
    tokens.paintNumbers(p, t, area.bottom() + t.px(3), m_model->source().get());
    const QRectF strip(area.left(), area.bottom() + t.space(6), std::min(t.px(160) * 1.0, grid(body).width() / 2),
                       t.px(6));
    const QString end = tickText(std::round(std::exp2(static_cast<double>(m_far)) * 10) / 10);
    drawLegend(p, t, strip, [&](double share) { return differenceColour(2 * share - 1, t); },
               {{0, tr("1 : %1").arg(end)}, {0.5, QStringLiteral("1 : 1")}, {1, tr("%1 : 1").arg(end)}});
}

Spot RatioChart::spotAt(const QPointF& at, const QRectF& body) const {
    if (!hasData()) return {};
    const QRectF area = grid(body);
    const int token = axis(body).tokenAt(at.x()), layer = cellUnder(at.y() - area.top(), area.height(), m_layers);
    if (token < 0 || layer < 0) return {};
    return {m_model->source()->id(), token, token, layer, -1};
}

QString RatioChart::describe(int token, int layer) const {
    const LayerRouting r = m_model->source()->log().at(static_cast<std::size_t>(token), layer);
    return tr("%1, layer %2: shared %3 : routed %4 = %5")
        .arg(m_model->source()->quoted(token), QString::number(layerNumber(layer)),
             numberText(static_cast<double>(r.shared_norm)), numberText(static_cast<double>(r.routed_norm)),
             numberText(sharedRatio(r)));
}

QString RatioChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    return spot.hasTokens() ? describe(spot.first, spot.layer) : QString();
}

QString RatioChart::words() const {
    const QString now = caption();
    return now.isEmpty() ? Chart::words() : now;
}

QString RatioChart::csv() const {
    if (!hasData() || !m_model->source()->shape().has_norms) return {};
    QString text = QStringLiteral("token,layer,shared_norm,routed_norm,ratio\n");
    const RoutingView log = m_model->source()->log();
    for (int t = 0; m_layers > 0 && t < static_cast<int>(m_ratios.size()) / m_layers; ++t) {
        for (int l = 0; l < m_layers; ++l) {
            const LayerRouting r = log.at(static_cast<std::size_t>(t), l);
            text += QStringLiteral("%1,%2,%3,%4,%5\n")
                        .arg(m_model->source()->inWhole(t))
                        .arg(layerNumber(l))
                        .arg(static_cast<double>(r.shared_norm), 0, 'g', 9)
                        .arg(static_cast<double>(r.routed_norm), 0, 'g', 9)
                        .arg(sharedRatio(r), 0, 'g', 9);
        }
    }
    return text;
}

}  // namespace moescope
