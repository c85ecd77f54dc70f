#include "ui/inspector/charts/flow_chart.h"

#include <algorithm>
#include <numeric>

#include "ui/inspector/plot.h"

namespace moescope {
namespace {

/// Experts with a node of their own on each side.
constexpr std::size_t kNodes = 12;
/// Thinner ribbons are not drawn: they would be a haze.
constexpr double kThinnest = 0.7;

std::size_t asSize(int n) {
    return static_cast<std::size_t>(n);
}

QPainterPath ribbon(double x0, double top0, double x1, double top1, double height) {
    const double middle = (x0 + x1) / 2;
    QPainterPath path(QPointF(x0, top0));
    path.cubicTo(QPointF(middle, top0), QPointF(middle, top1), QPointF(x1, top1));
    path.lineTo(x1, top1 + height);
    path.cubicTo(QPointF(middle, top1 + height), QPointF(middle, top0 + height), QPointF(x0, top0 + height));
    path.closeSubpath();
    return path;
}

}  // namespace

void FlowChart::setTarget(int layer) {
    m_target = layer;
    emit changed();
}

int FlowChart::from() const {
    const int layer = m_model->layer();
    if (!hasData()) return layer;
    // The last layer flows nowhere: what flows into it is shown.
    return m_target < 0 && layer == m_model->source()->shape().moe_layers - 1 ? std::max(0, layer - 1)
           : m_target == layer                                                ? std::max(0, layer - 1)
                                                                              : layer;
}

int FlowChart::to() const {
    if (!hasData()) return 0;
    const int layers = m_model->source()->shape().moe_layers;
    return m_target >= 0 && m_target < layers && m_target != from() ? m_target : std::min(layers - 1, from() + 1);
}

QString FlowChart::title() const {
    return hasData() ? tr("From layer %1 to layer %2").arg(layerNumber(from())).arg(layerNumber(to()))
                     : tr("From layer to layer");
}

QString FlowChart::caption() const {
    return hasData() ? tr("shares of tokens: %1").arg(m_model->source()->size()) : QString();
}

QString FlowChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    return m_model->source()->shape().moe_layers < 2 ? tr("There is only one MoE layer: nothing flows on.") : QString();
}

void FlowChart::refresh() {
    m_flow.clear();
    m_left.clear();
    m_right.clear();
    m_experts = 0;
    if (!hasData() || m_model->source()->shape().moe_layers < 2) return;
    const RoutingLog& log = m_model->source()->log();
    m_experts = log.shape().experts;
    const auto n = asSize(m_experts);
    m_flow = expertFlow(log, from(), to(), allTokens(log));
    const double total = std::accumulate(m_flow.begin(), m_flow.end(), 0.0);
    std::vector<double> out(n, 0), in(n, 0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            double& share = m_flow[i * n + j];
            share = total > 0 ? share / total : 0;
            out[i] += share;
            in[j] += share;
        }
    }
    m_left = topExperts(out, kNodes);
    m_right = topExperts(in, kNodes);
    // The right side in the order of where its tokens come from, so that fewer ribbons cross.
    std::vector<double> from_where(n, 0);
    for (const int j : m_right) {
        double weight = 0;
        for (std::size_t place = 0; place < m_left.size(); ++place) {
            const double share = m_flow[asSize(m_left[place]) * n + asSize(j)];
            from_where[asSize(j)] += share * static_cast<double>(place);
            weight += share;
        }
        if (weight > 0) from_where[asSize(j)] /= weight;
    }
    std::ranges::stable_sort(m_right, {}, [&](int j) { return from_where[asSize(j)]; });
}

double FlowChart::height(double) const {
    return theme().px(320);
}

FlowChart::Layout FlowChart::layout(const QRectF& body) const {
    const Theme& t = theme();
    Layout result;
    if (m_experts == 0) return result;
    const auto n = asSize(m_experts);
    const std::size_t lefts = m_left.size(), rights = m_right.size();
    // Node numbers by expert; the last node of a side is the others.
    std::vector<std::size_t> left_of(n, lefts), right_of(n, rights);
    for (std::size_t i = 0; i < lefts; ++i) left_of[asSize(m_left[i])] = i;
    for (std::size_t j = 0; j < rights; ++j) right_of[asSize(m_right[j])] = j;
    std::vector<double> between((lefts + 1) * (rights + 1), 0);
    result.left.resize(lefts + 1);
    result.right.resize(rights + 1);
    for (std::size_t i = 0; i < lefts; ++i) result.left[i].expert = m_left[i];
    for (std::size_t j = 0; j < rights; ++j) result.right[j].expert = m_right[j];
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            const double share = m_flow[i * n + j];
            between[left_of[i] * (rights + 1) + right_of[j]] += share;
            result.left[left_of[i]].share += share;
            result.right[right_of[j]].share += share;
        }
    }
    const double gap = t.px(4), label = t.px(74), bar = t.px(8);
    const auto place = [&](std::vector<Node>& nodes, double x) {
        const double room = body.height() - gap * static_cast<double>(nodes.size() - 1);
        double y = body.top();
        for (Node& node : nodes) {
            node.rect = QRectF(x, y, bar, std::max(0.0, room * node.share));
            y += node.rect.height() + gap;
        }
    };
    place(result.left, body.left() + label);
    place(result.right, body.right() - label - bar);
    std::vector<double> used_left(lefts + 1, 0), used_right(rights + 1, 0);
    const double left_room = body.height() - gap * static_cast<double>(lefts);
    const double right_room = body.height() - gap * static_cast<double>(rights);
    for (std::size_t i = 0; i <= lefts; ++i) {
        for (std::size_t j = 0; j <= rights; ++j) {
            const double share = between[i * (rights + 1) + j];
            if (share <= 0) continue;
            const double height = share * std::min(left_room, right_room);
            const Node &a = result.left[i], &b = result.right[j];
            if (height >= kThinnest) {
                result.ribbons.push_back({i, j, share,
                                          ribbon(a.rect.right(), a.rect.top() + used_left[i], b.rect.left(),
                                                 b.rect.top() + used_right[j], height)});
            }
            used_left[i] += share * left_room;
            used_right[j] += share * right_room;
        }
    }
    std::ranges::stable_sort(result.ribbons, {}, &Ribbon::share);
    return result;
}

QString FlowChart::nameOf(const Node& node, int others) const {
    return node.expert >= 0 ? QString::number(node.expert) : tr("%1 others").arg(others);
}

void FlowChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const Layout all = layout(body);
    const Spot shown = m_model->selection().shown();
    const auto isShown = [&](const Node& node, int layer) {
        return node.expert >= 0 && node.expert == shown.expert && layer == shown.layer;
    };
    bool any_shown = false;
    for (const Node& node : all.left) any_shown |= isShown(node, from());
    for (const Node& node : all.right) any_shown |= isShown(node, to());
    double widest = 0;
    for (const Ribbon& r : all.ribbons) {
        if (all.left[r.left].expert >= 0 && all.right[r.right].expert >= 0) widest = std::max(widest, r.share);
    }
    p.setPen(Qt::NoPen);
    for (const bool above : {false, true}) {
        for (const Ribbon& r : all.ribbons) {
            const Node &a = all.left[r.left], &b = all.right[r.right];
            const bool named = a.expert >= 0 && b.expert >= 0;
            const bool lit = isShown(a, from()) || isShown(b, to());
            if (above != (any_shown ? lit : named)) continue;
            QColor colour = named || lit ? t.blue : t.faint;
            const double strength = widest > 0 ? std::min(1.0, r.share / widest) : 0;
            colour.setAlphaF(static_cast<float>(any_shown ? (lit ? 0.65 : 0.10)
                                                : named   ? 0.18 + 0.42 * strength
                                                          : 0.12));
            p.setBrush(colour);
            p.drawPath(r.path);
        }
    }
    const QFont digits = t.mono(Theme::kTiny), small = t.mono(Theme::kTiny - 1), words = t.sans(Theme::kTiny);
    const auto side = [&](const std::vector<Node>& nodes, int layer, bool left) {
        const int others = m_experts - static_cast<int>(nodes.size()) + 1;
        for (const Node& node : nodes) {
            if (node.rect.height() <= 0) continue;
            const bool lit = isShown(node, layer);
            drawBar(p, node.rect, node.expert < 0 ? t.faint : t.blue);
            if (node.rect.height() < t.px(9) && !lit) continue;
            const double y = node.rect.center().y() - t.px(8);
            const double x = left ? body.left() : node.rect.right() + t.px(6), width = t.px(68);
            const QString name = nameOf(node, others);
            const QColor letters = lit ? t.text : t.dim;
            if (node.expert < 0) {
                drawText(p, QRectF(x, y, width, t.px(16)), (left ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter,
                         name, words, t.faint);
                continue;
            }
            const QRectF id(left ? x + width - t.px(24) : x, y, t.px(24), t.px(16));
            const QRectF share(left ? x : x + t.px(26), y, width - t.px(26), t.px(16));
            drawText(p, id, (left ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter, name,
                     lit ? t.mono(Theme::kTiny, QFont::Bold) : digits, letters);
            drawText(p, share, (left ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter, percent(node.share), small,
                     t.faint);
        }
    };
    side(all.left, from(), true);
    side(all.right, to(), false);
}

Spot FlowChart::spotAt(const QPointF& at, const QRectF& body) const {
    const Layout all = layout(body);
    const double reach = theme().px(74);
    for (const Node& node : all.left) {
        if (node.expert >= 0 && node.rect.adjusted(-reach, 0, 2, 0).contains(at))
            return Spot::ofExpert(from(), node.expert);
    }
    for (const Node& node : all.right) {
        if (node.expert >= 0 && node.rect.adjusted(-2, 0, reach, 0).contains(at))
            return Spot::ofExpert(to(), node.expert);
    }
    return {};
}

QString FlowChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Layout all = layout(body);
    const auto node = [&](const std::vector<Node>& nodes, int layer, const QString& text) {
        for (const Node& n : nodes) {
            if (n.rect.adjusted(-theme().px(60), 0, theme().px(60), 0).contains(at)) {
                return text.arg(layerNumber(layer))
                    .arg(nameOf(n, m_experts - static_cast<int>(nodes.size()) + 1))
                    .arg(percent(n.share));
            }
        }
        return QString();
    };
    if (!all.left.empty() && at.x() < all.left[0].rect.right() + 2)
        return node(all.left, from(), tr("layer %1, expert %2: sends %3"));
    if (!all.right.empty() && at.x() > all.right[0].rect.left() - 2)
        return node(all.right, to(), tr("layer %1, expert %2: receives %3"));
    for (auto r = all.ribbons.rbegin(); r != all.ribbons.rend(); ++r) {
        if (!r->path.contains(at)) continue;
        const Node &a = all.left[r->left], &b = all.right[r->right];
        return tr("from %1 to %2: %3 of the flow, %4 of what %1 sends")
            .arg(nameOf(a, m_experts - static_cast<int>(all.left.size()) + 1),
                 nameOf(b, m_experts - static_cast<int>(all.right.size()) + 1), percent(r->share),
                 percent(a.share > 0 ? r->share / a.share : 0));
    }
    return {};
}

QString FlowChart::words() const {
    const Spot shown = m_model->selection().shown();
    if (!hasData() || shown.expert < 0 || shown.layer != from() || shown.expert >= m_experts) return Chart::words();
    int best = 0;
    double most = -1, all = 0;
    for (int j = 0; j < m_experts; ++j) {
        const double share = m_flow[asSize(shown.expert) * asSize(m_experts) + asSize(j)];
        all += share;
        if (share > most) {
            most = share;
            best = j;
        }
    }
    return tr("layer %1, expert %2 sends most to expert %3 of layer %4: %5")
        .arg(layerNumber(from()))
        .arg(shown.expert)
        .arg(best)
        .arg(layerNumber(to()))
        .arg(percent(all > 0 ? most / all : 0));
}

QString FlowChart::csv() const {
    QString text = QStringLiteral("from_layer,from_expert,to_layer,to_expert,share\n");
    for (int i = 0; i < m_experts; ++i) {
        for (int j = 0; j < m_experts; ++j) {
            const double share = m_flow[asSize(i) * asSize(m_experts) + asSize(j)];
            if (share > 0)
                text += QStringLiteral("%1,%2,%3,%4,%5\n")
                            .arg(layerNumber(from()))
                            .arg(i)
                            .arg(layerNumber(to()))
                            .arg(j)
                            .arg(share, 0, 'g', 9);
        }
    }
    return text;
}

}  // namespace moescope
