#include "ui/settings/expert_grid.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

#include "ui/widgets/plain_text.h"

namespace moescope {

ExpertGrid::ExpertGrid(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("expert_grid"));
    setAccessibleName(tr("Layers and experts"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ExpertGrid::setShape(const RoutingShape& shape) {
    m_shape = shape;
    m_cursor = {0, 0};
    m_hovered = {};
    setVisible(shape.experts > 0 && shape.moe_layers > 0);
    updateGeometry();
    describe();
    update();
}

void ExpertGrid::setRules(const RouterRules& rules) {
    m_rules = rules;
    describe();
    update();
}

void ExpertGrid::setTheme(const Theme& theme) {
    m_theme = theme;
    updateGeometry();
    update();
}

int ExpertGrid::rowHeight() const {
    // Few layers are easy to hit, many still fit a dialog.
    return std::clamp(m_theme.px(280) / std::max(1, m_shape.moe_layers), m_theme.px(7), m_theme.px(18));
}

QSize ExpertGrid::sizeHint() const {
    return {m_theme.px(440), rowHeight() * m_shape.moe_layers + m_theme.px(40)};
}

QSize ExpertGrid::minimumSizeHint() const {
    return {m_theme.px(220), sizeHint().height()};
}

QRect ExpertGrid::grid() const {
    return {m_theme.px(30), m_theme.px(2), std::max(1, width() - m_theme.px(32)), rowHeight() * m_shape.moe_layers};
}

QRect ExpertGrid::cellRect(int layer, int expert) const {
    const QRect all = grid();
    const int left = all.left() + all.width() * expert / std::max(1, m_shape.experts);
    const int right = all.left() + all.width() * (expert + 1) / std::max(1, m_shape.experts);
    return {left, all.top() + rowHeight() * layer, std::max(1, right - left), rowHeight()};
}

ExpertGrid::Cell ExpertGrid::cellAt(const QPoint& at) const {
    const QRect all = grid();
    if (!all.contains(at) || m_shape.experts == 0) return {};
    const int layer = std::min((at.y() - all.top()) / rowHeight(), m_shape.moe_layers - 1);
    for (int expert = (at.x() - all.left()) * m_shape.experts / all.width(); expert < m_shape.experts; ++expert) {
        if (at.x() <= cellRect(layer, expert).right()) return {layer, expert};
    }
    return {};
}

QString ExpertGrid::words(const Cell& cell) const {
    if (cell.layer < 0) return {};
    const int number = m_shape.first_moe_layer + cell.layer;
    QString where = tr("Layer %1, expert %2").arg(number).arg(cell.expert);
    if (m_shape.hasGroups()) where = tr("%1 (group %2)").arg(where).arg(m_shape.groupOf(cell.expert));
    switch (expertRule(m_rules, number, cell.expert)) {
        case ExpertRule::kMasked:
            return tr("%1: masked").arg(where);
        case ExpertRule::kForced:
            return tr("%1: forced").arg(where);
        case ExpertRule::kFree:
            break;
    }
    return tr("%1: model default").arg(where);
}

void ExpertGrid::describe() {
    setAccessibleDescription(m_shape.experts > 0 ? words(m_cursor) : QString());
}

void ExpertGrid::goOn(const Cell& cell) {
    if (cell.layer < 0) return;
    m_cursor = cell;
    const int number = m_shape.first_moe_layer + cell.layer;
    const ExpertRule now = expertRule(m_rules, number, cell.expert);
    emit wanted(number, cell.expert,
                now == ExpertRule::kFree     ? ExpertRule::kMasked
                : now == ExpertRule::kMasked ? ExpertRule::kForced
                                             : ExpertRule::kFree);
    describe();
    update();
}

void ExpertGrid::paintEvent(QPaintEvent*) {
    const Theme& t = m_theme;
    QPainter p(this);
    const bool gaps = grid().width() / std::max(1, m_shape.experts) > 4 && rowHeight() > 4;
    for (int l = 0; l < m_shape.moe_layers; ++l) {
        const int number = m_shape.first_moe_layer + l;
        for (int e = 0; e < m_shape.experts; ++e) {
            const QRect cell = cellRect(l, e).adjusted(0, 0, gaps ? -1 : 0, gaps ? -1 : 0);
            const ExpertRule rule = expertRule(m_rules, number, e);
            p.fillRect(cell, rule == ExpertRule::kMasked ? t.danger : rule == ExpertRule::kForced ? t.blue : t.line);
            // Told apart without colours, too: masked ones are struck out.
            if (rule == ExpertRule::kMasked) {
                p.setPen(t.background);
                p.drawLine(cell.topLeft(), cell.bottomRight());
            }
        }
    }
    for (int g = 1; g < m_shape.groups; ++g) {
        const QRect first = cellRect(0, g * m_shape.groupSize());
        p.fillRect(QRect(first.left() - 2, grid().top(), 2, grid().height() + t.px(3)), t.faint);
    }
    const auto frame = [&](const Cell& cell, const QColor& colour) {
        if (cell.layer < 0 || cell.layer >= m_shape.moe_layers) return;
        p.setPen(colour);
        p.setBrush(Qt::NoBrush);
        p.drawRect(cellRect(cell.layer, cell.expert).adjusted(-1, -1, 0, 0));
    };
    frame(m_hovered, t.text);
    if (hasFocus()) frame(m_cursor, t.focus);

    p.setFont(t.mono(Theme::kTiny - 1));
    p.setPen(t.faint);
    const int text = t.px(13);
    for (int l = 0, step = std::max(1, (text + rowHeight() - 1) / rowHeight()); l < m_shape.moe_layers; l += step) {
        const QRect row = cellRect(l, 0);
        p.drawText(QRect(0, row.center().y() - text / 2, grid().left() - t.px(4), text),
                   Qt::AlignRight | Qt::AlignVCenter, QString::number(m_shape.first_moe_layer + l));
    }
    int free = 0;
    for (int e = 0; e < m_shape.experts; ++e) {
        const QRect cell = cellRect(0, e);
        if (cell.left() < free || (e % 4 != 0 && e != 0)) continue;
        p.drawText(QRect(cell.left(), grid().bottom() + t.px(2), t.px(30), text), Qt::AlignLeft, QString::number(e));
        free = cell.left() + t.px(26);
    }
    p.setFont(t.sans(Theme::kTiny));
    int x = grid().left();
    const auto key = [&](const QColor& colour, const QString& name) {
        const int y = grid().bottom() + t.px(21);
        p.fillRect(QRect(x, y + t.px(3), t.px(9), t.px(9)), colour);
        p.setPen(t.dim);
        p.drawText(QRect(x + t.px(14), y, width(), t.px(16)), Qt::AlignLeft | Qt::AlignVCenter, name);
        x += t.px(14) + p.fontMetrics().horizontalAdvance(name) + t.px(14);
    };
    key(t.danger, tr("masked"));
    key(t.blue, tr("forced"));
    key(t.line, tr("model default; click to change"));
}

void ExpertGrid::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) goOn(cellAt(event->position().toPoint()));
}

void ExpertGrid::mouseMoveEvent(QMouseEvent* event) {
    const Cell cell = cellAt(event->position().toPoint());
    if (cell == m_hovered) return;
    m_hovered = cell;
    update();
}

void ExpertGrid::leaveEvent(QEvent*) {
    m_hovered = {};
    update();
}

void ExpertGrid::keyPressEvent(QKeyEvent* event) {
    Cell cell = m_cursor;
    switch (event->key()) {
        case Qt::Key_Left:
            --cell.expert;
            break;
        case Qt::Key_Right:
            ++cell.expert;
            break;
        case Qt::Key_Up:
            --cell.layer;
            break;
        case Qt::Key_Down:
            ++cell.layer;
            break;
        case Qt::Key_Space:
            return goOn(m_cursor);
        default:
            return QWidget::keyPressEvent(event);
    }
    m_cursor = {std::clamp(cell.layer, 0, std::max(0, m_shape.moe_layers - 1)),
                std::clamp(cell.expert, 0, std::max(0, m_shape.experts - 1))};
    describe();
    update();
}

void ExpertGrid::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

bool ExpertGrid::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString text = words(cellAt(help->pos()));
        if (text.isEmpty()) {
            QToolTip::hideText();
        } else {
            QToolTip::showText(help->globalPos(), plainToolTip(text), this);
        }
        return true;
    }
    if (event->type() == QEvent::FocusOut) update();
    return QWidget::event(event);
}

}  // namespace moescope
