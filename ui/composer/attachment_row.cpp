#include "ui/composer/attachment_row.h"

#include <QKeyEvent>
#include <QLocale>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>

#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

constexpr qsizetype kLetters = 48;

QString shown(const std::string& text) {
    return oneLine(QString::fromStdString(text), kLetters);
}

}  // namespace

AttachmentRow::AttachmentRow(QWidget* parent) : QScrollArea(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::NoFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Attached files"));
    setWidget(new QWidget);
    widget()->setAccessibleName(tr("Attached files"));
    for (QWidget* ground : {viewport(), widget()}) ground->setAutoFillBackground(false);
    hide();
}

void AttachmentRow::setAttachments(std::vector<markdown::Attachment> attachments) {
    if (attachments == m_attachments) return;
    m_attachments = std::move(attachments);
    m_tokens.assign(m_attachments.size(), -1);
    for (AttachmentCard* card : std::as_const(m_cards)) card->deleteLater();
    m_cards.clear();
    for (std::size_t i = 0; i < m_attachments.size(); ++i) append();
    fit();
}

void AttachmentRow::add(markdown::Attachment attachment) {
    m_attachments.push_back(std::move(attachment));
    m_tokens.push_back(-1);
    append();
    fit();
    ensureWidgetVisible(m_cards.constLast());
    emit changed();
}

/// Makes the card of the next attachment that has none.
void AttachmentRow::append() {
    auto* card = new AttachmentCard(m_attachments[static_cast<std::size_t>(m_cards.size())], -1, widget());
    card->setTheme(m_theme);
    card->show();
    connect(card, &QPushButton::clicked, this, [this, card] { remove(card); });
    if (!m_cards.isEmpty()) setTabOrder(m_cards.constLast(), card);
    m_cards.append(card);
}

void AttachmentRow::remove(AttachmentCard* card) {
    const auto at = static_cast<std::ptrdiff_t>(m_cards.indexOf(card));
    if (at < 0) return;
    m_attachments.erase(m_attachments.begin() + at);
    m_tokens.erase(m_tokens.begin() + at);
    m_cards.removeAt(at);
    card->hide();
    card->deleteLater();
    fit();
    emit changed();
}

void AttachmentRow::setTokens(int index, int tokens) {
    if (index < 0 || index >= m_cards.size()) return;
    m_tokens[static_cast<std::size_t>(index)] = tokens;
    m_cards[index]->setTokens(tokens);
    fit();
}

bool AttachmentRow::hasUncounted() const {
    return std::any_of(m_tokens.begin(), m_tokens.end(), [](int tokens) { return tokens < 0; });
}

void AttachmentRow::fit() {
    setVisible(!m_cards.isEmpty());
    // Not as needed: a bar that comes takes room, which may be what it is needed for.
    const bool scrolls = place(width(), false) > heightFor(width());
    setVerticalScrollBarPolicy(scrolls ? Qt::ScrollBarAlwaysOn : Qt::ScrollBarAlwaysOff);
    const int inner = width() - (scrolls ? verticalScrollBar()->sizeHint().width() : 0);
    widget()->resize(inner, place(inner, true));
    updateGeometry();
}

int AttachmentRow::place(int width, bool move) const {
    const int gap = m_theme.space(2);
    int x = 0, y = 0, line = 0;
    for (AttachmentCard* card : m_cards) {
        const QSize size = card->sizeHint().boundedTo({std::max(1, width), 1 << 20});
        if (x > 0 && x + size.width() > width) {
            x = 0;
            y += line + gap;
        }
        if (move) card->setGeometry(QRect(QPoint(x, y), size));
        x += size.width() + gap;
        line = size.height();
    }
    return y + line;
}

/// Of the lines that are seen at once.
int AttachmentRow::heightFor(int width) const {
    if (m_cards.isEmpty()) return 0;
    const int line = m_cards.constFirst()->sizeHint().height();
    return std::min(place(width, false), kLinesSeen * line + (kLinesSeen - 1) * m_theme.space(2));
}

void AttachmentRow::setTheme(const Theme& theme) {
    m_theme = theme;
    for (AttachmentCard* card : std::as_const(m_cards)) card->setTheme(theme);
    verticalScrollBar()->setSingleStep(theme.px(42) + theme.space(2));
    fit();
}

QSize AttachmentRow::sizeHint() const {
    return {0, heightFor(width())};
}

QSize AttachmentRow::minimumSizeHint() const {
    return sizeHint();
}

void AttachmentRow::resizeEvent(QResizeEvent* event) {
    QScrollArea::resizeEvent(event);
    fit();
}

AttachmentCard::AttachmentCard(const markdown::Attachment& attachment, int tokens, QWidget* parent)
    : QPushButton(parent), m_name(shown(attachment.name)), m_part(shown(attachment.part)) {
    setAutoDefault(false);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setToolTip(tr("Click to remove"));
    setAccessibleDescription(tr("Press Enter to remove it"));
    setTokens(tokens);
}

void AttachmentCard::setTokens(int tokens) {
    QStringList parts;
    if (!m_part.isEmpty()) parts << m_part;
    parts << (tokens < 0 ? tr("counting…") : tr("%Ln token(s)", nullptr, tokens));
    m_figures = parts.join(QStringLiteral(" · "));
    setAccessibleName(tr("Attached: %1, %2").arg(m_name, m_figures));
    updateGeometry();
    update();
}

void AttachmentCard::setTheme(const Theme& theme) {
    m_theme = theme;
    updateGeometry();
    update();
}

QSize AttachmentCard::sizeHint() const {
    const int name = QFontMetrics(m_theme.sans(Theme::kSmall, QFont::Medium)).horizontalAdvance(m_name);
    const int figures = QFontMetrics(m_theme.sans(Theme::kTiny)).horizontalAdvance(m_figures);
    return {std::max(name, figures) + m_theme.px(12 + 26 + 3), m_theme.px(42)};
}

void AttachmentCard::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const bool active = underMouse() || hasFocus();
    p.setPen(QPen(hasFocus() ? m_theme.focus : m_theme.line, hasFocus() ? 1.5 : 1));
    p.setBrush(active ? m_theme.hover : m_theme.background);
    p.drawRoundedRect(QRectF(rect()).adjusted(0.75, 0.75, -0.75, -0.75), m_theme.px(8), m_theme.px(8));
    const QRect inner = rect().adjusted(m_theme.px(12), m_theme.px(5), -m_theme.px(26), -m_theme.px(5));
    p.setFont(m_theme.sans(Theme::kSmall, QFont::Medium));
    p.setPen(m_theme.text);
    p.drawText(inner, Qt::AlignLeft | Qt::AlignTop, p.fontMetrics().elidedText(m_name, Qt::ElideMiddle, inner.width()));
    p.setFont(m_theme.sans(Theme::kTiny));
    p.setPen(active ? m_theme.dim : m_theme.faint);
    p.drawText(inner, Qt::AlignLeft | Qt::AlignBottom,
               p.fontMetrics().elidedText(m_figures, Qt::ElideRight, inner.width()));
    const QPointF middle(width() - m_theme.px(14), height() / 2.0);
    const double arm = m_theme.px(4);
    p.setPen(QPen(active ? m_theme.text : m_theme.faint, 1.3, Qt::SolidLine, Qt::RoundCap));
    p.drawLine(middle + QPointF(-arm, -arm), middle + QPointF(arm, arm));
    p.drawLine(middle + QPointF(-arm, arm), middle + QPointF(arm, -arm));
}

void AttachmentCard::keyPressEvent(QKeyEvent* event) {
    const int key = event->key();
    if (key == Qt::Key_Delete || key == Qt::Key_Backspace || key == Qt::Key_Return || key == Qt::Key_Enter)
        return click();
    QPushButton::keyPressEvent(event);
}

}  // namespace moescope
