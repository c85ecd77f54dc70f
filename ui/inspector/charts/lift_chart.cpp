#include "ui/inspector/charts/lift_chart.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "engine/base/sizes.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

constexpr std::size_t kPaths = 12;
/// A path that fewer tokens took says little.
constexpr double kFewTokens = 5;
/// Of the colours: 8 times chance, or an eighth of it, is as strong as they get.
constexpr double kStrongest = 3;  // log2

/// Columns of the list of paths that have room for their numbers.
std::size_t listColumns(const Theme& theme, double width) {
    return width < theme.px(520) ? 1 : 2;
}

}  // namespace

void LiftChart::setTarget(int layer) {
    m_target = layer;
    emit changed();
}

QString LiftChart::title() const {
    return hasData() && m_to >= 0
               ? tr("Paths from layer %1 to layer %2").arg(layerNumber(m_from)).arg(layerNumber(m_to))
               : tr("Paths between layers");
}

QString LiftChart::caption() const {
    return hasData() ? tr("lift: observed over independent, %Ln token(s)", nullptr, static_cast<int>(m_tokens))
                     : QString();
}

QString LiftChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    return m_model->source()->shape().moe_layers < 2 ? tr("A model with one MoE layer has no paths between layers.")
                                                     : QString();
}

void LiftChart::refresh() {
    m_both.clear();
    m_out.clear();
    m_into.clear();
    m_paths.clear();
    m_from = m_to = -1;
    m_experts = 0;
    m_tokens = 0;
    if (!hasData() || m_model->source()->shape().moe_layers < 2) return;
    const RoutingView log = m_model->source()->log();
    const int layers = log.shape().moe_layers;
    m_from = m_model->layer();
    m_to = m_target >= 0 && m_target < layers ? m_target : m_from + 1;
    if (m_to >= layers) m_to = layers - 1;
    if (m_from == m_to) m_from = m_to > 0 ? m_to - 1 : 1;
    m_experts = log.shape().experts;
    const std::size_t n = asSize(m_experts);
    m_both.assign(n * n, 0);
    m_out.assign(n, 0);
    m_into.assign(n, 0);
    for (const RoutingView::Piece& piece : log.pieces(allTokens(log))) {
        for (std::size_t t = piece.tokens.begin; t < piece.tokens.end; ++t) {
            const ExpertIds before = piece.log->experts(t, m_from), after = piece.log->experts(t, m_to);
            if (before.empty() || after.empty()) continue;
            ++m_tokens;
            for (const std::int32_t i : before) ++m_out[asSize(i)];
            for (const std::int32_t j : after) ++m_into[asSize(j)];
            for (const std::int32_t i : before) {
                for (const std::int32_t j : after) ++m_both[asSize(i) * n + asSize(j)];
            }
        }
    }
    for (int i = 0; i < m_experts; ++i) {
        for (int j = 0; j < m_experts; ++j) {
            const double both = m_both[asSize(i) * n + asSize(j)];
            if (both >= kFewTokens && lift(i, j) > 1) m_paths.push_back({i, j, both, lift(i, j)});
        }
    }
    // By the tokens that chance does not explain: a rare pair is not strong for being rare.
    const auto excess = [](const Path& path) { return path.tokens * std::log(path.lift); };
    const std::size_t kept = std::min(kPaths, m_paths.size());
    std::ranges::partial_sort(m_paths, m_paths.begin() + static_cast<std::ptrdiff_t>(kept), std::greater<>(), excess);
    m_paths.resize(kept);
}

double LiftChart::lift(int expert, int next) const {
    const double expected = m_out[asSize(expert)] * m_into[asSize(next)];
    if (expected == 0) return std::numeric_limits<double>::quiet_NaN();
    return m_both[asSize(expert) * asSize(m_experts) + asSize(next)] * m_tokens / expected;
}

double LiftChart::side(double width) const {
    return std::clamp(width - theme().space(9), static_cast<double>(theme().px(80)),
                      static_cast<double>(theme().px(420)));
}

double LiftChart::height(double width) const {
    const Theme& t = theme();
    const std::size_t across = listColumns(t, width);
    const double rows = std::max(1.0, static_cast<double>((m_paths.size() + across - 1) / across));
    return side(width) + t.space(17) + t.space(6) + rows * t.px(20);
}

QRectF LiftChart::grid(const QRectF& body) const {
    const double length = side(body.width());
    return {body.left() + theme().space(9), body.top(), length, length};
}

QRectF LiftChart::cell(const QRectF& body, int expert, int next) const {
    return gridCell(grid(body), m_experts, m_experts, next, expert);
}

QRectF LiftChart::list(const QRectF& body) const {
    const Theme& t = theme();
    const double top = grid(body).bottom() + t.space(17) + t.space(5);
    return {body.left(), top, body.width(), std::max(0.0, body.bottom() - top)};
}

void LiftChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const QRectF area = grid(body);
    if (m_experts == 0) return;
    const auto colour = [&t](double lift) {
        return std::isnan(lift) ? t.line.rgb() : differenceColour(lift > 0 ? std::log2(lift) / kStrongest : -1.0, t);
    };
    fillCells(p, area, m_experts, m_experts, [&](int next, int expert) { return colour(lift(expert, next)); });
    for (const Qt::Orientation along : {Qt::Horizontal, Qt::Vertical}) {
        drawGroups(p, t, area, m_model->source()->shape(), along);
    }
    const QFont digits = t.mono(Theme::kTiny - 1), words = t.sans(Theme::kTiny);
    const double each = area.width() / m_experts;
    for (int e = 0, step = labelStep(each, t.px(24)); e < m_experts; e += step) {
        const double middle = (e + 0.5) * each;
        drawText(p, QRectF(area.left() - t.px(26), area.top() + middle - t.px(8), t.px(22), t.px(16)),
                 Qt::AlignRight | Qt::AlignVCenter, QString::number(e), digits, t.faint);
        drawText(p, QRectF(area.left() + middle - t.px(20), area.bottom() + t.px(3), t.px(40), t.px(14)),
                 Qt::AlignHCenter, QString::number(e), digits, t.faint);
    }
    drawText(p, QRectF(area.left(), area.bottom() + t.px(17), area.width(), t.px(14)), Qt::AlignRight,
             tr("expert of layer %1 →").arg(layerNumber(m_to)), words, t.faint);
    p.save();
    p.translate(body.left() + t.px(10), area.bottom());
    p.rotate(-90);
    drawText(p, QRectF(0, -t.px(10), area.height(), t.px(14)), Qt::AlignRight,
             tr("expert of layer %1 →").arg(layerNumber(m_from)), words, t.faint);
    p.restore();
    const Spot shown = marked();
    const auto mark = [&](const QRectF& rect) {
        p.setBrush(Qt::NoBrush);
        p.setPen(QPen(t.text, 1.2));
        p.drawRect(rect);
    };
    if (shown.expert >= 0 && shown.expert < m_experts) {
        if (shown.layer == m_from)
            mark(QRectF(area.left(), area.top() + shown.expert * each, area.width(), each));
        else if (shown.layer == m_to)
            mark(QRectF(area.left() + shown.expert * each, area.top(), each, area.height()));
    }
    const QRectF strip(area.left(), area.bottom() + t.space(9), std::min(t.px(180) * 1.0, area.width() * 0.5), t.px(6));
    drawLegend(p, t, strip, [&](double at) { return differenceColour(2 * at - 1, t); },
               {{0, QStringLiteral("⅛×")}, {0.5, tr("chance")}, {1, QStringLiteral("≥8×")}});

    const QRectF paths = list(body);
    drawText(p, QRectF(body.left(), paths.top() - t.px(20), body.width(), t.px(18)), Qt::AlignLeft | Qt::AlignVCenter,
             m_paths.empty() ? tr("No path was taken by %1 tokens more often than chance.").arg(kFewTokens)
                             : tr("Paths that stand out most"),
             words, t.faint);
    const std::size_t across = listColumns(t, body.width());
    const double wide = paths.width() / static_cast<double>(across);
    for (std::size_t i = 0; i < m_paths.size(); ++i) {
        const Path& path = m_paths[i];
        const QRectF row(paths.left() + wide * static_cast<double>(i % across),
                         paths.top() + t.px(20) * static_cast<double>(i / across),
                         across > 1 ? wide - t.space(4) : wide, t.px(20));
        const bool chosen = (shown.layer == m_from && shown.expert == path.expert) ||
                            (shown.layer == m_to && shown.expert == path.next);
        drawText(p, row, Qt::AlignLeft | Qt::AlignVCenter,
                 QStringLiteral("%1 → %2").arg(path.expert, 3).arg(path.next, 3), t.mono(Theme::kTiny),
                 chosen ? t.text : t.dim);
        drawElided(p, row.adjusted(t.px(76), 0, 0, 0), Qt::AlignRight | Qt::AlignVCenter,
                   tr("%1× chance · %Ln token(s)", nullptr, static_cast<int>(path.tokens)).arg(numberText(path.lift)),
                   t.mono(Theme::kTiny), chosen ? t.text : t.dim);
    }
}

Spot LiftChart::spotAt(const QPointF& at, const QRectF& body) const {
    const QRectF area = grid(body);
    const int expert = cellUnder(at.y() - area.top(), area.height(), m_experts),
              next = cellUnder(at.x() - area.left(), area.width(), m_experts);
    if (expert >= 0 && next >= 0) return Spot::ofExpert(m_from, expert);
    const QRectF paths = list(body);
    const auto across = static_cast<int>(listColumns(theme(), body.width()));
    const int column = cellUnder(at.x() - paths.left(), paths.width(), across);
    const int row = at.y() < paths.top() ? -1 : static_cast<int>((at.y() - paths.top()) / theme().px(20));
    const std::size_t path = asSize(std::max(0, row) * across + std::max(0, column));
    return row < 0 || column < 0 || path >= m_paths.size() ? Spot() : Spot::ofExpert(m_from, m_paths[path].expert);
}

QString LiftChart::describe(int expert, int next) const {
    const double both = m_both[asSize(expert) * asSize(m_experts) + asSize(next)], value = lift(expert, next);
    const QString where = tr("layer %1, expert %2, then layer %3, expert %4")
                              .arg(layerNumber(m_from))
                              .arg(expert)
                              .arg(layerNumber(m_to))
                              .arg(next);
    return std::isnan(value) ? tr("%1: one of them was never chosen").arg(where)
                             : tr("%1: %Ln token(s), %2 times as often as by chance", nullptr, static_cast<int>(both))
                                   .arg(where, numberText(value));
}

QString LiftChart::tipAt(const QPointF& at, const QRectF& body) const {
    const QRectF area = grid(body);
    const int expert = cellUnder(at.y() - area.top(), area.height(), m_experts),
              next = cellUnder(at.x() - area.left(), area.width(), m_experts);
    return expert < 0 || next < 0 ? QString() : describe(expert, next);
}

QString LiftChart::words() const {
    const Spot shown = marked();
    if (!hasData() || m_experts == 0 || shown.expert < 0 || shown.expert >= m_experts || shown.layer != m_from)
        return Chart::words();
    int best = 0;
    for (int j = 1; j < m_experts; ++j) {
        const double a = lift(shown.expert, j), b = lift(shown.expert, best);
        if (!std::isnan(a) && (std::isnan(b) || a > b)) best = j;
    }
    return describe(shown.expert, best);
}

QString LiftChart::csv() const {
    QString text = QStringLiteral("from_layer,expert,to_layer,next_expert,tokens,lift\n");
    for (int i = 0; i < m_experts; ++i) {
        for (int j = 0; j < m_experts; ++j) {
            const double value = lift(i, j);
            text += QStringLiteral("%1,%2,%3,%4,%5,%6\n")
                        .arg(layerNumber(m_from))
                        .arg(i)
                        .arg(layerNumber(m_to))
                        .arg(j)
                        .arg(m_both[asSize(i) * asSize(m_experts) + asSize(j)])
                        .arg(std::isnan(value) ? QString() : QString::number(value, 'g', 9));
        }
    }
    return text;
}

}  // namespace moescope
