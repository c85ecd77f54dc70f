#pragma once
// The routing of answers, each read from the history once while its chat is open, and longer while it is written. GUI
// thread.

#include <QHash>
#include <memory>
#include <optional>
#include <vector>

#include "engine/routing/routing_log.h"

namespace moescope {

class History;

class AnswerRoutings {
public:
    /// Is read, and outlives this.
    explicit AnswerRoutings(History* history) : m_history(history) {}

    /// Of an answer, with that of the prompt's tokens that were computed for it; null if there is none.
    std::shared_ptr<const RoutingLog> of(qint64 message);
    /// Records that came.
    void append(qint64 message, const RoutingLog& records);
    void forget(qint64 message) { m_known.remove(message); }
    void forgetAllBut(qint64 message);

    /// The records of the token at a position of the context, one per MoE layer; empty if they are not known.
    std::vector<LayerRouting> at(qint64 message, int position);
    /// The one of a MoE layer, counted from 0; nothing if it is not known.
    std::optional<LayerRouting> at(qint64 message, int position, int layer);

private:
    struct Known {
        std::shared_ptr<RoutingLog> log;
        QHash<int, std::size_t> index;  // of a position's last token in the log; made when a token is looked at
        std::size_t indexed = 0;        // tokens of the log that are in it
    };
    struct Place {
        std::shared_ptr<const RoutingLog> log;  // null: not known
        std::size_t index = 0;
    };
    Place placeOf(qint64 message, int position);

    History* m_history;
    QHash<qint64, Known> m_known;
};

}  // namespace moescope
