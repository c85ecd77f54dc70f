#include "engine/routing/routing_runs.h"

#include <algorithm>
#include <atomic>

namespace moescope {
namespace {

std::uint64_t nextId() {
    static std::atomic<std::uint64_t> next{1};
    return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

RoutingRuns::RoutingRuns(const RoutingShape& shape) : m_id(nextId()), m_shape(shape) {}

RoutingRuns::RoutingRuns(const std::shared_ptr<const RoutingLog>& log) : RoutingRuns(log->shape()) {
    append(log, {0, log->size()});
}

void RoutingRuns::append(const std::shared_ptr<const RoutingLog>& log, TokenRange tokens) {
    if (tokens.end <= tokens.begin) return;
    const bool goes_on = !m_runs.empty() && m_runs.back().log == log &&
                         m_runs.back().first + (m_size - m_runs.back().begin) == tokens.begin;
    if (!goes_on) m_runs.push_back({log, tokens.begin, m_size});
    if (!m_shape.hasGroups()) {
        m_shape.groups = log->shape().groups;
        m_shape.groups_used = log->shape().groups_used;
    }
    m_size += tokens.size();
}

const RoutingRuns::Run& RoutingRuns::runOf(std::size_t index) const {
    const auto after = std::upper_bound(m_runs.begin(), m_runs.end(), index,
                                        [](std::size_t i, const Run& run) { return i < run.begin; });
    return *std::prev(after);
}

RoutingView::RoutingView(const RoutingLog& log) : m_shape(&log.shape()), m_size(log.size()), m_log(&log) {}

RoutingView::RoutingView(const RoutingRuns& runs) : m_shape(&runs.m_shape), m_size(runs.m_size), m_runs(&runs) {
    if (runs.m_runs.size() != 1) return;
    m_log = runs.m_runs.front().log.get();
    m_first = runs.m_runs.front().first;
}

bool RoutingView::hasPlaces() const {
    if (m_log) return m_log->hasPlaces();
    return std::ranges::any_of(m_runs->m_runs, [](const auto& run) { return run.log->hasPlaces(); });
}

std::vector<RoutingView::Piece> RoutingView::pieces(TokenRange tokens) const {
    std::vector<Piece> result;
    tokens.end = std::min(tokens.end, m_size);
    if (tokens.begin >= tokens.end) return result;
    if (m_log) return {{m_log, {m_first + tokens.begin, m_first + tokens.end}, tokens.begin}};
    const auto& runs = m_runs->m_runs;
    auto at = static_cast<std::size_t>(&m_runs->runOf(tokens.begin) - runs.data());
    for (std::size_t first = tokens.begin; first < tokens.end; ++at) {
        const std::size_t end = std::min(tokens.end, at + 1 < runs.size() ? runs[at + 1].begin : m_size);
        const std::size_t in_log = runs[at].first + first - runs[at].begin;
        result.push_back({runs[at].log.get(), {in_log, in_log + end - first}, first});
        first = end;
    }
    return result;
}

RoutingLog copyOf(const RoutingView& view) {
    RoutingLog copy(view.shape());
    for (const RoutingView::Piece& piece : view.pieces({0, view.size()})) {
        for (std::size_t t = piece.tokens.begin; t < piece.tokens.end; ++t) copy.append(*piece.log, t);
    }
    return copy;
}

}  // namespace moescope
