#pragma once
// What is selected in the routing: shared by every view of the inspector and by the transcript, so that a choice in one
// shows in all. GUI thread.
//
// A spot names what it can: tokens of a source, a MoE layer, an expert; the rest is -1. Clicking and keys choose, the
// pointer hovers, and what it leaves falls back to what is chosen. Setting what is set already says nothing, so views
// may answer each other without end.

#include <QFlags>
#include <QObject>

namespace moescope {

struct Spot {
    qint64 source = 0;          ///< RoutingSource::id() of the tokens
    int first = -1, last = -1;  ///< tokens, counted in the source's log from 0; both ends belong to it
    int layer = -1;             ///< MoE layer, counted from 0 at the first one
    int expert = -1;

    bool hasTokens() const { return first >= 0; }
    bool hasToken(qint64 of_source, int token) const { return source == of_source && token >= first && token <= last; }
    bool empty() const { return first < 0 && layer < 0 && expert < 0; }
    bool operator==(const Spot&) const = default;

    static Spot ofToken(qint64 source, int token) { return {source, token, token, -1, -1}; }
    static Spot ofExpert(int layer, int expert) { return {0, -1, -1, layer, expert}; }
};

class RoutingSelection : public QObject {
    Q_OBJECT

public:
    enum Part { kTokens = 1, kLayer = 2, kExpert = 4, kHover = 8 };
    Q_DECLARE_FLAGS(Parts, Part)

    using QObject::QObject;

    const Spot& chosen() const { return m_chosen; }
    const Spot& hovered() const { return m_hovered; }
    /// The tokens under the pointer, else the chosen ones; layer and expert likewise.
    Spot shown() const;

    /// Replaces the parts that the spot has; tokens come with their source. A range may be given backwards.
    void choose(const Spot& spot);
    /// Keeps layer and expert.
    void clearTokens();
    void clearExpert();
    void clear();
    /// An empty spot when the pointer leaves.
    void hover(const Spot& spot);

signals:
    /// Once a change, with all that differs.
    void changed(moescope::RoutingSelection::Parts parts);

private:
    void set(const Spot& spot);

    Spot m_chosen, m_hovered;
};

Q_DECLARE_OPERATORS_FOR_FLAGS(RoutingSelection::Parts)

}  // namespace moescope
