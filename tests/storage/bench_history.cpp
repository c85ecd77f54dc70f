// How fast a large history is. Usage: bench_history [CONVERSATIONS [MESSAGES_EACH [DATA_DIR]]] (default 10000 100).
// With DATA_DIR the history stays there for other measurements.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "storage/history.h"
#include "tests/storage/samples.h"
#include "tests/storage/temporary_dir.h"

using namespace moescope;
using Clock = std::chrono::steady_clock;

namespace {

double msSince(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::string sentence(std::mt19937& random) {
    static const char* const kWords[] = {
        "the",   "router", "expert",   "a",      "token", "gate", "shared", "of",      "balance", "layer",   "model",
        "and",   "sort",   "vector",   "story",  "house", "混合", "专家",   "模型",    "路由",    "capital", "Berlin",
        "seven", "plus",   "std::map", "export", "chat",  "heat", "map",    "routing", "in",      "is"};
    std::string text;
    const int n = 5 + static_cast<int>(random() % 30);
    for (int i = 0; i < n; ++i) text += std::string(i ? " " : "") + kWords[random() % std::size(kWords)];
    if (random() % 5000 == 0) text += " chrysanthemum";
    return text;
}

double residentMb() {
    std::ifstream statm("/proc/self/statm");
    long total = 0, resident = 0;
    statm >> total >> resident;
    return static_cast<double>(resident) * 4096 / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
    const int conversations = argc > 1 ? std::atoi(argv[1]) : 10'000;
    const int each = argc > 2 ? std::atoi(argv[2]) : 100;
    const TemporaryDir temporary;
    const std::string dir = argc > 3 ? argv[3] : temporary.path();
    auto start = Clock::now();
    {
        auto history = History::open(dir);
        if (!history.ok()) {
            std::fprintf(stderr, "%s\n", history.status().message().c_str());
            return 1;
        }
        std::mt19937 random(1);
        for (int c = 0; c < conversations; ++c) {
            ConversationContent content;
            content.conversation.title = sentence(random).substr(0, 40);
            content.conversation.updated_ms = 1'600'000'000'000 + c * 60'000LL;
            for (int m = 0; m < each; ++m) {
                MessageContent message;
                message.message.id = m + 1;
                if (m > 0) message.message.parent = m;
                message.message.author = m % 2 ? Author::kAssistant : Author::kUser;
                message.message.text = sentence(random);
                message.message.finish = m % 2 ? FinishReason::kEndOfText : FinishReason::kUnfinished;
                content.messages.push_back(std::move(message));
            }
            content.conversation.leaf = each;
            if (!(*history)->import(content).ok()) return 1;
        }
    }
    std::printf("written        %d conversations, %d messages in %.1f s\n", conversations, conversations * each,
                msSince(start) / 1e3);
    const double before = residentMb();
    start = Clock::now();
    auto history = History::open(dir);
    if (!history.ok()) return 1;
    std::printf("open           %.1f ms\n", msSince(start));
    start = Clock::now();
    const auto list = (*history)->conversations({});
    std::printf("first list     %.1f ms (%zu)\n", msSince(start), list->size());
    start = Clock::now();
    const auto messages = (*history)->messages(list->front().id);
    std::printf("a conversation %.1f ms (%zu messages)\n", msSince(start), messages->size());

    std::vector<double> times;
    for (const char* query :
         {"chrysanthemum",     "the",         "router", "rou",    "expert gate", "专家模", "混合 专家", "std::map",
          "nothing like this", "Berlin",      "e",      "it",     "xq",          "专家",   "heat map",  "chrys",
          "balance of the",    "story house", "lay",    "capital"}) {
        double worst = 0;
        for (int i = 0; i < 5; ++i) {
            start = Clock::now();
            const auto result = (*history)->search(query, 100);
            const double ms = msSince(start);
            times.push_back(ms);
            worst = std::max(worst, ms);
            if (i == 4) {
                std::printf("  %-20s %6.1f ms at most, %zu hits%s\n", query, worst, result->hits.size(),
                            result->complete ? "" : ", more");
            }
        }
    }
    std::sort(times.begin(), times.end());
    std::printf("search         p50 %.1f ms, p95 %.1f ms, most %.1f ms\n", times[times.size() / 2],
                times[times.size() * 95 / 100], times.back());
    std::printf("memory         %.0f MB resident, %.0f MB before\n", residentMb(), before);
}
