#include "ui/inspector/charts/balance_chart.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ui/inspector/plot.h"

namespace moescope {
namespace {

constexpr double kRowHeight = 22, kLayerWidth = 48;

}  // namespace

void BalanceChart::sortBy(Column column, bool descending) {
    m_sort = column;
    m_descending = descending;
    sort();
    emit sorted();
    emit changed();
}

void BalanceChart::sort() {
    std::stable_sort(m_order.begin(), m_order.end(), [this](int a, int b) {
        const double x = m_figures[static_cast<std::size_t>(a)][m_sort],
                     y = m_figures[static_cast<std::size_t>(b)][m_sort];
        if (x == y) return a < b;
        return m_descending ? x > y : x < y;
    });
}

QString BalanceChart::name(Column column) {
    switch (column) {
        case kLayer:
            return tr("layer");
        case kJain:
            return tr("Jain");
        case kMaxViolation:
            return tr("MaxVio");
        case kVariation:
            return tr("CV");
        case kEntropy:
            return tr("entropy");
        case kNever:
            return tr("unused");
        case kColumns:
            break;
    }
    return {};
}

QString BalanceChart::caption() const {
    return m_tokens == 0 ? QString()
                         : tr("of how often experts were chosen, %Ln token(s)", nullptr, static_cast<int>(m_tokens));
}

void BalanceChart::refresh() {
    m_figures.clear();
    m_order.clear();
    m_tokens = 0;
    if (!hasData()) return;
    const ExpertSums& sums = m_model->sums();
    m_tokens = sums.tokens(PhaseFilter::kBoth);
    for (int l = 0; l < m_model->source()->shape().moe_layers; ++l) {
        const std::vector<double> counts = sums.ofLayer(ExpertAmount::kCount, PhaseFilter::kBoth, l);
        m_figures.push_back({static_cast<double>(layerNumber(l)), jainIndex(counts), maxViolation(counts),
                             variation(counts), normalisedEntropy(counts), static_cast<double>(neverChosen(counts))});
    }
    m_order.resize(m_figures.size());
    std::iota(m_order.begin(), m_order.end(), 0);
    sort();
}

QString BalanceChart::note() {
    return tr("1 is balanced for Jain and entropy, 0 for MaxVio and CV; unused: experts no token chose");
}

double BalanceChart::height(double width) const {
    return theme().px(kRowHeight) * static_cast<double>(m_order.size() + 1) + theme().space(1) +
           wrappedHeight(note(), theme().sans(Theme::kTiny), width);
}

QRectF BalanceChart::headRect(const QRectF& body, Column column) const {
    const double first = theme().px(kLayerWidth), each = (body.width() - first) / (kColumns - 1);
    if (column == kLayer) return {body.left(), body.top(), first, theme().px(kRowHeight) * 1.0};
    return {body.left() + first + (column - 1) * each, body.top(), each, theme().px(kRowHeight) * 1.0};
}

QRectF BalanceChart::rowRect(const QRectF& body, int layer) const {
    const auto row = std::ranges::find(m_order, layer) - m_order.begin();
    return {body.left(), body.top() + theme().px(kRowHeight) * static_cast<double>(row + 1), body.width(),
            theme().px(kRowHeight) * 1.0};
}

void BalanceChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const double row_height = t.px(kRowHeight);
    Figures most{};
    for (const Figures& f : m_figures) {
        for (std::size_t c = 0; c < f.size(); ++c) most[c] = std::max(most[c], f[c]);
    }
    most[kJain] = most[kEntropy] = 1;  // these have an end of their own
    most[kNever] = m_model->source()->shape().experts;
    for (int c = 0; c < kColumns; ++c) {
        const auto column = static_cast<Column>(c);
        QString head = name(column);
        if (column == m_sort) head += m_descending ? QStringLiteral(" ↓") : QStringLiteral(" ↑");
        drawText(p, headRect(body, column), Qt::AlignLeft | Qt::AlignVCenter, head,
                 t.sans(Theme::kTiny, column == m_sort ? QFont::Medium : QFont::Normal),
                 column == m_sort ? t.text : t.faint);
    }
    p.fillRect(QRectF(body.left(), body.top() + row_height - 1, body.width(), 1), t.line);
    const Spot shown = marked();
    const QFont digits = t.mono(Theme::kTiny);
    for (std::size_t row = 0; row < m_order.size(); ++row) {
        const int layer = m_order[row];
        const Figures& figures = m_figures[static_cast<std::size_t>(layer)];
        const double y = body.top() + row_height * static_cast<double>(row + 1);
        if (layer == shown.layer) {
            p.setPen(Qt::NoPen);
            p.setBrush(t.hover);
            p.drawRoundedRect(QRectF(body.left() - t.space(1), y, body.width() + t.space(2), row_height),
                              t.px(Theme::kRadiusSmall), t.px(Theme::kRadiusSmall));
        }
        for (int c = 0; c < kColumns; ++c) {
            const auto column = static_cast<Column>(c);
            QRectF cell = headRect(body, column);
            cell.moveTop(y);
            const double value = figures[static_cast<std::size_t>(c)];
            const QString text =
                column == kLayer || column == kNever ? QString::number(value) : QString::number(value, 'f', 2);
            const double number = t.px(column == kNever ? 22 : 34);
            drawText(p, QRectF(cell.left(), y, number, row_height),
                     (column == kLayer ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, text, digits,
                     column == kNever && value > 0 ? t.amber_text
                     : layer == shown.layer        ? t.text
                                                   : t.dim);
            if (column == kLayer || most[static_cast<std::size_t>(c)] <= 0) continue;
            const double room = cell.width() - number - t.px(16);
            const QRectF whole(cell.left() + number + t.px(6), cell.center().y() - t.px(2), std::max(1.0, room),
                               t.px(4));
            drawBar(p, whole, t.line);
            QRectF filled = whole;
            filled.setWidth(whole.width() * value / most[static_cast<std::size_t>(c)]);
            drawBar(p, filled, t.blue);
        }
    }
    const double top = body.top() + row_height * static_cast<double>(m_order.size() + 1) + t.space(1);
    drawText(p, QRectF(body.left(), top, body.width(), body.bottom() + t.space(1) - top),
             Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, note(), t.sans(Theme::kTiny), t.faint);
}

Spot BalanceChart::spotAt(const QPointF& at, const QRectF& body) const {
    const int rows = static_cast<int>(m_order.size());
    const double height = theme().px(kRowHeight);
    const int row = cellUnder(at.y() - body.top() - height, height * rows, rows);
    if (row < 0 || at.x() < body.left() - theme().space(1) || at.x() > body.right() + theme().space(1)) return {};
    return Spot::ofExpert(m_order[static_cast<std::size_t>(row)], -1);
}

bool BalanceChart::press(const QPointF& at, const QRectF& body) {
    for (int c = 0; c < kColumns; ++c) {
        const auto column = static_cast<Column>(c);
        if (!headRect(body, column).contains(at)) continue;
        const bool high_first = column == kMaxViolation || column == kVariation || column == kNever;
        sortBy(column, column == m_sort ? !m_descending : high_first);
        return true;
    }
    return false;
}

QString BalanceChart::describe(int layer) const {
    const Figures& f = m_figures[static_cast<std::size_t>(layer)];
    return tr("layer %1: Jain %2, MaxVio %3, coefficient of variation %4, normalized entropy %5, "
              "unused experts %6")
        .arg(f[kLayer])
        .arg(f[kJain], 0, 'f', 3)
        .arg(f[kMaxViolation], 0, 'f', 2)
        .arg(f[kVariation], 0, 'f', 2)
        .arg(f[kEntropy], 0, 'f', 3)
        .arg(f[kNever]);
}

QString BalanceChart::tipAt(const QPointF& at, const QRectF& body) const {
    if (headRect(body, kJain).contains(at))
        return tr("Jain's index: (sum of loads)² / (experts × sum of squares); 1 is balanced");
    if (headRect(body, kMaxViolation).contains(at))
        return tr("MaxVio: the largest load over the mean, less 1; 0 is balanced");
    if (headRect(body, kVariation).contains(at))
        return tr("Coefficient of variation: standard deviation over the mean; 0 is balanced");
    if (headRect(body, kEntropy).contains(at)) return tr("Entropy of the loads over its largest value; 1 is balanced");
    if (headRect(body, kNever).contains(at)) return tr("Experts that no token chose");
    const Spot spot = spotAt(at, body);
    return spot.layer >= 0 ? describe(spot.layer) : QString();
}

QString BalanceChart::words() const {
    const int layer = marked().layer;
    return hasData() && layer >= 0 && layer < static_cast<int>(m_figures.size()) ? describe(layer) : Chart::words();
}

QString BalanceChart::csv() const {
    QString text = QStringLiteral("layer,jain,max_violation,variation,normalised_entropy,never_chosen\n");
    for (const int l : m_order) {
        const Figures& f = m_figures[static_cast<std::size_t>(l)];
        QStringList fields;
        for (const double v : f) fields << QString::number(v, 'g', 9);
        text += fields.join(QLatin1Char(',')) + QLatin1Char('\n');
    }
    return text;
}

}  // namespace moescope
