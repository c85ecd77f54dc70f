// How long a stop takes, at moments spread over load, prefill and decode of a model.
// Usage: bench_stop MODEL [ROUNDS]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "engine/engine.h"

using namespace moescope;
using Clock = std::chrono::steady_clock;

namespace {

double seconds(Clock::duration d) {
    return std::chrono::duration<double>(d).count();
}

/// Runs `work`, asks it to stop after `after` seconds, and returns how long it went on then; negative if it had ended.
template <class F>
double stopLatency(double after, F&& work) {
    std::stop_source source;
    Clock::time_point end;
    std::thread thread([&] {
        work(source.get_token());
        end = Clock::now();
    });
    std::this_thread::sleep_for(std::chrono::duration<double>(after));
    const auto asked = Clock::now();
    source.request_stop();
    thread.join();
    return seconds(end - asked);
}

/// `whole`: how long the work takes if nobody stops it.
template <class F>
void report(const char* name, int rounds, double whole, F&& work) {
    std::vector<double> latencies;
    for (int i = 0; i < rounds; ++i) {
        const double latency = stopLatency(whole * (i + 0.5) / rounds, work);
        if (latency >= 0) latencies.push_back(latency);
    }
    std::sort(latencies.begin(), latencies.end());
    if (latencies.empty()) {
        std::printf("%-8s ended before it could be stopped\n", name);
        return;
    }
    std::printf("%-8s whole %6.2f s, %zu stops: median %5.1f ms, longest %5.1f ms\n", name, whole, latencies.size(),
                latencies[latencies.size() / 2] * 1e3, latencies.back() * 1e3);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "Usage: bench_stop MODEL [ROUNDS]\n");
        return 2;
    }
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 10;
    auto model = Model::load(argv[1], {});
    if (!model.ok()) {
        std::fprintf(stderr, "%s\n", model.status().message().c_str());
        return 1;
    }

    const int prompt = std::min(1024, (*model)->config().context_length / 2);
    auto session = Session::create(*model, {});
    if (!session.ok()) return 1;
    std::vector<std::int32_t> tokens;
    for (int i = 0; i < prompt; ++i) tokens.push_back(i * 7919 % (*model)->config().vocabulary);
    const auto prefill = [&](const std::stop_token& stop) {
        (*session)->truncate(0);
        (void)(*session)->evaluate(tokens, LogitsWanted::kLast, nullptr, Phase::kPrefill, stop);
    };
    auto start = Clock::now();
    prefill({});
    report("prefill", rounds, seconds(Clock::now() - start), prefill);

    const auto decode = [&](const std::stop_token& stop) {
        (*session)->truncate(0);
        for (int i = 0; i < 32 && !stop.stop_requested(); ++i) {
            const Status status = (*session)->evaluate(std::span(tokens).subspan(static_cast<std::size_t>(i), 1),
                                                       LogitsWanted::kLast, nullptr, Phase::kDecode, stop);
            if (!status.ok()) return;
        }
    };
    start = Clock::now();
    decode({});
    report("decode", rounds, seconds(Clock::now() - start), decode);

    session.value().reset();
    model.value().reset();
    start = Clock::now();  // the file is in the system's cache now, as it is in the stops
    model = Model::load(argv[1], {});
    const double load_s = seconds(Clock::now() - start);
    model.value().reset();
    report("load", rounds, load_s, [&](const std::stop_token& stop) {
        LoadControl control;
        control.stop = stop;
        (void)Model::load(argv[1], {}, control);
    });
}
