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

void TokenChart::setCompact(bool compact) {
    m_compact = compact;
    emit changed();
}

int TokenChart::token() const {
    const SharedSource whole = m_model->whole();
    if (!whole || whole->empty()) return -1;
    const Spot shown = m_model->selection().shown();
    return shown.hasTokens() && shown.source == whole->id() && shown.last < whole->size() ? shown.last : -1;
}

std::vector<int> TokenChart::rows() const {
    std::vector<int> rows;
    const SharedSource whole = m_model->whole();
    if (!whole || whole->empty()) return rows;
    if (m_compact) {
        const int shown = m_model->selection().shown().layer;
        return {shown >= 0 && shown < whole->shape().moe_layers ? shown : m_model->layer()};
    }
    for (int l = 0; l < whole->shape().moe_layers; ++l) rows.push_back(l);
    return rows;
}

QString TokenChart::title() const {
    const int at = token();
    return at < 0 ? tr("A token") : m_model->whole()->quoted(at);
}

QString TokenChart::caption() const {
    const int at = token();
    if (at < 0) return {};
    const RoutingSource& whole = *m_model->whole();
    QString part;
    switch (whole.partOf(at)) {
        case TokenPart::kTemplate:
            part = tr("chat template");
            break;
        case TokenPart::kPrompt:
            part = tr("prompt");
            break;
        case TokenPart::kSystem:
            part = tr("system prompt");
            break;
        case TokenPart::kQuestion:
            part = tr("question");
            break;
        case TokenPart::kThinking:
            part = tr("thinking");
            break;
        case TokenPart::kAnswer:
            part = tr("answer");
            break;
    }
    const QString where =
        tr("token %1 · %2 · position %3").arg(at + 1).arg(part).arg(whole.log().token(asSize(at)).position);
    const SharedSource source = m_model->source();
    const bool in_scope = source && source->ofWhole(Spot::ofToken(whole.id(), at)).hasTokens();
    return in_scope ? where : tr("%1 · not in the scope").arg(where);
}

QString TokenChart::emptyText() const {
    const SharedSource whole = m_model->whole();
    if (!whole || whole->empty()) return Chart::emptyText();
    return token() < 0 ? tr("Point at a word of the chat, or at a column of a heatmap, to see its experts.")
                       : QString();
}

bool TokenChart::someInMemory() const {
    const int at = token();
    if (at < 0 || !m_model->whole()->log().hasPlaces()) return false;
    for (int l = 0; l < m_model->whole()->shape().moe_layers; ++l) {
        const LayerRouting r = m_model->whole()->log().at(asSize(at), l);
        if (r.on_card != (1u << r.count) - 1) return true;
    }
    return false;
}

double TokenChart::headHeight() const {
    return theme().space(5);
}
double TokenChart::rowHeight() const {
    return theme().px(22);
}

double TokenChart::height(double) const {
    return headHeight() + rowHeight() * static_cast<double>(std::max<std::size_t>(1, rows().size())) + theme().space(1);
}

TokenChart::Columns TokenChart::columns(const QRectF& body) const {
    const Theme& t = theme();
    const RoutingShape& known = m_model->whole()->shape();
    const int at = token();
    int most = 1;
    for (int l = 0; at >= 0 && l < known.moe_layers; ++l)
        most = std::max(most, m_model->whole()->log().at(asSize(at), l).count);
    const double id = t.px(known.experts > 100 ? 22 : 15), digit = t.px(6.2), gap = t.px(7);
    const auto needed = [&](int digits) { return id + (digits > 0 ? t.px(4) + (digits + 2) * digit : 0) + gap; };
    Columns c;
    c.layer = {body.left(), t.px(30) * 1.0};
    double room = body.width() - c.layer.width;
    // The gates' numbers first; then columns from the right as long as these keep theirs.
    c.digits = known.has_gates && needed(2) * most <= room ? 2 : 0;
    const double least = needed(c.digits) * most;
    const auto take = [&](Column& column, bool has, double width) {
        if (!has || room - width < least) return;
        column.width = width;
        room -= width;
    };
    take(c.sum, known.has_gates, t.px(40));
    take(c.groups, known.hasGroups(), std::clamp<double>(known.groups * t.px(8), t.px(48), t.px(128)) + t.px(14));
    take(c.margin, known.has_runners_up, t.px(50));
    take(c.norms, known.has_norms, t.px(96));
    take(c.entropy, known.has_gates, t.px(50));
    take(c.next, known.has_runners_up, t.px(70));
    if (c.digits > 0 && needed(3) * most <= room) c.digits = 3;
    c.slot = std::min(room / most, std::max(needed(c.digits), t.px(96) * 1.0));
    c.experts = {c.layer.left + c.layer.width, c.slot * most};
    double x = c.experts.left + room;
    for (Column* column : {&c.sum, &c.groups, &c.entropy, &c.margin, &c.next, &c.norms}) {
        column->left = x;
        x += column->width;
    }
    return c;
}

QRectF TokenChart::chipRect(const QRectF& body, int layer, int slot) const {
    const Columns c = columns(body);
    const std::vector<int> all = rows();
    const auto row = std::ranges::find(all, layer) - all.begin();
    return {c.experts.left + slot * c.slot, body.top() + headHeight() + static_cast<double>(row) * rowHeight(), c.slot,
            rowHeight()};
}

void TokenChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const RoutingSource& source = *m_model->whole();
    const RoutingShape& known = source.shape();
    const auto at = asSize(token());
    const Columns c = columns(body);
    const QFont words = t.sans(Theme::kTiny), digits = t.mono(Theme::kTiny), small = t.mono(Theme::kTiny - 1);
    const auto head = [&](const Column& column, const QString& text, int align = Qt::AlignRight) {
        if (column.width <= 0) return;
        drawElided(p, QRectF(column.left, body.top(), column.width, headHeight()), align | Qt::AlignVCenter, text,
                   words, t.faint);
    };
    const bool places = source.log().hasPlaces();
    head(c.layer, tr("layer"), Qt::AlignLeft);
    head({c.experts.left, std::max(c.experts.width, c.sum.left - c.experts.left)},
         !known.has_gates ? tr("experts chosen")
         : someInMemory() ? tr("experts and their gates; hollow: in memory")
                          : tr("experts and their gates, one scale"),
         Qt::AlignLeft);
    head(c.sum, tr("sum"));
    head({c.groups.left + t.px(12), c.groups.width - t.px(12)}, tr("groups"), Qt::AlignLeft);
    head(c.entropy, tr("entropy"));
    head(c.margin, tr("margin"));
    head({c.next.left + t.px(10), c.next.width - t.px(10)}, tr("runners-up"), Qt::AlignLeft);
    head({c.norms.left + t.px(10), c.norms.width - t.px(10)}, tr("shared : routed"), Qt::AlignLeft);

    double largest_sum = 0, largest_gate = 0;
    for (int l = 0; l < known.moe_layers; ++l) {
        const LayerRouting r = source.log().at(at, l);
        const double sum = static_cast<double>(r.shared_norm) + static_cast<double>(r.routed_norm);
        if (std::isfinite(sum)) largest_sum = std::max(largest_sum, sum);
        for (int i = 0; i < r.count; ++i) {
            const auto gate = static_cast<double>(r.gates[asSize(i)]);
            if (std::isfinite(gate)) largest_gate = std::max(largest_gate, gate);
        }
    }
    const Spot shown = m_model->selection().shown();
    double y = body.top() + headHeight();
    for (const int l : rows()) {
        const LayerRouting r = source.log().at(at, l);
        const QRectF row(body.left(), y, body.width(), rowHeight());
        const double middle = row.center().y();
        y += rowHeight();
        const bool in_hand = l == m_model->layer();
        if ((l == shown.layer || in_hand) && !m_compact) {
            p.setPen(Qt::NoPen);
            p.setBrush(t.hover);
            p.drawRoundedRect(row.adjusted(-t.space(1), 0, t.space(1), 0), t.px(Theme::kRadiusSmall),
                              t.px(Theme::kRadiusSmall));
        }
        const auto number = [&](const Column& column, const QString& text) {
            if (column.width > 0)
                drawText(p, QRectF(column.left, row.top(), column.width, row.height()),
                         Qt::AlignVCenter | Qt::AlignRight, text, small, t.dim);
        };
        drawText(p, QRectF(c.layer.left, row.top(), c.layer.width, row.height()), Qt::AlignVCenter | Qt::AlignLeft,
                 QString::number(known.first_moe_layer + l), digits, l == shown.layer || in_hand ? t.text : t.dim);
        double sum = 0;
        const double lane = c.slot - t.px(7);
        for (int i = 0; i < r.count; ++i) {
            const double x = c.experts.left + c.slot * i;
            const bool chosen = r.experts[asSize(i)] == shown.expert && l == shown.layer;
            const QRectF line(x, row.top() + t.px(1), lane, t.px(15));
            const QString id = QString::number(r.experts[asSize(i)]);
            const QFont bold = t.mono(Theme::kTiny, QFont::Bold);
            drawText(p, line, Qt::AlignVCenter | Qt::AlignLeft, id, chosen ? bold : digits, t.text);
            if (!known.has_gates) continue;
            const double gate = static_cast<double>(r.gates[asSize(i)]);
            sum += gate;
            if (c.digits > 0) {
                const double id_width = t.px(known.experts > 100 ? 22 : 15) + t.px(4);
                drawText(p, line.adjusted(id_width, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                         fixedText(gate, c.digits), small, chosen ? t.text : t.dim);
            }
            const double bar = largest_gate > 0 && lane > 2 && std::isfinite(gate) ? lane * gate / largest_gate : 0;
            const QRectF bar_rect(x, row.bottom() - t.px(5), std::max(bar, 1.0), t.px(3));
            if (places && !onCard(r, i)) {
                drawHollowBar(p, bar_rect, t.blue);
            } else {
                drawBar(p, bar_rect, t.blue);
            }
        }
        if (known.has_gates) {
            number(c.sum, fixedText(sum, 2));
            number(c.entropy, fixedText(gateEntropy(r), 2));
        }
        if (c.groups.width > 0) {
            const std::vector<bool> chosen = groupsOf(r);
            const double each = (c.groups.width - t.px(14)) / known.groups;
            for (int g = 0; g < known.groups; ++g) {
                drawBar(p,
                        QRectF(c.groups.left + t.px(12) + each * g, middle - t.px(4), std::max(each - t.px(2), 1.0),
                               t.px(8)),
                        chosen[asSize(g)] ? t.blue : t.line);
            }
        }
        if (known.has_runners_up && r.count > 0 && r.runners_up[0] >= 0) number(c.margin, fixedText(margin(r), 4));
        for (int i = 0; i < kRunnersUp && c.next.width > 0; ++i) {
            if (r.runners_up[asSize(i)] < 0) continue;
            const double each = (c.next.width - t.px(10)) / kRunnersUp;
            const bool chosen = r.runners_up[asSize(i)] == shown.expert && l == shown.layer;
            drawText(p, QRectF(c.next.left + t.px(10) + each * i, row.top(), each, row.height()),
                     Qt::AlignVCenter | Qt::AlignLeft, QString::number(r.runners_up[asSize(i)]), digits,
                     chosen ? t.text : t.faint);
        }
        if (c.norms.width > 0 && largest_sum > 0) {
            const double left = c.norms.left + t.px(10), scale = (c.norms.width - t.px(10)) / largest_sum;
            const double shared = scale * static_cast<double>(r.shared_norm);
            const double routed = scale * static_cast<double>(r.routed_norm);
            if (std::isfinite(shared + routed)) {
                drawBar(p, QRectF(left, middle - t.px(3), std::max(shared - 1, 1.0), t.px(6)), t.amber);
                drawBar(p, QRectF(left + shared, middle - t.px(3), std::max(routed, 1.0), t.px(6)), t.blue);
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
    const LayerRouting r = m_model->whole()->log().at(asSize(token()), layer);
    const int slot = cellUnder(at.x() - c.experts.left, c.slot * r.count, r.count);
    if (slot >= 0) return Spot::ofExpert(layer, r.experts[asSize(slot)]);
    if (c.next.width > 0) {
        const int next = cellUnder(at.x() - c.next.left, c.next.width, kRunnersUp);
        if (next >= 0 && r.runners_up[asSize(next)] >= 0) return Spot::ofExpert(layer, r.runners_up[asSize(next)]);
    }
    return Spot::ofExpert(layer, -1);
}

QString TokenChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    if (spot.layer < 0) return {};
    const RoutingSource& source = *m_model->whole();
    const LayerRouting r = source.log().at(asSize(token()), spot.layer);
    const QString where = tr("layer %1").arg(layerNumber(spot.layer));
    for (int i = 0; i < r.count; ++i) {
        if (r.experts[asSize(i)] != spot.expert) continue;
        const QString place = source.log().hasPlaces() ? QStringLiteral(", ") + placeOf(r, i) : QString();
        const QString expert = expertName(spot.expert);
        if (!source.shape().has_gates) return tr("%1, expert %2: chosen").arg(where, expert) + place;
        const QString gate =
            tr("%1, expert %2: gate %3, rank %4")
                .arg(where, expert, numberText(static_cast<double>(r.gates[asSize(i)])), QString::number(i + 1));
        return (source.shape().has_probabilities
                    ? tr("%1, probability %2").arg(gate, numberText(static_cast<double>(r.probabilities[asSize(i)])))
                    : gate) +
               place;
    }
    for (int i = 0; i < kRunnersUp; ++i) {
        if (spot.expert < 0 || r.runners_up[asSize(i)] != spot.expert) continue;
        return tr("%1, expert %2: not chosen, %3, probability %4")
            .arg(where, expertName(spot.expert), i == 0 ? tr("1st runner-up") : tr("2nd runner-up"),
                 numberText(static_cast<double>(r.runner_up_probabilities[asSize(i)])));
    }
    const Columns c = columns(body);
    if (c.groups.width > 0 && at.x() >= c.groups.left && at.x() < c.groups.left + c.groups.width && r.count > 0) {
        return tr("%1: %2").arg(where, groupWords(r));
    }
    if (!source.shape().has_norms) return where;
    return tr("%1: norm of the shared experts' output %2, of the routed sum %3, ratio %4")
        .arg(where, numberText(static_cast<double>(r.shared_norm)), numberText(static_cast<double>(r.routed_norm)),
             numberText(sharedRatio(r)));
}

std::vector<bool> TokenChart::groupsOf(const LayerRouting& r) const {
    const RoutingShape& shape = m_model->whole()->shape();
    std::vector<bool> chosen(asSize(shape.groups), false);
    for (int i = 0; i < r.count; ++i) chosen[asSize(shape.groupOf(r.experts[asSize(i)]))] = true;
    return chosen;
}

QString TokenChart::groupWords(const LayerRouting& r) const {
    const std::vector<bool> chosen = groupsOf(r);
    QStringList list;
    for (std::size_t g = 0; g < chosen.size(); ++g) {
        if (chosen[g]) list << QString::number(g);
    }
    return tr("experts of the groups %1; the router searches %2 of %3")
        .arg(list.join(QStringLiteral(", ")))
        .arg(m_model->whole()->shape().groups_used)
        .arg(m_model->whole()->shape().groups);
}

QString TokenChart::placeOf(const LayerRouting& r, int slot) const {
    return onCard(r, slot) ? tr("on the GPU") : tr("in memory");
}

QString TokenChart::words() const {
    const int at = token();
    if (at < 0) return Chart::words();
    QStringList lines{tr("%1, token %2").arg(m_model->whole()->quoted(at), QString::number(at + 1))};
    const int chosen = m_model->selection().shown().layer;
    for (int l = 0; l < m_model->whole()->shape().moe_layers; ++l) {
        if (chosen >= 0 && l != chosen) continue;
        const LayerRouting r = m_model->whole()->log().at(asSize(at), l);
        QStringList experts;
        const bool places = m_model->whole()->log().hasPlaces();
        for (int i = 0; i < r.count; ++i) {
            const QString expert = QString::number(r.experts[asSize(i)]);
            experts << (places ? QStringLiteral("%1 (%2)").arg(expert, placeOf(r, i)) : expert);
        }
        lines << tr("layer %1: experts %2").arg(layerNumber(l)).arg(experts.join(QStringLiteral(", ")));
        if (m_model->whole()->shape().hasGroups() && r.count > 0) lines << groupWords(r);
    }
    return lines.join(QStringLiteral("; "));
}

QString TokenChart::csv() const {
    const int at = token();
    if (at < 0) return {};
    // Where records say it: 1 if the expert ran on a GPU, 0 if it lay in memory, nothing if it was not chosen.
    const bool places = m_model->whole()->log().hasPlaces();
    QString text = QStringLiteral("token,layer,rank,expert,chosen,gate,probability,shared_norm,routed_norm%1\n")
                       .arg(places ? QStringLiteral(",on_card") : QString());
    for (int l = 0; l < m_model->whole()->shape().moe_layers; ++l) {
        const LayerRouting r = m_model->whole()->log().at(asSize(at), l);
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
