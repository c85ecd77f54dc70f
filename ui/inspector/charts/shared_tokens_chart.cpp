#include "ui/inspector/charts/shared_tokens_chart.h"

#include <algorithm>
#include <cmath>

#include "ui/inspector/plot.h"

namespace moescope {
namespace {

constexpr double kWidestColumn = 44;
/// Qt fills what is translucent and higher with several threads, and waking them takes ten times as long as filling.
constexpr double kStripHeight = 30;

/// To base 2; of 0 something that lies below all others.
double logOf(double norm) {
    return norm == 0 ? -100 : std::log2(norm);
}

}  // namespace

SharedTokensChart::SharedTokensChart(InspectorModel* model, ThemeStore* themes, bool with_ratio, QObject* parent)
    : Chart(model, themes, parent), m_with_ratio(with_ratio) {}

void SharedTokensChart::setOneLayer(bool one) {
    m_one_layer = one;
    emit changed();
}

QString SharedTokensChart::caption() const {
    if (!hasData() || !m_model->source()->shape().has_norms) return {};
    const Spot shown = marked();
    if (shown.hasTokens() && shown.source == m_model->source()->id() &&
        shown.last < static_cast<int>(m_shared.size())) {
        return describe(shown.last);
    }
    return m_one_layer ? tr("norms, layer %1, log scale").arg(layerNumber(m_model->layer()))
                       : tr("norms, mean over layers, log scale");
}

QString SharedTokensChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    return m_model->source()->shape().has_norms ? QString()
                                                : tr("This trace has no norms of the shared and routed outputs.");
}

double SharedTokensChart::ratioOf(int token) const {
    const auto at = static_cast<std::size_t>(token);
    return m_routed[at] == 0 ? 0 : m_shared[at] / m_routed[at];
}

QString SharedTokensChart::describe(int token) const {
    const auto at = static_cast<std::size_t>(token);
    return tr("%1: shared %2, routed %3, ratio %4")
        .arg(m_model->source()->quoted(token), numberText(m_shared[at]), numberText(m_routed[at]),
             numberText(ratioOf(token)));
}

void SharedTokensChart::refresh() {
    if (!hasData()) {
        m_records = 0;
        m_shared.clear();
        m_routed.clear();
        return;
    }
    const RoutingSource& source = *m_model->source();
    const int layer = m_one_layer ? m_model->layer() : -1;
    const RoutingView log = source.log();
    if (m_records != source.recordsId() || m_layer != layer || source.size() < static_cast<int>(m_shared.size())) {
        m_records = source.recordsId();
        m_layer = layer;
        m_shared.clear();
        m_routed.clear();
        m_shared_log.clear();
        m_routed_log.clear();
        m_ratio_log.clear();
        m_least = m_most = m_far = 0;
    }
    const int first = layer < 0 ? 0 : layer, last = layer < 0 ? source.shape().moe_layers : layer + 1;
    for (std::size_t t = m_shared.size(); t < log.size(); ++t) {
        double shared = 0, routed = 0;
        for (int l = first; l < last; ++l) {
            const LayerRouting r = log.at(t, l);
            shared += static_cast<double>(r.shared_norm);
            routed += static_cast<double>(r.routed_norm);
        }
        m_shared.push_back(shared / (last - first));
        m_routed.push_back(routed / (last - first));
        m_shared_log.push_back(logOf(m_shared.back()));
        m_routed_log.push_back(logOf(m_routed.back()));
        m_ratio_log.push_back(m_shared_log.back() - m_routed_log.back());
        // What is no number, or endless, is no measure for the others.
        if (m_shared.back() > 0 && m_routed.back() > 0 && std::isfinite(m_ratio_log.back()))
            m_far = std::max(m_far, std::abs(m_ratio_log.back()));
        for (const double norm : {m_shared.back(), m_routed.back()}) {
            if (!(norm > 0) || !std::isfinite(norm)) continue;
            m_most = std::max(m_most, norm);
            m_least = m_least > 0 ? std::min(m_least, norm) : norm;
        }
    }
}

double SharedTokensChart::height(double) const {
    return m_with_ratio ? theme().px(224) : theme().px(96);
}

SharedTokensChart::Places SharedTokensChart::places(const QRectF& body) const {
    const Theme& t = theme();
    QRectF norms = body.adjusted(t.px(36), t.space(4), 0, -t.space(5)), ratio;
    if (m_with_ratio) {
        const double ratio_height = norms.height() * 0.34;
        ratio = QRectF(norms.left(), norms.bottom() - ratio_height, norms.width(), ratio_height);
        norms.setBottom(ratio.top() - t.space(6));
    }
    return {norms, ratio};
}

TokenAxis SharedTokensChart::axis(const QRectF& body) const {
    const QRectF norms = places(body).norms;
    return {norms.left(), norms.width(), static_cast<int>(m_shared.size()), kWidestColumn};
}

void SharedTokensChart::paintLine(QPainter& p, const TokenAxis& tokens, const QRectF& area, double low, double high,
                                  std::span<const double> values, const QColor& colour) const {
    const auto y = [&](double v) {
        return area.bottom() - area.height() * (std::clamp(v, low, high) - low) / std::max(1e-12, high - low);
    };
    // Lines and rectangles, each by itself: as one path that crosses itself they would cost ten times as much.
    QList<QLineF> line;
    QList<QRectF> band;
    QPointF last;
    bool joined = false;
    for (int b = 0; b < tokens.bins(); ++b) {
        const int begin = tokens.binBegin(b), end = b + 1 < tokens.bins() ? tokens.binBegin(b + 1) : tokens.tokens();
        double sum = 0, least = INFINITY, most = -INFINITY;
        int known = 0;
        for (const double v : values.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin))) {
            if (std::isnan(v)) continue;
            sum += v;
            least = std::min(least, v);
            most = std::max(most, v);
            ++known;
        }
        if (known == 0) {  // a gap
            joined = false;
            continue;
        }
        const double left = std::round(tokens.xOf(begin)), right = std::round(tokens.xOf(end));
        for (double top = y(most), bottom = y(least); top < bottom; top += kStripHeight)
            band.append(QRectF(left, top, right - left, std::min(kStripHeight, bottom - top)));
        const QPointF mean(tokens.xOf((begin + end) / 2.0), y(sum / known));
        line.append(QLineF(joined ? last : mean, mean));
        last = mean;
        joined = true;
    }
    if (tokens.bins() < tokens.tokens()) {  // several tokens a pixel: extremes must not vanish
        QColor area_colour = colour;
        area_colour.setAlphaF(0.25f);
        p.setRenderHint(QPainter::Antialiasing, false);
        p.setPen(Qt::NoPen);
        p.setBrush(area_colour);
        p.drawRects(band);
        p.setRenderHint(QPainter::Antialiasing);
    }
    if (tokens.tokens() == 1 && !line.isEmpty()) {
        p.setPen(Qt::NoPen);
        p.setBrush(colour);
        p.drawEllipse(line.front().p1(), 2.5, 2.5);
        return;
    }
    // Square ends: round ones would be painted as paths again.
    p.setPen(QPen(colour, 1.5, Qt::SolidLine, Qt::SquareCap));
    p.drawLines(line);
}

void SharedTokensChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const Places at = places(body);
    const TokenAxis tokens = axis(body);
    const QFont digits = t.mono(Theme::kTiny - 1);
    const double key = drawKey(p, t, QPointF(at.norms.left(), body.top() + t.px(8)), tr("shared"), t.amber);
    drawKey(p, t, QPointF(key + t.space(3), body.top() + t.px(8)), tr("routed"), t.blue);

    // Norms of 0 (shared experts off) lie on the lower edge.
    const double low = std::log2(std::max(m_least, 1e-6)) - 0.1,
                 high = std::max(std::log2(std::max(m_most, 1e-6)) + 0.1, low + 1);
    for (const double v : logTicks(std::exp2(low), std::exp2(high), m_with_ratio ? 5 : 3)) {
        const double y = std::round(at.norms.bottom() - at.norms.height() * (std::log2(v) - low) / (high - low)) + 0.5;
        p.setPen(QPen(t.line, 1));
        p.drawLine(QPointF(at.norms.left(), y), QPointF(at.norms.right(), y));
        drawText(p, QRectF(body.left() - t.space(2), y - t.px(8), t.px(36) + t.space(1), t.px(16)),
                 Qt::AlignRight | Qt::AlignVCenter, tickText(v), digits, t.faint);
    }
    paintLine(p, tokens, at.norms, low, high, m_routed_log, t.blue);
    paintLine(p, tokens, at.norms, low, high, m_shared_log, t.amber);

    if (m_with_ratio) {
        double far = std::max(m_far, 1.0);
        far = std::min(std::ceil(far), 6.0);
        drawText(p, QRectF(at.ratio.left(), at.ratio.top() - t.space(5), at.ratio.width(), t.space(4)),
                 Qt::AlignLeft | Qt::AlignVCenter, tr("shared : routed, log scale"), t.sans(Theme::kTiny), t.faint);
        for (const double power : {-far, 0.0, far}) {
            const double y = std::round(at.ratio.center().y() - at.ratio.height() / 2 * power / far) + 0.5;
            p.setPen(QPen(power == 0 ? t.faint : t.line, 1, power == 0 ? Qt::DashLine : Qt::SolidLine));
            p.drawLine(QPointF(at.ratio.left(), y), QPointF(at.ratio.right(), y));
            drawText(p, QRectF(body.left() - t.space(2), y - t.px(8), t.px(36) + t.space(1), t.px(16)),
                     Qt::AlignRight | Qt::AlignVCenter,
                     (power < 0 ? QStringLiteral("1/") : QString()) + tickText(std::exp2(std::abs(power))), digits,
                     t.faint);
        }
        paintLine(p, tokens, at.ratio, -far, far, m_ratio_log, t.text);
    }
    const double bottom = m_with_ratio ? at.ratio.bottom() : at.norms.bottom();
    tokens.paintSelection(p, t, tokenMarks(), *m_model->source(), at.norms.top(), bottom);
    tokens.paintNumbers(p, t, bottom + t.px(5), m_model->source().get());
}

Spot SharedTokensChart::spotAt(const QPointF& at, const QRectF& body) const {
    const Places where = places(body);
    const double bottom = m_with_ratio ? where.ratio.bottom() : where.norms.bottom();
    if (!hasData() || at.y() < where.norms.top() || at.y() > bottom) return {};
    const int token = axis(body).tokenAt(at.x());
    return token < 0 ? Spot() : Spot::ofToken(m_model->source()->id(), token);
}

QString SharedTokensChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    return spot.hasTokens() ? describe(spot.first) : QString();
}

QString SharedTokensChart::csv() const {
    if (!hasData() || !m_model->source()->shape().has_norms) return {};
    QString text = QStringLiteral("token,text,shared_norm,routed_norm,ratio\n");
    for (int i = 0; i < static_cast<int>(m_shared.size()); ++i) {
        text += QStringLiteral("%1,%2,%3,%4,%5\n")
                    .arg(QString::number(m_model->source()->inWhole(i)), csvField(m_model->source()->text(i)),
                         QString::number(m_shared[static_cast<std::size_t>(i)], 'g', 9),
                         QString::number(m_routed[static_cast<std::size_t>(i)], 'g', 9),
                         QString::number(ratioOf(i), 'g', 9));
    }
    return text;
}

}  // namespace moescope
