#include "ui/inspector/charts/rows_chart.h"

#include <algorithm>
#include <cmath>

#include "engine/base/sizes.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

/// Under so much of a uniform share an expert counts as rarely chosen.
constexpr double kRare = 0.1;
constexpr std::size_t kMostRows = 240, kMostAlike = 40;
/// More tokens are not compared: it must not take seconds. The newest count.
constexpr int kMostCompared = 200'000;

}  // namespace

// ---- Rows

int RowsChart::columns(double width) const {
    const int fit = std::max(1, static_cast<int>(width / theme().px(narrowest())));
    return std::clamp(static_cast<int>(m_rows.size()) / 6, 1, fit);
}

int RowsChart::perColumn(double width) const {
    const int across = columns(width);
    return (static_cast<int>(m_rows.size()) + across - 1) / across;
}

double RowsChart::height(double width) const {
    return perColumn(width) * theme().px(20) + theme().space(1);
}

QRectF RowsChart::rowRect(const QRectF& body, int row) const {
    const Theme& t = theme();
    const int across = columns(body.width()), down = std::max(1, perColumn(body.width()));
    const double gap = t.space(5), width = (body.width() - gap * (across - 1)) / across;
    return {body.left() + (row / down) * (width + gap), body.top() + (row % down) * t.px(20), width, t.px(20) * 1.0};
}

int RowsChart::rowAt(const QPointF& at, const QRectF& body) const {
    for (int row = 0; row < static_cast<int>(m_rows.size()); ++row) {
        if (rowRect(body, row).contains(at)) return row;
    }
    return -1;
}

void RowsChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const Spot shown = marked();
    const QFont names = t.sans(Theme::kSmall), digits = t.mono(Theme::kTiny);
    const double number = t.px(52);
    for (int i = 0; i < static_cast<int>(m_rows.size()); ++i) {
        const Row& row = m_rows[asSize(i)];
        const QRectF rect = rowRect(body, i);
        const bool chosen = isMarked(row, shown);
        if (chosen) {
            p.setPen(Qt::NoPen);
            p.setBrush(t.hover);
            p.drawRoundedRect(rect.adjusted(-t.space(1), 0, t.space(1), 0), t.px(Theme::kRadiusSmall),
                              t.px(Theme::kRadiusSmall));
        }
        const double name = (rect.width() - number) * nameShare();
        drawElided(p, QRectF(rect.left(), rect.top(), name - t.px(6), rect.height()), Qt::AlignVCenter | Qt::AlignLeft,
                   row.name, names, chosen ? t.text : t.dim);
        const QRectF lane(rect.left() + name, rect.center().y() - t.px(2), rect.width() - name - number, t.px(4));
        drawBar(p, lane, t.line);
        if (std::isfinite(row.share))
            drawBar(p, QRectF(lane.topLeft(), QSizeF(lane.width() * std::clamp(row.share, 0.0, 1.0), lane.height())),
                    t.blue);
        drawText(p, rect, Qt::AlignVCenter | Qt::AlignRight, row.value, digits, chosen ? t.text : t.dim);
    }
}

Spot RowsChart::spotAt(const QPointF& at, const QRectF& body) const {
    const int row = rowAt(at, body);
    return row < 0 ? Spot() : m_rows[asSize(row)].spot;
}

QString RowsChart::tipAt(const QPointF& at, const QRectF& body) const {
    const int row = rowAt(at, body);
    return row < 0 ? QString() : m_rows[asSize(row)].tip;
}

QString RowsChart::words() const {
    const Spot shown = marked();
    for (const Row& row : m_rows) {
        if (isMarked(row, shown)) return row.tip;
    }
    return Chart::words();
}

// ---- Experts that are hardly used

QString UnusedChart::title() const {
    return tr("Experts never or rarely chosen");
}

QString UnusedChart::caption() const {
    if (!hasData()) return {};
    const QString all = tr("unused %L1, under 0.1× uniform %L2, of %L3").arg(m_never).arg(m_rare).arg(m_experts);
    return m_found.size() > m_rows.size() ? tr("%1; the first %2 are shown").arg(all).arg(m_rows.size()) : all;
}

QString UnusedChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    return m_rows.empty() ? tr("Every expert of every layer was chosen at least a tenth as often as the others on "
                               "average.")
                          : QString();
}

void UnusedChart::refresh() {
    m_rows.clear();
    m_found.clear();
    m_never = m_rare = m_experts = 0;
    if (!hasData()) return;
    const RoutingShape& shape = m_model->source()->shape();
    const ExpertSums& sums = m_model->sums();
    m_experts = shape.moe_layers * shape.experts;
    for (int l = 0; l < shape.moe_layers; ++l) {
        const std::vector<double> counts = sums.ofLayer(ExpertAmount::kCount, PhaseFilter::kBoth, l);
        const std::vector<double> relative = relativeLoad(counts);
        for (int e = 0; e < shape.experts; ++e) {
            if (!(relative[asSize(e)] < kRare)) continue;
            m_found.push_back({l, e, counts[asSize(e)], relative[asSize(e)]});
            ++(counts[asSize(e)] == 0 ? m_never : m_rare);
        }
    }
    std::ranges::stable_sort(m_found, {}, &Rare::relative);
    for (const Rare& rare : m_found) {
        if (m_rows.size() == kMostRows) break;
        const QString name = m_model->expertName(rare.layer, rare.expert);
        const QString where = tr("layer %1, expert %2").arg(layerNumber(rare.layer)).arg(rare.expert);
        Row row;
        row.spot = Spot::ofExpert(rare.layer, rare.expert);
        row.name = name.isEmpty() ? where : QStringLiteral("%1 · %2").arg(where, name);
        row.value = rare.count == 0 ? tr("never") : QStringLiteral("%1×").arg(numberText(rare.relative));
        row.share = rare.relative;
        row.tip = rare.count == 0 ? tr("%1: never chosen").arg(where)
                                  : tr("%1: chosen %L2 times, %3 of a uniform share")
                                        .arg(where)
                                        .arg(rare.count)
                                        .arg(percent(rare.relative));
        m_rows.push_back(row);
    }
}

bool UnusedChart::isMarked(const Row& row, const Spot& marked) const {
    return marked.expert >= 0 && row.spot.layer == marked.layer && row.spot.expert == marked.expert;
}

QString UnusedChart::csv() const {
    QString text = QStringLiteral("layer,expert,times_chosen,relative_load\n");
    for (const Rare& rare : m_found) {
        text += QStringLiteral("%1,%2,%3,%4\n")
                    .arg(layerNumber(rare.layer))
                    .arg(rare.expert)
                    .arg(rare.count)
                    .arg(rare.relative, 0, 'g', 9);
    }
    return text;
}

// ---- Tokens with like routing

int SimilarChart::chosen() const {
    const SharedSource whole = m_model->whole();
    const Spot spot = m_model->selection().chosen();
    const bool here = whole && spot.hasTokens() && spot.source == whole->id() && spot.last < whole->size();
    return here ? spot.last : -1;
}

QString SimilarChart::title() const {
    const int at = chosen();
    return at < 0 ? tr("Tokens routed alike") : tr("Tokens routed like %1").arg(m_model->whole()->quoted(at));
}

QString SimilarChart::caption() const {
    if (!hasData() || m_rows.empty()) return {};
    const RoutingShape& shape = m_model->source()->shape();
    const double chance = static_cast<double>(shape.experts_used) / std::max(1, 2 * shape.experts - shape.experts_used);
    return tr("experts of all layers that both chose; by chance %1").arg(percent(chance));
}

QString SimilarChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    if (chosen() < 0) return tr("Click a token, here or in the chat, to find those with the same experts.");
    return m_rows.empty() ? tr("There is no other token in this scope.") : QString();
}

void SimilarChart::refresh() {
    m_rows.clear();
    const int at = chosen();
    if (at < 0 || !hasData()) return;
    const RoutingSource& source = *m_model->source();
    const RoutingView log = source.log();
    const int layers = source.shape().moe_layers, experts = source.shape().experts;
    std::vector<char> its(asSize(layers) * asSize(experts), 0);
    std::size_t own = 0;
    for (int l = 0; l < layers; ++l) {
        for (const std::int32_t e : m_model->whole()->log().experts(asSize(at), l)) {
            its[asSize(l) * asSize(experts) + asSize(e)] = 1;
            ++own;
        }
    }
    const int first = std::max(0, source.size() - kMostCompared);
    std::vector<std::pair<double, int>> alike;
    for (const RoutingView::Piece& piece : log.pieces({asSize(first), log.size()})) {
        for (std::size_t i = 0; i < piece.tokens.size(); ++i) {
            const int token = static_cast<int>(piece.first + i);
            if (source.inWhole(token) == at) continue;
            std::size_t both = 0, others = 0;
            for (int l = 0; l < layers; ++l) {
                for (const std::int32_t e : piece.log->experts(piece.tokens.begin + i, l)) {
                    both += static_cast<std::size_t>(its[asSize(l) * asSize(experts) + asSize(e)]);
                    ++others;
                }
            }
            const std::size_t all = own + others - both;
            if (all > 0) alike.emplace_back(static_cast<double>(both) / static_cast<double>(all), token);
        }
    }
    const auto before = [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    };
    const std::size_t kept = std::min(kMostAlike, alike.size());
    std::ranges::partial_sort(alike, alike.begin() + static_cast<std::ptrdiff_t>(kept), before);
    alike.resize(kept);
    for (const auto& [share, token] : alike) {
        // A few words around it tell which one it is.
        QString context;
        for (int t = std::max(0, token - 3); t <= std::min(token + 2, source.size() - 1); ++t) {
            const QString text = source.text(t);
            context += t == token ? QStringLiteral("[%1]").arg(text.trimmed()) : text;
            if (t == token && text.endsWith(QLatin1Char(' '))) context += QLatin1Char(' ');
        }
        Row row;
        row.spot = Spot::ofToken(source.id(), token);
        row.name = source.text(token).trimmed().isEmpty() ? source.quoted(token) : context.simplified();
        row.value = percent(share);
        row.share = share;
        row.tip = tr("%1, token %2: %3 of the experts are the same")
                      .arg(source.quoted(token), QString::number(source.inWhole(token) + 1), percent(share));
        m_rows.push_back(row);
    }
}

bool SimilarChart::isMarked(const Row& row, const Spot& marked) const {
    return marked.hasToken(row.spot.source, row.spot.first);
}

QString SimilarChart::csv() const {
    QString text = QStringLiteral("token,text,shared_experts\n");
    for (const Row& row : m_rows) {
        text += QStringLiteral("%1,%2,%3\n")
                    .arg(QString::number(m_model->source()->inWhole(row.spot.first)),
                         csvField(m_model->source()->text(row.spot.first)), QString::number(row.share, 'g', 9));
    }
    return text;
}

}  // namespace moescope
