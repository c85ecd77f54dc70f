#include "ui/inspector/charts/vocabulary_chart.h"

#include <algorithm>

#include "ui/inspector/plot.h"

namespace moescope {
namespace {

constexpr std::size_t kMostEntries = 40;
constexpr double kRowHeight = 20;

/// Of a token, blanks made visible.
QString visible(QString text) {
    text.replace(QLatin1Char('\n'), QChar(0x21b5));
    text.replace(QLatin1Char('\t'), QChar(0x21e5));
    if (text.startsWith(QLatin1Char(' ')) || text.startsWith(QChar(0x2581))) text = QChar(0x00b7) + text.mid(1);
    return text;
}

}  // namespace

void VocabularyChart::setLeast(int least) {
    m_least = least;
    emit changed();
}

void VocabularyChart::setWhich(VocabularyToken which) {
    m_which = which;
    emit changed();
}

int VocabularyChart::expert() const {
    const int chosen = m_model->selection().chosen().expert;
    return hasData() && chosen < static_cast<int>(m_entries.size()) ? chosen : -1;
}

QString VocabularyChart::title() const {
    if (!hasData()) return tr("Experts and their tokens");
    return expert() < 0 ? tr("Experts and their tokens, layer %1").arg(layerNumber(m_model->layer()))
                        : tr("Tokens of expert %1, layer %2").arg(expert()).arg(layerNumber(m_model->layer()));
}

QString VocabularyChart::caption() const {
    if (!hasData()) return {};
    return expert() < 0 ? tr("share of a token's occurrences that chose the expert") : tr("Esc shows all experts");
}

QString VocabularyChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    if (!m_model->source()->shape().has_tokens) return tr("This trace does not say which tokens it is of.");
    if (!m_shares.empty()) return {};
    return tr("No token occurs %1 times here. Choose a lower minimum above, or look at a longer text.").arg(m_least);
}

void VocabularyChart::refresh() {
    m_shares.clear();
    m_entries.clear();
    m_first.clear();
    if (!hasData() || !m_model->source()->shape().has_tokens) return;
    const RoutingView log = m_model->source()->log();
    m_shares =
        vocabularySpecialisation(log, m_model->layer(), allTokens(log), static_cast<std::size_t>(m_least), m_which);
    for (int i = 0; i < static_cast<int>(log.size()); ++i) {
        const std::int32_t id = log.token(static_cast<std::size_t>(i)).token;
        if (!m_first.contains(id)) m_first.insert(id, i);
    }
    m_entries.resize(static_cast<std::size_t>(log.shape().experts));
    for (const VocabularyShares& token : m_shares) {
        for (std::size_t e = 0; e < m_entries.size(); ++e) {
            if (token.shares[e] > 0) m_entries[e].push_back({token.token, token.count, token.shares[e]});
        }
    }
    for (std::vector<Entry>& entries : m_entries) {
        std::ranges::stable_sort(entries, [](const Entry& a, const Entry& b) {
            return a.share != b.share ? a.share > b.share : a.count > b.count;
        });
        if (entries.size() > kMostEntries) entries.resize(kMostEntries);
    }
}

QString VocabularyChart::textOf(std::int32_t token) const {
    const int at = m_first.value(token, -1);
    const QString text = at >= 0 ? m_model->source()->text(at) : QString();
    return text.isEmpty() ? tr("id %1").arg(token) : visible(text);
}

double VocabularyChart::height(double) const {
    const std::size_t rows = expert() < 0
                                 ? m_entries.size()
                                 : std::max<std::size_t>(1, m_entries[static_cast<std::size_t>(expert())].size());
    return theme().px(kRowHeight) * static_cast<double>(rows + 1) + theme().space(1);
}

void VocabularyChart::paint(QPainter& p, const QRectF& body) const {
    expert() < 0 ? paintOverview(p, body) : paintExpert(p, body, expert());
}

void VocabularyChart::paintOverview(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const double height = t.px(kRowHeight), left = body.left() + t.px(52);
    const QFont digits = t.mono(Theme::kTiny), small = t.mono(Theme::kTiny - 1);
    drawText(p, QRectF(body.left(), body.top(), t.px(48), height), Qt::AlignLeft | Qt::AlignVCenter, tr("expert"),
             t.sans(Theme::kTiny), t.faint);
    drawText(p, QRectF(left, body.top(), body.width(), height), Qt::AlignLeft | Qt::AlignVCenter,
             tr("tokens, largest shares first; a click shows all"), t.sans(Theme::kTiny), t.faint);
    const Spot hovered = tokenMarks().hovered;
    for (std::size_t e = 0; e < m_entries.size(); ++e) {
        const QRectF row(body.left(), body.top() + height * static_cast<double>(e + 1), body.width(), height);
        if (hovered.layer == m_model->layer() && hovered.expert == static_cast<int>(e))
            p.fillRect(row.adjusted(-t.space(1), 0, t.space(1), 0), t.hover);
        drawText(p, row, Qt::AlignLeft | Qt::AlignVCenter, QString::number(e), digits, t.dim);
        double x = left;
        for (const Entry& entry : m_entries[e]) {
            const QString word = textOf(entry.token), share = percent(entry.share);
            const double word_width = QFontMetricsF(digits).horizontalAdvance(word),
                         share_width = QFontMetricsF(small).horizontalAdvance(share);
            if (x + word_width + share_width + t.px(6) > body.right()) break;
            drawText(p, QRectF(x, row.top(), word_width + 1, height), Qt::AlignLeft | Qt::AlignVCenter, word, digits,
                     t.text);
            x += word_width + t.px(5);
            drawText(p, QRectF(x, row.top(), share_width + 1, height), Qt::AlignLeft | Qt::AlignVCenter, share, small,
                     t.faint);
            x += share_width + t.px(14);
        }
        if (m_entries[e].empty())
            drawText(p, QRectF(left, row.top(), body.width(), height), Qt::AlignLeft | Qt::AlignVCenter,
                     QStringLiteral("–"), digits, t.faint);
    }
}

void VocabularyChart::paintExpert(QPainter& p, const QRectF& body, int expert) const {
    const Theme& t = theme();
    const double height = t.px(kRowHeight), word = std::min(t.px(150) * 1.0, body.width() / 3), number = t.px(52),
                 count = t.px(64);
    const QFont digits = t.mono(Theme::kTiny);
    const auto head = [&](double x, double width, int align, const QString& text) {
        drawText(p, QRectF(x, body.top(), width, height), align | Qt::AlignVCenter, text, t.sans(Theme::kTiny),
                 t.faint);
    };
    head(body.left(), word, Qt::AlignLeft, tr("token"));
    head(body.left() + word, body.width(), Qt::AlignLeft, tr("share"));
    head(body.right() - count, count, Qt::AlignRight, tr("occurrences"));
    const auto& entries = m_entries[static_cast<std::size_t>(expert)];
    if (entries.empty()) {
        drawText(p, QRectF(body.left(), body.top() + height, body.width(), height), Qt::AlignLeft | Qt::AlignVCenter,
                 tr("No token that occurs %1 times chose this expert.").arg(m_least), t.sans(Theme::kSmall), t.dim);
        return;
    }
    const RoutingSource& source = *m_model->source();
    const RoutingShape& shape = source.shape();
    const Spot shown = marked();
    const double bars = std::max(1.0, body.width() - word - number - count - t.px(16));
    const double even = static_cast<double>(shape.experts_used) / std::max(1, shape.experts);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const QRectF row(body.left(), body.top() + height * static_cast<double>(i + 1), body.width(), height);
        if (m_first.value(entries[i].token, -1) == shown.first && shown.hasTokens() && shown.source == source.id()) {
            p.fillRect(row.adjusted(-t.space(1), 0, t.space(1), 0), t.hover);
        }
        const QString text = QFontMetricsF(digits).elidedText(textOf(entries[i].token), Qt::ElideRight, word - t.px(8));
        drawText(p, QRectF(row.left(), row.top(), word, height), Qt::AlignLeft | Qt::AlignVCenter, text, digits,
                 t.text);
        const QRectF whole(row.left() + word, row.center().y() - t.px(3), bars, t.px(6));
        drawBar(p, whole, t.line);
        drawBar(p, QRectF(whole.left(), whole.top(), whole.width() * entries[i].share, whole.height()), t.blue);
        p.fillRect(QRectF(whole.left() + whole.width() * even, whole.top() - 2, 1, whole.height() + 4), t.dim);
        drawText(p, QRectF(whole.right(), row.top(), number, height), Qt::AlignRight | Qt::AlignVCenter,
                 percent(entries[i].share), digits, t.dim);
        drawText(p, QRectF(row.right() - count, row.top(), count, height), Qt::AlignRight | Qt::AlignVCenter,
                 QString::number(entries[i].count), digits, t.faint);
    }
}

Spot VocabularyChart::spotAt(const QPointF& at, const QRectF& body) const {
    if (!body.contains(at)) return {};
    const double height = theme().px(kRowHeight);
    if (expert() >= 0) {  // a token's row leads to where it occurs first
        const auto& entries = m_entries[static_cast<std::size_t>(expert())];
        const int entry = cellUnder(at.y() - body.top() - height, height * static_cast<double>(entries.size()),
                                    static_cast<int>(entries.size()));
        if (entry < 0) return {};
        const int token = m_first.value(entries[static_cast<std::size_t>(entry)].token, -1);
        return token < 0 ? Spot() : Spot::ofToken(m_model->source()->id(), token);
    }
    const int row = cellUnder(at.y() - body.top() - height, height * static_cast<double>(m_entries.size()),
                              static_cast<int>(m_entries.size()));
    return row < 0 ? Spot() : Spot::ofExpert(m_model->layer(), row);
}

QString VocabularyChart::tipAt(const QPointF& at, const QRectF& body) const {
    const int shown = expert();
    if (shown < 0) return {};
    const auto& entries = m_entries[static_cast<std::size_t>(shown)];
    const double height = theme().px(kRowHeight);
    const int row = cellUnder(at.y() - body.top() - height, height * static_cast<double>(entries.size()),
                              static_cast<int>(entries.size()));
    if (row < 0) return {};
    const Entry& entry = entries[static_cast<std::size_t>(row)];
    const RoutingShape& shape = m_model->source()->shape();
    return tr("“%1” occurs %2 times; %3 of them chose expert %4 (tick: a uniform share, %5)")
        .arg(textOf(entry.token), QString::number(entry.count), percent(entry.share), QString::number(shown),
             percent(static_cast<double>(shape.experts_used) / std::max(1, shape.experts)));
}

QString VocabularyChart::csv() const {
    QString text = QStringLiteral("layer,expert,token,text,occurrences,share\n");
    for (std::size_t e = 0; e < m_entries.size(); ++e) {
        if (expert() >= 0 && expert() != static_cast<int>(e)) continue;
        for (const Entry& entry : m_entries[e]) {
            const int at = m_first.value(entry.token, -1);
            text += QStringLiteral("%1,%2,%3,%4,%5,%6\n")
                        .arg(QString::number(layerNumber(m_model->layer())), QString::number(e),
                             QString::number(entry.token), csvField(at >= 0 ? m_model->source()->text(at) : QString()),
                             QString::number(entry.count), QString::number(entry.share, 'g', 9));
        }
    }
    return text;
}

}  // namespace moescope
