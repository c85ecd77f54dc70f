#include <algorithm>

#include "ui/heatmap/colour_map.h"
#include "ui/inspector/charts/compare_charts.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

/// Tokens that are shown before the place where the texts part, and after it.
constexpr int kBefore = 8, kAfter = 24;

QString visible(QString text, int token) {
    if (text.isEmpty()) return QStringLiteral("#%1").arg(token + 1);
    text.replace(QLatin1Char('\n'), QChar(0x21b5));
    return text.trimmed().isEmpty() ? QString(QChar(0x00b7)) : text.trimmed();
}

}  // namespace

CompareChart::CompareChart(InspectorModel* model, ThemeStore* themes, Comparison* comparison, QObject* parent)
    : Chart(model, themes, parent), m_comparison(comparison) {
    connect(comparison, &Comparison::changed, this, &Chart::changed);
}

QString CompareChart::emptyText() const {
    return m_comparison->possible() ? QString() : tr("Nothing to compare yet.");
}

double PartingChart::layout(double width, std::vector<Word>& words) const {
    const Theme& t = theme();
    const QFontMetricsF metrics(t.sans(Theme::kSmall));
    const double line = t.px(24), gap = t.px(5), column = (width - t.space(5)) / 2;
    const int parting = m_comparison->samePairs() < m_comparison->pairs() ? m_comparison->samePairs()
                        : m_comparison->firstRouting() >= 0               ? m_comparison->firstRouting()
                                                                          : 0;
    const int first = std::max(0, parting - kBefore);
    double lowest = 0;
    for (const bool of_a : {true, false}) {
        const SharedSource& source = of_a ? m_comparison->a() : m_comparison->b();
        const int begin = of_a ? m_comparison->beginA() : m_comparison->beginB();
        const double left = of_a ? 0 : column + t.space(5);
        double x = left, y = 0;
        for (int pair = first; pair < parting + kAfter && begin + pair < source->size(); ++pair) {
            const QString text = visible(source->text(begin + pair), begin + pair);
            const double w = std::min(metrics.horizontalAdvance(text) + t.px(2), column);
            if (x + w > left + column && x > left) {
                x = left;
                y += line;
            }
            words.push_back({pair, of_a, text, QRectF(x, y, w, line)});
            x += w + gap;
        }
        lowest = std::max(lowest, y + line);
    }
    return lowest;
}

double PartingChart::height(double width) const {
    if (!m_comparison->possible()) return 0;
    std::vector<Word> words;
    const double summary = wrappedHeight(m_comparison->summary(), theme().sans(Theme::kSmall), width);
    if (!m_comparison->aligned()) return summary;
    return summary + theme().space(8) + layout(width, words) + theme().space(2);
}

void PartingChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const QFont font = t.sans(Theme::kSmall);
    const double summary = wrappedHeight(m_comparison->summary(), font, body.width());
    drawText(p, QRectF(body.left(), body.top(), body.width(), summary + 2), Qt::AlignLeft | Qt::TextWordWrap,
             m_comparison->summary(), font, t.text);
    if (!m_comparison->aligned()) return;
    const double column = (body.width() - t.space(5)) / 2, names = body.top() + summary + t.space(2);
    const QFontMetricsF small(t.sans(Theme::kTiny));
    const auto name = [&](const SharedSource& source, double left) {
        drawText(p, QRectF(left, names, column, t.px(18)), Qt::AlignLeft | Qt::AlignVCenter,
                 small.elidedText(source->name(), Qt::ElideRight, column), t.sans(Theme::kTiny), t.faint);
    };
    name(m_comparison->a(), body.left());
    name(m_comparison->b(), body.left() + column + t.space(5));
    std::vector<Word> words;
    layout(body.width(), words);
    const QPointF origin(body.left(), body.top() + summary + t.space(7));
    const Spot shown = marked();
    for (const Word& word : words) {
        const SharedSource& source = word.of_a ? m_comparison->a() : m_comparison->b();
        const int token = (word.of_a ? m_comparison->beginA() : m_comparison->beginB()) + word.pair;
        const QRectF rect = word.rect.translated(origin);
        const bool paired = word.pair < m_comparison->pairs();
        const bool parting = word.pair == m_comparison->samePairs() && paired;
        if (parting || shown.hasToken(source->id(), token)) {
            p.setBrush(parting ? t.hover : QColor(Qt::transparent));
            p.setPen(shown.hasToken(source->id(), token) ? QPen(t.amber, 1.5) : QPen(Qt::NoPen));
            p.drawRoundedRect(rect.adjusted(-t.px(2), t.px(2), t.px(2), -t.px(2)), 3, 3);
        }
        drawText(p, rect, Qt::AlignLeft | Qt::AlignVCenter, word.text, font,
                 word.pair < m_comparison->samePairs() ? t.dim : t.text);
        if (paired)
            p.fillRect(QRectF(rect.left(), rect.bottom() - t.px(4), rect.width(), t.px(2)),
                       QColor(cividis(m_comparison->agreementOfPair(word.pair))));
    }
}

const PartingChart::Word* PartingChart::wordAt(const QPointF& at, const std::vector<Word>& words) const {
    for (const Word& word : words) {
        if (word.rect.contains(at)) return &word;
    }
    return nullptr;
}

Spot PartingChart::spotAt(const QPointF& at, const QRectF& body) const {
    if (!m_comparison->aligned()) return {};
    std::vector<Word> words;
    const double below = layout(body.width(), words);
    const QPointF origin(body.left(), body.top() + height(body.width()) - below - theme().space(2) - theme().space(1));
    const Word* word = wordAt(at - origin, words);
    if (!word) return {};
    return Spot::ofToken((word->of_a ? m_comparison->a() : m_comparison->b())->id(),
                         (word->of_a ? m_comparison->beginA() : m_comparison->beginB()) + word->pair);
}

QString PartingChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    if (!spot.hasTokens()) return {};
    const bool of_a = spot.source == m_comparison->a()->id();
    const int pair = spot.first - (of_a ? m_comparison->beginA() : m_comparison->beginB());
    if (pair >= m_comparison->pairs()) return {};
    return tr("%1 against %2: %3 of the experts are the same")
        .arg(m_comparison->a()->quoted(m_comparison->beginA() + pair),
             m_comparison->b()->quoted(m_comparison->beginB() + pair), percent(m_comparison->agreementOfPair(pair)));
}

QString PartingChart::csv() const {
    if (!m_comparison->aligned()) return {};
    QString text = QStringLiteral("pair,token_a,text_a,token_b,text_b,agreement\n");
    for (int i = 0; i < m_comparison->pairs(); ++i) {
        const int a = m_comparison->beginA() + i, b = m_comparison->beginB() + i;
        text +=
            QStringLiteral("%1,%2,%3,%4,%5,%6\n")
                .arg(QString::number(i), QString::number(a), csvField(m_comparison->a()->text(a)), QString::number(b),
                     csvField(m_comparison->b()->text(b)), QString::number(m_comparison->agreementOfPair(i), 'g', 9));
    }
    return text;
}

}  // namespace moescope
