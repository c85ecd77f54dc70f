#include "ui/inspector/token_panel.h"

#include <QPainter>
#include <algorithm>

#include "ui/theme.h"

namespace moescope {

TokenPanel::TokenPanel(ThemeStore* themes, QWidget* parent) : QWidget(parent), m_themes(themes) {
    setAccessibleName(tr("Experts of a token"));
    connect(m_themes, &ThemeStore::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void TokenPanel::setToken(const QString& name, const QString& where, const RoutingShape& shape,
                          const LayerRouting* layers) {
    m_name = layers ? name : QString();
    m_where = where;
    m_shape = shape;
    m_layers.clear();
    if (layers) m_layers.assign(layers, layers + shape.moe_layers);
    QStringList lines;
    for (std::size_t l = 0; l < m_layers.size(); ++l) {
        QStringList experts;
        for (std::size_t i = 0; i < static_cast<std::size_t>(m_layers[l].count); ++i) {
            experts << QString::number(m_layers[l].experts[i]);
        }
        lines << tr("layer %1: experts %2").arg(m_shape.first_moe_layer + static_cast<int>(l)).arg(experts.join(", "));
    }
    setAccessibleDescription(m_name + QStringLiteral(": ") + lines.join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

QSize TokenPanel::sizeHint() const {
    const Theme& t = m_themes->theme();
    return {t.px(420), t.px(64) + t.px(22) * std::max<int>(4, static_cast<int>(m_layers.size()))};
}

void TokenPanel::paintEvent(QPaintEvent*) {
    const Theme& t = m_themes->theme();
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    p.fillRect(rect(), t.panel);
    const double left = t.px(12), right = width() - t.px(12);
    p.setFont(t.sans(Theme::kBody, QFont::DemiBold));
    p.setPen(t.text);
    p.drawText(QPointF(left, t.px(20)), m_layers.empty() ? tr("A token") : m_name);
    p.setFont(t.sans(Theme::kTiny));
    p.setPen(t.faint);
    if (m_layers.empty()) {
        p.drawText(QRectF(left, t.px(30), right - left, t.px(40)), Qt::AlignLeft | Qt::TextWordWrap,
                   tr("Point at a word of an answer to see its experts."));
        return;
    }
    p.drawText(QRectF(left, t.px(8), right - left, t.px(16)), Qt::AlignRight, m_where);
    const double sums_width = t.px(84), margin_width = t.px(52);
    const double experts_left = left + t.px(40), experts_right = right - sums_width - margin_width - t.px(12);
    const double head = t.px(44);
    p.drawText(QPointF(left, head), tr("layer"));
    p.drawText(QPointF(experts_left, head), tr("experts chosen, by gate"));
    p.drawText(QPointF(experts_right + t.px(6), head), tr("margin"));
    p.drawText(QPointF(right - sums_width, head), tr("shared : routed"));

    double largest_sum = 0;
    std::size_t most = 1;
    for (const LayerRouting& r : m_layers) {
        largest_sum = std::max(largest_sum, static_cast<double>(r.shared_norm) + r.routed_norm);
        most = std::max(most, static_cast<std::size_t>(r.count));
    }
    const double row_height = t.px(22), slot = (experts_right - experts_left) / static_cast<double>(most);
    for (std::size_t l = 0; l < m_layers.size(); ++l) {
        const LayerRouting& r = m_layers[l];
        const double y = t.px(52) + row_height * static_cast<double>(l), middle = y + row_height / 2;
        p.setFont(t.mono(Theme::kTiny));
        p.setPen(t.dim);
        p.drawText(QRectF(left, y, t.px(34), row_height), Qt::AlignVCenter | Qt::AlignLeft,
                   QString::number(m_shape.first_moe_layer + static_cast<int>(l)));
        double top_gate = 0;
        for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
            top_gate = std::max(top_gate, static_cast<double>(r.gates[i]));
        }
        const double number_width = t.px(20);
        for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
            const double x = experts_left + slot * static_cast<double>(i);
            p.drawText(QRectF(x, y, number_width, row_height), Qt::AlignVCenter | Qt::AlignRight,
                       QString::number(r.experts[i]));
            const double bar = top_gate > 0 ? (slot - number_width - t.px(10)) * r.gates[i] / top_gate : 0;
            p.setBrush(t.blue);
            p.setPen(Qt::NoPen);
            p.drawRoundedRect(QRectF(x + number_width + t.px(4), middle - t.px(3), std::max(bar, 1.0), t.px(6)), 2, 2);
            p.setPen(t.dim);
        }
        if (r.count > 0 && r.runners_up[0] >= 0) {
            const float margin = r.probabilities[static_cast<std::size_t>(r.count - 1)] - r.runner_up_probabilities[0];
            p.drawText(QRectF(experts_right, y, margin_width, row_height), Qt::AlignVCenter | Qt::AlignRight,
                       QString::number(margin, 'f', 3));
        }
        if (largest_sum > 0) {
            const double shared = sums_width * r.shared_norm / largest_sum;
            const double routed = sums_width * r.routed_norm / largest_sum;
            p.setPen(Qt::NoPen);
            p.setBrush(t.amber);
            p.drawRoundedRect(QRectF(right - sums_width, middle - t.px(3), std::max(shared - 1, 1.0), t.px(6)), 2, 2);
            p.setBrush(t.blue);
            p.drawRoundedRect(QRectF(right - sums_width + shared, middle - t.px(3), std::max(routed, 1.0), t.px(6)), 2,
                              2);
        }
    }
}

}  // namespace moescope
