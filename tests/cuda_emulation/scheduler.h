#pragma once
// Runs the threads of CUDA blocks on the CPU, for tests: never a backend that users get.
//
// One block at a time; each of its threads is a fibre, so that __syncthreads, __syncwarp, shuffles and votes mean what
// they mean on a GPU. The order in which threads and blocks run is drawn from a seed (setSeed, or the environment
// variable MOESCOPE_EMULATION_SEED): a race shows as a result that depends on it. Seed 0 runs them in order. Shared
// memory holds NaN and -1 when a block begins. What a GPU would hang at, or leave undefined, ends the program with a
// sentence: a barrier that some threads never reach, threads that wait at different barriers, a warp operation that
// not all 32 lanes take part in.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>

namespace cuda_emulation {

struct Index {
    unsigned x = 0, y = 0, z = 0;
};

/// What lanes hand to one another. Two sets take turns, so that an exchange needs one barrier.
struct Warp {
    alignas(16) unsigned char slots[2][32][64];
    unsigned arrived = 0;
    int line = 0;
};

/// A thread of the block that runs.
struct Thread {
    Index index;
    unsigned lane = 0;
    unsigned number = 0;  ///< in the block
    unsigned exchanges = 0;
    Warp* warp = nullptr;
};

struct Block {
    Index index;
    Index size, grid;
    std::uint64_t stamp = 0;  ///< differs from block to block
    unsigned char* dynamic_shared = nullptr;
};

extern Thread* g_thread;  ///< the one that runs
extern Block g_block;

enum class Barrier { kBlock, kWarp };

/// Waits until all threads of the block or warp have called this from the same line.
void wait(Barrier barrier, int line);

/// Runs a grid to its end. `shared_bytes` of dynamic shared memory.
void runGrid(Index grid, Index block, std::size_t shared_bytes, const std::function<void()>& body);

void setSeed(unsigned seed);
unsigned seed();

/// Ends the program with a sentence that names the block and thread.
[[noreturn]] void fail(const char* sentence);

/// Shared memory declared in a kernel; made invalid when a block first uses it.
template <class T>
class Shared {
public:
    T& use() {
        if (m_stamp != g_block.stamp) {
            std::memset(static_cast<void*>(&m_value), 0xff, sizeof m_value);
            m_stamp = g_block.stamp;
        }
        return m_value;
    }

private:
    alignas(16) T m_value;
    std::uint64_t m_stamp = 0;
};
#define MOESCOPE_EMULATED_SHARED(Type, name)                                   \
    static cuda_emulation::Shared<std::type_identity_t<Type>> name##_emulated; \
    auto& name = name##_emulated.use()

inline void* dynamicShared() {
    return g_block.dynamic_shared;
}

/// All 32 lanes hand over a value and may then read each other's: slot(lane) is valid until the lane's next exchange.
template <class T>
class Exchange {
public:
    Exchange(const T& mine, unsigned mask, int line) {
        static_assert(sizeof(T) <= 64);
        if (mask != 0xffffffffu) fail("A warp operation names fewer than 32 lanes.");
        Thread& t = *g_thread;
        m_slots = t.warp->slots[t.exchanges++ % 2];
        std::memcpy(m_slots[t.lane], &mine, sizeof(T));
        wait(Barrier::kWarp, line);
    }
    T operator[](unsigned lane) const {
        T value;
        std::memcpy(&value, m_slots[lane % 32], sizeof(T));
        return value;
    }

private:
    unsigned char (*m_slots)[64];
};

}  // namespace cuda_emulation
