#include "ui/inspector/chart.h"

#include <utility>

#include "ui/inspector/plot.h"

namespace moescope {

Chart::Chart(InspectorModel* model, ThemeStore* themes, QObject* parent)
    : QObject(parent), m_model(model), m_themes(themes) {}

SharedSource Chart::shownSource(qint64 id) const {
    const SharedSource source = m_model->source();
    return source && source->id() == id ? source : nullptr;
}

Spot Chart::toWhole(const Spot& spot) const {
    const SharedSource source = shownSource(spot.source);
    return source ? source->inWhole(spot) : spot;
}

Spot Chart::toShown(const Spot& spot) const {
    const SharedSource source = shownSource(spot.source);
    return source ? source->ofWhole(spot) : spot;
}

QString Chart::emptyText() const {
    const SharedSource whole = m_model->whole();
    if (!hasData() && whole && !whole->empty()) return tr("No token is in this scope. Widen it above.");
    return hasData() ? QString() : tr("Ask something, and its routing appears here.");
}

int Chart::layerNumber(int layer) const {
    return layer + (m_model->source() ? m_model->source()->shape().first_moe_layer : 0);
}

QString Chart::expertName(int expert) const {
    const SharedSource whole = m_model->whole();
    if (!whole || !whole->shape().hasGroups()) return QString::number(expert);
    return tr("%1 (group %2)").arg(expert).arg(whole->shape().groupOf(expert));
}

QString Chart::words() const {
    if (!hasData()) return tr("Nothing yet.");
    const Spot spot = toShown(m_model->selection().shown());
    const SharedSource source = tokens();
    QStringList parts;
    if (source && spot.hasTokens() && spot.source == source->id()) {
        parts << (spot.first == spot.last
                      ? tr("%1, token %2")
                            .arg(source->quoted(spot.first), QString::number(source->inWhole(spot.first) + 1))
                      : tr("tokens %1 to %2").arg(source->inWhole(spot.first) + 1).arg(source->inWhole(spot.last) + 1));
    }
    if (spot.layer >= 0) parts << tr("layer %1").arg(layerNumber(spot.layer));
    if (spot.expert >= 0) parts << tr("expert %1").arg(spot.expert);
    return parts.isEmpty() ? tr("Nothing is selected.") : parts.join(QStringLiteral(", "));
}

double Chart::headingHeight(double width) const {
    const Theme& t = theme();
    const double inner = width - 2 * t.space(4);
    const QFontMetricsF of_title(t.sans(Theme::kSmall, QFont::DemiBold)), of_caption(t.sans(Theme::kTiny));
    // One that is of the token in hand has a line of its own where it might not find room, whatever it says now.
    if (keepsHeight()) return t.space(8) + (width < t.px(440) ? of_caption.height() + t.space(1) : 0);
    const bool unmarked = std::exchange(m_unmarked, true);
    const QString words = caption(), heading = title();
    m_unmarked = unmarked;
    const double needed = of_title.horizontalAdvance(heading) + t.space(3) + of_caption.horizontalAdvance(words);
    return words.isEmpty() || needed <= inner ? t.space(8)
                                              : t.space(9) + wrappedHeight(words, t.sans(Theme::kTiny), inner);
}

QRectF Chart::bodyOf(const QRectF& area) const {
    const double margin = theme().space(4);
    return area.adjusted(margin, headingHeight(area.width()), -margin, -theme().space(2));
}

double Chart::wholeHeight(double width) const {
    const double inner = width - 2 * theme().space(4);
    const QString empty = emptyText();
    double body = 0;
    if (!empty.isEmpty())
        body = std::max<double>(theme().space(14), wrappedHeight(empty, theme().sans(Theme::kSmall), inner));
    if (empty.isEmpty() || keepsHeight()) body = std::max(body, height(inner));
    return body + headingHeight(width) + theme().space(2);
}

void Chart::paintWhole(QPainter& p, const QRectF& area) const {
    const Theme& t = theme();
    p.save();
    p.setRenderHint(QPainter::Antialiasing);
    const QRectF head(area.left() + t.space(4), area.top() + t.space(2), area.width() - 2 * t.space(4), t.space(5));
    const QFont bold = t.sans(Theme::kSmall, QFont::DemiBold), small = t.sans(Theme::kTiny);
    const QRectF body = bodyOf(area);
    drawText(p, head, Qt::AlignLeft | Qt::AlignVCenter, title(), bold, t.text);
    const QString words = caption();
    const double below = body.top() - area.top() - t.space(8);  // what is kept for it below the title
    if (below < 1) {
        const double room = head.width() - QFontMetricsF(bold).horizontalAdvance(title()) - t.space(3);
        drawText(p, head, Qt::AlignRight | Qt::AlignVCenter,
                 QFontMetricsF(small).elidedText(words, Qt::ElideRight, std::max(0.0, room)), small, t.faint);
    } else {
        const QRectF room(head.left(), head.bottom(), head.width(), below);
        const bool fits = wrappedHeight(words, small, room.width()) <= below;
        drawText(p, room, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
                 fits ? words : QFontMetricsF(small).elidedText(words, Qt::ElideRight, room.width()), small, t.faint);
    }
    if (const QString empty = emptyText(); !empty.isEmpty()) {
        drawText(p, body, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, empty, t.sans(Theme::kSmall), t.dim);
    } else {
        paint(p, body);
    }
    p.restore();
}

void Chart::paintUnmarked(QPainter& p, const QRectF& area) {
    m_unmarked = true;
    refresh();  // a chart that follows the pointer shows what is chosen instead
    paintWhole(p, area);
    m_unmarked = false;
    refresh();
}

void Chart::paintUnmarked(QPainter& p, const QRectF& area, ThemeStore* themes) {
    ThemeStore* const own = std::exchange(m_themes, themes);
    paintUnmarked(p, area);
    m_themes = own;
}

Spot Chart::marked() const {
    return m_unmarked ? Spot() : toShown(selection().shown());
}

Spot Chart::marked(int layer) const {
    Spot spot = marked();
    const int hovered = selection().hovered().layer;
    if (hovered >= 0 && hovered != layer && !m_unmarked) spot.expert = selection().chosen().expert;
    return spot;
}

TokenMarks Chart::tokenMarks() const {
    return m_unmarked ? TokenMarks() : TokenMarks{toShown(selection().chosen()), toShown(selection().hovered())};
}

QString csvField(const QString& field) {
    // Spreadsheets compute what begins so, and texts of tokens are anybody's; an apostrophe makes text of it.
    static const QString kFormulas = QStringLiteral("=+-@\t\r");
    const bool formula = !field.isEmpty() && kFormulas.contains(field.front());
    const QString text = formula ? QLatin1Char('\'') + field : field;
    if (!text.contains(QLatin1Char(',')) && !text.contains(QLatin1Char('"')) && !text.contains(QLatin1Char('\n')) &&
        !text.contains(QLatin1Char('\r'))) {
        return text;
    }
    QString quoted = text;
    quoted.replace(QLatin1Char('"'), QLatin1String("\"\""));
    return QLatin1Char('"') + quoted + QLatin1Char('"');
}

}  // namespace moescope
