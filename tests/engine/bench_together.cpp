// What computing together brings: tokens/s of several sessions at once, each on a thread of its own, against those of
// the same sessions in turn, in alternating pairs. Usage: bench_together MODEL [SESSIONS [TOKENS [PAIRS]]]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "engine/routing/routing_log.h"
#include "engine/shared_compute.h"

using namespace moescope;

namespace {

/// What a session computes from a token of its own on, always taking the likeliest one; kept with its routing.
std::vector<std::int32_t> decode(Session& session, std::int32_t token, int tokens) {
    std::vector<std::int32_t> said = {token};
    RoutingLog log(session.model().config().routingShape());
    while (static_cast<int>(said.size()) <= tokens) {
        const Status status = session.evaluate({&said.back(), 1}, LogitsWanted::kLast, &log, Phase::kDecode, {});
        if (!status.ok()) {
            std::fprintf(stderr, "%s\n", status.message().c_str());
            std::exit(1);
        }
        said.push_back(
            static_cast<std::int32_t>(std::ranges::max_element(session.logits()) - session.logits().begin()));
    }
    return said;
}

double secondsOf(const auto& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "bench_together MODEL [SESSIONS [TOKENS [PAIRS]]]\n");
        return 2;
    }
    const int sessions = argc > 2 ? std::atoi(argv[2]) : 4;
    const int tokens = argc > 3 ? std::atoi(argv[3]) : 100;
    const int pairs = argc > 4 ? std::atoi(argv[4]) : 5;
    ModelOptions options;
    options.backend = BackendChoice::kCpu;
    const auto model = Model::load(argv[1], options);
    if (!model.ok()) {
        std::fprintf(stderr, "%s\n", model.status().message().c_str());
        return 1;
    }
    SessionOptions session_options;
    session_options.context = tokens + 8;
    session_options.chunk_tokens = 64;
    std::vector<std::unique_ptr<Session>> all;
    for (int i = 0; i < sessions; ++i) {
        auto session = Session::create(*model, session_options);
        if (!session.ok()) {
            std::fprintf(stderr, "%s\n", session.status().message().c_str());
            return 1;
        }
        all.push_back(std::move(*session));
    }
    SharedCompute shared((*model)->backend());
    std::vector<double> ratios;
    for (int pair = 0; pair < pairs; ++pair) {
        double seconds[2];
        std::vector<std::vector<std::int32_t>> said[2];
        for (const int together : {pair % 2, 1 - pair % 2}) {
            auto& answers = said[together];
            answers.resize(all.size());
            for (const auto& session : all) {
                session->truncate(0);
                session->share(together ? &shared : nullptr);
            }
            const auto one = [&](std::size_t i) {
                answers[i] = decode(*all[i], static_cast<std::int32_t>(10 + i), tokens);
            };
            seconds[together] = secondsOf([&] {
                if (together) {
                    std::vector<std::jthread> threads;
                    for (std::size_t i = 0; i < all.size(); ++i) threads.emplace_back([&, i] { one(i); });
                } else {
                    for (std::size_t i = 0; i < all.size(); ++i) one(i);
                }
            });
        }
        ratios.push_back(seconds[0] / seconds[1]);
        std::printf("%.2f tokens/s together, %.2f in turn: %.2f; %s\n", sessions * tokens / seconds[1],
                    sessions * tokens / seconds[0], ratios.back(), said[0] == said[1] ? "the same" : "NOT THE SAME");
    }
    std::ranges::sort(ratios);
    std::printf("median %.2f\n", ratios[ratios.size() / 2]);
}
