#include "ui/inspector/charts/flow_chart.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "engine/base/sizes.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

/// Experts with a node of their own on each side.
constexpr std::size_t kNodes = 12;
/// Paths between two of them that are drawn by themselves.
constexpr std::size_t kRibbons = 20;

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
    const RoutingView log = m_model->source()->log();
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
    result.left.resize(lefts + 1);
    result.right.resize(rights + 1);
    for (std::size_t i = 0; i < lefts; ++i) result.left[i].expert = m_left[i];
    for (std::size_t j = 0; j < rights; ++j) result.right[j].expert = m_right[j];
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            const double share = m_flow[i * n + j];
            result.left[left_of[i]].share += share;
            result.right[right_of[j]].share += share;
            if (share > 0 && left_of[i] < lefts && right_of[j] < rights)
                result.ribbons.push_back({left_of[i], right_of[j], share, {}});
        }
    }
    // The strongest paths are drawn by themselves; all others run through one band, so that they are no haze.
    std::ranges::stable_sort(result.ribbons, std::greater<>(), &Ribbon::share);
    if (result.ribbons.size() > kRibbons) result.ribbons.resize(kRibbons);
    double direct = 0;
    for (const Ribbon& r : result.ribbons) direct += r.share;
    result.other_paths.share = std::max(0.0, 1 - direct);

    const double gap = t.px(5), label = t.px(74), bar = t.px(8);
    const double room = body.height() - gap * static_cast<double>(std::max(lefts, rights));
    const auto place = [&](std::vector<Node>& nodes, double x) {
        double y = body.top();
        for (Node& node : nodes) {
            node.rect = QRectF(x, y, bar, std::max(0.0, room * node.share));
            y += node.rect.height() + gap;
        }
    };
    place(result.left, body.left() + label);
    place(result.right, body.right() - label - bar);
    const double band = room * result.other_paths.share;
    result.other_paths.rect = QRectF(body.center().x() - bar / 2, body.bottom() - band, bar, band);

    // At each node direct paths leave from above in the order of where they go, the rest below.
    std::vector<double> used_left(lefts + 1, 0), used_right(rights + 1, 0);
    std::vector<std::size_t> by_left(result.ribbons.size()), by_right;
    std::iota(by_left.begin(), by_left.end(), 0);
    by_right = by_left;
    const auto place_of = [&](std::size_t r) { return std::pair(result.ribbons[r].left, result.ribbons[r].right); };
    std::ranges::sort(by_left, {}, place_of);
    std::ranges::sort(by_right, {},
                      [&](std::size_t r) { return std::pair(result.ribbons[r].right, result.ribbons[r].left); });
    std::vector<double> top_left(result.ribbons.size()), top_right(result.ribbons.size());
    for (const std::size_t r : by_left) {
        top_left[r] = result.left[result.ribbons[r].left].rect.top() + used_left[result.ribbons[r].left];
        used_left[result.ribbons[r].left] += room * result.ribbons[r].share;
    }
    for (const std::size_t r : by_right) {
        top_right[r] = result.right[result.ribbons[r].right].rect.top() + used_right[result.ribbons[r].right];
        used_right[result.ribbons[r].right] += room * result.ribbons[r].share;
    }
    for (std::size_t r = 0; r < result.ribbons.size(); ++r) {
        Ribbon& path = result.ribbons[r];
        path.path = ribbon(result.left[path.left].rect.right(), top_left[r], result.right[path.right].rect.left(),
                           top_right[r], room * path.share);
    }
    std::ranges::reverse(result.ribbons);
    double into = result.other_paths.rect.top(), out = into;
    for (std::size_t i = 0; i <= lefts; ++i) {
        const QRectF& node = result.left[i].rect;
        const double height = std::max(0.0, node.height() - used_left[i]);
        result.into_band.push_back(
            {i, 0, height / std::max(1.0, room),
             ribbon(node.right(), node.top() + used_left[i], result.other_paths.rect.left(), into, height)});
        into += height;
    }
    for (std::size_t j = 0; j <= rights; ++j) {
        const QRectF& node = result.right[j].rect;
        const double height = std::max(0.0, node.height() - used_right[j]);
        result.out_of_band.push_back(
            {0, j, height / std::max(1.0, room),
             ribbon(result.other_paths.rect.right(), out, node.left(), node.top() + used_right[j], height)});
        out += height;
    }
    return result;
}

QString FlowChart::nameOf(const Node& node, int others) const {
    return node.expert >= 0 ? QString::number(node.expert) : tr("%1 others").arg(others);
}

void FlowChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const Layout all = layout(body);
    const Spot shown = marked();
    const auto isShown = [&](const Node& node, int layer) {
        return node.expert >= 0 && node.expert == shown.expert && layer == shown.layer;
    };
    bool any_shown = false;
    for (const Node& node : all.left) any_shown |= isShown(node, from());
    for (const Node& node : all.right) any_shown |= isShown(node, to());
    double widest = 0;
    for (const Ribbon& r : all.ribbons) widest = std::max(widest, r.share);
    p.setPen(Qt::NoPen);
    const auto draw = [&](const Ribbon& r, QColor colour, double strength) {
        colour.setAlphaF(static_cast<float>(strength));
        p.setBrush(colour);
        p.drawPath(r.path);
    };
    for (const Ribbon& r : all.into_band) draw(r, t.faint, isShown(all.left[r.left], from()) ? 0.4 : 0.12);
    for (const Ribbon& r : all.out_of_band) draw(r, t.faint, isShown(all.right[r.right], to()) ? 0.4 : 0.12);
    for (const Ribbon& r : all.ribbons) {
        const bool lit = isShown(all.left[r.left], from()) || isShown(all.right[r.right], to());
        const double strength = widest > 0 ? r.share / widest : 0;
        draw(r, t.blue, any_shown ? (lit ? 0.8 : 0.15) : 0.25 + 0.4 * strength);
    }
    if (const QRectF& band = all.other_paths.rect; all.other_paths.share > 1e-9) {
        p.fillRect(band, t.faint);
        const QString paths = tr("other paths %1").arg(percent(all.other_paths.share));
        const double width = QFontMetricsF(t.sans(Theme::kTiny)).horizontalAdvance(paths) + t.px(10), high = t.px(18);
        const double top = std::min(band.center().y() - high / 2, body.bottom() - high);
        const QRectF label(band.center().x() - width / 2, top, width, high);
        p.setBrush(t.panel);
        p.drawRoundedRect(label, 4, 4);
        drawText(p, label, Qt::AlignCenter, paths, t.sans(Theme::kTiny), t.dim);
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
    const Spot shown = marked();
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
