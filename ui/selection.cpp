#include "ui/selection.h"

#include <utility>

namespace moescope {
namespace {

Spot merged(Spot below, Spot above) {
    if (above.hasTokens()) {
        if (above.last < above.first) std::swap(above.first, above.last);
        below.source = above.source;
        below.first = above.first;
        below.last = above.last;
    }
    if (above.layer >= 0) below.layer = above.layer;
    if (above.expert >= 0) below.expert = above.expert;
    return below;
}

}  // namespace

Spot RoutingSelection::shown() const {
    return merged(m_chosen, m_hovered);
}

void RoutingSelection::choose(const Spot& spot) {
    set(merged(m_chosen, spot));
}

void RoutingSelection::clearTokens() {
    Spot spot = m_chosen;
    spot.source = 0;
    spot.first = spot.last = -1;
    set(spot);
}

void RoutingSelection::clearExpert() {
    Spot spot = m_chosen;
    spot.expert = -1;
    set(spot);
}

void RoutingSelection::clear() {
    set({});
}

void RoutingSelection::hover(const Spot& spot) {
    const Spot wanted = merged({}, spot);
    if (wanted == m_hovered) return;
    m_hovered = wanted;
    emit changed(kHover);
}

void RoutingSelection::set(const Spot& spot) {
    Parts parts;
    const Spot& old = m_chosen;
    parts.setFlag(kTokens, spot.source != old.source || spot.first != old.first || spot.last != old.last);
    parts.setFlag(kLayer, spot.layer != old.layer);
    parts.setFlag(kExpert, spot.expert != old.expert);
    if (!parts) return;
    m_chosen = spot;
    emit changed(parts);
}

}  // namespace moescope
