#include "app/serve/session_pool.h"

#include <fmt/format.h>

#include <algorithm>

namespace moescope::serve {
namespace {

ApiError overloaded(int status, std::string sentence, std::string code) {
    ApiError error;
    error.status = status;
    error.message = std::move(sentence);
    error.type = status == 429 ? "rate_limit_error" : "server_error";
    error.code = std::move(code);
    return error;
}

}  // namespace

Result<std::unique_ptr<SessionPool>> SessionPool::create(const std::shared_ptr<Model>& model,
                                                         const SessionOptions& options, int sessions,
                                                         const PoolLimits& limits) {
    auto pool = std::unique_ptr<SessionPool>(new SessionPool(model->backend(), limits));
    for (int i = 0; i < sessions; ++i) {
        auto session = Session::create(model, options);
        if (!session.ok()) return session.status();
        if (sessions > 1) (*session)->share(&pool->m_shared);
        pool->m_slots.push_back({std::move(*session), {}, false});
    }
    return pool;
}

SessionPool::~SessionPool() = default;

ApiResult<std::unique_ptr<SessionPool::Lease>> SessionPool::take(std::span<const std::int32_t> tokens,
                                                                 const RouterRules& rules,
                                                                 const std::stop_token& stop) {
    std::size_t slot = 0;
    {
        std::unique_lock lock(m_mutex);
        if (m_line.size() >= m_limits.waiting && !(m_line.empty() && anyFree())) {
            return overloaded(429, fmt::format("{} requests are waiting already; try again later.", m_line.size()),
                              "rate_limit_exceeded");
        }
        const std::uint64_t place = m_next_in_line++;
        m_line.push_back(place);
        const bool mine =
            m_freed.wait_for(lock, stop, m_limits.patience, [&] { return m_line.front() == place && anyFree(); });
        std::erase(m_line, place);
        m_freed.notify_all();  // another one is first now
        if (!mine) {
            if (stop.stop_requested()) return errorOf(stopped("The request was stopped."));
            return overloaded(
                503,
                fmt::format("The request waited for {} s, and others are still ahead of it; try again later.",
                            m_limits.patience.count()),
                "queue_timeout");
        }
        slot = bestFor(tokens, rules);
        m_slots[slot].busy = true;
    }
    auto lease = std::make_unique<Lease>(*this, slot);
    Slot& taken = m_slots[slot];
    if (taken.rules != rules) {  // a cache that was computed under others must not be used
        if (Status status = taken.session->setRouterRules(rules); !status.ok()) return errorOf(status);
        taken.session->truncate(0);
        taken.rules = rules;
    }
    return lease;
}

bool SessionPool::anyFree() const {
    return std::ranges::any_of(m_slots, [](const Slot& slot) { return !slot.busy; });
}

std::size_t SessionPool::bestFor(std::span<const std::int32_t> tokens, const RouterRules& rules) const {
    // Where none knows anything, the one with the shortest memory: what others know may be asked for again.
    std::size_t best = m_slots.size();
    std::pair<std::ptrdiff_t, std::ptrdiff_t> best_value;
    for (std::size_t i = 0; i < m_slots.size(); ++i) {
        if (m_slots[i].busy) continue;
        const auto& known = m_slots[i].session->tokens();
        const auto common =
            m_slots[i].rules == rules ? std::ranges::mismatch(known, tokens).in1 - known.begin() : std::ptrdiff_t{0};
        const std::pair value(common, -static_cast<std::ptrdiff_t>(known.size()));
        if (best < m_slots.size() && value <= best_value) continue;
        best = i;
        best_value = value;
    }
    return best;
}

void SessionPool::giveBack(std::size_t slot) {
    const std::lock_guard lock(m_mutex);
    m_slots[slot].busy = false;
    m_freed.notify_all();
}

int SessionPool::running() const {
    const std::lock_guard lock(m_mutex);
    return static_cast<int>(std::ranges::count_if(m_slots, &Slot::busy));
}

int SessionPool::waiting() const {
    const std::lock_guard lock(m_mutex);
    return static_cast<int>(m_line.size());
}

int SessionPool::context() const {
    return m_slots.front().session->context();
}

std::uint64_t SessionPool::memoryBytes() const {
    std::uint64_t bytes = 0;
    for (const Slot& slot : m_slots) bytes += slot.session->memoryBytes();
    return bytes;
}

}  // namespace moescope::serve
