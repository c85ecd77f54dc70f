#include "ui/chrome/notice_bar.h"

#include <QAccessible>
#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTextLayout>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/theme.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

/// The height of a text that is broken wherever it must be: paths have no blanks.
int heightOf(const QString& text, const QFont& font, int width) {
    double height = 0;
    for (const QString& line : text.split(QLatin1Char('\n'))) {
        QTextLayout layout(line, font);
        QTextOption option;
        option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
        layout.setTextOption(option);
        layout.beginLayout();
        for (QTextLine part = layout.createLine(); part.isValid(); part = layout.createLine()) {
            part.setLineWidth(width);
            height += part.height();
        }
        layout.endLayout();
    }
    return static_cast<int>(std::ceil(height));
}

}  // namespace

NoticeBar::NoticeBar(ThemeStore* themes, QWidget* parent)
    : QWidget(parent),
      m_themes(themes),
      m_text(new QPlainTextEdit),
      m_action(new QPushButton),
      m_close(new QPushButton) {
    auto* row = new QHBoxLayout(this);
    row->addWidget(m_text, 1);
    row->addWidget(m_action);
    row->addWidget(m_close);
    m_text->setReadOnly(true);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_text->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_text->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_text->document()->setDocumentMargin(0);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setFocusPolicy(Qt::ClickFocus);
    m_text->viewport()->setAutoFillBackground(false);
    m_text->setAccessibleName(tr("Notice"));
    m_action->setAccessibleName(tr("Action"));
    m_close->setText(QStringLiteral("×"));
    m_close->setAccessibleName(tr("Close the notice"));
    m_close->setToolTip(tr("Close"));
    for (QPushButton* button : {m_action, m_close}) {
        button->setFlat(true);
        button->setCursor(Qt::PointingHandCursor);
        button->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    }
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &NoticeBar::clear);
    connect(m_close, &QPushButton::clicked, this, &NoticeBar::clear);
    connect(m_action, &QPushButton::clicked, this, [this] {
        const auto run = m_do;
        clear();
        if (run) run();
    });
    connect(m_themes, &ThemeStore::changed, this, &NoticeBar::applyTheme);
    if (parent) parent->installEventFilter(this);
    hide();  // before it is placed: hidden, it takes no room
    applyTheme();
}

void NoticeBar::applyTheme() {
    const Theme& t = m_themes->theme();
    m_text->setFont(t.sans(Theme::kBody));
    m_action->setFont(t.sans(Theme::kBody, QFont::DemiBold));
    m_close->setFont(t.sans(Theme::kTitle));
    setStyleSheet(
        QStringLiteral(
            "QPlainTextEdit { color: %1; background: transparent; border: none; } QPushButton { color: %2; "
            "border: none; padding: 2px 8px; border-radius: 4px; background: transparent; } QPushButton:hover, "
            "QPushButton:focus { background: %3; }")
            .arg(t.text.name(), t.amber_text.name(), t.hover.name()));
    place();
    update();
}

NoticeBar::Id NoticeBar::say(const QString& sentence, int seconds, const QString& label, std::function<void()> action) {
    return show(Tone::kInfo, sentence, seconds, label, std::move(action));
}

NoticeBar::Id NoticeBar::warn(const QString& sentence, int seconds, const QString& label,
                              std::function<void()> action) {
    return show(Tone::kError, sentence, seconds, label, std::move(action));
}

NoticeBar::Id NoticeBar::show(Tone tone, const QString& sentence, int seconds, const QString& label,
                              std::function<void()> action) {
    m_tone = tone;
    ++m_id;
    m_text->setPlainText(shownSentence(sentence));
    m_do = std::move(action);
    m_action->setText(label);
    m_action->setAccessibleName(label);
    m_action->setVisible(!label.isEmpty());
    m_timer.stop();
    if (seconds > 0) m_timer.start(seconds * 1000);
    setAccessibleName(tone == Tone::kError ? tr("Error") : tr("Notice"));
    setAccessibleDescription(m_text->toPlainText());
    setVisible(true);
    place();
    raise();
    update();
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
    return m_id;
}

void NoticeBar::clear() {
    m_do = nullptr;
    m_timer.stop();
    hide();
    take(0);
}

void NoticeBar::take(int pixels) {
    if (pixels == std::exchange(m_room, pixels)) return;
    emit roomTaken(pixels);
}

void NoticeBar::takeBack(Id notice) {
    if (notice != 0 && notice == shown()) clear();
}

QString NoticeBar::sentence() const {
    return isHidden() ? QString() : m_text->toPlainText();
}

void NoticeBar::place() {
    const Theme& t = m_themes->theme();
    const int mark = m_tone == Tone::kError ? t.space(9) : t.space(4);
    layout()->setContentsMargins(mark, t.space(2), t.space(2), t.space(2));
    layout()->setSpacing(t.space(2));
    const QWidget* under = parentWidget();
    if (!under) return;
    const int side = under->width() > t.px(600) ? t.px(24) : t.px(10);
    const int width = std::max(0, under->width() - 2 * side);
    int beside = mark + t.space(2) + m_close->sizeHint().width() + t.space(2);
    if (!m_action->isHidden()) beside += m_action->sizeHint().width() + t.space(2);
    const int words = heightOf(m_text->toPlainText(), m_text->font(), std::max(t.px(60), width - beside));
    const int highest = std::max(t.px(60), under->height() / 2);
    const int text = std::clamp(words, QFontMetrics(m_text->font()).height(), highest);
    m_text->setFixedHeight(text);
    const int height = std::max(text, m_close->sizeHint().height()) + 2 * t.space(2);
    const int gap = t.space(1.5);
    setGeometry(side, gap, width, height);
    if (!isHidden()) take(height + 2 * gap);
}

bool NoticeBar::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize && watched == parentWidget()) place();
    return QWidget::eventFilter(watched, event);
}

void NoticeBar::paintEvent(QPaintEvent*) {
    const Theme& t = m_themes->theme();
    const bool error = m_tone == Tone::kError;
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(error ? t.danger : t.line);
    p.setBrush(t.panel);
    const double radius = t.px(Theme::kRadius);
    p.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    if (!error) return;
    // A disc with a stroke and a point.
    const double r = t.px(8), x = t.space(3) + r, y = height() / 2.0;
    p.setPen(Qt::NoPen);
    p.setBrush(t.danger);
    p.drawEllipse(QPointF(x, y), r, r);
    p.setPen(QPen(t.panel, t.px(2), Qt::SolidLine, Qt::RoundCap));
    p.drawLine(QPointF(x, y - r * 0.45), QPointF(x, y + r * 0.08));
    p.drawPoint(QPointF(x, y + r * 0.5));
}

}  // namespace moescope
