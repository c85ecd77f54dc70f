#pragma once
// A pool of threads for short phases of work: a token of a large model is some hundred of them.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <vector>

namespace moescope {

/// The calling thread works too. Between phases workers spin for a few microseconds, then sleep: an idle pool uses
/// no processor time. One caller at a time.
class ThreadPool {
public:
    /// `threads` counts the caller; 0 means one for each processor. If the system gives no more threads there are
    /// fewer; threads() tells.
    explicit ThreadPool(int threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    /// The threads that a pool of `threads` is to have, the system willing.
    static int threadsFor(int threads) {
        return threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    }

    int threads() const { return static_cast<int>(m_workers.size()) + 1; }

    /// Calls task(index, worker) for every index below `count`, in no order, each once, and returns when all are
    /// done. `worker` is below threads() and belongs to one thread at a time, so it can name a workspace.
    template <class Task>
    void run(std::size_t count, Task&& task) {
        if (count == 0) return;
        if (count == 1 || m_workers.empty()) {
            for (std::size_t i = 0; i < count; ++i) task(i, 0);
            return;
        }
        using Plain = std::remove_reference_t<Task>;
        runShared(
            count, [](void* context, std::size_t index, int worker) { (*static_cast<Plain*>(context))(index, worker); },
            const_cast<void*>(static_cast<const void*>(&task)));
    }

    /// From now on the time for which the calling thread waits at the end of phases is added up.
    void measureWaiting(bool wanted) { m_measuring = wanted; }
    double waitedSeconds() const { return m_waited; }

private:
    using Function = void (*)(void* context, std::size_t index, int worker);
    void waitForWorkers();
    void runShared(std::size_t count, Function function, void* context);
    void work(int worker);
    void takeTasks(int worker);

    // The phase that is running; written by the caller while no worker can be in one.
    Function m_function = nullptr;
    void* m_context = nullptr;
    std::size_t m_count = 0;
    bool m_measuring = false;
    double m_waited = 0;
    alignas(64) std::atomic<std::size_t> m_next{0};
    alignas(64) std::atomic<std::uint32_t> m_phase{0};  ///< raised for each phase, and to stop; workers sleep on it
    /// Workers in the phase, and kClosed when no more may enter. The caller waits only for those that came: one that
    /// the system has put aside misses the phase and delays nobody.
    alignas(64) std::atomic<std::uint32_t> m_inside{kClosed};
    static constexpr std::uint32_t kClosed = 1u << 31;
    std::atomic<bool> m_stop{false};
    std::vector<std::thread> m_workers;
};

}  // namespace moescope
