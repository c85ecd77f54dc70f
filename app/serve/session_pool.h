#pragma once
// Who may compute when. A model has some sessions, each with the keys and values of what it computed last; a request
// gets one of them, the next in the order in which they came. Sessions in use compute together (shared_compute.h).

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <vector>

#include "app/serve/api_error.h"
#include "engine/engine.h"
#include "engine/shared_compute.h"

namespace moescope::serve {

struct PoolLimits {
    std::size_t waiting = 64;            ///< requests; more are refused
    std::chrono::seconds patience{600};  ///< that one may wait
};

/// Any thread may call everything.
class SessionPool {
public:
    /// Errors: those of Session::create(), such as that memory ran out.
    static Result<std::unique_ptr<SessionPool>> create(const std::shared_ptr<Model>& model,
                                                       const SessionOptions& options, int sessions,
                                                       const PoolLimits& limits);
    ~SessionPool();

    /// A session that its holder may compute with until it ends.
    class Lease {
    public:
        Lease(SessionPool& pool, std::size_t slot) : m_pool(pool), m_slot(slot) {}
        ~Lease() { m_pool.giveBack(m_slot); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

        Session& session() { return *m_pool.m_slots[m_slot].session; }

    private:
        SessionPool& m_pool;
        std::size_t m_slot;
    };

    /// Waits for a session: of those that are free, the one that knows most of `tokens` under these rules, which it
    /// has then. Errors: the line is too long (429), the wait too (503), a stop (503).
    ApiResult<std::unique_ptr<Lease>> take(std::span<const std::int32_t> tokens, const RouterRules& rules,
                                           const std::stop_token& stop);

    int sessions() const { return static_cast<int>(m_slots.size()); }
    int running() const;
    int waiting() const;
    int context() const;
    std::uint64_t memoryBytes() const;

private:
    struct Slot {
        std::unique_ptr<Session> session;
        RouterRules rules;  // that its keys and values were computed with
        bool busy = false;
    };

    SessionPool(Backend& backend, const PoolLimits& limits) : m_limits(limits), m_shared(backend) {}
    bool anyFree() const;
    std::size_t bestFor(std::span<const std::int32_t> tokens, const RouterRules& rules) const;
    void giveBack(std::size_t slot);

    PoolLimits m_limits;
    SharedCompute m_shared;  // before the sessions that use it
    std::vector<Slot> m_slots;

    mutable std::mutex m_mutex;  // of slots' `busy` and the line
    std::condition_variable_any m_freed;
    std::deque<std::uint64_t> m_line;
    std::uint64_t m_next_in_line = 0;
};

}  // namespace moescope::serve
