#include "ui/inspector/charts/tokens_chart.h"

#include <QImage>
#include <QPaintEngine>
#include <algorithm>
#include <cmath>

#include "ui/heatmap/colour_map.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

constexpr double kWidestColumn = 44;
/// Of the logarithmic scale: a gate of a tenth of the largest is at 0.56.
constexpr double kSteepness = 20;

}  // namespace

QString TokensChart::title() const {
    return hasData() ? tr("Tokens × experts, layer %1").arg(layerNumber(m_model->layer())) : tr("Tokens × experts");
}

QString TokensChart::caption() const {
    if (!hasData()) return {};
    const RoutingSource& source = *m_model->source();
    const Spot shown = marked(m_model->layer());
    if (shown.hasTokens() && shown.source == source.id() && shown.last < source.size())
        return describe(shown.last, shown.expert);
    return source.shape().has_gates ? tr("gate, 0 to %1, log scale").arg(numberText(static_cast<double>(m_most)))
                                    : tr("chosen or not");
}

QString TokensChart::describe(int token, int expert) const {
    const RoutingSource& source = *m_model->source();
    const LayerRouting r = source.log().at(static_cast<std::size_t>(token), m_model->layer());
    for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
        if (r.experts[i] != expert) continue;
        const QString rank =
            tr("%1, expert %2, rank %3").arg(source.quoted(token), QString::number(expert), QString::number(i + 1));
        return source.shape().has_gates ? tr("%1, gate %2").arg(rank, numberText(static_cast<double>(r.gates[i])))
                                        : rank;
    }
    if (expert >= 0) return tr("%1, expert %2: not chosen").arg(source.quoted(token), QString::number(expert));
    QStringList experts;
    for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) experts << QString::number(r.experts[i]);
    return tr("%1: experts %2").arg(source.quoted(token), experts.join(QStringLiteral(", ")));
}

void TokensChart::refresh() {
    if (!hasData()) {
        m_dots.clear();
        m_records = 0;
        return;
    }
    const RoutingSource& source = *m_model->source();
    const RoutingView log = source.log();
    if (m_records != source.recordsId() || m_layer != m_model->layer() || source.size() < m_counted) {
        m_records = source.recordsId();
        m_layer = m_model->layer();
        m_dots.clear();
        m_counted = 0;
        m_most = 0;
    }
    const bool gates = source.shape().has_gates;
    for (; m_counted < source.size(); ++m_counted) {
        const LayerRouting r = log.at(static_cast<std::size_t>(m_counted), m_layer);
        for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
            m_dots.push_back({m_counted, r.experts[i], gates ? r.gates[i] : 1.0f});
            m_most = std::max(m_most, m_dots.back().amount);
        }
    }
}

double TokensChart::height(double) const {
    const int experts = hasData() ? m_model->source()->shape().experts : 1;
    return std::clamp(experts * 3.0, static_cast<double>(theme().px(96)), static_cast<double>(theme().px(200))) +
           theme().space(5);
}

QRectF TokensChart::grid(const QRectF& body) const {
    return {body.left() + theme().space(6), body.top(), std::max(1.0, body.width() - theme().space(6)),
            std::max(1.0, body.height() - theme().space(5))};
}

TokenAxis TokensChart::axis(const QRectF& body) const {
    const QRectF all = grid(body);
    return {all.left(), all.width(), hasData() ? std::min(m_counted, m_model->source()->size()) : 0, kWidestColumn};
}

void TokensChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const RoutingSource& source = *m_model->source();
    const int experts = source.shape().experts;
    const TokenAxis tokens = axis(body);
    QRectF area = grid(body);
    area.setRight(tokens.right());
    const auto share = [&](float amount) {
        return m_most > 0 ? std::log1p(kSteepness * static_cast<double>(amount / m_most)) / std::log1p(kSteepness) : 0;
    };
    const bool pixels = p.paintEngine()->type() == QPaintEngine::Raster;
    if (pixels) {
        std::vector<float> most(static_cast<std::size_t>(tokens.bins()) * static_cast<std::size_t>(experts), 0);
        for (const Dot& dot : m_dots) {
            float& cell = most[static_cast<std::size_t>(dot.expert) * static_cast<std::size_t>(tokens.bins()) +
                               static_cast<std::size_t>(tokens.binOf(dot.token))];
            if (std::isnan(dot.amount) || dot.amount > cell) cell = dot.amount;  // what is no number is to be seen
        }
        QImage image(std::max(1, tokens.bins()), experts, QImage::Format_RGB32);
        for (int e = 0; e < experts; ++e) {
            auto* line = reinterpret_cast<QRgb*>(image.scanLine(e));
            for (int b = 0; b < tokens.bins(); ++b)
                line[b] = cividis(share(most[static_cast<std::size_t>(e) * static_cast<std::size_t>(tokens.bins()) +
                                             static_cast<std::size_t>(b)]));
        }
        p.setRenderHint(QPainter::SmoothPixmapTransform, false);
        p.drawImage(area, image);
    } else {
        p.fillRect(area, QColor(cividis(0)));
        const double cell = area.height() / experts;
        for (const Dot& dot : m_dots) {
            p.fillRect(QRectF(tokens.xOf(dot.token), area.top() + dot.expert * cell, tokens.columnWidth(), cell),
                       QColor(cividis(share(dot.amount))));
        }
    }
    drawGroups(p, t, area, source.shape(), Qt::Vertical);
    const QFont digits = t.mono(Theme::kTiny - 1);
    const double cell = area.height() / std::max(1, experts);
    for (int e = 0, step = labelStep(cell, t.px(20)); e < experts; e += step) {
        drawText(p, QRectF(body.left(), area.top() + (e + 0.5) * cell - t.px(8), t.space(5), t.px(16)),
                 Qt::AlignRight | Qt::AlignVCenter, QString::number(e), digits, t.faint);
    }
    const Spot shown = marked(m_model->layer());
    if (shown.expert >= 0 && shown.expert < experts) {
        p.setBrush(Qt::NoBrush);
        p.setPen(QPen(t.blue, 1.5));
        p.drawRect(
            QRectF(area.left(), area.top() + shown.expert * cell, area.width(), cell).adjusted(-0.5, -0.5, 0.5, 0.5));
    }
    tokens.paintSelection(p, t, tokenMarks(), source, area.top(), area.bottom());
    tokens.paintNumbers(p, t, area.bottom() + t.px(3), &source);
}

Spot TokensChart::spotAt(const QPointF& at, const QRectF& body) const {
    if (!hasData()) return {};
    const QRectF area = grid(body);
    const int token = axis(body).tokenAt(at.x()),
              expert = cellUnder(at.y() - area.top(), area.height(), m_model->source()->shape().experts);
    if (token < 0 || expert < 0) return {};
    return {m_model->source()->id(), token, token, m_model->layer(), expert};
}

QString TokensChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    return spot.hasTokens() ? describe(spot.first, spot.expert) : QString();
}

QString TokensChart::csv() const {
    if (!hasData()) return {};
    QString text = QStringLiteral("token,text,layer,expert,%1\n")
                       .arg(m_model->source()->shape().has_gates ? QStringLiteral("gate") : QStringLiteral("chosen"));
    for (const Dot& dot : m_dots) {
        text += QStringLiteral("%1,%2,%3,%4,%5\n")
                    .arg(QString::number(m_model->source()->inWhole(dot.token)),
                         csvField(m_model->source()->text(dot.token)), QString::number(layerNumber(m_layer)),
                         QString::number(dot.expert), QString::number(static_cast<double>(dot.amount), 'g', 9));
    }
    return text;
}

}  // namespace moescope
