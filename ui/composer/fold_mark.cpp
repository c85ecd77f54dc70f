#include "ui/composer/fold_mark.h"

#include <QFontMetricsF>
#include <QLocale>
#include <QPainter>

namespace moescope {

QString FoldMark::caption(const QString& text) {
    const QLocale locale;
    const QString size = locale.formattedDataSize(text.toUtf8().size(), 1, QLocale::DataSizeTraditionalFormat);
    const qsizetype lines = text.count(QLatin1Char('\n')) + 1;
    if (lines == 1) return tr("Pasted text · %1").arg(size);
    return tr("Pasted text · %1 · %2 lines").arg(size, locale.toString(lines));
}

QTextCharFormat FoldMark::format(int number, const QString& text) {
    QTextCharFormat format;
    format.setObjectType(kObject);
    format.setProperty(kNumber, number);
    format.setProperty(kCaption, caption(text));
    format.setVerticalAlignment(QTextCharFormat::AlignBottom);
    return format;
}

QSizeF FoldMark::intrinsicSize(QTextDocument*, int, const QTextFormat& format) {
    const QFontMetricsF metrics(m_theme.sans(Theme::kSmall));
    return {metrics.horizontalAdvance(format.property(kCaption).toString()) + m_theme.px(24),
            static_cast<qreal>(m_theme.px(22))};
}

void FoldMark::drawObject(QPainter* painter, const QRectF& rect, QTextDocument*, int, const QTextFormat& format) {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF box = rect.adjusted(m_theme.px(2) + 0.5, 0.5, -m_theme.px(2) - 0.5, -0.5);
    painter->setPen(QPen(m_theme.line, 1));
    painter->setBrush(m_theme.bubble);
    painter->drawRoundedRect(box, m_theme.px(Theme::kRadiusSmall), m_theme.px(Theme::kRadiusSmall));
    painter->setFont(m_theme.sans(Theme::kSmall));
    painter->setPen(m_theme.dim);
    painter->drawText(box, Qt::AlignCenter, format.property(kCaption).toString());
    painter->restore();
}

}  // namespace moescope
