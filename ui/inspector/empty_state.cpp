#include "ui/inspector/empty_state.h"

#include <QImage>
#include <QPainter>
#include <algorithm>

#include "ui/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_style.h"

namespace moescope {

EmptyState::EmptyState(ThemeStore* themes, QWidget* parent)
    : QWidget(parent), m_themes(themes), m_button(new FormButton(FormButton::Kind::kPlain, {}, this)) {
    setAccessibleName(tr("Routing inspector"));
    m_button->setObjectName(QStringLiteral("empty_action"));
    m_button->setAccessibleName(tr("Re-read this chat"));
    m_button->hide();
    connect(m_button, &QPushButton::clicked, this, &EmptyState::actionWanted);
    connect(m_themes, &ThemeStore::changed, this, &EmptyState::applyTheme);
    applyTheme();
}

void EmptyState::setReason(Reason reason) {
    m_reason = reason;
    showAction();
}

void EmptyState::setAction(const QString& text) {
    m_button->setText(text);
    showAction();
}

void EmptyState::showAction() {
    m_button->setVisible(m_reason == Reason::kNotRecorded && !m_button->text().isEmpty());
    setAccessibleDescription(sentence() + QLatin1Char(' ') + steps().join(QLatin1Char(' ')));
    if (!m_button->isHidden()) {
        // Below the steps, which only painting measures.
        QImage nowhere(1, 1, QImage::Format_RGB32);
        QPainter p(&nowhere);
        const int wide = std::min(m_button->sizeHint().width(), width() - m_themes->theme().space(8));
        const int y = static_cast<int>(paintAll(p)) + m_themes->theme().space(3);
        m_button->setGeometry((width() - wide) / 2, y, wide, m_button->sizeHint().height());
    }
    update();
}

void EmptyState::applyTheme() {
    applyFormTheme(this, m_themes->theme());
    showAction();
}

void EmptyState::resizeEvent(QResizeEvent*) {
    showAction();
}

QString EmptyState::sentence() const {
    switch (m_reason) {
        case Reason::kNothingYet:
            return tr("The experts behind every word appear here.");
        case Reason::kNotRecorded:
            return tr("No routing was recorded for this chat.");
        case Reason::kNoModel:
            return tr("Load a model to see its routing.");
        case Reason::kNone:
            break;
    }
    return {};
}

QStringList EmptyState::steps() const {
    switch (m_reason) {
        case Reason::kNothingYet:
            return {tr("Ask something."), tr("Point at a word in the answer."),
                    tr("See which experts produced it, layer by layer.")};
        case Reason::kNotRecorded:
            if (!m_button->text().isEmpty()) {
                return {tr("It was imported, or answered without recording its routing."),
                        tr("Re-read it with the loaded model: one pass over its text."),
                        tr("Then point at any word, as in an answer.")};
            }
            return {tr("It was imported, or answered without recording its routing."),
                    tr("Ask another question, or regenerate an answer."), tr("New answers will appear here.")};
        case Reason::kNoModel:
            return {tr("Open a model, or use the demo model."), tr("Ask something."),
                    tr("See which experts produced each word.")};
        case Reason::kNone:
            break;
    }
    return {};
}

QSize EmptyState::minimumSizeHint() const {
    return {m_themes->theme().px(200), m_themes->theme().px(200)};
}

void EmptyState::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    p.fillRect(rect(), m_themes->theme().panel);
    paintAll(p);
}

double EmptyState::paintAll(QPainter& p) const {
    const Theme& t = m_themes->theme();
    const double inner = std::min<double>(width() - t.space(12), t.px(320)), left = (width() - inner) / 2;
    double y = std::max<double>(t.space(4), height() * 0.24);
    // Experts of a few tokens, of which some are chosen.
    constexpr int kColumns = 12, kRows = 5;
    const double cell = t.px(10), gap = t.px(3), grid = kColumns * cell + (kColumns - 1) * gap;
    for (int row = 0; row < kRows; ++row) {
        for (int column = 0; column < kColumns; ++column) {
            const int mix = (row * 7 + column * 5 + row * column) % 11;
            QColor colour = mix == 0 ? t.amber : mix == 3 || mix == 7 ? t.blue : t.line;
            if (mix == 7) colour.setAlphaF(0.5f);
            p.setPen(Qt::NoPen);
            p.setBrush(colour);
            p.drawRoundedRect(QRectF((width() - grid) / 2 + column * (cell + gap), y + row * (cell + gap), cell, cell),
                              2, 2);
        }
    }
    y += kRows * (cell + gap) + t.space(6);
    const auto paragraph = [&](const QString& text, double x, double room, const QFont& font, const QColor& colour,
                               int flags) {
        p.setFont(font);
        p.setPen(colour);
        QRectF used;
        p.drawText(QRectF(x, y, room, height()), flags | Qt::TextWordWrap, text, &used);
        return used.height();
    };
    y += paragraph(sentence(), left, inner, t.sans(Theme::kReading, QFont::DemiBold), t.text, Qt::AlignHCenter) +
         t.space(4);
    int number = 0;
    for (const QString& step : steps()) {
        const double disc = t.px(20), text = left + disc + t.space(3);
        p.setPen(QPen(t.line, 1));
        p.setBrush(Qt::NoBrush);
        p.drawEllipse(QRectF(left, y - t.px(2), disc, disc));
        p.setFont(t.sans(Theme::kSmall));
        p.setPen(t.dim);
        p.drawText(QRectF(left, y - t.px(2), disc, disc), Qt::AlignCenter, QString::number(++number));
        const double used = paragraph(step, text, left + inner - text, t.sans(Theme::kBody), t.dim, Qt::AlignLeft);
        y += std::max<double>(used, disc) + t.space(2.5);
    }
    return y;
}

}  // namespace moescope
