#include "ui/inspector/charts/router_chart.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/sizes.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

constexpr std::size_t kPairs = 12;

}  // namespace

std::vector<int> clusteredOrder(const std::vector<double>& cosines, int experts) {
    struct Group {
        std::vector<int> members;
        std::vector<double> sums;  // of the cosines with the members of each other group
    };
    const std::size_t size = asSize(experts);
    std::vector<Group> groups(size);
    for (std::size_t i = 0; i < size; ++i) {
        groups[i].members = {static_cast<int>(i)};
        groups[i].sums.assign(cosines.begin() + static_cast<std::ptrdiff_t>(i * size),
                              cosines.begin() + static_cast<std::ptrdiff_t>((i + 1) * size));
    }
    const auto mean = [&](std::size_t a, std::size_t b) {
        return groups[a].sums[b] / static_cast<double>(groups[a].members.size() * groups[b].members.size());
    };
    std::vector<std::size_t> left(size);
    std::iota(left.begin(), left.end(), std::size_t{0});
    while (left.size() > 1) {
        std::size_t a = left[0], b = left[1];
        for (std::size_t i = 0; i < left.size(); ++i) {
            for (std::size_t j = i + 1; j < left.size(); ++j) {
                if (mean(left[i], left[j]) > mean(a, b)) {
                    a = left[i];
                    b = left[j];
                }
            }
        }
        // The end of one that is most like the other's beginning comes next to it.
        const auto like = [&](int x, int y) { return cosines[asSize(x) * size + asSize(y)]; };
        std::vector<int>&first = groups[a].members, &second = groups[b].members;
        if (like(first.front(), second.front()) > like(first.back(), second.front())) std::ranges::reverse(first);
        if (like(first.back(), second.back()) > like(first.back(), second.front())) std::ranges::reverse(second);
        first.insert(first.end(), second.begin(), second.end());
        for (const std::size_t other : left) {
            groups[a].sums[other] += groups[b].sums[other];
            groups[other].sums[a] = groups[a].sums[other];
        }
        std::erase(left, b);
    }
    return size == 0 ? std::vector<int>() : groups[left[0]].members;
}

RouterChart::RouterChart(InspectorModel* model, ThemeStore* themes, QObject* parent) : Chart(model, themes, parent) {
    connect(model, &InspectorModel::routerChanged, this, &Chart::changed);
}

void RouterChart::setClustered(bool clustered) {
    m_clustered = clustered;
    emit changed();
}

QString RouterChart::title() const {
    return hasData() ? tr("Router rows, layer %1").arg(layerNumber(m_model->layer())) : tr("Router rows");
}

QString RouterChart::caption() const {
    return m_experts > 0 ? tr("cosine, by %1").arg(m_model->routerModel()) : QString();
}

QString RouterChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    return m_experts > 0 ? QString()
                         : tr("The router's weights are in the model's file. Load the model that made this routing.");
}

void RouterChart::refresh() {
    m_experts = 0;
    m_cosines.clear();
    m_order.clear();
    m_most.clear();
    if (!hasData() || !m_model->routerCosines()) return;
    m_cosines = m_model->routerCosines()(m_model->layer());
    const int experts = m_model->source()->shape().experts;
    if (m_cosines.size() != asSize(experts) * asSize(experts)) return m_cosines.clear();
    m_experts = experts;
    if (m_clustered) {
        m_order = clusteredOrder(m_cosines, experts);
    } else {
        m_order.resize(asSize(experts));
        std::iota(m_order.begin(), m_order.end(), 0);
    }
    m_place.assign(asSize(experts), 0);
    for (int i = 0; i < experts; ++i) m_place[asSize(m_order[asSize(i)])] = i;
    m_range = 0;
    for (int a = 0; a < experts; ++a) {
        for (int b = a + 1; b < experts; ++b) {
            if (!std::isfinite(cosine(a, b))) continue;
            m_range = std::max(m_range, std::abs(cosine(a, b)));
            m_most.push_back({a, b, cosine(a, b)});
        }
    }
    if (m_range == 0) m_range = 1;
    const std::size_t kept = std::min(kPairs, m_most.size());
    std::ranges::partial_sort(m_most, m_most.begin() + static_cast<std::ptrdiff_t>(kept),
                              [](const Pair& x, const Pair& y) { return x.cosine > y.cosine; });
    m_most.resize(kept);
}

double RouterChart::cosine(int a, int b) const {
    return m_cosines[asSize(a) * asSize(m_experts) + asSize(b)];
}

double RouterChart::side(double width) const {
    return std::clamp(width - theme().space(7), theme().px(80) * 1.0, theme().px(460) * 1.0);
}

double RouterChart::height(double width) const {
    const auto rows = static_cast<double>((m_most.size() + 1) / 2);
    return side(width) + theme().space(13) + (rows > 0 ? theme().space(6) + rows * theme().px(18) : 0);
}

QRectF RouterChart::grid(const QRectF& body) const {
    const double length = side(body.width());
    return {body.left() + theme().space(7), body.top(), length, length};
}

QRectF RouterChart::cell(const QRectF& body, int a, int b) const {
    return gridCell(grid(body), m_experts, m_experts, m_place[asSize(b)], m_place[asSize(a)]);
}

void RouterChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    if (m_experts == 0) return;
    const QRectF area = grid(body);
    const auto colour = [&](double value) { return differenceColour(value, t); };
    fillCells(p, area, m_experts, m_experts, [&](int column, int row) {
        const int a = m_order[asSize(row)], b = m_order[asSize(column)];
        return a == b ? t.line.rgb() : colour(cosine(a, b) / m_range);
    });
    const QFont digits = t.mono(Theme::kTiny - 1), small = t.sans(Theme::kTiny);
    const double each = area.width() / m_experts;
    for (int place = 0, step = labelStep(each, t.px(24)); place < m_experts; place += step) {
        const double middle = (place + 0.5) * each;
        const QString number = QString::number(m_order[asSize(place)]);
        drawText(p, QRectF(area.left() - t.px(26), area.top() + middle - t.px(8), t.px(22), t.px(16)),
                 Qt::AlignRight | Qt::AlignVCenter, number, digits, t.faint);
        drawText(p, QRectF(area.left() + middle - t.px(20), area.bottom() + t.px(3), t.px(40), t.px(14)),
                 Qt::AlignHCenter, number, digits, t.faint);
    }
    const Spot shown = marked(m_model->layer());
    if (shown.expert >= 0 && shown.expert < m_experts) {
        const double at = m_place[asSize(shown.expert)] * each;
        p.setBrush(Qt::NoBrush);
        p.setPen(QPen(t.text, 1.2));
        p.drawRect(QRectF(area.left(), area.top() + at, area.width(), each));
        p.drawRect(QRectF(area.left() + at, area.top(), each, area.height()));
    }
    const QRectF strip(area.left(), area.bottom() + t.space(6), std::min(t.px(160) * 1.0, area.width() * 0.4), t.px(6));
    drawLegend(p, t, strip, [&](double at) { return colour(2 * at - 1); },
               {{0, fixedText(-m_range, 2)}, {0.5, QStringLiteral("0")}, {1, fixedText(m_range, 2)}});
    drawText(p,
             QRectF(strip.right() + t.space(9), strip.top() - t.px(6),
                    std::max(0.0, body.right() - strip.right() - t.space(9)), t.px(32)),
             Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
             tr("1: chosen for the same hidden states; below 0: opposite ones"), small, t.faint);
    double y = strip.bottom() + t.space(6);
    drawText(p, QRectF(body.left(), y, body.width(), t.px(18)), Qt::AlignLeft | Qt::AlignVCenter, tr("Most similar"),
             small, t.faint);
    y += t.space(5);
    const double half = body.width() / 2;
    for (std::size_t i = 0; i < m_most.size(); ++i) {
        const Pair& pair = m_most[i];
        const QRectF row(body.left() + half * static_cast<double>(i % 2), y + t.px(18) * static_cast<double>(i / 2),
                         half - t.space(3), t.px(18));
        const QColor ink = shown.expert == pair.a || shown.expert == pair.b ? t.text : t.dim;
        drawText(p, row, Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("%1 · %2").arg(pair.a, 3).arg(pair.b, 3),
                 t.mono(Theme::kTiny), ink);
        const QRectF lane(row.left() + t.px(76), row.center().y() - t.px(2), row.width() - t.px(76) - t.px(48),
                          t.px(4));
        drawBar(p, lane, t.line);
        drawBar(p, QRectF(lane.topLeft(), QSizeF(lane.width() * std::max(0.0, pair.cosine), lane.height())), t.blue);
        drawText(p, row, Qt::AlignRight | Qt::AlignVCenter, fixedText(pair.cosine, 3), t.mono(Theme::kTiny), ink);
    }
}

std::pair<int, int> RouterChart::expertsAt(const QPointF& at, const QRectF& body) const {
    if (m_experts == 0) return {-1, -1};
    const QRectF area = grid(body);
    const int row = cellUnder(at.y() - area.top(), area.height(), m_experts),
              column = cellUnder(at.x() - area.left(), area.width(), m_experts);
    if (row < 0 || column < 0) return {-1, -1};
    return {m_order[asSize(row)], m_order[asSize(column)]};
}

Spot RouterChart::spotAt(const QPointF& at, const QRectF& body) const {
    const int expert = expertsAt(at, body).first;
    return expert < 0 ? Spot() : Spot::ofExpert(m_model->layer(), expert);
}

QString RouterChart::describe(int a, int b) const {
    return a == b ? tr("expert %1").arg(a)
                  : tr("experts %1 and %2: cosine %3").arg(a).arg(b).arg(fixedText(cosine(a, b), 3));
}

QString RouterChart::tipAt(const QPointF& at, const QRectF& body) const {
    const auto [a, b] = expertsAt(at, body);
    return a < 0 ? QString() : describe(a, b);
}

QString RouterChart::words() const {
    const int expert = marked(m_model->layer()).expert;
    if (m_experts < 2 || expert < 0 || expert >= m_experts) return Chart::words();
    int best = expert == 0 ? 1 : 0;
    for (int e = 0; e < m_experts; ++e) {
        if (e != expert && cosine(expert, e) > cosine(expert, best)) best = e;
    }
    return tr("Expert %1 is most similar to expert %2: cosine %3.")
        .arg(expert)
        .arg(best)
        .arg(fixedText(cosine(expert, best), 3));
}

QString RouterChart::csv() const {
    if (m_experts == 0) return {};
    QString text = QStringLiteral("layer,expert,other,cosine\n");
    for (int a = 0; a < m_experts; ++a) {
        for (int b = 0; b < m_experts; ++b)
            text += QStringLiteral("%1,%2,%3,%4\n")
                        .arg(layerNumber(m_model->layer()))
                        .arg(a)
                        .arg(b)
                        .arg(cosine(a, b), 0, 'g', 9);
    }
    return text;
}

}  // namespace moescope
