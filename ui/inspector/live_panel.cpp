#include "ui/inspector/live_panel.h"

#include <QAccessible>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/heatmap/colour_map.h"
#include "ui/theme.h"

namespace moescope {
namespace {

/// Where the scale ends: this many times the load of an even split.
constexpr double kTopLoad = 4;

}  // namespace

LivePanel::LivePanel(ThemeStore* themes, QWidget* parent) : QWidget(parent), m_themes(themes) {
    setMouseTracking(true);
    setAccessibleName(tr("Experts by layer"));
    setFocusPolicy(Qt::NoFocus);
    connect(m_themes, &ThemeStore::changed, this, [this] {
        updateGeometry();
        update();
    });
    updateDescription();
}

void LivePanel::setShape(const RoutingShape& shape) {
    m_shape = shape;
    m_mass.assign(static_cast<std::size_t>(shape.moe_layers * shape.experts), 0);
    m_shared_share.assign(static_cast<std::size_t>(shape.moe_layers), 0);
    m_current.clear();
    m_selected.clear();
    m_tokens = 0;
    m_image_old = true;
    updateDescription();
    updateGeometry();
    update();
}

void LivePanel::count(const RoutingLog& log) {
    const auto layers = static_cast<std::size_t>(m_shape.moe_layers);
    if (log.shape().moe_layers != m_shape.moe_layers || log.shape().experts != m_shape.experts || layers == 0) return;
    for (std::size_t t = 0; t < log.size(); ++t) {
        for (std::size_t l = 0; l < layers; ++l) {
            const LayerRouting r = log.at(t, static_cast<int>(l));
            for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
                m_mass[l * static_cast<std::size_t>(m_shape.experts) + static_cast<std::size_t>(r.experts[i])] +=
                    r.gates[i];
            }
            const double both = static_cast<double>(r.shared_norm) + r.routed_norm;
            if (both > 0) m_shared_share[l] += r.shared_norm / both;
        }
    }
    m_tokens += static_cast<long>(log.size());
    if (log.size() == 0) return;
    m_current = log.layers(log.size() - 1);
}

void LivePanel::add(const RoutingLog& log) {
    count(log);
    m_image_old = true;
    updateDescription();
    update();
}

void LivePanel::setLog(const RoutingLog* log) {
    setShape(log ? log->shape() : m_shape);
    if (log) add(*log);
}

void LivePanel::select(const QString& token, const LayerRouting* layers) {
    m_selected_name = layers ? token : QString();
    m_selected.clear();
    if (layers) m_selected.assign(layers, layers + m_shape.moe_layers);
    update();
}

QSize LivePanel::sizeHint() const {
    const Theme& t = m_themes->theme();
    // Few layers get taller rows, many a row of some pixels each.
    const int rows = std::max(1, m_shape.moe_layers);
    return {t.px(420), t.px(88) + std::clamp(rows * t.px(26), t.px(150), t.px(300))};
}
QSize LivePanel::minimumSizeHint() const {
    return {m_themes->theme().px(220), sizeHint().height()};
}

LivePanel::Measures LivePanel::measures() const {
    const Theme& t = m_themes->theme();
    Measures m;
    const double label = t.px(26), lane = t.px(14), gap = t.px(8), top = t.px(44), bottom = t.px(44);
    const double width = std::max(10.0, this->width() - label - lane - gap - t.px(12));
    const double height = std::max(10.0, this->height() - top - bottom);
    m.grid = QRectF(label, top, width, height);
    m.cell_width = width / std::max(1, m_shape.experts);
    m.cell_height = std::min(height / std::max(1, m_shape.moe_layers), 2.5 * m.cell_width + t.px(6));
    m.grid.setHeight(m.cell_height * std::max(1, m_shape.moe_layers));
    m.lane = QRectF(m.grid.right() + gap, top, lane, m.grid.height());
    m.legend = QRectF(label, m.grid.bottom() + t.px(24), t.px(120), t.px(6));
    return m;
}

double LivePanel::relativeLoad(int layer, int expert) const {
    const auto first = m_mass.begin() + layer * m_shape.experts;
    double sum = 0;
    for (auto it = first; it != first + m_shape.experts; ++it) sum += *it;
    return sum > 0 ? first[expert] * m_shape.experts / sum : 0;
}

void LivePanel::rebuildImage() {
    m_image = QImage(m_shape.experts, m_shape.moe_layers, QImage::Format_RGB32);
    for (int l = 0; l < m_shape.moe_layers; ++l) {
        double sum = 0;
        const double* row = &m_mass[static_cast<std::size_t>(l * m_shape.experts)];
        for (int e = 0; e < m_shape.experts; ++e) sum += row[e];
        for (int e = 0; e < m_shape.experts; ++e) {
            const double relative = sum > 0 ? row[e] * m_shape.experts / sum : 0;
            m_image.setPixel(e, l, cividis(std::log1p(relative) / std::log1p(kTopLoad)));
        }
    }
    m_image_old = false;
}

void LivePanel::paintEvent(QPaintEvent*) {
    const Theme& t = m_themes->theme();
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    p.fillRect(rect(), t.panel);
    const double left = t.px(12), baseline = t.px(20);
    p.setFont(t.sans(Theme::kBody, QFont::DemiBold));
    p.setPen(t.text);
    p.drawText(QPointF(left, baseline), tr("Layers × experts"));
    p.setFont(t.sans(Theme::kTiny));
    p.setPen(t.faint);
    const QString caption = m_tokens > 0 ? tr("gate mass, tokens: %1, log scale").arg(m_tokens) : QString();
    p.drawText(QRectF(0, baseline - t.px(14), width() - t.px(12), t.px(18)), Qt::AlignRight | Qt::AlignVCenter,
               caption);
    if (m_shape.moe_layers == 0 || m_shape.experts == 0) {
        p.setFont(t.sans(Theme::kSmall));
        p.drawText(rect().adjusted(t.px(16), 0, -t.px(16), 0), Qt::AlignCenter | Qt::TextWordWrap,
                   tr("Ask something, and see which experts answer."));
        return;
    }
    if (m_image_old) rebuildImage();
    const Measures m = measures();
    p.setRenderHint(QPainter::SmoothPixmapTransform, false);
    p.drawImage(m.grid, m_image);

    // The shared experts' part of the output, by layer: amber, as everywhere.
    for (int l = 0; l < m_shape.moe_layers; ++l) {
        const double share =
            m_tokens > 0 ? m_shared_share[static_cast<std::size_t>(l)] / static_cast<double>(m_tokens) : 0;
        const QRectF cell(m.lane.left(), m.lane.top() + l * m.cell_height, m.lane.width(), m.cell_height);
        p.fillRect(cell.adjusted(0, 0.5, 0, -0.5), t.line);
        QRectF filled = cell.adjusted(0, 0.5, 0, -0.5);
        filled.setWidth(filled.width() * share);
        p.fillRect(filled, t.amber);
    }

    const auto& framed = m_selected.empty() ? m_current : m_selected;
    p.setBrush(Qt::NoBrush);
    p.setPen(QPen(m_selected.empty() ? QColor(255, 255, 255, 200) : t.amber, m_selected.empty() ? 1.0 : 1.6));
    for (std::size_t l = 0; l < framed.size(); ++l) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(framed[l].count); ++i) {
            p.drawRect(QRectF(m.grid.left() + framed[l].experts[i] * m.cell_width,
                              m.grid.top() + static_cast<double>(l) * m.cell_height, m.cell_width, m.cell_height)
                           .adjusted(0.5, 0.5, -0.5, -0.5));
        }
    }

    p.setFont(t.mono(Theme::kTiny - 1));
    p.setPen(t.faint);
    const int layer_step = std::max(1, static_cast<int>(std::ceil(t.px(14) / m.cell_height)));
    for (int l = 0; l < m_shape.moe_layers; l += layer_step) {
        p.drawText(QRectF(0, m.grid.top() + l * m.cell_height, m.grid.left() - t.px(5), m.cell_height),
                   Qt::AlignRight | Qt::AlignVCenter, QString::number(m_shape.first_moe_layer + l));
    }
    int expert_step = 8;
    while (expert_step * m.cell_width < t.px(26)) expert_step *= 2;
    for (int e = 0; e < m_shape.experts; e += expert_step) {
        p.drawText(QRectF(m.grid.left() + e * m.cell_width - t.px(20), m.grid.bottom() + t.px(3), t.px(40), t.px(14)),
                   Qt::AlignHCenter, QString::number(e));
    }
    p.setPen(t.amber_text);
    p.drawText(QRectF(m.lane.right() - t.px(60), m.grid.bottom() + t.px(3), t.px(60), t.px(14)), Qt::AlignRight,
               tr("shared"));

    QLinearGradient gradient(m.legend.topLeft(), m.legend.topRight());
    for (int i = 0; i <= 16; ++i) gradient.setColorAt(i / 16.0, QColor(cividis(i / 16.0)));
    p.fillRect(m.legend, gradient);
    p.setPen(t.faint);
    p.setFont(t.sans(Theme::kTiny));
    p.drawText(QPointF(m.legend.right() + t.px(8), m.legend.bottom() + t.px(3)),
               tr("0 to %1 times an even share").arg(kTopLoad));
    if (!m_selected_name.isEmpty()) {
        p.setPen(t.amber_text);
        p.drawText(QRectF(0, m.legend.top() - t.px(6), width() - t.px(12), t.px(18)), Qt::AlignRight | Qt::AlignVCenter,
                   m_selected_name);
    }
}

void LivePanel::mouseMoveEvent(QMouseEvent* event) {
    const Measures m = measures();
    int layer = -1, expert = -1;
    if (m_shape.moe_layers > 0 && m.grid.contains(event->position())) {
        layer =
            std::min(m_shape.moe_layers - 1, static_cast<int>((event->position().y() - m.grid.top()) / m.cell_height));
        expert =
            std::min(m_shape.experts - 1, static_cast<int>((event->position().x() - m.grid.left()) / m.cell_width));
    }
    if (layer == m_hover_layer && expert == m_hover_expert) return;
    m_hover_layer = layer;
    m_hover_expert = expert;
    if (layer >= 0) {
        QToolTip::showText(event->globalPosition().toPoint(),
                           tr("layer %1, expert %2: %3 times an even share")
                               .arg(m_shape.first_moe_layer + layer)
                               .arg(expert)
                               .arg(relativeLoad(layer, expert), 0, 'f', 2),
                           this);
    } else {
        QToolTip::hideText();
    }
    emit cellHovered(layer < 0 ? -1 : m_shape.first_moe_layer + layer, expert);
}

void LivePanel::leaveEvent(QEvent*) {
    m_hover_layer = m_hover_expert = -1;
    emit cellHovered(-1, -1);
}

void LivePanel::updateDescription() {
    setAccessibleDescription(m_shape.moe_layers == 0 ? tr("Nothing yet.")
                                                     : tr("%1 layers with %2 routed experts each; tokens counted: %3")
                                                           .arg(m_shape.moe_layers)
                                                           .arg(m_shape.experts)
                                                           .arg(m_tokens));
}

}  // namespace moescope
