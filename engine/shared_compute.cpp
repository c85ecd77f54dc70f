#include "engine/shared_compute.h"

#include <algorithm>

#include "engine/base/out_of_memory.h"

namespace moescope {
namespace {

using Clock = std::chrono::steady_clock;

/// A token, or the guesses at some (CopyDrafts).
constexpr std::size_t kShort = 16;

}  // namespace

Status SharedCompute::forward(BackendSession& session, const ForwardRequest& request, ForwardResult& result) {
    if (request.stop.stop_requested()) return stopped("The computation was stopped.");  // with others nobody would look
    Waiting mine;
    mine.batch = {&session, &request, &result, {}};
    mine.is_short = request.tokens.size() <= kShort;
    std::unique_lock lock(m_mutex);
    m_line.push_back(&mine);
    m_arrived.notify_one();
    const auto my_turn = [&] { return mine.done || (!m_computing && m_line.front() == &mine); };
    if (!mine.wake.wait(lock, request.stop, my_turn)) {
        if (const auto at = std::ranges::find(m_line, &mine); at != m_line.end()) {
            m_line.erase(at);
            wakeFirst();
            return stopped("The computation was stopped.");
        }
        mine.wake.wait(lock, my_turn);  // somebody is computing it
    }
    if (!mine.done) compute(mine, lock);
    return mine.batch.status;
}

void SharedCompute::wakeFirst() {
    if (!m_computing && !m_line.empty()) m_line.front()->wake.notify_one();
}

void SharedCompute::compute(Waiting& first, std::unique_lock<std::mutex>& lock) {
    m_computing = true;
    if (first.is_short) awaitOthers(lock);
    std::vector<Waiting*> taken;
    std::vector<SharedBatch> batches;
    const Status gathered = withinLimits([&] { return gather(first, taken, batches); });
    if (!gathered.ok()) {  // no memory for as much as that: alone, then
        taken.clear();
        batches.clear();
        m_line.erase(std::ranges::find(m_line, &first));
    }
    lock.unlock();
    const auto start = Clock::now();
    const Status failed = withinLimits([&]() -> Status {
        m_backend.forwardTogether(gathered.ok() ? std::span(batches) : std::span(&first.batch, 1));
        return {};
    });
    const auto took = Clock::now() - start;
    lock.lock();
    if (first.is_short) m_last_took = took;
    for (std::size_t i = 0; i < taken.size(); ++i) {
        taken[i]->batch.status = failed.ok() ? batches[i].status : failed;
        taken[i]->done = true;
        taken[i]->wake.notify_one();
    }
    first.done = true;
    if (!failed.ok()) first.batch.status = failed;
    m_computing = false;
    wakeFirst();
}

/// Takes out of the line what is computed next, the first one first.
Status SharedCompute::gather(Waiting& first, std::vector<Waiting*>& taken, std::vector<SharedBatch>& batches) {
    for (Waiting* w : m_line) {
        if (w != &first && !(first.is_short && w->is_short)) continue;
        taken.push_back(w);
        batches.push_back(w->batch);
    }
    if (first.is_short) {
        m_expected.clear();
        for (const SharedBatch& batch : batches) m_expected.push_back(batch.session);
    }
    std::erase_if(m_line, [&](Waiting* w) { return std::ranges::find(taken, w) != taken.end(); });
    return {};
}

void SharedCompute::awaitOthers(std::unique_lock<std::mutex>& lock) {
    // Between two of its tokens a session samples and tells its reader. An answer that has ended costs the others this
    // much once.
    using namespace std::chrono_literals;
    const auto patience = std::clamp<Clock::duration>(m_last_took / 4, 100us, 10ms);
    m_arrived.wait_for(lock, patience, [&] {
        return std::ranges::all_of(m_expected, [&](const BackendSession* session) {
            return std::ranges::any_of(m_line, [&](const Waiting* w) { return w->batch.session == session; });
        });
    });
}

int SharedCompute::waiting() const {
    const std::lock_guard lock(m_mutex);
    return static_cast<int>(m_line.size());
}

}  // namespace moescope
