// How fast a search over the routing of a large history is, and what a token's routing takes.
// Usage: bench_routing_search [CONVERSATIONS [TOKENS_EACH [DATA_DIR]]] (default 1000 1000; with DATA_DIR the history
// stays there). Records have the shape of DeepSeekMoE 16B: 27 layers, 64 experts, 6 used; gates are those of a softmax
// over logits that depend on expert, kind of text and token.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <thread>

#include "kernels/router.h"
#include "storage/history.h"
#include "tests/storage/first_version.h"
#include "tests/storage/temporary_dir.h"

using namespace moescope;
using Clock = std::chrono::steady_clock;

namespace {

constexpr RoutingShape kShape{1, 27, 64, 6, 2};

double msSince(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Draws records; a conversation keeps its kind of text.
class Router {
public:
    Router() : m_layers(static_cast<std::size_t>(kShape.moe_layers)) {
        m_bias.resize(8 * m_layers.size() * 64);
        for (float& b : m_bias) b = m_normal(m_random);
    }
    std::span<const LayerRouting> next(int conversation) {
        for (std::size_t l = 0; l < m_layers.size(); ++l) {
            float logits[64], probabilities[64];
            const float* bias = &m_bias[(static_cast<std::size_t>(conversation % 8) * m_layers.size() + l) * 64];
            for (int e = 0; e < 64; ++e) logits[e] = 0.6f * bias[e] + 1.1f * m_normal(m_random);
            RouterParameters rules;
            rules.experts = 64;
            rules.used = 6;
            RouterChoice choice;
            route(rules, logits, probabilities, choice);
            LayerRouting& r = m_layers[l];
            r = {};
            r.count = choice.count;
            std::copy_n(choice.experts, choice.count, r.experts.begin());
            std::copy_n(choice.gates, choice.count, r.gates.begin());
            std::copy_n(choice.probabilities, choice.count, r.probabilities.begin());
            std::copy_n(choice.runners_up, kRunnersUp, r.runners_up.begin());
            std::copy_n(choice.runner_up_probabilities, kRunnersUp, r.runner_up_probabilities.begin());
            r.shared_norm = 2 + 0.3f * m_normal(m_random);
            r.routed_norm = 1 + 0.2f * m_normal(m_random);
        }
        return m_layers;
    }

private:
    std::mt19937 m_random{1};
    std::normal_distribution<float> m_normal;
    std::vector<float> m_bias;
    std::vector<LayerRouting> m_layers;
};

void forgetCachedFile(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY);
    if (file < 0) return;
    ::fsync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
}

}  // namespace

int main(int argc, char** argv) {
    const int conversations = argc > 1 ? std::atoi(argv[1]) : 1000;
    const int each = argc > 2 ? std::atoi(argv[2]) : 1000;
    const TemporaryDir temporary;
    const std::string dir = argc > 3 ? argv[3] : temporary.path();
    constexpr int kAnswers = 5, kPrompt = 40;
    double before_bytes = 0, after_bytes = 0;
    std::int64_t tokens = 0;
    auto start = Clock::now();
    {
        auto history = History::open(dir);
        if (!history.ok()) {
            std::fprintf(stderr, "%s\n", history.status().message().c_str());
            return 1;
        }
        Router router;
        for (int c = 0; c < conversations; ++c) {
            ConversationContent content;
            content.conversation.title = "conversation " + std::to_string(c);
            int position = 0;
            for (int a = 0; a < kAnswers; ++a) {
                MessageContent question, answer;
                question.message.id = 2 * a + 1;
                if (a > 0) question.message.parent = 2 * a;
                question.message.text = "What is it?";
                answer.message.id = 2 * a + 2;
                answer.message.parent = 2 * a + 1;
                answer.message.author = Author::kAssistant;
                answer.message.finish = FinishReason::kEndOfText;
                answer.routing.emplace(kShape);
                FirstVersionChunk old_chunk(kShape);
                RoutingChunk chunk(kShape);
                for (int t = 0; t < each / kAnswers; ++t, ++position, ++tokens) {
                    const TokenRouting record{1000 + position % 900, position,
                                              t < kPrompt ? Phase::kPrefill : Phase::kDecode, router.next(c)};
                    answer.routing->onToken(record);
                    if (c < 20) {  // a sample for the sizes
                        old_chunk.add(record);
                        chunk.add(record);
                        if (old_chunk.full()) before_bytes += static_cast<double>(old_chunk.take().size());
                        if (chunk.full()) {
                            after_bytes += static_cast<double>(chunk.blob().size());
                            chunk.clear();
                        }
                    }
                    if (t < kPrompt) continue;
                    const auto begin = static_cast<std::uint32_t>(answer.message.text.size());
                    answer.message.text += t % 9 == 0 ? " experts" : " word";
                    answer.tokens.push_back({1000 + position % 900, begin,
                                             static_cast<std::uint32_t>(answer.message.text.size()), position});
                }
                if (c < 20 && !old_chunk.empty()) before_bytes += static_cast<double>(old_chunk.take().size());
                if (c < 20 && !chunk.empty()) after_bytes += static_cast<double>(chunk.blob().size());
                content.messages.push_back(std::move(question));
                content.messages.push_back(std::move(answer));
            }
            if (!(*history)->import(content).ok()) return 1;
        }
    }
    const double sampled = static_cast<double>(std::min(conversations, 20)) * (each / kAnswers) * kAnswers;
    const std::string path = dir + "/history.sqlite";
    std::printf("written        %d conversations, %lld tokens in %.1f s\n", conversations,
                static_cast<long long>(tokens), msSince(start) / 1e3);
    std::printf("a token        %.0f bytes in chunks of version 1, %.0f now; %.0f bytes of the file\n",
                before_bytes / sampled, after_bytes / sampled,
                static_cast<double>(std::filesystem::file_size(path)) / static_cast<double>(tokens));

    const auto measure = [&](const char* what, bool cold, int rounds) {
        std::vector<double> times;
        std::int64_t found = 0;
        for (int i = 0; i < rounds; ++i) {
            RoutingQuery query;
            query.layer = 1 + (11 + i * 7) % kShape.moe_layers;
            query.expert = (40 + i * 13) % kShape.experts;
            query.gate_above = i % 2 ? -1.0f : 0.3f;
            auto history = History::open(dir);
            if (!history.ok()) std::exit(1);
            if (cold) forgetCachedFile(path);
            const auto begin = Clock::now();
            const auto result = (*history)->routingSearch(query, 200);
            times.push_back(msSince(begin));
            if (!result.ok()) std::exit(1);
            found += result->total;
        }
        std::sort(times.begin(), times.end());
        std::printf("%s  p50 %.0f ms, p95 %.0f ms, most %.0f ms (%lld hits in %d searches)\n", what,
                    times[times.size() / 2], times[times.size() * 95 / 100], times.back(),
                    static_cast<long long>(found), rounds);
    };
    measure("search       ", false, 40);
    measure("file not read", true, 10);

    auto history = History::open(dir);
    if (!history.ok()) return 1;
    std::stop_source stop;
    Clock::time_point asked;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        asked = Clock::now();
        stop.request_stop();
    });
    const auto stopped = (*history)->routingSearch({12, 40, -1, 0, true, ""}, 200, stop.get_token());
    const auto ended = Clock::now();
    stopper.join();
    std::printf("stop           %.1f ms after it was asked (%s)\n",
                std::chrono::duration<double, std::milli>(ended - asked).count(),
                stopped.ok() && !stopped->complete ? "in the middle" : "it had ended");
}
