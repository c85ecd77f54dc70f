#include "tests/cuda_emulation/scheduler.h"

#include <boost/context/fiber.hpp>
#include <boost/context/fixedsize_stack.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace cuda_emulation {

Thread* g_thread = nullptr;
Block g_block;

namespace {

namespace context = boost::context;

#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kStackBytes = 256 * 1024;
#else
constexpr std::size_t kStackBytes = 64 * 1024;
#endif

/// A fibre that runs one thread after another: making stacks is the dear part.
struct Worker {
    Thread thread;
    context::fiber fiber, back;
    bool done = true;
    bool at_block_barrier = false;
};

struct Scheduler {
    std::vector<std::unique_ptr<Worker>> workers;
    std::vector<Warp> warps;
    std::vector<unsigned> ready;
    const std::function<void()>* body = nullptr;
    std::mt19937 random;
    unsigned seed = 0;
    unsigned threads = 0;     // of the block that runs
    unsigned left = 0;        // that have not ended
    unsigned at_barrier = 0;  // that wait for the block
    int barrier_line = 0;
    std::uint64_t stamp = 0;
};

// Never destroyed: its fibres are never finished.
Scheduler& scheduler() {
    static Scheduler* s = [] {
        auto* made = new Scheduler;
        if (const char* text = std::getenv("MOESCOPE_EMULATION_SEED")) {
            made->seed = static_cast<unsigned>(std::strtoul(text, nullptr, 10));
        }
        return made;
    }();
    return *s;
}

void addWorker(Scheduler& s) {
    Worker* w = s.workers.emplace_back(std::make_unique<Worker>()).get();
    w->fiber = context::fiber(std::allocator_arg, context::fixedsize_stack(kStackBytes), [w, &s](context::fiber&& f) {
        w->back = std::move(f);
        for (;;) {
            (*s.body)();
            w->done = true;
            w->back = std::move(w->back).resume();
        }
        return std::move(w->back);
    });
}

void suspend() {
    Worker& w = *scheduler().workers[g_thread->number];
    w.back = std::move(w.back).resume();
}

/// Takes the next thread to run from those that can.
unsigned takeReady(Scheduler& s, std::size_t& next) {
    if (!s.seed) return s.ready[next++];
    std::swap(s.ready[s.random() % s.ready.size()], s.ready.back());
    const unsigned t = s.ready.back();
    s.ready.pop_back();
    return t;
}

void runBlock(Scheduler& s) {
    g_block.stamp = ++s.stamp;
    s.left = s.threads;
    s.at_barrier = 0;
    for (Warp& w : s.warps) w.arrived = 0;
    s.ready.clear();
    for (unsigned i = 0; i < s.threads; ++i) {
        s.workers[i]->done = s.workers[i]->at_block_barrier = false;
        s.workers[i]->thread.exchanges = 0;
        s.ready.push_back(i);
    }
    std::size_t next = 0;
    while (s.left) {
        if (s.seed ? s.ready.empty() : next == s.ready.size()) {
            fail("Some threads wait at a barrier that others never reach.");
        }
        Worker& w = *s.workers[takeReady(s, next)];
        g_thread = &w.thread;
        w.fiber = std::move(w.fiber).resume();
        s.left -= w.done;
    }
    g_thread = nullptr;
}

}  // namespace

void fail(const char* sentence) {
    std::fprintf(stderr, "CUDA emulation, block (%u, %u, %u), thread %u: %s\n", g_block.index.x, g_block.index.y,
                 g_block.index.z, g_thread ? g_thread->number : 0, sentence);
    std::abort();
}

void wait(Barrier barrier, int line) {
    Scheduler& s = scheduler();
    Thread& t = *g_thread;
    if (barrier == Barrier::kWarp) {
        Warp& w = *t.warp;
        if (w.arrived && w.line != line) fail("Lanes of a warp wait at different lines.");
        w.line = line;
        if (++w.arrived == 32) {
            w.arrived = 0;
            const unsigned first = t.number / 32 * 32;
            for (unsigned i = first; i < first + 32; ++i) {
                if (i != t.number) s.ready.push_back(i);
            }
            if (!s.seed) return;
            s.ready.push_back(t.number);
        }
    } else {
        if (s.at_barrier && s.barrier_line != line) fail("Threads of a block wait at different lines.");
        s.barrier_line = line;
        if (++s.at_barrier == s.threads) {
            s.at_barrier = 0;
            for (unsigned i = 0; i < s.threads; ++i) {
                if (i != t.number) s.ready.push_back(i);
            }
            if (!s.seed) return;
            s.ready.push_back(t.number);
        }
    }
    suspend();
}

void runGrid(Index grid, Index block, std::size_t shared_bytes, const std::function<void()>& body) {
    Scheduler& s = scheduler();
    if (g_thread) fail("A kernel starts a kernel.");
    s.threads = block.x * block.y * block.z;
    if (s.threads % 32) fail("A block's threads are no multiple of 32.");
    while (s.workers.size() < s.threads) addWorker(s);
    s.warps.resize(s.threads / 32);
    for (unsigned i = 0; i < s.threads; ++i) {
        Thread& t = s.workers[i]->thread;
        t.index = {i % block.x, i / block.x % block.y, i / (block.x * block.y)};
        t.lane = i % 32;
        t.number = i;
        t.warp = &s.warps[i / 32];
    }
    s.body = &body;
    s.random.seed(s.seed);
    // Exactly as long as asked for, so that the address sanitizer sees what lies past its end.
    const std::unique_ptr<unsigned char[]> dynamic(new unsigned char[shared_bytes]);
    g_block.dynamic_shared = dynamic.get();
    g_block.size = block;
    g_block.grid = grid;
    std::vector<unsigned> order(static_cast<std::size_t>(grid.x) * grid.y * grid.z);
    for (unsigned i = 0; i < order.size(); ++i) order[i] = i;
    if (s.seed) std::shuffle(order.begin(), order.end(), s.random);
    for (const unsigned b : order) {
        g_block.index = {b % grid.x, b / grid.x % grid.y, b / (grid.x * grid.y)};
        std::memset(dynamic.get(), 0xff, shared_bytes);
        runBlock(s);
    }
}

void setSeed(unsigned value) {
    scheduler().seed = value;
}

unsigned seed() {
    return scheduler().seed;
}

}  // namespace cuda_emulation

#if defined(__SANITIZE_ADDRESS__)
// Fibres change stacks, which the search for uses of returned functions' variables does not follow.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
    return "detect_stack_use_after_return=0";
}
#endif
