#include "ui/composer/attachment_row.h"

#include <QKeyEvent>
#include <QLocale>
#include <QPainter>
#include <algorithm>

#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

constexpr qsizetype kLetters = 48;

QString shown(const std::string& text) {
    return oneLine(QString::fromStdString(text), kLetters);
}

}  // namespace

AttachmentRow::AttachmentRow(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    hide();
}

void AttachmentRow::setAttachments(std::vector<markdown::Attachment> attachments) {
    if (attachments == m_attachments) return;
    m_attachments = std::move(attachments);
    m_tokens.assign(m_attachments.size(), -1);
    rebuild();
}

void AttachmentRow::add(markdown::Attachment attachment) {
    m_attachments.push_back(std::move(attachment));
    m_tokens.push_back(-1);
    rebuild();
    emit changed();
}

void AttachmentRow::remove(int index) {
    const auto at = static_cast<std::ptrdiff_t>(index);
    m_attachments.erase(m_attachments.begin() + at);
    m_tokens.erase(m_tokens.begin() + at);
    rebuild();
    emit changed();
}

void AttachmentRow::setTokens(int index, int tokens) {
    if (index < 0 || index >= m_cards.size()) return;
    m_tokens[static_cast<std::size_t>(index)] = tokens;
    m_cards[index]->setTokens(tokens);
    place(width(), true);
    updateGeometry();
}

bool AttachmentRow::hasUncounted() const {
    return std::any_of(m_tokens.begin(), m_tokens.end(), [](int tokens) { return tokens < 0; });
}

void AttachmentRow::rebuild() {
    for (AttachmentCard* card : std::as_const(m_cards)) card->deleteLater();
    m_cards.clear();
    for (std::size_t i = 0; i < m_attachments.size(); ++i) {
        auto* card = new AttachmentCard(m_attachments[i], m_tokens[i], this);
        card->setTheme(m_theme);
        card->show();
        connect(card, &QPushButton::clicked, this, [this, index = static_cast<int>(i)] { remove(index); });
        if (i > 0) setTabOrder(m_cards.constLast(), card);
        m_cards.append(card);
    }
    setVisible(!m_cards.isEmpty());
    place(width(), true);
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

void AttachmentRow::setTheme(const Theme& theme) {
    m_theme = theme;
    for (AttachmentCard* card : std::as_const(m_cards)) card->setTheme(theme);
    place(width(), true);
    updateGeometry();
}

QSize AttachmentRow::sizeHint() const {
    return {0, place(width(), false)};
}

QSize AttachmentRow::minimumSizeHint() const {
    return sizeHint();
}

void AttachmentRow::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    place(width(), true);
    updateGeometry();
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
