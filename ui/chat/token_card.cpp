#include "ui/chat/token_card.h"

#include <QFontMetrics>
#include <QKeyEvent>
#include <QLocale>
#include <QPainter>
#include <algorithm>

#include "ui/theme.h"

namespace moescope {
namespace {

constexpr int kWidth = 300, kRow = 26, kHead = 44, kFoot = 30, kPadding = 12, kRankWidth = 26, kShareWidth = 64;
constexpr int kGap = 2;  // between a token and its card, so that the pointer finds the way

}  // namespace

QString probabilityText(double probability) {
    const double percent = 100 * probability;
    if (percent < 0.01) return TokenCard::tr("< %1 %").arg(QLocale().toString(0.01, 'f', 2));
    const int decimals = percent < 0.995 ? 2 : 1;
    return TokenCard::tr("%1 %").arg(QLocale().toString(percent, 'f', decimals));
}

TokenCard::TokenCard(ThemeStore* themes, QWidget* over) : QWidget(over), m_themes(themes) {
    setObjectName(QStringLiteral("token_card"));
    setMouseTracking(true);
    setFocusPolicy(Qt::ClickFocus);
    setAccessibleName(tr("Alternatives"));
    hide();
    connect(themes, &ThemeStore::changed, this, qOverload<>(&QWidget::update));
}

QSize TokenCard::wantedSize() const {
    const Theme& theme = m_themes->theme();
    const int rows = static_cast<int>(m_facts.choices.size());
    return {theme.px(kWidth), theme.px(kHead + kRow * rows + kFoot)};
}

void TokenCard::show(const TokenFacts& facts, const QRect& token) {
    m_facts = facts;
    const auto own = std::find_if(facts.choices.begin(), facts.choices.end(), [](const auto& c) { return c.chosen; });
    m_current = hasFocus() && own != facts.choices.end() ? static_cast<int>(own - facts.choices.begin()) : -1;
    setAccessibleDescription(description());
    const QRect room = parentWidget()->rect().adjusted(4, 4, -4, -4);
    const QSize size = wantedSize();
    int y = token.bottom() + kGap;
    if (y + size.height() > room.bottom() && token.top() - size.height() - kGap >= room.top())
        y = token.top() - size.height() - kGap;
    const int x = std::clamp(token.left() - m_themes->theme().px(kPadding), room.left(),
                             std::max(room.left(), room.right() - size.width()));
    setGeometry(QRect(QPoint(x, y), size));
    raise();
    QWidget::show();
    update();
}

QString TokenCard::description() const {
    QStringList words;
    for (const TokenChoice& choice : m_facts.choices) {
        const QString said =
            tr("%1. %2, %3").arg(choice.rank + 1).arg(choice.text, probabilityText(choice.probability));
        words << (choice.chosen ? tr("%1, chosen").arg(said) : said);
    }
    return words.join(QStringLiteral("; "));
}

QRect TokenCard::choiceRect(int choice) const {
    const Theme& theme = m_themes->theme();
    const int inset = theme.px(kPadding / 2);
    return {inset, theme.px(kHead) + choice * theme.px(kRow), width() - 2 * inset, theme.px(kRow)};
}

int TokenCard::choiceAt(QPoint point) const {
    for (int i = 0; i < static_cast<int>(m_facts.choices.size()); ++i) {
        if (choiceRect(i).contains(point)) return i;
    }
    return -1;
}

void TokenCard::setCurrent(int choice) {
    if (choice == m_current) return;
    m_current = choice;
    const bool offered = choice >= 0 && m_facts.choices[static_cast<std::size_t>(choice)].offered;
    setCursor(offered ? Qt::PointingHandCursor : Qt::ArrowCursor);
    update();
}

void TokenCard::paintEvent(QPaintEvent*) {
    const Theme& theme = m_themes->theme();
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(QPen(hasFocus() ? theme.focus : theme.line, 1));
    p.setBrush(theme.panel);
    p.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(8), theme.px(8));

    const int left = theme.px(kPadding), right = width() - left;
    const QFont mono = theme.mono(Theme::kSmall), small = theme.sans(Theme::kTiny);
    const QString figures = tr("%1 · rank %2 · %3 bits")
                                .arg(probabilityText(m_facts.probability), QLocale().toString(m_facts.rank + 1),
                                     QLocale().toString(m_facts.entropy, 'f', 1));
    p.setFont(small);
    p.setPen(theme.dim);
    const int figures_width = QFontMetrics(small).horizontalAdvance(figures);
    const QRect head(left, theme.px(4), right - left, theme.px(kHead - 8));
    p.drawText(head, Qt::AlignRight | Qt::AlignVCenter, figures);
    p.setFont(theme.mono(Theme::kBody, QFont::DemiBold));
    p.setPen(theme.text);
    p.drawText(head, Qt::AlignLeft | Qt::AlignVCenter,
               p.fontMetrics().elidedText(m_facts.token, Qt::ElideRight, head.width() - figures_width - theme.px(12)));

    const double largest = m_facts.choices.empty() ? 1 : std::max(1e-9, m_facts.choices.front().probability);
    for (std::size_t i = 0; i < m_facts.choices.size(); ++i) {
        const TokenChoice& choice = m_facts.choices[i];
        const QRect row = choiceRect(static_cast<int>(i));
        const bool current = static_cast<int>(i) == m_current;
        p.setPen(Qt::NoPen);
        if (current && (choice.offered || hasFocus())) {
            p.setBrush(theme.hover);
            p.drawRoundedRect(row, theme.px(4), theme.px(4));
        }
        const QRect inner(left, row.top(), right - left, row.height());
        // The bar lies under the words, faint enough to read them; what was chosen is amber.
        QColor bar = choice.chosen ? theme.amber : theme.blue;
        bar.setAlphaF(theme.dark ? 0.3f : 0.22f);
        const QRect bars = inner.adjusted(theme.px(kRankWidth), theme.px(4), -theme.px(kShareWidth), -theme.px(4));
        p.setBrush(bar);
        const double wide = bars.width() * std::clamp(choice.probability / largest, 0.0, 1.0);
        p.drawRoundedRect(QRectF(bars.left(), bars.top(), std::max(2.0, wide), bars.height()), theme.px(3),
                          theme.px(3));
        p.setFont(mono);
        p.setPen(theme.faint);
        p.drawText(inner, Qt::AlignLeft | Qt::AlignVCenter, QLocale().toString(choice.rank + 1));
        p.setPen(choice.chosen ? theme.amber_text : choice.offered ? theme.text : theme.dim);
        p.drawText(bars.adjusted(theme.px(6), 0, -theme.px(4), 0), Qt::AlignLeft | Qt::AlignVCenter,
                   p.fontMetrics().elidedText(choice.text, Qt::ElideRight, bars.width() - theme.px(10)));
        p.setPen(theme.dim);
        p.drawText(inner, Qt::AlignRight | Qt::AlignVCenter, probabilityText(choice.probability));
    }
    p.setFont(small);
    p.setPen(theme.faint);
    const QRect foot(left, height() - theme.px(kFoot), right - left, theme.px(kFoot));
    p.drawText(foot, Qt::AlignLeft | Qt::AlignVCenter,
               p.fontMetrics().elidedText(m_facts.note, Qt::ElideRight, foot.width()));
}

void TokenCard::mouseMoveEvent(QMouseEvent* event) {
    setCurrent(choiceAt(event->position().toPoint()));
}

void TokenCard::mousePressEvent(QMouseEvent* event) {
    const int choice = choiceAt(event->position().toPoint());
    if (event->button() != Qt::LeftButton || choice < 0) return;
    if (m_facts.choices[static_cast<std::size_t>(choice)].offered) emit chosen(choice);
}

void TokenCard::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_facts.choices.size()) - 1;
    switch (event->key()) {
        case Qt::Key_Up:
            return setCurrent(std::max(0, m_current < 0 ? last : m_current - 1));
        case Qt::Key_Down:
            return setCurrent(std::min(last, m_current + 1));
        case Qt::Key_Left:
            return emit stepped(-1);
        case Qt::Key_Right:
            return emit stepped(1);
        case Qt::Key_Escape:
            return emit closed();
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (m_current >= 0 && m_facts.choices[static_cast<std::size_t>(m_current)].offered) emit chosen(m_current);
            return;
        default:
            return QWidget::keyPressEvent(event);
    }
}

void TokenCard::enterEvent(QEnterEvent*) {
    emit entered();
}

void TokenCard::leaveEvent(QEvent*) {
    if (!hasFocus()) setCurrent(-1);
    emit left();
}

void TokenCard::focusInEvent(QFocusEvent*) {
    update();
}

void TokenCard::focusOutEvent(QFocusEvent*) {
    emit closed();
}

}  // namespace moescope
