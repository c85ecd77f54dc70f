// Pointer, wheel, touch and keys of HeatmapWidget.

#include <QGestureEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/heatmap/heatmap_widget_p.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

/// Pixels after which a press is a drag.
constexpr double kDragStart = 4;
/// A step of + and -, and the part of the view that a key pans.
constexpr double kZoomStep = 1.5, kPanStep = 0.15;

}  // namespace

void HeatmapWidget::Private::setHover(const HeatmapCell& cell) {
    if (cell == hover) return;
    hover = cell;
    q->update();
    emit q->hovered(cell);
}

void HeatmapWidget::Private::setCurrent(const HeatmapCell& cell) {
    if (cell == current) return;
    current = cell;
    updateDescription();
    q->update();
}

void HeatmapWidget::Private::choose(const HeatmapCell& cell) {
    setCurrent(cell);
    if (cell.valid()) {
        if (cell.token >= 0) selected_token = cell.token;
        if (cell.layer >= 0) selected_layer = cell.layer;
        selected_expert = cell.expert;
    } else {
        selected_token = selected_layer = selected_expert = -1;
        selected_tokens = {};
    }
    q->update();
    emit q->selected(cell);
}

void HeatmapWidget::Private::chooseTokens(HeatmapTokens tokens) {
    if (tokens == selected_tokens) return;
    selected_tokens = tokens;
    q->update();
    emit q->tokensSelected(tokens);
}

void HeatmapWidget::Private::showTip(QPoint global) const {
    if (!hover.valid()) {
        QToolTip::hideText();
        return;
    }
    // One fact a line reads faster than a sentence beside the pointer.
    QString text = q->describe(hover);
    if (isTokens()) text.replace(QStringLiteral(", "), QStringLiteral("\n"));
    QToolTip::showText(global, plainToolTip(text), q);
}

void HeatmapWidget::mouseMoveEvent(QMouseEvent* event) {
    const QPointF at = event->position();
    if (d->drag == Private::Drag::kPress && (at - d->press).manhattanLength() >= kDragStart) {
        d->drag = Private::Drag::kPan;
        setCursor(Qt::ClosedHandCursor);
        QToolTip::hideText();
    }
    if (d->drag == Private::Drag::kPan) {
        const QRectF plot = plotRect();
        const HeatmapRect& from = d->press_rect;
        d->setRect({from.x - (at.x() - d->press.x()) / plot.width() * from.width,
                    from.y - (at.y() - d->press.y()) / plot.height() * from.height, from.width, from.height});
        return;
    }
    if (d->drag == Private::Drag::kTokens) {
        const int last = static_cast<int>(d->scene.routing.tokens()) - 1;
        const int token = std::clamp(static_cast<int>(std::floor(d->toCells(at).x())), 0, last);
        d->chooseTokens({std::min(token, d->anchor_token), std::max(token, d->anchor_token) + 1});
        return;
    }
    const HeatmapCell before = d->hover;
    d->setHover(d->cellUnder(at));
    if (!(before == d->hover)) d->showTip(event->globalPosition().toPoint());
}

void HeatmapWidget::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || d->empty() || !plotRect().contains(event->position())) return;
    setFocus(Qt::MouseFocusReason);
    d->press = event->position();
    d->press_rect = d->rect();
    d->drag = Private::Drag::kPress;
    const HeatmapCell cell = d->cellUnder(event->position());
    if ((event->modifiers() & Qt::ShiftModifier) && d->isTokens() && cell.token >= 0) {
        d->drag = Private::Drag::kTokens;
        d->anchor_token = cell.token;
        d->chooseTokens({cell.token, cell.token + 1});
    }
}

void HeatmapWidget::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    const Private::Drag was = std::exchange(d->drag, Private::Drag::kNone);
    unsetCursor();
    if (was == Private::Drag::kPress) d->choose(d->cellUnder(event->position()));
}

void HeatmapWidget::leaveEvent(QEvent*) {
    d->setHover({});
}

void HeatmapWidget::wheelEvent(QWheelEvent* event) {
    if (d->empty() || !plotRect().contains(event->position())) {
        event->ignore();
        return;
    }
    event->accept();
    const HeatmapRect r = d->rect();
    const QRectF plot = plotRect();
    const bool both = (event->modifiers() & Qt::ControlModifier) || !d->isTokens();
    const bool touchpad = !event->pixelDelta().isNull();
    if (touchpad && !(event->modifiers() & Qt::ControlModifier)) {
        const QPointF delta = event->pixelDelta();
        d->pan(-delta.x() / plot.width() * r.width, -delta.y() / plot.height() * r.height);
        return;
    }
    const QPoint angle = event->angleDelta();
    if ((event->modifiers() & Qt::ShiftModifier) || (angle.x() != 0 && angle.y() == 0)) {
        const double steps = (angle.x() != 0 ? angle.x() : angle.y()) / 120.0;
        d->pan(-steps * kPanStep * r.width, 0);
        return;
    }
    const double factor = std::pow(1.2, angle.y() / 120.0);
    d->zoomAt(d->toCells(event->position()), factor, both ? factor : 1);
}

bool HeatmapWidget::event(QEvent* event) {
    if (event->type() == QEvent::NativeGesture) {
        const auto* gesture = static_cast<QNativeGestureEvent*>(event);
        if (gesture->gestureType() == Qt::ZoomNativeGesture) {
            const double factor = 1 + gesture->value();
            d->zoomAt(d->toCells(gesture->position()), factor, d->isTokens() ? 1 : factor);
            return true;
        }
    } else if (event->type() == QEvent::Gesture) {
        if (const QGesture* gesture = static_cast<QGestureEvent*>(event)->gesture(Qt::PinchGesture)) {
            const auto* pinch = static_cast<const QPinchGesture*>(gesture);
            const double factor = pinch->lastScaleFactor() > 0 ? pinch->scaleFactor() / pinch->lastScaleFactor() : 1;
            const QPointF centre = mapFromGlobal(pinch->centerPoint());
            d->zoomAt(d->toCells(centre), factor, d->isTokens() ? 1 : factor);
            return true;
        }
    }
    return QWidget::event(event);
}

void HeatmapWidget::Private::moveCurrent(int columns, int rows) {
    const AxisLayout across = columnLayout(scene), down = rowLayout(scene);
    HeatmapCell next = current;
    if (cellRect(scene, next).width <= 0) {
        // Where the eye is: the selected token, or the newest visible one.
        const HeatmapRect r = rect();
        const double x = std::min(static_cast<double>(across.size()), r.x + r.width) - 0.5;
        next = cellAt(scene, std::max(0.0, isTokens() ? x : r.x + 0.5), std::max(0.0, r.y + 0.5));
        if (isTokens() && selected_token >= 0) {
            const HeatmapCell chosen =
                cellOf(scene, selected_token, std::max(0, selected_layer >= 0 ? selected_layer : scene.view.layer),
                       std::max(0, selected_expert));
            if (chosen.valid()) next = chosen;
        }
        if (!next.valid()) next = cellAt(scene, 0.5, 0.5);
    } else {
        const HeatmapRect at = cellRect(scene, next);
        const double last = static_cast<double>(across.size()) - 0.5;
        double x = std::clamp(at.x + at.width / 2 + columns, 0.5, last), y = at.y + at.height / 2;
        // Into the lane and back; over gaps.
        if (across.lane > 0 && columns != 0) {
            const double cells = static_cast<double>(across.cells);
            if (x >= cells && columns > 0) x = static_cast<double>(across.laneOffset()) + across.lane / 2.0;
            if (next.lane && columns < 0) x = cells - 0.5;
        }
        HeatmapCell found = cellAt(scene, x, y);
        double below = rows > 0 ? at.y + at.height : at.y;
        for (int step = 0; rows != 0 && step <= std::max(down.gap, 1) + 1; ++step) {
            found = cellAt(scene, x, below + (rows > 0 ? 0.5 : -0.5) + rows * step);
            if (found.valid()) break;
        }
        if (found.valid()) next = found;
    }
    setCurrent(next);
    setHover(next);
    reveal(next);
}

void HeatmapWidget::Private::moveLayer(int step) {
    const int layers = scene.routing.shape().moe_layers;
    if (!isTokens() || layers == 0) {
        const HeatmapRect r = rect();
        pan(0, step * r.height);
        return;
    }
    if (scene.view.layer >= 0) {
        const int layer = std::clamp(scene.view.layer + step, 0, layers - 1);
        if (layer == scene.view.layer) return;
        HeatmapCell moved = current;
        scene.view.layer = layer;
        if (moved.valid()) {
            moved.layer = layer;
            moved.row = moved.lane ? -1 : layer * scene.routing.shape().experts + moved.expert;
        }
        hover = {};
        refresh();
        setCurrent(moved);
        emit q->viewChanged();
        return;
    }
    if (!current.valid()) return moveCurrent(0, 0);
    HeatmapCell moved = current;
    moved.layer = std::clamp(current.layer + step, 0, layers - 1);
    moved.row = moved.lane ? -1 : moved.layer * scene.routing.shape().experts + moved.expert;
    setCurrent(moved);
    setHover(moved);
    reveal(moved);
}

bool HeatmapWidget::Private::arrow(int key, Qt::KeyboardModifiers modifiers) {
    const int columns = key == Qt::Key_Left ? -1 : key == Qt::Key_Right ? 1 : 0;
    const int rows = key == Qt::Key_Up ? -1 : key == Qt::Key_Down ? 1 : 0;
    if (columns == 0 && rows == 0) return false;
    if (modifiers & Qt::ControlModifier) {
        const HeatmapRect r = rect();
        pan(columns * kPanStep * r.width, rows * kPanStep * r.height);
        return true;
    }
    const bool range = (modifiers & Qt::ShiftModifier) && columns != 0 && isTokens();
    if (range && selected_tokens.empty()) {
        if (!current.valid()) moveCurrent(0, 0);
        anchor_token = current.token;
    }
    moveCurrent(columns, rows);
    if (range && anchor_token >= 0 && current.token >= 0) {
        chooseTokens({std::min(anchor_token, current.token), std::max(anchor_token, current.token) + 1});
    }
    return true;
}

void HeatmapWidget::keyPressEvent(QKeyEvent* event) {
    if (d->empty()) return QWidget::keyPressEvent(event);
    const HeatmapRect r = d->rect();
    const bool plain = !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
    if (d->arrow(event->key(), event->modifiers())) return;
    if (!plain) return QWidget::keyPressEvent(event);
    switch (event->key()) {
        case Qt::Key_Home:
        case Qt::Key_End: {
            if (!d->current.valid()) d->moveCurrent(0, 0);
            const int far = static_cast<int>(columnLayout(d->scene).size());
            d->moveCurrent(event->key() == Qt::Key_Home ? -far : far, 0);
            return;
        }
        case Qt::Key_PageUp:
            return d->moveLayer(-1);
        case Qt::Key_PageDown:
            return d->moveLayer(1);
        case Qt::Key_Plus:
        case Qt::Key_Equal:
            return zoomBy(kZoomStep);
        case Qt::Key_Minus:
            return zoomBy(1 / kZoomStep);
        case Qt::Key_0:
            return showAll();
        case Qt::Key_W:
            return d->pan(0, -kPanStep * r.height);
        case Qt::Key_S:
            return d->pan(0, kPanStep * r.height);
        case Qt::Key_A:
            return d->pan(-kPanStep * r.width, 0);
        case Qt::Key_D:
            return d->pan(kPanStep * r.width, 0);
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Space:
            if (!d->current.valid()) d->moveCurrent(0, 0);
            return d->choose(d->current);
        case Qt::Key_Escape: {
            // Nothing to clear: the key is for others, such as the dialog around.
            const bool anything = d->current.valid() || d->selected_token >= 0 || d->selected_layer >= 0 ||
                                  d->selected_expert >= 0 || !d->selected_tokens.empty();
            if (!anything) return QWidget::keyPressEvent(event);
            d->chooseTokens({});
            d->setHover({});
            return d->choose({});
        }
        default:
            return QWidget::keyPressEvent(event);
    }
}

void HeatmapWidget::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}
void HeatmapWidget::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}
void HeatmapWidget::resizeEvent(QResizeEvent*) {
    d->refresh();
}
void HeatmapWidget::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) d->updateDescription();
}

}  // namespace moescope
