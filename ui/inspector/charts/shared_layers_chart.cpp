#include "ui/inspector/charts/shared_layers_chart.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "ui/inspector/plot.h"

namespace moescope {

QString SharedLayersChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    return m_model->source()->shape().has_norms ? QString()
                                                : tr("This trace has no norms of the shared and routed outputs.");
}

QString SharedLayersChart::caption() const {
    if (!hasData() || !m_model->source()->shape().has_norms) return {};
    return tr("mean norms over %Ln token(s); ticks: selected token", nullptr, m_model->source()->size());
}

void SharedLayersChart::refresh() {
    m_shared.clear();
    m_routed.clear();
    if (!hasData()) return;
    const ExpertSums& sums = m_model->sums();
    for (int l = 0; l < m_model->source()->shape().moe_layers; ++l) {
        m_shared.push_back(sums.sharedNorm(PhaseFilter::kBoth, l));
        m_routed.push_back(sums.routedNorm(PhaseFilter::kBoth, l));
    }
}

double SharedLayersChart::height(double) const {
    return static_cast<double>(std::max<std::size_t>(1, m_shared.size())) * theme().px(20) + theme().space(1);
}

void SharedLayersChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const RoutingSource& source = *m_model->source();
    const Spot shown = marked();
    const bool token = shown.hasTokens() && shown.source == source.id() && shown.last < source.size();
    double most = std::max(largest(m_shared), largest(m_routed));
    for (std::size_t l = 0; token && l < m_shared.size(); ++l) {
        const LayerRouting r = source.log().at(static_cast<std::size_t>(shown.last), static_cast<int>(l));
        const std::array norms = {static_cast<double>(r.shared_norm), static_cast<double>(r.routed_norm)};
        most = std::max(most, largest(norms));
    }
    const double row_height = t.px(20), left = body.left() + t.px(34), numbers = t.px(132);
    const double width = std::max(1.0, body.right() - left - numbers);
    const QFont digits = t.mono(Theme::kTiny);
    // An endless norm is as long as there is room; one that is no number has no bar.
    const auto length = [&](double norm) { return most > 0 ? std::min(width * norm / most, width) : 0; };
    for (std::size_t l = 0; l < m_shared.size(); ++l) {
        const QRectF row(body.left(), body.top() + static_cast<double>(l) * row_height, body.width(), row_height);
        const bool chosen = static_cast<int>(l) == shown.layer;
        if (chosen) {
            p.setPen(Qt::NoPen);
            p.setBrush(t.hover);
            p.drawRoundedRect(row.adjusted(-t.space(1), 0, t.space(1), 0), t.px(Theme::kRadiusSmall),
                              t.px(Theme::kRadiusSmall));
        }
        drawText(p, QRectF(row.left(), row.top(), t.px(28), row_height), Qt::AlignLeft | Qt::AlignVCenter,
                 QString::number(layerNumber(static_cast<int>(l))), digits, chosen ? t.text : t.dim);
        const auto bar = [&](double norm, double y, const QColor& colour) {
            if (!std::isnan(norm)) drawBar(p, QRectF(left, y, std::max(1.0, length(norm)), t.px(5)), colour);
        };
        const double upper = row.center().y() - t.px(6), lower = row.center().y() + t.px(1);
        bar(m_shared[l], upper, t.amber);
        bar(m_routed[l], lower, t.blue);
        if (token && most > 0) {
            const LayerRouting r = source.log().at(static_cast<std::size_t>(shown.last), static_cast<int>(l));
            p.setPen(QPen(t.text, 1.5));
            const auto stroke = [&](float norm, double y) {
                if (std::isnan(norm)) return;
                const double x = left + length(static_cast<double>(norm));
                p.drawLine(QPointF(x, y - 1), QPointF(x, y + t.px(5) + 1));
            };
            stroke(r.shared_norm, upper);
            stroke(r.routed_norm, lower);
        }
        const QString text = QStringLiteral("%1 : %2").arg(numberText(m_shared[l]), numberText(m_routed[l]));
        drawText(p, QRectF(row.right() - numbers, row.top(), numbers - t.px(44), row_height),
                 Qt::AlignRight | Qt::AlignVCenter, text, t.mono(Theme::kTiny - 1), t.faint);
        drawText(p, QRectF(row.right() - t.px(42), row.top(), t.px(42), row_height), Qt::AlignRight | Qt::AlignVCenter,
                 m_routed[l] > 0 ? numberText(m_shared[l] / m_routed[l]) : QStringLiteral("–"), digits, t.text);
    }
}

Spot SharedLayersChart::spotAt(const QPointF& at, const QRectF& body) const {
    const int rows = static_cast<int>(m_shared.size());
    const int layer = cellUnder(at.y() - body.top(), rows * theme().px(20), rows);
    return layer < 0 || at.x() < body.left() || at.x() > body.right() ? Spot() : Spot::ofExpert(layer, -1);
}

QString SharedLayersChart::describe(int layer) const {
    const auto l = static_cast<std::size_t>(layer);
    return tr("layer %1: mean norm of the shared experts' output %2, of the routed sum %3, ratio %4")
        .arg(layerNumber(layer))
        .arg(numberText(m_shared[l]), numberText(m_routed[l]),
             m_routed[l] > 0 ? numberText(m_shared[l] / m_routed[l]) : tr("none"));
}

QString SharedLayersChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    return spot.layer >= 0 ? describe(spot.layer) : QString();
}

QString SharedLayersChart::words() const {
    const int layer = marked().layer;
    return hasData() && layer >= 0 && layer < static_cast<int>(m_shared.size()) ? describe(layer) : Chart::words();
}

QString SharedLayersChart::csv() const {
    QString text = QStringLiteral("layer,shared_norm,routed_norm,ratio\n");
    for (std::size_t l = 0; l < m_shared.size(); ++l) {
        text += QStringLiteral("%1,%2,%3,%4\n")
                    .arg(layerNumber(static_cast<int>(l)))
                    .arg(m_shared[l], 0, 'g', 9)
                    .arg(m_routed[l], 0, 'g', 9)
                    .arg(m_routed[l] > 0 ? m_shared[l] / m_routed[l] : 0, 0, 'g', 9);
    }
    return text;
}

}  // namespace moescope
