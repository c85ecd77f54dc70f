#include "ui/chat/linked_scrolling.h"

#include "ui/chat/transcript_view.h"

namespace moescope {

void LinkedScrolling::add(TranscriptView* view) {
    m_views.append(view);
    connect(view, &TranscriptView::scrolled, this, [this, view] { follow(view); });
    // The key and the button that lead to the end.
    connect(view, &TranscriptView::followingChanged, this, [this, view](bool following) {
        if (following) follow(view);
    });
    connect(view, &QObject::destroyed, this, [this, view] { m_views.removeOne(view); });
}

void LinkedScrolling::follow(TranscriptView* moved) {
    if (m_moving) return;
    m_moving = true;
    for (TranscriptView* view : m_views) {
        if (view == moved) continue;
        moved->isFollowing() ? view->scrollToEnd() : view->scrollToPlace(moved->place());
    }
    m_moving = false;
}

}  // namespace moescope
