#include "ui/models/context_bars.h"

#include <QLocale>
#include <QPainter>
#include <algorithm>

namespace moescope {
namespace {

constexpr double kRow = 22;  // pixels, at zoom 1

}  // namespace

ContextBars::ContextBars(QList<ModelCard::Context> contexts, QString free, QWidget* parent)
    : QWidget(parent), m_contexts(std::move(contexts)), m_free(std::move(free)) {
    setObjectName(QStringLiteral("context_bars"));
    setAccessibleName(tr("Memory by context"));
    QStringList all;
    for (const ModelCard::Context& context : m_contexts) all << words(context);
    setAccessibleDescription((all << m_free).join(QStringLiteral("; ")));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QString ContextBars::words(const ModelCard::Context& context) const {
    const QString said = tr("%L1 tokens: %2").arg(context.tokens).arg(context.memory);
    return context.share > 1 ? tr("%1, more than is free").arg(said) : said;
}

void ContextBars::setTheme(const Theme& theme) {
    m_theme = theme;
    updateGeometry();
    update();
}

QSize ContextBars::sizeHint() const {
    return {m_theme.px(360), m_theme.px(kRow) * static_cast<int>(m_contexts.size()) + m_theme.px(20)};
}

void ContextBars::paintEvent(QPaintEvent*) {
    const Theme& t = m_theme;
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    double most = 1;
    for (const ModelCard::Context& context : m_contexts) most = std::max(most, context.share);
    const double names = t.px(84), amounts = t.px(84), row = t.px(kRow);
    const double left = names, width = std::max(1.0, this->width() - names - amounts);
    const double free_at = left + width / most;
    const double height = row * static_cast<double>(m_contexts.size());
    const auto radius = static_cast<double>(t.px(2));
    for (qsizetype i = 0; i < m_contexts.size(); ++i) {
        const ModelCard::Context& context = m_contexts[i];
        const bool fits = context.share <= 1;
        const QRectF line(0, row * static_cast<double>(i), this->width(), row);
        p.setFont(t.mono(Theme::kTiny, context.chosen ? QFont::Bold : QFont::Normal));
        p.setPen(!fits ? t.faint : context.chosen ? t.text : t.dim);
        p.drawText(QRectF(0, line.top(), names - t.px(10), row), Qt::AlignRight | Qt::AlignVCenter,
                   QLocale().toString(context.tokens));
        p.drawText(QRectF(left + width, line.top(), amounts, row), Qt::AlignRight | Qt::AlignVCenter, context.memory);
        const QRectF ground(left, line.center().y() - t.px(4), width, t.px(8));
        p.setPen(Qt::NoPen);
        p.setBrush(t.line);
        p.drawRoundedRect(ground, radius, radius);
        p.setBrush(!fits ? t.faint : context.chosen ? t.amber : t.blue);
        p.drawRoundedRect(QRectF(ground.left(), ground.top(), width * context.share / most, ground.height()), radius,
                          radius);
    }
    p.setPen(QPen(t.text, 1, Qt::DashLine));
    p.drawLine(QPointF(free_at, 0), QPointF(free_at, height));
    p.setFont(t.sans(Theme::kTiny));
    p.setPen(t.dim);
    const double room = QFontMetricsF(p.font()).horizontalAdvance(m_free) + 1;
    const double at = std::clamp(free_at - room / 2, left, std::max(left, this->width() - room));
    p.drawText(QRectF(at, height, room, t.px(20)), Qt::AlignLeft | Qt::AlignVCenter, m_free);
}

}  // namespace moescope
