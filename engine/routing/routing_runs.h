#pragma once
// Tokens of several logs read as one run, without a copy: a branch of a conversation as its answers' own logs hold it.
//
// RoutingRuns is the list of what counts, and keeps the logs alive; RoutingView is how a log and a list are read alike.
// Logs may grow at their end while they are in a list: what they got is in the list once it is appended, too.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/routing/routing_log.h"

namespace moescope {

/// Tokens that follow each other.
struct TokenRange {
    std::size_t begin = 0;
    std::size_t end = 0;  ///< one past the last
    std::size_t size() const { return end - begin; }
};

class RoutingRuns {
public:
    /// No tokens; of what is appended the shape has the numbers of layers and experts.
    explicit RoutingRuns(const RoutingShape& shape);
    /// The tokens that a log has by now.
    explicit RoutingRuns(const std::shared_ptr<const RoutingLog>& log);
    RoutingRuns(const RoutingRuns&) = delete;
    RoutingRuns& operator=(const RoutingRuns&) = delete;

    /// Adds tokens of a log at the end. Neighbors in one log become one run.
    void append(const std::shared_ptr<const RoutingLog>& log, TokenRange tokens);

    /// No two lists of a program have the same: by it one knows what has been read.
    std::uint64_t id() const { return m_id; }
    const RoutingShape& shape() const { return m_shape; }
    std::size_t size() const { return m_size; }

private:
    friend class RoutingView;
    struct Run {
        std::shared_ptr<const RoutingLog> log;
        std::size_t first;  ///< in the log
        std::size_t begin;  ///< in the list
    };
    const Run& runOf(std::size_t index) const;

    std::uint64_t m_id;
    RoutingShape m_shape;
    std::vector<Run> m_runs;
    std::size_t m_size = 0;
};

/// A log, or a list of runs, to read. Small; valid as long as what it was made of, and has the tokens that this had
/// then. See RoutingLog for what the functions give.
class RoutingView {
public:
    RoutingView(const RoutingLog& log);    // NOLINT(google-explicit-constructor)
    RoutingView(const RoutingRuns& runs);  // NOLINT(google-explicit-constructor)

    const RoutingShape& shape() const { return *m_shape; }
    std::size_t size() const { return m_size; }
    const RoutingLog::Token& token(std::size_t index) const {
        const Place p = place(index);
        return p.log->token(p.index);
    }
    LayerRouting at(std::size_t index, int layer) const {
        const Place p = place(index);
        return p.log->at(p.index, layer);
    }
    std::vector<LayerRouting> layers(std::size_t index) const {
        const Place p = place(index);
        return p.log->layers(p.index);
    }
    ExpertIds experts(std::size_t index, int layer) const {
        const Place p = place(index);
        return p.log->experts(p.index, layer);
    }
    std::span<const float> gates(std::size_t index, int layer) const {
        const Place p = place(index);
        return p.log->gates(p.index, layer);
    }
    bool hasPlaces() const;

    /// Tokens that are in one log, for loops over many.
    struct Piece {
        const RoutingLog* log = nullptr;
        TokenRange tokens;      ///< of the log
        std::size_t first = 0;  ///< index in the view of the first of them
    };
    std::vector<Piece> pieces(TokenRange tokens) const;

private:
    struct Place {
        const RoutingLog* log;
        std::size_t index;
    };
    Place place(std::size_t index) const {
        if (m_log) return {m_log, m_first + index};
        const RoutingRuns::Run& run = m_runs->runOf(index);
        return {run.log.get(), run.first + index - run.begin};
    }

    const RoutingShape* m_shape;
    std::size_t m_size;
    const RoutingLog* m_log = nullptr;  // all tokens are in it, from m_first on; else they are in m_runs
    std::size_t m_first = 0;
    const RoutingRuns* m_runs = nullptr;
};

/// A log of its own with all of a view's tokens: for what outlives the view, or is read on another thread.
RoutingLog copyOf(const RoutingView& view);

}  // namespace moescope
