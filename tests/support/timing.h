#pragma once
// Limits of time in tests. A machine that is busy with something else is no fault of the program, so limits are
// checked only in the tests with the label "timing", which run alone and with MOESCOPE_TIMING set; there they are
// stretched by how much slower than one at rest the machine is at that moment.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace moescope {

/// How many times longer than on an ordinary processor of 2020 at rest a piece of arithmetic takes just now, waking up
/// for it included; at least 1. Takes about 50 ms.
inline double slowness() {
    using Clock = std::chrono::steady_clock;
    using Ms = std::chrono::duration<double, std::milli>;
    constexpr int kPieces = 20, kSteps = 400'000;  // of four cycles each: what a step multiplies is the result before
    constexpr double kAtRestMs = kPieces * 0.6;
    volatile std::uint64_t seed = 1;
    double taken_ms = 0;
    for (int piece = 0; piece < kPieces; ++piece) {
        constexpr std::chrono::milliseconds kSleep(1);
        const auto start = Clock::now();
        std::this_thread::sleep_for(kSleep);
        std::uint64_t number = seed;
        for (int step = 0; step < kSteps; ++step) number = number * 6364136223846793005u + 1442695040888963407u;
        seed = number;
        taken_ms += std::max(0.0, Ms(Clock::now() - start).count() - Ms(kSleep).count() - 0.1);
    }
    return std::max(1.0, taken_ms / kAtRestMs);
}

/// Whether something that took `ms` was as fast as a machine at rest does it in `limit_ms`. True where limits are not
/// checked. What it was is printed if it was not.
template <class Number>
bool inTime(Number ms, double limit_ms) {
    const auto taken_ms = static_cast<double>(ms);
    if (std::getenv("MOESCOPE_TIMING") == nullptr || taken_ms <= limit_ms) return true;
    const double slower = slowness();
    const bool in_time = taken_ms <= limit_ms * slower;
    std::fprintf(stderr, "%s: %.0f ms, the limit is %.0f ms; the machine is %.1f times slower than one at rest\n",
                 in_time ? "in time" : "too slow", taken_ms, limit_ms, slower);
    return in_time;
}

}  // namespace moescope
