#include "ui/inspector/charts/token_chart.h"

#include <algorithm>
#include <cmath>

#include "engine/base/sizes.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

bool onCard(const LayerRouting& r, int slot) {
    return (r.on_card >> slot & 1) != 0;
}

}  // namespace

TokenChart::TokenChart(InspectorModel* model, ThemeStore* themes, int most_rows, QObject* parent)
    : Chart(model, themes, parent), m_most_rows(most_rows) {}

int TokenChart::token() const {
    if (!hasData()) return -1;
    const Spot shown = m_model->selection().shown();
    const RoutingSource& source = *m_model->source();
    if (shown.hasTokens() && shown.source == source.id() && shown.last < source.size()) return shown.last;
    return -1;
}

std::vector<int> TokenChart::rows() const {
    std::vector<int> rows;
    if (!hasData()) return rows;
    const int layers = m_model->source()->shape().moe_layers;
    const int count = m_most_rows > 0 ? std::min(m_most_rows, layers) : layers;
    for (int i = 0; i < count; ++i) {
        rows.push_back(count > 1 ? static_cast<int>(std::lround(static_cast<double>(i) * (layers - 1) / (count - 1)))
                                 : 0);
    }
    return rows;
}

QString TokenChart::title() const {
    const int at = token();
    return at < 0 ? tr("A token") : m_model->source()->quoted(at);
}

QString TokenChart::caption() const {
    const int at = token();
    if (at < 0) return {};
    const RoutingLog::Token& t = m_model->source()->log().token(asSize(at));
    const QString where = tr("token %1, position %2").arg(at + 1).arg(t.position);
    return t.phase == Phase::kPrefill ? tr("%1, of the prompt").arg(where) : where;
}

QString TokenChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    return token() < 0 ? tr("Point at a word of an answer, or at a column of a heatmap, to see its experts.")
                       : QString();
}

bool TokenChart::someInMemory() const {
    const int at = token();
    if (at < 0 || !m_model->source()->log().hasPlaces()) return false;
    for (int l = 0; l < m_model->source()->shape().moe_layers; ++l) {
        const LayerRouting r = m_model->source()->log().at(asSize(at), l);
        if (r.on_card != (1u << r.count) - 1) return true;
    }
    return false;
}

double TokenChart::headHeight() const {
    return theme().space(6);
}
double TokenChart::rowHeight() const {
    return theme().px(22);
}

double TokenChart::height(double) const {
    return headHeight() + rowHeight() * static_cast<double>(std::max<std::size_t>(1, rows().size())) + theme().space(1);
}

TokenChart::Columns TokenChart::columns(const QRectF& body) const {
    const Theme& t = theme();
    const RoutingShape& known = m_model->source()->shape();
    const int at = token();
    int most = 1;
    for (int l = 0; at >= 0 && l < m_model->source()->shape().moe_layers; ++l) {
        most = std::max(most, m_model->source()->log().at(asSize(at), l).count);
    }
    const double wide = std::clamp((body.width() - t.px(380)) / t.px(400), 0.0, 1.0);
    Columns c;
    c.layer = body.left();
    c.experts = body.left() + t.px(34);
    c.sums_width = known.has_norms ? t.px(80) + wide * t.px(120) : 0;
    c.margin_width = known.has_runners_up ? t.px(48) : 0;
    c.next_width = known.has_runners_up ? t.px(46) + wide * t.px(60) : 0;
    c.sums = body.right() - c.sums_width;
    c.margin = c.sums - c.margin_width - (known.has_norms ? t.px(12) : 0);
    c.next = c.margin - c.next_width - (known.has_runners_up ? t.px(6) : 0);
    c.slot = std::min((c.next - c.experts - t.px(8)) / most, static_cast<double>(t.px(110)));
    c.number = t.px(m_model->source()->shape().experts > 100 ? 22 : 15);
    return c;
}

QRectF TokenChart::chipRect(const QRectF& body, int layer, int slot) const {
    const Columns c = columns(body);
    const std::vector<int> all = rows();
    const auto row = std::ranges::find(all, layer) - all.begin();
    return {c.experts + slot * c.slot, body.top() + headHeight() + static_cast<double>(row) * rowHeight(), c.slot,
            rowHeight()};
}

void TokenChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const RoutingSource& source = *m_model->source();
    const RoutingShape& known = source.shape();
    const auto at = asSize(token());
    const Columns c = columns(body);
    const QFont words = t.sans(Theme::kTiny), digits = t.mono(Theme::kTiny);
    const auto head = [&](double x, double width, const QString& text, int align = Qt::AlignLeft) {
        drawElided(p, QRectF(x, body.top(), width, headHeight()), align | Qt::AlignVCenter, text, words, t.faint);
    };
    head(c.layer, c.experts - c.layer, tr("layer"));
    const bool places = source.log().hasPlaces();
    head(c.experts, c.next - c.experts - t.px(6),
         !known.has_gates ? tr("experts chosen")
         : someInMemory() ? tr("experts chosen, by gate; hollow: in memory")
                          : tr("experts chosen, by gate"));
    if (known.has_runners_up) {
        head(c.next, c.next_width, tr("next"));
        head(c.margin, c.margin_width, tr("margin"), Qt::AlignRight);
    }
    if (known.has_norms) head(c.sums, c.sums_width, tr("shared : routed"));

    double largest_sum = 0;
    for (const int l : rows()) {
        const LayerRouting r = source.log().at(at, l);
        const double sum = static_cast<double>(r.shared_norm) + static_cast<double>(r.routed_norm);
        if (std::isfinite(sum)) largest_sum = std::max(largest_sum, sum);
    }
    const Spot shown = m_model->selection().shown();
    double y = body.top() + headHeight();
    for (const int l : rows()) {
        const LayerRouting r = source.log().at(at, l);
        const QRectF row(body.left(), y, body.width(), rowHeight());
        const double middle = row.center().y();
        y += rowHeight();
        if (l == shown.layer) {
            p.setPen(Qt::NoPen);
            p.setBrush(t.hover);
            p.drawRoundedRect(row.adjusted(-t.space(1), 0, t.space(1), 0), t.px(Theme::kRadiusSmall),
                              t.px(Theme::kRadiusSmall));
        }
        drawText(p, QRectF(c.layer, row.top(), t.px(28), row.height()), Qt::AlignVCenter | Qt::AlignLeft,
                 QString::number(source.shape().first_moe_layer + l), digits, l == shown.layer ? t.text : t.dim);
        double top_gate = 0;
        for (int i = 0; i < r.count; ++i) top_gate = std::max(top_gate, static_cast<double>(r.gates[asSize(i)]));
        const double gate_text = c.slot > t.px(80) ? t.px(36) : 0;
        const double room = c.slot - c.number - t.px(10) - gate_text;
        for (int i = 0; i < r.count; ++i) {
            const double x = c.experts + c.slot * i;
            const bool chosen = r.experts[asSize(i)] == shown.expert && l == shown.layer;
            drawText(p, QRectF(x, row.top(), c.number, row.height()), Qt::AlignVCenter | Qt::AlignRight,
                     QString::number(r.experts[asSize(i)]), chosen ? t.mono(Theme::kTiny, QFont::Bold) : digits,
                     chosen ? t.text : t.dim);
            if (!known.has_gates) continue;
            const double gate = static_cast<double>(r.gates[asSize(i)]);
            const double bar = top_gate > 0 && room > 2 && std::isfinite(gate) ? room * gate / top_gate : 0;
            const QRectF bar_rect(x + c.number + t.px(4), middle - t.px(3), std::max(bar, 1.0), t.px(6));
            if (places && !onCard(r, i)) {
                drawHollowBar(p, bar_rect, t.blue);
            } else {
                drawBar(p, bar_rect, t.blue);
            }
            if (gate_text > 0) {
                drawText(p, QRectF(x + c.number + t.px(6) + std::max(bar, 1.0), row.top(), gate_text, row.height()),
                         Qt::AlignVCenter | Qt::AlignLeft, fixedText(gate, 3), t.mono(Theme::kTiny - 1), t.faint);
            }
        }
        if (known.has_runners_up) {
            const double each = c.next_width / kRunnersUp;
            for (int i = 0; i < kRunnersUp; ++i) {
                if (r.runners_up[asSize(i)] < 0) continue;
                const QRectF cell(c.next + each * i, row.top(), each, row.height());
                const QString id = QString::number(r.runners_up[asSize(i)]);
                drawText(p, cell, Qt::AlignVCenter | Qt::AlignLeft, id, digits, t.faint);
                if (each < t.px(46)) continue;
                drawText(p, cell.adjusted(t.px(18), 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                         fixedText(static_cast<double>(r.runner_up_probabilities[asSize(i)]), 3),
                         t.mono(Theme::kTiny - 1), t.faint);
            }
            if (r.count > 0 && r.runners_up[0] >= 0) {
                drawText(p, QRectF(c.margin, row.top(), c.margin_width, row.height()),
                         Qt::AlignVCenter | Qt::AlignRight, fixedText(margin(r), 4), digits, t.dim);
            }
        }
        if (known.has_norms && largest_sum > 0) {
            const double ratio_width = c.sums_width > t.px(120) ? t.px(44) : 0;
            const double scale = (c.sums_width - ratio_width) / largest_sum;
            const double shared = scale * static_cast<double>(r.shared_norm);
            const double routed = scale * static_cast<double>(r.routed_norm);
            if (std::isfinite(shared + routed)) {
                drawBar(p, QRectF(c.sums, middle - t.px(3), std::max(shared - 1, 1.0), t.px(6)), t.amber);
                drawBar(p, QRectF(c.sums + shared, middle - t.px(3), std::max(routed, 1.0), t.px(6)), t.blue);
            }
            if (ratio_width > 0) {
                drawText(p, QRectF(body.right() - ratio_width, row.top(), ratio_width, row.height()),
                         Qt::AlignVCenter | Qt::AlignRight, numberText(sharedRatio(r)), digits, t.dim);
            }
        }
    }
}

Spot TokenChart::spotAt(const QPointF& at, const QRectF& body) const {
    if (token() < 0) return {};
    const std::vector<int> all = rows();
    const int row = cellUnder(at.y() - body.top() - headHeight(), rowHeight() * static_cast<double>(all.size()),
                              static_cast<int>(all.size()));
    if (row < 0 || at.x() < body.left() || at.x() > body.right()) return {};
    const int layer = all[asSize(row)];
    const Columns c = columns(body);
    const LayerRouting r = m_model->source()->log().at(asSize(token()), layer);
    const int slot = cellUnder(at.x() - c.experts, c.slot * r.count, r.count);
    if (slot >= 0) return Spot::ofExpert(layer, r.experts[asSize(slot)]);
    if (c.next_width > 0) {
        const int next = cellUnder(at.x() - c.next, c.next_width, kRunnersUp);
        if (next >= 0 && r.runners_up[asSize(next)] >= 0) return Spot::ofExpert(layer, r.runners_up[asSize(next)]);
    }
    return Spot::ofExpert(layer, -1);
}

QString TokenChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    if (spot.layer < 0) return {};
    const RoutingSource& source = *m_model->source();
    const LayerRouting r = source.log().at(asSize(token()), spot.layer);
    const QString where = tr("layer %1").arg(layerNumber(spot.layer));
    for (int i = 0; i < r.count; ++i) {
        if (r.experts[asSize(i)] != spot.expert) continue;
        const QString place = source.log().hasPlaces() ? QStringLiteral(", ") + placeOf(r, i) : QString();
        if (!source.shape().has_gates) return tr("%1, expert %2: chosen").arg(where).arg(spot.expert) + place;
        const QString gate = tr("%1, expert %2: gate %3, rank %4")
                                 .arg(where)
                                 .arg(spot.expert)
                                 .arg(numberText(static_cast<double>(r.gates[asSize(i)])))
                                 .arg(i + 1);
        return (source.shape().has_probabilities
                    ? tr("%1, probability %2").arg(gate, numberText(static_cast<double>(r.probabilities[asSize(i)])))
                    : gate) +
               place;
    }
    for (int i = 0; i < kRunnersUp; ++i) {
        if (spot.expert < 0 || r.runners_up[asSize(i)] != spot.expert) continue;
        return tr("%1, expert %2: not chosen, %3, probability %4")
            .arg(where)
            .arg(spot.expert)
            .arg(i == 0 ? tr("came next") : tr("came second next"))
            .arg(numberText(static_cast<double>(r.runner_up_probabilities[asSize(i)])));
    }
    if (!source.shape().has_norms) return where;
    return tr("%1: norm of the shared experts' output %2, of the routed sum %3, ratio %4")
        .arg(where, numberText(static_cast<double>(r.shared_norm)), numberText(static_cast<double>(r.routed_norm)),
             numberText(sharedRatio(r)));
}

QString TokenChart::placeOf(const LayerRouting& r, int slot) const {
    return onCard(r, slot) ? tr("on the GPU") : tr("in memory");
}

QString TokenChart::words() const {
    const int at = token();
    if (at < 0) return Chart::words();
    QStringList lines{tr("%1, token %2").arg(m_model->source()->quoted(at)).arg(at + 1)};
    const int chosen = m_model->selection().shown().layer;
    for (int l = 0; l < m_model->source()->shape().moe_layers; ++l) {
        if (chosen >= 0 && l != chosen) continue;
        const LayerRouting r = m_model->source()->log().at(asSize(at), l);
        QStringList experts;
        const bool places = m_model->source()->log().hasPlaces();
        for (int i = 0; i < r.count; ++i) {
            const QString expert = QString::number(r.experts[asSize(i)]);
            experts << (places ? QStringLiteral("%1 (%2)").arg(expert, placeOf(r, i)) : expert);
        }
        lines << tr("layer %1: experts %2").arg(layerNumber(l)).arg(experts.join(QStringLiteral(", ")));
    }
    return lines.join(QStringLiteral("; "));
}

QString TokenChart::csv() const {
    const int at = token();
    if (at < 0) return {};
    // Where records say it: 1 if the expert ran on a GPU, 0 if it lay in memory, nothing if it was not chosen.
    const bool places = m_model->source()->log().hasPlaces();
    QString text = QStringLiteral("token,layer,rank,expert,chosen,gate,probability,shared_norm,routed_norm%1\n")
                       .arg(places ? QStringLiteral(",on_card") : QString());
    for (int l = 0; l < m_model->source()->shape().moe_layers; ++l) {
        const LayerRouting r = m_model->source()->log().at(asSize(at), l);
        const auto row = [&](int rank, std::int32_t expert, bool chosen, float gate, float probability) {
            text += QStringLiteral("%1,%2,%3,%4,%5,%6,%7,%8,%9")
                        .arg(at)
                        .arg(layerNumber(l))
                        .arg(rank)
                        .arg(expert)
                        .arg(chosen ? 1 : 0)
                        .arg(static_cast<double>(gate), 0, 'g', 9)
                        .arg(static_cast<double>(probability), 0, 'g', 9)
                        .arg(static_cast<double>(r.shared_norm), 0, 'g', 9)
                        .arg(static_cast<double>(r.routed_norm), 0, 'g', 9);
            if (places)
                text +=
                    chosen ? (onCard(r, rank - 1) ? QStringLiteral(",1") : QStringLiteral(",0")) : QStringLiteral(",");
            text += QLatin1Char('\n');
        };
        for (int i = 0; i < r.count; ++i)
            row(i + 1, r.experts[asSize(i)], true, r.gates[asSize(i)], r.probabilities[asSize(i)]);
        for (int i = 0; i < kRunnersUp; ++i) {
            if (r.runners_up[asSize(i)] >= 0)
                row(r.count + i + 1, r.runners_up[asSize(i)], false, 0, r.runner_up_probabilities[asSize(i)]);
        }
    }
    return text;
}

}  // namespace moescope
