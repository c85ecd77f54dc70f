#include "engine/backend/thread_pool.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace moescope {
namespace {

void pause() {
#if defined(__x86_64__)
    _mm_pause();
#else
    std::this_thread::yield();
#endif
}

/// Spins until `changed` holds, for about the length of the serial parts between two phases; false: give up.
template <class Condition>
bool spinUntil(Condition changed) {
    constexpr int kSpins = 4000;
    for (int i = 0; i < kSpins; ++i) {
        if (changed()) return true;
        pause();
    }
    return false;
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
    if (threads <= 0) threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    for (int worker = 1; worker < threads; ++worker) m_workers.emplace_back([this, worker] { work(worker); });
}

ThreadPool::~ThreadPool() {
    m_stop = true;
    m_phase.fetch_add(1);
    m_phase.notify_all();
    for (std::thread& t : m_workers) t.join();
}

void ThreadPool::runShared(std::size_t count, Function function, void* context) {
    m_function = function;
    m_context = context;
    m_count = count;
    m_next.store(0, std::memory_order_relaxed);
    m_working.store(static_cast<std::uint32_t>(m_workers.size()), std::memory_order_relaxed);
    m_phase.fetch_add(1, std::memory_order_release);
    m_phase.notify_all();
    takeTasks(0);
    // Every worker must have left the phase before its context goes away.
    if (spinUntil([&] { return m_working.load(std::memory_order_acquire) == 0; })) return;
    for (std::uint32_t left; (left = m_working.load(std::memory_order_acquire)) != 0;) m_working.wait(left);
}

void ThreadPool::takeTasks(int worker) {
    for (std::size_t i; (i = m_next.fetch_add(1, std::memory_order_relaxed)) < m_count;) {
        m_function(m_context, i, worker);
    }
}

void ThreadPool::work(int worker) {
    std::uint32_t seen = 0;
    while (true) {
        const auto changed = [&] { return m_phase.load(std::memory_order_acquire) != seen; };
        if (!spinUntil(changed)) m_phase.wait(seen, std::memory_order_acquire);
        if (!changed()) continue;
        ++seen;
        if (m_stop) return;
        takeTasks(worker);
        if (m_working.fetch_sub(1, std::memory_order_acq_rel) == 1) m_working.notify_one();
    }
}

}  // namespace moescope
