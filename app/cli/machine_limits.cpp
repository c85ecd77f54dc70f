#include "app/cli/machine_limits.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>

#include "engine/backend/cpu/huge_buffer.h"
#include "engine/backend/thread_pool.h"

namespace moescope::cli {
namespace {

/// The shortest of some rounds, in seconds.
template <class F>
double best(int rounds, F&& f) {
    double shortest = 1e30;
    for (int i = 0; i < rounds; ++i) {
        const auto start = std::chrono::steady_clock::now();
        f();
        shortest = std::min(shortest, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return shortest;
}

}  // namespace

MachineLimits measureLimits(int threads, Isa isa) {
    const CpuKernels& kernels = cpuKernels(isa);
    ThreadPool pool(threads);
    MachineLimits limits;
    std::atomic<std::uint64_t> sink{0};

    constexpr std::size_t kBytes = 256u << 20;  // far more than any cache holds
    constexpr std::size_t kPieces = 64;
    const std::size_t total = kBytes * static_cast<std::size_t>(threads);
    if (auto memory = HugeBuffer::allocate(total); memory.ok()) {
        std::memset(memory->data(), 1, total);
        const std::size_t piece = total / kPieces;
        const double seconds = best(6, [&] {
            pool.run(kPieces,
                     [&](std::size_t i, int) { sink += kernels.readBurst(memory->data() + i * piece, piece); });
        });
        limits.read_bytes_per_s = static_cast<double>(total) / seconds;
    }
    const std::uint64_t rounds = isa == Isa::kScalar ? 20'000 : 1'000'000;
    std::atomic<std::uint64_t> macs{0};
    const double seconds = best(6, [&] {
        macs = 0;
        pool.run(static_cast<std::size_t>(threads) * 4, [&](std::size_t, int) { macs += kernels.int8Burst(rounds); });
    });
    limits.int8_macs_per_s = static_cast<double>(macs) / seconds;
    return limits;
}

}  // namespace moescope::cli
