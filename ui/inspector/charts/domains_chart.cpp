#include "ui/inspector/charts/domains_chart.h"

#include <algorithm>
#include <cmath>

#include "ui/heatmap/colour_map.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

/// More sources are not read: it must not take seconds. The caption says how many are left out.
constexpr int kMostSources = 64;
constexpr std::size_t kMostRows = 24;

}  // namespace

DomainsChart::DomainsChart(InspectorModel* model, ThemeStore* themes, QObject* parent) : Chart(model, themes, parent) {
    connect(model, &InspectorModel::offersChanged, this, [this] {
        m_counted.clear();  // an offered source may be another than before under the same id
        emit changed();
    });
    connect(model, &InspectorModel::scopeChanged, this, [this] { m_counted.clear(); });
}

void DomainsChart::setGroup(Group group) {
    m_group = group;
    emit changed();
}

QString DomainsChart::title() const {
    return hasData() ? tr("Experts and kinds of text, layer %1").arg(layerNumber(m_model->layer()))
                     : tr("Experts and kinds of text");
}

QString DomainsChart::caption() const {
    if (m_left_out > 0) return tr("not read: %1 more").arg(m_left_out);
    return m_most_different;
}

QString DomainsChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    if (m_rows.size() >= 2) return {};
    return m_group == Group::kDomain ? tr("Sort chats into folders, and how differently they are routed appears here.")
                                     : tr("Start a second chat to compare how the two are routed.");
}

const DomainsChart::Counted* DomainsChart::counted(qint64 id) {
    const bool in_hand = m_model->source() && m_model->source()->id() == id;
    if (const auto found = m_counted.constFind(id); found != m_counted.constEnd()) {
        if (!in_hand || found->tokens == m_model->source()->size()) return &*found;
    }
    const SharedSource source = m_model->load(id);
    if (!source || source->empty()) return nullptr;
    Counted counted{source->size(), source->shape(), {}};
    for (int l = 0; l < counted.shape.moe_layers; ++l)
        counted.counts.push_back(expertCounts(source->log(), l, allTokens(source->log())));
    return &*m_counted.insert(id, std::move(counted));
}

void DomainsChart::refresh() {
    m_rows.clear();
    m_left_out = 0;
    m_most_different.clear();
    if (!hasData()) return;
    const RoutingShape& shape = m_model->source()->shape();
    const int layer = m_model->layer();
    m_experts = shape.experts;
    m_even = static_cast<double>(shape.experts_used) / std::max(1, m_experts);
    int read = 0;
    for (const SourceOffer& offer : m_model->offers()) {
        const QString name = m_group == Group::kSource ? offer.name : offer.domain;
        if (name.isEmpty()) continue;
        auto row = std::ranges::find(m_rows, name, &Row::name);
        if (m_group == Group::kSource) row = m_rows.end();
        if (read >= kMostSources || (row == m_rows.end() && m_rows.size() >= kMostRows)) {
            ++m_left_out;
            continue;
        }
        const Counted* text = counted(offer.id);
        // Another model's experts are others: they cannot be compared.
        if (!text || text->shape.experts != m_experts || text->shape.moe_layers != shape.moe_layers) continue;
        ++read;
        if (row == m_rows.end())
            row = m_rows.insert(m_rows.end(), {name, 0, std::vector<double>(static_cast<std::size_t>(m_experts), 0)});
        row->tokens += static_cast<std::size_t>(text->tokens);
        for (std::size_t e = 0; e < row->shares.size(); ++e)
            row->shares[e] += text->counts[static_cast<std::size_t>(layer)][e];
    }
    double most = 0;
    for (Row& row : m_rows) {
        for (double& share : row.shares) {
            share /= static_cast<double>(row.tokens);
            most = std::max(most, share);
        }
    }
    m_top = std::max(2.0, nextPowerOfTwo(m_even > 0 ? 0.75 * most / m_even : 2));
    double farthest = -1;
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        for (std::size_t j = i + 1; j < m_rows.size(); ++j) {
            const double apart = divergence(load(m_rows[i].shares), load(m_rows[j].shares));
            if (apart <= farthest) continue;
            farthest = apart;
            m_most_different = tr("most different: %1 and %2, divergence %3 bits")
                                   .arg(m_rows[i].name, m_rows[j].name, numberText(apart));
        }
    }
}

double DomainsChart::nameWidth() const {
    const QFontMetricsF metrics(theme().sans(Theme::kTiny));
    double widest = theme().px(40);
    for (const Row& row : m_rows) widest = std::max(widest, metrics.horizontalAdvance(row.name));
    return std::min(widest, static_cast<double>(theme().px(130))) + theme().space(2);
}

double DomainsChart::height(double) const {
    return static_cast<double>(m_rows.size()) * theme().px(22) + theme().space(12);
}

QRectF DomainsChart::grid(const QRectF& body) const {
    const double names = nameWidth(), tokens = theme().px(48);
    return {body.left() + names, body.top(), std::max(1.0, body.width() - names - tokens),
            static_cast<double>(m_rows.size()) * theme().px(22)};
}

void DomainsChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const QRectF area = grid(body);
    const int rows = static_cast<int>(m_rows.size());
    const auto at = [&](double share) { return std::log1p(m_even > 0 ? share / m_even : 0) / std::log1p(m_top); };
    fillCells(p, area, m_experts, rows, [&](int e, int r) {
        return cividis(at(m_rows[static_cast<std::size_t>(r)].shares[static_cast<std::size_t>(e)]));
    });
    if (m_model->source()) drawGroups(p, t, area, m_model->source()->shape(), Qt::Horizontal);
    const QFont words = t.sans(Theme::kTiny), digits = t.mono(Theme::kTiny - 1);
    const double row_height = t.px(22);
    for (int r = 0; r < rows; ++r) {
        const Row& row = m_rows[static_cast<std::size_t>(r)];
        const double y = area.top() + r * row_height;
        p.fillRect(QRectF(area.left(), y + row_height - 1, area.width(), 1), t.panel);
        const double names = area.left() - body.left() - t.space(2);
        drawText(p, QRectF(body.left(), y, names, row_height), Qt::AlignLeft | Qt::AlignVCenter,
                 QFontMetricsF(words).elidedText(row.name, Qt::ElideRight, names), words, t.dim);
        drawText(p, QRectF(area.right(), y, body.right() - area.right(), row_height), Qt::AlignRight | Qt::AlignVCenter,
                 QString::number(row.tokens), digits, t.faint);
    }
    const double each = area.width() / std::max(1, m_experts);
    for (int e = 0, step = labelStep(each, t.px(28)); e < m_experts; e += step) {
        drawText(p, QRectF(area.left() + (e + 0.5) * each - t.px(20), area.bottom() + t.px(3), t.px(40), t.px(14)),
                 Qt::AlignHCenter, QString::number(e), digits, t.faint);
    }
    drawText(p, QRectF(area.right(), area.bottom() + t.px(3), body.right() - area.right(), t.px(14)), Qt::AlignRight,
             tr("tokens"), words, t.faint);
    const Spot shown = marked();
    if (shown.expert >= 0 && shown.expert < m_experts) {
        p.setBrush(Qt::NoBrush);
        p.setPen(QPen(QColor(255, 255, 255, 220), 1.2));
        p.drawRect(QRectF(area.left() + shown.expert * each, area.top(), each, area.height() - 1));
    }
    const QRectF strip(area.left(), area.bottom() + t.space(6), std::min(t.px(160) * 1.0, area.width()), t.px(6));
    drawLegend(p, t, strip, [](double share) { return cividis(share); },
               {{0, QStringLiteral("0")},
                {std::log1p(1.0) / std::log1p(m_top), tr("uniform")},
                {1, tr("≥%1× uniform").arg(m_top)}});
}

Spot DomainsChart::spotAt(const QPointF& at, const QRectF& body) const {
    const QRectF area = grid(body);
    const int expert = cellUnder(at.x() - area.left(), area.width(), m_experts);
    return expert < 0 || !area.contains(at) ? Spot() : Spot::ofExpert(m_model->layer(), expert);
}

QString DomainsChart::describe(int row, int expert) const {
    const Row& r = m_rows[static_cast<std::size_t>(row)];
    return tr("%1: %2 of %3 tokens chose expert %4 (uniform: %5)")
        .arg(r.name, percent(r.shares[static_cast<std::size_t>(expert)]), QString::number(r.tokens),
             QString::number(expert), percent(m_even));
}

QString DomainsChart::tipAt(const QPointF& at, const QRectF& body) const {
    const QRectF area = grid(body);
    const int row = cellUnder(at.y() - area.top(), area.height(), static_cast<int>(m_rows.size())),
              expert = cellUnder(at.x() - area.left(), area.width(), m_experts);
    return row < 0 || expert < 0 ? QString() : describe(row, expert);
}

QString DomainsChart::csv() const {
    QString text = QStringLiteral("domain,tokens,layer,expert,share\n");
    for (const Row& row : m_rows) {
        for (std::size_t e = 0; e < row.shares.size(); ++e) {
            text += QStringLiteral("%1,%2,%3,%4,%5\n")
                        .arg(csvField(row.name), QString::number(row.tokens),
                             QString::number(layerNumber(m_model->layer())), QString::number(e),
                             QString::number(row.shares[e], 'g', 9));
        }
    }
    return text;
}

}  // namespace moescope
