#include "ui/inspector/charts/coactivation_chart.h"

#include <algorithm>
#include <cmath>

#include "ui/heatmap/colour_map.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

constexpr std::size_t kPairs = 8;
/// A pair must have been chosen together this often to be called strong.
constexpr double kFewTokens = 3;

}  // namespace

QString CoActivationChart::title() const {
    return hasData() ? tr("Co-activation, layer %1").arg(layerNumber(m_model->layer())) : tr("Co-activation");
}

QString CoActivationChart::caption() const {
    return hasData() ? tr("%Ln token(s)", nullptr, m_model->source()->size()) : QString();
}

void CoActivationChart::refresh() {
    m_shares.clear();
    m_strongest.clear();
    m_most = 0;
    m_experts = 0;
    if (!hasData()) return;
    const RoutingView log = m_model->source()->log();
    m_experts = log.shape().experts;
    m_shares = coActivation(log, m_model->layer(), allTokens(log));
    const std::vector<double> counts =
        m_model->sums().ofLayer(ExpertAmount::kCount, PhaseFilter::kBoth, m_model->layer());
    for (int i = 0; i < m_experts; ++i) {
        for (int j = 0; j < m_experts; ++j) {
            if (i == j) continue;
            m_most = std::max(m_most, share(i, j));
            const double together = share(i, j) * counts[static_cast<std::size_t>(i)];
            if (together > kFewTokens - 0.5) m_strongest.push_back({i, j, share(i, j)});
        }
    }
    const auto stronger = [](const Pair& a, const Pair& b) { return a.share > b.share; };
    const std::size_t kept = std::min(kPairs, m_strongest.size());
    std::ranges::partial_sort(m_strongest, m_strongest.begin() + static_cast<std::ptrdiff_t>(kept), stronger);
    m_strongest.resize(kept);
}

double CoActivationChart::share(int given, int also) const {
    return m_shares[static_cast<std::size_t>(given) * static_cast<std::size_t>(m_experts) +
                    static_cast<std::size_t>(also)];
}

double CoActivationChart::chance() const {
    const int used = m_model->source()->shape().experts_used;
    return m_experts > 1 ? static_cast<double>(used - 1) / (m_experts - 1) : 0;
}

double CoActivationChart::side(double width) const {
    return std::clamp(width - theme().space(7), static_cast<double>(theme().px(80)),
                      static_cast<double>(theme().px(420)));
}

double CoActivationChart::height(double width) const {
    const auto rows = static_cast<double>((m_strongest.size() + 1) / 2);
    return side(width) + theme().space(13) + (rows > 0 ? theme().space(6) + rows * theme().px(18) : 0);
}

QRectF CoActivationChart::grid(const QRectF& body) const {
    const double length = side(body.width());
    return {body.left() + theme().space(7), body.top(), length, length};
}

QRectF CoActivationChart::cell(const QRectF& body, int given, int also) const {
    return gridCell(grid(body), m_experts, m_experts, also, given);
}

void CoActivationChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const QRectF area = grid(body);
    if (m_experts == 0) return;
    const double most = m_most > 0 ? m_most : 1;
    fillCells(p, area, m_experts, m_experts,
              [&](int also, int given) { return given == also ? t.line.rgb() : cividis(share(given, also) / most); });
    for (const Qt::Orientation along : {Qt::Horizontal, Qt::Vertical}) {
        drawGroups(p, t, area, m_model->source()->shape(), along);
    }
    const QFont digits = t.mono(Theme::kTiny - 1);
    const double each = area.width() / m_experts;
    for (int e = 0, step = labelStep(each, t.px(24)); e < m_experts; e += step) {
        const double middle = (e + 0.5) * each;
        drawText(p, QRectF(area.left() - t.px(26), area.top() + middle - t.px(8), t.px(22), t.px(16)),
                 Qt::AlignRight | Qt::AlignVCenter, QString::number(e), digits, t.faint);
        drawText(p, QRectF(area.left() + middle - t.px(20), area.bottom() + t.px(3), t.px(40), t.px(14)),
                 Qt::AlignHCenter, QString::number(e), digits, t.faint);
    }
    const Spot shown = marked(m_model->layer());
    if (shown.expert >= 0 && shown.expert < m_experts) {
        p.setBrush(Qt::NoBrush);
        p.setPen(QPen(QColor(255, 255, 255, 220), 1.2));
        p.drawRect(QRectF(area.left(), area.top() + shown.expert * each, area.width(), each));
        p.drawRect(QRectF(area.left() + shown.expert * each, area.top(), each, area.height()));
    }
    const QRectF strip(area.left(), area.bottom() + t.space(6), std::min(t.px(160) * 1.0, area.width() * 0.4), t.px(6));
    std::vector<LegendMark> marks{{0, QStringLiteral("0")}, {1, percent(most)}};
    if (chance() < 0.8 * most && chance() > 0.15 * most) marks.push_back({chance() / most, tr("chance")});
    drawLegend(
        p, t, strip, [](double at) { return cividis(at); }, marks);
    drawText(p,
             QRectF(strip.right() + t.space(9), strip.top() - t.px(6),
                    std::max(0.0, body.right() - strip.right() - t.space(9)), t.px(32)),
             Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
             tr("% of the row expert's tokens; chance %1").arg(percent(chance())), t.sans(Theme::kTiny), t.faint);

    double y = strip.bottom() + t.space(6);
    if (m_strongest.empty()) return;
    drawText(p, QRectF(body.left(), y, body.width(), t.px(18)), Qt::AlignLeft | Qt::AlignVCenter, tr("Strongest pairs"),
             t.sans(Theme::kTiny), t.faint);
    y += t.space(5);
    const double half = body.width() / 2;
    for (std::size_t i = 0; i < m_strongest.size(); ++i) {
        const Pair& pair = m_strongest[i];
        const QRectF row(body.left() + half * static_cast<double>(i % 2), y + t.px(18) * static_cast<double>(i / 2),
                         half - t.space(3), t.px(18));
        const bool chosen = shown.expert == pair.given || shown.expert == pair.also;
        drawText(p, row, Qt::AlignLeft | Qt::AlignVCenter,
                 QStringLiteral("%1 → %2").arg(pair.given, 3).arg(pair.also, 3), t.mono(Theme::kTiny),
                 chosen ? t.text : t.dim);
        const double room = row.width() - t.px(76) - t.px(48);
        drawBar(p, QRectF(row.left() + t.px(76), row.center().y() - t.px(2), room, t.px(4)), t.line);
        drawBar(p, QRectF(row.left() + t.px(76), row.center().y() - t.px(2), room * pair.share, t.px(4)), t.blue);
        drawText(p, row, Qt::AlignRight | Qt::AlignVCenter, percent(pair.share), t.mono(Theme::kTiny), t.dim);
    }
}

Spot CoActivationChart::spotAt(const QPointF& at, const QRectF& body) const {
    const QRectF area = grid(body);
    const int given = cellUnder(at.y() - area.top(), area.height(), m_experts),
              also = cellUnder(at.x() - area.left(), area.width(), m_experts);
    return given < 0 || also < 0 ? Spot() : Spot::ofExpert(m_model->layer(), given);
}

QString CoActivationChart::describe(int given, int also) const {
    if (given == also) return tr("expert %1").arg(given);
    return tr("of the tokens that chose expert %1, %2 also chose expert %3 (chance %4)")
        .arg(given)
        .arg(percent(share(given, also)))
        .arg(also)
        .arg(percent(chance()));
}

QString CoActivationChart::tipAt(const QPointF& at, const QRectF& body) const {
    const QRectF area = grid(body);
    const int given = cellUnder(at.y() - area.top(), area.height(), m_experts),
              also = cellUnder(at.x() - area.left(), area.width(), m_experts);
    return given < 0 || also < 0 ? QString() : describe(given, also);
}

QString CoActivationChart::words() const {
    const int expert = marked(m_model->layer()).expert;
    if (!hasData() || expert < 0 || expert >= m_experts) return Chart::words();
    int best = -1;
    for (int j = 0; j < m_experts; ++j) {
        if (j != expert && (best < 0 || share(expert, j) > share(expert, best))) best = j;
    }
    return best < 0 ? Chart::words() : describe(expert, best);
}

QString CoActivationChart::csv() const {
    QString text = QStringLiteral("layer,given,also,share\n");
    for (int i = 0; i < m_experts; ++i) {
        for (int j = 0; j < m_experts; ++j) {
            text += QStringLiteral("%1,%2,%3,%4\n")
                        .arg(layerNumber(m_model->layer()))
                        .arg(i)
                        .arg(j)
                        .arg(share(i, j), 0, 'g', 9);
        }
    }
    return text;
}

}  // namespace moescope
