#include "engine/backend/thread_pool.h"

#include <algorithm>
#include <chrono>
#include <system_error>

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
    threads = threadsFor(threads);
    m_workers.reserve(static_cast<std::size_t>(threads) - 1);
    try {
        for (int worker = 1; worker < threads; ++worker) m_workers.emplace_back([this, worker] { work(worker); });
    } catch (const std::system_error&) {
        // A limit of the system: those that there are do the work. (Thrown on, it would end the program: the destructor
        // of a thread that runs does.)
    }
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
    m_inside.store(0, std::memory_order_release);  // open
    m_phase.fetch_add(1, std::memory_order_release);
    m_phase.notify_all();
    takeTasks(0);
    if (!m_measuring) return waitForWorkers();
    const auto start = std::chrono::steady_clock::now();
    waitForWorkers();
    m_waited += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void ThreadPool::waitForWorkers() {
    m_inside.fetch_or(kClosed, std::memory_order_acq_rel);
    const auto empty = [&] { return m_inside.load(std::memory_order_acquire) == kClosed; };
    if (spinUntil(empty)) return;
    for (std::uint32_t seen; (seen = m_inside.load(std::memory_order_acquire)) != kClosed;) m_inside.wait(seen);
}

void ThreadPool::takeTasks(int worker) {
    for (std::size_t i; (i = m_next.fetch_add(1, std::memory_order_relaxed)) < m_count;) {
        m_function(m_context, i, worker);
    }
}

void ThreadPool::work(int worker) {
    std::uint32_t seen = 0;
    while (true) {
        if (!spinUntil([&] { return m_phase.load(std::memory_order_acquire) != seen; })) {
            m_phase.wait(seen, std::memory_order_acquire);
        }
        seen = m_phase.load(std::memory_order_acquire);
        if (m_stop) return;
        std::uint32_t inside = m_inside.load(std::memory_order_acquire);
        while (!(inside & kClosed)) {
            if (!m_inside.compare_exchange_weak(inside, inside + 1, std::memory_order_acq_rel)) continue;
            takeTasks(worker);
            if (m_inside.fetch_sub(1, std::memory_order_acq_rel) == (kClosed | 1)) m_inside.notify_one();
            break;
        }
    }
}

}  // namespace moescope
