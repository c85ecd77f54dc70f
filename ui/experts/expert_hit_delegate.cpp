#include "ui/experts/expert_hit_delegate.h"

#include <QPainter>
#include <algorithm>

#include "ui/experts/expert_hits_model.h"

namespace moescope {

QSize ExpertHitDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const int title = index.data(ExpertHitsModel::kNewTitleRole).toBool() ? m_theme.px(28) : 0;
    return {option.rect.width(), title + m_theme.px(26)};
}

void ExpertHitDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QPainter& p = *painter;
    p.save();
    p.setRenderHint(QPainter::Antialiasing);
    QRectF row(option.rect);
    const double side = m_theme.space(3);
    if (index.data(ExpertHitsModel::kNewTitleRole).toBool()) {
        const QFont font = m_theme.sans(Theme::kTiny, QFont::DemiBold);
        const QRectF title = row.adjusted(side, m_theme.px(8), -side, 0);
        p.setFont(font);
        p.setPen(m_theme.dim);
        p.drawText(QRectF(title.left(), title.top(), title.width(), m_theme.px(18)), Qt::AlignLeft | Qt::AlignVCenter,
                   QFontMetricsF(font).elidedText(index.data(ExpertHitsModel::kTitleRole).toString(), Qt::ElideRight,
                                                  title.width()));
        row.setTop(row.top() + m_theme.px(28));
    }
    if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver)) {
        p.setPen(Qt::NoPen);
        p.setBrush(m_theme.hover);
        p.drawRoundedRect(row.adjusted(m_theme.space(1), 1, -m_theme.space(1), -1), m_theme.px(Theme::kRadiusSmall),
                          m_theme.px(Theme::kRadiusSmall));
    }
    const QFont digits = m_theme.mono(Theme::kTiny);
    const QString figures = tr("%1 · rank %2")
                                .arg(index.data(ExpertHitsModel::kGateRole).toDouble(), 0, 'f', 3)
                                .arg(index.data(ExpertHitsModel::kRankRole).toInt());
    const double figures_width = QFontMetricsF(digits).horizontalAdvance(figures);
    p.setFont(digits);
    p.setPen(m_theme.dim);
    p.drawText(row.adjusted(0, 0, -side, 0), Qt::AlignRight | Qt::AlignVCenter, figures);

    // The token stands where it is seen, with what fits of the text at both sides.
    const QFont font = m_theme.sans(Theme::kBody);
    const QFontMetricsF metrics(font);
    const QString token = index.data(ExpertHitsModel::kTokenRole).toString();
    const QRectF text(row.left() + side, row.top(), row.width() - 3 * side - figures_width, row.height());
    const QString shown = token.trimmed().isEmpty() ? QStringLiteral("␣") : token;
    const double token_width = metrics.horizontalAdvance(shown);
    QString before = index.data(ExpertHitsModel::kBeforeRole).toString();
    QString after = index.data(ExpertHitsModel::kAfterRole).toString();
    const double room = std::max(0.0, text.width() - token_width);
    const double before_room = std::min(metrics.horizontalAdvance(before), room * 0.5);
    before = metrics.elidedText(before, Qt::ElideLeft, before_room + 1);
    const double before_width = metrics.horizontalAdvance(before);
    after = metrics.elidedText(after, Qt::ElideRight, std::max(0.0, room - before_width));
    p.setFont(font);
    double x = text.left();
    const auto draw = [&](const QString& part, const QColor& colour) {
        p.setPen(colour);
        p.drawText(QRectF(x, text.top(), text.right() - x + 1, text.height()), Qt::AlignLeft | Qt::AlignVCenter, part);
        x += metrics.horizontalAdvance(part);
    };
    draw(before, m_theme.text);
    draw(shown, m_theme.amber_text);
    draw(after, m_theme.text);
    p.restore();
}

}  // namespace moescope
