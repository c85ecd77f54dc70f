// Mouse and keys of the transcript.

#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cstdlib>

#include "ui/chat/transcript_private.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

TranscriptView::Private::Hit TranscriptView::Private::hitAt(QPoint point) {
    Hit hit;
    hit.row = layout.rowAt(point.y() + q->verticalScrollBar()->value());
    if (hit.row < 0) return hit;
    hit.local = point - origin(hit.row);
    const MessageContext context = layout.context(hit.row);
    hit.text = layout.at(hit.row).hitText(context, hit.local);
    hit.target = layout.at(hit.row).hitTarget(context, hit.local);
    if (hit.text.byte && layout.at(hit.row).bodyRect(context).contains(hit.local)) {
        hit.token = tokenAt(context.message.tokens, *hit.text.byte);
    }
    return hit;
}

TextPlace TranscriptView::Private::placeAt(QPoint point) {
    const Hit hit = hitAt(point);
    if (hit.row < 0) return {};
    const TranscriptMessage& message = model->at(hit.row);
    const QRect body = layout.at(hit.row).bodyRect(layout.context(hit.row));
    const auto size = static_cast<std::uint32_t>(message.text.size());
    if (hit.local.y() >= body.bottom()) return {message.id, size};
    if (hit.local.y() < body.top()) return {message.id, 0};
    return {message.id, std::min(hit.text.caret, size)};
}

void TranscriptView::Private::hover(QPoint point) {
    const Hit hit = hitAt(point);
    const qint64 message = hit.row < 0 ? 0 : model->at(hit.row).id;
    const bool pointing = hit.target.kind != MessageTarget::kNothing;
    if (message != hovered_message || !(hit.target == hovered)) {
        hovered_message = message;
        hovered = hit.target;
        q->viewport()->update();
    }
    q->viewport()->setCursor(pointing ? Qt::PointingHandCursor : hit.text.byte ? Qt::IBeamCursor : Qt::ArrowCursor);
    const std::pair<qint64, int> token =
        hit.token >= 0 && !pointing ? std::pair(message, hit.token) : std::pair(qint64{0}, -1);
    if (token == hovered_token) return;
    hovered_token = token;
    emit q->tokenHovered(token.first, token.second);
}

/// What pressing there would do, where that is only drawn.
QString TranscriptView::Private::tipAt(QPoint point) {
    const Hit hit = hitAt(point);
    if (hit.row < 0) return {};
    if (hit.target.kind != MessageTarget::kAction) return codeButtonName(hit.target.kind);
    for (const RowButton& button : layout.at(hit.row).row().buttons) {
        if (button.action == hit.target.action) return button.name;
    }
    return {};
}

void TranscriptView::Private::leave() {
    hovered_message = 0;
    hovered = {};
    q->viewport()->update();
    if (hovered_token.second < 0) return;
    hovered_token = {0, -1};
    emit q->tokenHovered(0, -1);
}

void TranscriptView::Private::act(qint64 message, MessageAction action) {
    switch (action) {
        case MessageAction::kPreviousSibling:
            return emit q->siblingRequested(message, -1);
        case MessageAction::kNextSibling:
            return emit q->siblingRequested(message, 1);
        case MessageAction::kCopy:
            return emit q->copyRequested(message);
        case MessageAction::kEdit:
            return emit q->editRequested(message);
        case MessageAction::kRegenerate:
            return emit q->regenerateRequested(message);
        case MessageAction::kContinue:
            return emit q->continueRequested(message);
        case MessageAction::kDelete:
            return emit q->deleteRequested(message);
        case MessageAction::kRules:
            return emit q->rulesRequested(message);
        case MessageAction::kNone:
            return;
    }
}

void TranscriptView::Private::press(int row, const MessageTarget& target) {
    const qint64 message = model->at(row).id;
    switch (target.kind) {
        case MessageTarget::kAction:
            return act(message, target.action);
        case MessageTarget::kLink:
            return emit q->linkActivated(QUrl(target.address));
        case MessageTarget::kCopyCode:
            QApplication::clipboard()->setText(layout.at(row).code(target.block));
            copied_message = message;
            copied_block = target.block;
            copied_timer.start(1500, q);
            q->viewport()->update();
            return;
        case MessageTarget::kSaveCode:
            return emit q->saveCodeRequested(layout.at(row).code(target.block),
                                             layout.at(row).codeLanguage(target.block));
        case MessageTarget::kWrapCode:
            return q->setCodeLook(!layout.style().wrap_code, layout.style().number_code);
        case MessageTarget::kNumberCode:
            return q->setCodeLook(layout.style().wrap_code, !layout.style().number_code);
        case MessageTarget::kThought:
            setFollowing(false);
            layout.toggleThought(row);
            settle();
            q->viewport()->update();
            return;
        case MessageTarget::kNothing:
            return;
    }
}

void TranscriptView::Private::focusMessage(int row) {
    const qint64 message = row < 0 || row >= model->count() ? 0 : model->at(row).id;
    focused = {};
    if (message != ring) {
        ring = message;
        emit q->focusedMessageChanged(ring);
    }
    if (message != 0) {
        q->flush();
        layout.ensure(row, 0);
        const int top = q->verticalScrollBar()->value(), height = q->viewport()->height();
        const int begin = layout.top(row), end = begin + layout.at(row).height();
        if (begin < top || end > top + height) scrollTo(end - begin > height || begin < top ? begin - 8 : end - height);
    }
    q->viewport()->update();
}

bool TranscriptView::Private::focusTarget(bool next) {
    const int row = model->rowOf(ring);
    if (row < 0) return false;
    const auto targets = layout.at(row).targets();
    auto at = std::find(targets.begin(), targets.end(), focused);
    if (next) {
        at = at == targets.end() ? targets.begin() : at + 1;
        focused = at == targets.end() ? MessageTarget() : *at;
    } else {
        focused = at == targets.begin() || targets.empty() ? MessageTarget()
                  : at == targets.end()                    ? targets.back()
                                                           : *(at - 1);
    }
    q->viewport()->update();
    return focused.kind != MessageTarget::kNothing;
}

void TranscriptView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    flush();
    const QPoint point = event->position().toPoint();
    const Private::Hit hit = d->hitAt(point);
    d->pressed_at = point;
    d->moved = false;
    d->pressed_message = hit.row < 0 ? 0 : d->model->at(hit.row).id;
    d->pressed = hit.target;
    if (d->pressed.kind != MessageTarget::kNothing || hit.row < 0) return;
    const bool triple =
        d->since_double_click.isValid() && d->since_double_click.elapsed() < QApplication::doubleClickInterval();
    d->since_double_click.invalidate();
    if (triple) {
        const ByteRange range = d->layout.at(hit.row).paragraphAt(d->layout.context(hit.row), hit.local);
        d->select({d->pressed_message, range.begin}, {d->pressed_message, range.end});
        return;
    }
    const TextPlace place = d->placeAt(point);
    d->selecting = true;
    d->select(event->modifiers() & Qt::ShiftModifier && d->anchor.message ? d->anchor : place, place);
}

void TranscriptView::mouseMoveEvent(QMouseEvent* event) {
    const QPoint point = event->position().toPoint();
    if (!d->selecting) return d->hover(point);
    if ((point - d->pressed_at).manhattanLength() >= QApplication::startDragDistance()) d->moved = true;
    if (!d->moved) return;
    if (point.y() < 0) verticalScrollBar()->setValue(verticalScrollBar()->value() + point.y() / 2);
    if (point.y() > viewport()->height()) {
        verticalScrollBar()->setValue(verticalScrollBar()->value() + (point.y() - viewport()->height()) / 2);
    }
    d->select(d->anchor, d->placeAt({point.x(), std::clamp(point.y(), 0, viewport()->height() - 1)}));
}

void TranscriptView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    const Private::Hit hit = d->hitAt(event->position().toPoint());
    const MessageTarget pressed = std::exchange(d->pressed, {});
    const bool was_selecting = std::exchange(d->selecting, false);
    if (hit.row < 0) return;
    const qint64 message = d->model->at(hit.row).id;
    if (pressed.kind != MessageTarget::kNothing) {
        if (message == d->pressed_message && hit.target == pressed) d->press(hit.row, pressed);
        return;
    }
    if (was_selecting && !d->moved && !hasSelection() && hit.token >= 0) emit tokenClicked(message, hit.token);
}

void TranscriptView::mouseDoubleClickEvent(QMouseEvent* event) {
    const Private::Hit hit = d->hitAt(event->position().toPoint());
    if (event->button() != Qt::LeftButton || hit.row < 0) return;
    if (hit.target.kind != MessageTarget::kNothing) return mousePressEvent(event);
    const qint64 message = d->model->at(hit.row).id;
    const ByteRange range = d->layout.at(hit.row).wordAt(d->layout.context(hit.row), hit.local);
    if (!range.empty()) d->select({message, range.begin}, {message, range.end});
    d->since_double_click.start();
}

/// A wheel that goes sideways, or with Shift, moves a formula or code that is wider than the column.
bool TranscriptView::Private::scrollSideways(const QWheelEvent* event) {
    QPoint delta = event->pixelDelta().isNull() ? event->angleDelta() / 2 : event->pixelDelta();
    if (event->modifiers() & Qt::ShiftModifier && delta.x() == 0) delta = {delta.y(), 0};
    if (std::abs(delta.x()) <= std::abs(delta.y())) return false;
    const QPoint point = event->position().toPoint();
    const int row = layout.rowAt(point.y() + q->verticalScrollBar()->value());
    if (row < 0 || !layout.at(row).scrollSideways(layout.context(row), point - origin(row), -delta.x())) return false;
    q->viewport()->update();
    return true;
}

void TranscriptView::wheelEvent(QWheelEvent* event) {
    if (event->modifiers() & Qt::ControlModifier) {
        if (event->angleDelta().y() != 0) d->themes->zoomBy(event->angleDelta().y() > 0 ? 1 : -1);
        event->accept();
        return;
    }
    if (d->scrollSideways(event)) return event->accept();
    QAbstractScrollArea::wheelEvent(event);
    if (!d->selecting) d->hover(event->position().toPoint());
}

void TranscriptView::contextMenuEvent(QContextMenuEvent* event) {
    flush();
    const bool by_key = event->reason() == QContextMenuEvent::Keyboard;
    const int row = by_key ? d->model->rowOf(d->ring) : d->hitAt(event->pos()).row;
    QMenu menu(this);
    menu.setAccessibleName(tr("Message menu"));
    QAction* copy = menu.addAction(tr("Copy the selection"), this, &TranscriptView::copySelection);
    copy->setEnabled(hasSelection());
    menu.addAction(tr("Select all"), this, &TranscriptView::selectAll);
    if (row >= 0) {
        menu.addSeparator();
        const qint64 message = d->model->at(row).id;
        for (const RowButton& button : d->layout.at(row).row().buttons) {
            if (button.action == MessageAction::kNone) continue;
            QAction* action =
                menu.addAction(button.name, this, [this, message, what = button.action] { d->act(message, what); });
            action->setEnabled(button.enabled);
        }
    }
    menu.exec(by_key && row >= 0 ? viewport()->mapToGlobal(d->origin(row)) : event->globalPos());
}

void TranscriptView::keyPressEvent(QKeyEvent* event) {
    QScrollBar* bar = verticalScrollBar();
    if (event->matches(QKeySequence::Copy)) return copySelection();
    if (event->matches(QKeySequence::SelectAll)) return selectAll();
    const bool control = event->modifiers() & Qt::ControlModifier;
    switch (event->key()) {
        case Qt::Key_Up:
        case Qt::Key_Down: {
            const int step = event->key() == Qt::Key_Up ? -1 : 1;
            if (!control) return bar->setValue(bar->value() + step * 3 * bar->singleStep());
            int row = d->model->rowOf(d->ring);
            row = row < 0 ? (step < 0 ? d->model->count() - 1 : d->layout.rowAt(bar->value()))
                          : std::clamp(row + step, 0, d->model->count() - 1);
            return d->focusMessage(row);
        }
        case Qt::Key_Left:
        case Qt::Key_Right: {
            const int row = d->model->rowOf(d->ring);
            const int pixels = (event->key() == Qt::Key_Left ? -1 : 1) * d->themes->theme().px(40);
            if (row < 0 || !d->layout.at(row).moveAllCode(pixels)) break;
            viewport()->update();
            return event->accept();
        }
        case Qt::Key_PageUp:
            return bar->setValue(bar->value() - bar->pageStep());
        case Qt::Key_PageDown:
            return bar->setValue(bar->value() + bar->pageStep());
        case Qt::Key_Home:
            return d->scrollTo(0);
        case Qt::Key_End:
            return scrollToEnd();
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Space: {
            const int row = d->model->rowOf(d->ring);
            if (row >= 0 && d->focused.kind != MessageTarget::kNothing) return d->press(row, d->focused);
            break;
        }
        default:
            break;
    }
    QAbstractScrollArea::keyPressEvent(event);
}

bool TranscriptView::focusNextPrevChild(bool next) {
    if (d->focusTarget(next)) return true;
    return QAbstractScrollArea::focusNextPrevChild(next);
}

bool TranscriptView::event(QEvent* event) {
    return QAbstractScrollArea::event(event);
}

bool TranscriptView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::Leave) d->leave();
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString tip = d->tipAt(help->pos());
        tip.isEmpty() ? QToolTip::hideText() : QToolTip::showText(help->globalPos(), plainToolTip(tip), viewport());
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void TranscriptView::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void TranscriptView::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

}  // namespace moescope
