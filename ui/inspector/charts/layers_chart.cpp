#include "ui/inspector/charts/layers_chart.h"

#include <algorithm>
#include <cmath>

#include "ui/heatmap/colour_map.h"
#include "ui/inspector/plot.h"

namespace moescope {

LayersChart::LayersChart(InspectorModel* model, ThemeStore* themes, PhaseFilter phase, QObject* parent)
    : Chart(model, themes, parent), m_phase(phase) {}

void LayersChart::setMetric(ExpertAmount metric) {
    m_metric = metric;
    emit changed();
}

QString LayersChart::title() const {
    switch (m_phase) {
        case PhaseFilter::kPrompt:
            return tr("Layers × experts, prompt");
        case PhaseFilter::kAnswer:
            return tr("Layers × experts, answer");
        case PhaseFilter::kBoth:
            break;
    }
    return tr("Layers × experts");
}

QString LayersChart::caption() const {
    if (m_tokens == 0 || !m_model->source()) return {};
    const QString what = m_metric == ExpertAmount::kCount
                             ? tr("times chosen, %Ln token(s), log scale", nullptr, static_cast<int>(m_tokens))
                             : tr("gate mass, %Ln token(s), log scale", nullptr, static_cast<int>(m_tokens));
    const RoutingShape& shape = m_model->source()->shape();
    return shape.hasGroups() ? tr("%1 · %2 groups of %3").arg(what).arg(shape.groups).arg(shape.groupSize()) : what;
}

QString LayersChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    if (m_tokens > 0) return {};
    return m_phase == PhaseFilter::kPrompt ? tr("No token of a prompt was computed here: it was in the cache already.")
                                           : tr("No token of the answer yet.");
}

void LayersChart::refresh() {
    m_relative.clear();
    m_shared_share.clear();
    m_tokens = 0;
    if (!hasData()) return;
    const RoutingSource& source = *m_model->source();
    const ExpertSums& sums = m_model->sums();
    // Without gates, counts are all that can be shown.
    const ExpertAmount metric = source.shape().has_gates ? m_metric : ExpertAmount::kCount;
    m_tokens = sums.tokens(m_phase);
    double most = 0;
    for (int l = 0; l < source.shape().moe_layers; ++l) {
        m_relative.push_back(relativeLoad(sums.ofLayer(metric, m_phase, l)));
        most = std::max(most, largest(m_relative.back()));
        const double shared = sums.sharedNorm(m_phase, l), routed = sums.routedNorm(m_phase, l);
        m_shared_share.push_back(shared + routed == 0 ? 0 : shared / (shared + routed));
    }
    m_top = std::max(2.0, nextPowerOfTwo(most * 0.75));  // the few above are as bright as the scale's end
}

double LayersChart::height(double width) const {
    const Theme& t = theme();
    const int rows = hasData() ? m_model->source()->shape().moe_layers : 1;
    const int columns = hasData() ? std::max(1, m_model->source()->shape().experts) : 1;
    // Cells no higher than wide, unless that makes rows too low to hit.
    const double cell =
        std::clamp((width - t.space(11)) / columns * 1.6, static_cast<double>(t.px(6)), static_cast<double>(t.px(24)));
    return std::max(rows * cell, static_cast<double>(t.px(24))) + t.space(12);
}

LayersChart::Places LayersChart::places(const QRectF& body) const {
    const Theme& t = theme();
    const bool lane = !m_model->source() || m_model->source()->shape().has_norms;
    const double label = t.space(6), lane_width = lane ? t.space(4) : 0, gap = lane ? t.space(2) : 0;
    Places places;
    places.grid = QRectF(body.left() + label, body.top(), std::max(1.0, body.width() - label - lane_width - gap),
                         std::max(1.0, body.height() - t.space(12)));
    places.lane = QRectF(places.grid.right() + gap, body.top(), lane_width, places.grid.height());
    places.legend = QRectF(places.grid.left(), places.grid.bottom() + t.space(6),
                           std::min(t.space(40) * 1.0, places.grid.width() / 2), t.px(6));
    return places;
}

QRgb LayersChart::colourAt(double relative) const {
    return cividis(std::log1p(relative) / std::log1p(m_top));
}

QRectF LayersChart::cellRect(const QRectF& body, int layer, int expert) const {
    const RoutingShape& shape = m_model->source()->shape();
    return gridCell(places(body).grid, shape.experts, shape.moe_layers, expert, layer);
}

double LayersChart::relativeLoadAt(int layer, int expert) const {
    const auto l = static_cast<std::size_t>(layer), e = static_cast<std::size_t>(expert);
    return l < m_relative.size() && e < m_relative[l].size() ? m_relative[l][e] : 0;
}

void LayersChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const RoutingSource& source = *m_model->source();
    const RoutingShape& shape = source.shape();
    const Places at = places(body);
    const int rows = std::min(shape.moe_layers, static_cast<int>(m_relative.size()));
    fillCells(p, at.grid, shape.experts, shape.moe_layers,
              [&](int e, int l) { return l < rows ? colourAt(relativeLoadAt(l, e)) : t.line.rgb(); });
    drawGroups(p, t, at.grid, shape, Qt::Horizontal);
    if (at.lane.width() > 0) {
        for (int l = 0; l < rows; ++l) {
            const QRectF cell = gridCell(at.lane, 1, shape.moe_layers, 0, l);
            const double inset = cell.height() > 4 ? 1 : 0;
            p.fillRect(cell.adjusted(0, 0, 0, -inset), t.line);
            const double share = m_shared_share[static_cast<std::size_t>(l)];
            QRectF filled = cell.adjusted(0, 0, 0, -inset);
            if (!std::isnan(share)) filled.setWidth(filled.width() * share);
            p.fillRect(filled, std::isnan(share) ? QColor(nanColour(ColourMap::kCividis)) : t.amber);
        }
    }

    const QFont digits = t.mono(Theme::kTiny - 1);
    const double row_height = at.grid.height() / std::max(1, shape.moe_layers);
    const double column_width = at.grid.width() / std::max(1, shape.experts);
    const Spot shown = marked();
    const int layer_step = labelStep(row_height, t.px(13));
    for (int l = 0; l < shape.moe_layers; ++l) {
        const bool chosen = l == shown.layer;
        if (!chosen && (l % layer_step != 0 || (shown.layer >= 0 && std::abs(l - shown.layer) * row_height < t.px(12))))
            continue;
        drawText(p,
                 QRectF(body.left() - t.space(2), at.grid.top() + (l + 0.5) * row_height - t.px(8),
                        t.space(6) + t.space(1), t.px(16)),
                 Qt::AlignRight | Qt::AlignVCenter, QString::number(shape.first_moe_layer + l), digits,
                 chosen ? t.text : t.faint);
    }
    double room = at.grid.right();  // for the experts' numbers
    if (at.lane.width() > 0) {
        const QFont words = t.sans(Theme::kTiny);
        const QRectF name(at.lane.right() - t.px(60), at.grid.bottom() + t.px(3), t.px(60), t.px(14));
        drawText(p, name, Qt::AlignRight, tr("shared"), words, t.amber_text);
        room = name.right() - QFontMetricsF(words).horizontalAdvance(tr("shared")) - t.px(6);
    }
    const QString axis = tr("expert →");
    const double axis_width = QFontMetricsF(t.sans(Theme::kTiny)).horizontalAdvance(axis);
    room = std::min(room, at.grid.right());
    if (room - at.grid.left() > t.px(160)) {
        drawText(p, QRectF(room - axis_width, at.grid.bottom() + t.px(3), axis_width + 1, t.px(14)), Qt::AlignLeft,
                 axis, t.sans(Theme::kTiny), t.faint);
        room -= axis_width + t.px(4);
    }
    for (int e = 0, step = labelStep(column_width, t.px(28)); e < shape.experts; e += step) {
        const double middle = at.grid.left() + (e + 0.5) * column_width;
        const QString number = QString::number(e);
        if (middle + QFontMetricsF(digits).horizontalAdvance(number) / 2 > room) break;
        drawText(p, QRectF(middle - t.px(20), at.grid.bottom() + t.px(3), t.px(40), t.px(14)), Qt::AlignHCenter, number,
                 digits, t.faint);
    }

    // What the token in hand chose.
    const int framed = framedToken(shown);
    p.setBrush(Qt::NoBrush);
    p.setPen(QPen(QColor(255, 255, 255), 1.5));
    for (int l = 0; l < rows && framed >= 0; ++l) {
        const LayerRouting r = source.log().at(static_cast<std::size_t>(framed), l);
        for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
            p.drawRect(
                gridCell(at.grid, shape.experts, shape.moe_layers, r.experts[i], l).adjusted(0.5, 0.5, -0.5, -0.5));
        }
    }
    if (shown.layer >= 0 && shown.layer < shape.moe_layers && shown.expert >= 0 && shown.expert < shape.experts) {
        frameCell(p, gridCell(at.grid, shape.experts, shape.moe_layers, shown.expert, shown.layer), t.blue);
    }

    const double even = std::log1p(1.0) / std::log1p(m_top);
    drawLegend(p, t, at.legend, [](double share) { return cividis(share); },
               {{0, QStringLiteral("0")}, {even, tr("uniform")}, {1, tr("≥%1× uniform").arg(m_top)}});
    if (framed < 0) return;
    const QRectF key(at.legend.right() + t.space(10), at.legend.center().y() - t.px(5), t.px(10), t.px(10));
    const QRectF words(key.right() + t.px(6), key.center().y() - t.px(8), body.right() - key.right() - t.px(6),
                       t.px(16));
    if (words.width() < t.px(60)) return;
    p.fillRect(key, QColor(cividis(0.3)));
    p.setPen(QPen(QColor(255, 255, 255), 1.5));
    p.drawRect(key.adjusted(0.5, 0.5, -0.5, -0.5));
    const QFont font = t.sans(Theme::kTiny);
    drawText(
        p, words, Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetricsF(font).elidedText(tr("experts of %1").arg(source.quoted(framed)), Qt::ElideRight, words.width()),
        font, t.dim);
}

int LayersChart::framedToken(const Spot& shown) const {
    const RoutingSource& source = *m_model->source();
    if (!shown.hasTokens() || shown.source != source.id() || shown.last >= source.size()) return -1;
    const bool prompt = source.log().token(static_cast<std::size_t>(shown.last)).phase == Phase::kPrefill;
    const bool counts = m_phase == PhaseFilter::kBoth || prompt == (m_phase == PhaseFilter::kPrompt);
    return counts ? shown.last : -1;
}

Spot LayersChart::spotAt(const QPointF& at, const QRectF& body) const {
    if (!hasData()) return {};
    const QRectF grid = places(body).grid;
    const RoutingShape& shape = m_model->source()->shape();
    const int expert = cellUnder(at.x() - grid.left(), grid.width(), shape.experts);
    const int layer = cellUnder(at.y() - grid.top(), grid.height(), shape.moe_layers);
    if (layer < 0) return {};
    if (expert >= 0) return Spot::ofExpert(layer, expert);
    return at.x() < grid.left() || at.x() > grid.right() ? Spot::ofExpert(layer, -1) : Spot();
}

QString LayersChart::describe(int layer, int expert) const {
    return tr("layer %1, expert %2: %3 times a uniform share")
        .arg(QString::number(layerNumber(layer)), expertName(expert), numberText(relativeLoadAt(layer, expert)));
}

QString LayersChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    if (spot.layer < 0) return {};
    if (spot.expert >= 0) return describe(spot.layer, spot.expert);
    const auto l = static_cast<std::size_t>(spot.layer);
    if (l >= m_shared_share.size() || !m_model->source()->shape().has_norms) return {};
    return tr("layer %1: the shared experts contribute %2 of the output (by norm)")
        .arg(layerNumber(spot.layer))
        .arg(percent(m_shared_share[l]));
}

QString LayersChart::words() const {
    const Spot spot = marked();
    return hasData() && spot.layer >= 0 && spot.expert >= 0 ? describe(spot.layer, spot.expert) : Chart::words();
}

QString LayersChart::csv() const {
    QString text = QStringLiteral("layer,expert,relative_load\n");
    for (std::size_t l = 0; l < m_relative.size(); ++l) {
        for (std::size_t e = 0; e < m_relative[l].size(); ++e) {
            text += QStringLiteral("%1,%2,%3\n")
                        .arg(layerNumber(static_cast<int>(l)))
                        .arg(e)
                        .arg(m_relative[l][e], 0, 'g', 9);
        }
    }
    return text;
}

}  // namespace moescope
