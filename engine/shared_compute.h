#pragma once
// Sessions of one model that are used at the same time, each on a thread of its own. What is short (the next token of
// an answer) is computed together, so that the weights are read once for all of them; pieces of prompts take turns with
// it. Results are those of computing alone, to the bit.
//
//   SharedCompute shared(model->backend());
//   session->share(&shared);   // each of them; then generate() on any threads

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "engine/backend/backend.h"

namespace moescope {

/// Any thread may call everything.
class SharedCompute {
public:
    /// The backend outlives it.
    explicit SharedCompute(Backend& backend) : m_backend(backend) {}
    SharedCompute(const SharedCompute&) = delete;
    SharedCompute& operator=(const SharedCompute&) = delete;

    /// session.forward(), beside others. Batches are begun in the order in which they came, but short ones go along
    /// with a short one that is ahead of them. A stop is obeyed before and while it waits, and gives kStopped; a
    /// short batch that is being computed with others is not ended early. Other errors: of the computation, and what
    /// runs out in it.
    Status forward(BackendSession& session, const ForwardRequest& request, ForwardResult& result);

    /// How many wait while others are being computed.
    int waiting() const;

private:
    struct Waiting {
        SharedBatch batch;
        bool is_short = false, done = false;
        std::condition_variable_any wake;  // it is done, or first in the line while nobody computes
    };
    /// Gives sessions that took part in the last short computation a moment to come back with their next token.
    void awaitOthers(std::unique_lock<std::mutex>& lock);
    void compute(Waiting& first, std::unique_lock<std::mutex>& lock);
    void wakeFirst();
    Status gather(Waiting& first, std::vector<Waiting*>& taken, std::vector<SharedBatch>& batches);

    Backend& m_backend;
    mutable std::mutex m_mutex;
    std::condition_variable m_arrived;  // somebody, while others are awaited
    std::deque<Waiting*> m_line;        // that nobody computes yet
    bool m_computing = false;
    std::vector<const BackendSession*> m_expected;  // that took part in the last short computation
    std::chrono::steady_clock::duration m_last_took{};
};

}  // namespace moescope
