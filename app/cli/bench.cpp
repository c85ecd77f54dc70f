#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "app/cli/bench_phases.h"
#include "app/cli/common.h"
#include "app/cli/machine_limits.h"
#include "engine/base/foreign_text.h"
#include "engine/routing/routing_log.h"

namespace moescope::cli {
namespace {

using Clock = std::chrono::steady_clock;
double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct BenchOptions {
    ComputeOptions compute;
    int prompt = 512;
    int generate = 128;
    int depth = 0;
    bool no_trace = false;
    bool json = false;
    std::string compare;  ///< JSON of an earlier run
};

/// Tokens of an answer that are measured by phase, after those whose speed is told.
constexpr int kPhaseTokens = 16;

/// A record costs what it costs a chat: the sink looks at it and drops it.
class CountingSink : public RoutingSink {
public:
    void onToken(const TokenRouting& token) override { m_layers += token.layers.size(); }

private:
    std::size_t m_layers = 0;
};

/// FNV-1a over the bits of the logits: equal runs give equal hashes.
void hash(std::span<const float> logits, std::uint64_t& state) {
    for (const std::byte b : std::as_bytes(logits)) {
        state = (state ^ static_cast<std::uint64_t>(b)) * 0x100000001b3ULL;
    }
}

/// Fixed pseudo-random ids, so that prompts spread over the experts as text does.
std::vector<std::int32_t> benchTokens(int count, int vocabulary) {
    std::vector<std::int32_t> ids;
    std::uint64_t x = 1;
    for (int i = 0; i < count; ++i) {
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
        ids.push_back(static_cast<std::int32_t>((x >> 33) % static_cast<std::uint64_t>(vocabulary)));
    }
    return ids;
}

std::uint64_t peakMemoryBytes() {
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

nlohmann::ordered_json bench(const BenchOptions& o) {
    const auto load_start = Clock::now();
    const auto model = loadModel(o.compute);
    const double load_s = secondsSince(load_start);
    SessionOptions session_options = o.compute.sessionOptions();
    if (session_options.context == 0)
        session_options.context = std::max(1, o.depth + o.prompt + o.generate + kPhaseTokens);
    const auto session = require(Session::create(model, session_options));
    const std::stop_token stop = Interrupts::begin();
    CountingSink counting;
    RoutingSink* sink = o.no_trace ? nullptr : &counting;

    const auto tokens = benchTokens(o.depth + o.prompt + o.generate + kPhaseTokens, model->config().vocabulary);
    const std::span all(tokens);
    const auto depth = static_cast<std::size_t>(o.depth), prompt = static_cast<std::size_t>(o.prompt);
    // Two tokens first, so that pages of workspace and threads are there.
    require(session->evaluate(all.first(std::min<std::size_t>(2, all.size())), LogitsWanted::kNone, sink,
                              Phase::kPrefill, stop));
    session->truncate(0);
    if (o.depth > 0) require(session->evaluate(all.first(depth), LogitsWanted::kNone, sink, Phase::kPrefill, stop));

    std::uint64_t state = 0xcbf29ce484222325ULL;
    PhaseTimes prefill_times, decode_times;
    session->measure(&prefill_times);  // a few readings of the clock in a second
    const auto prefill_start = Clock::now();
    if (o.prompt > 0) {
        require(session->evaluate(all.subspan(depth, prompt), LogitsWanted::kLast, sink, Phase::kPrefill, stop));
    }
    const double prefill_s = secondsSince(prefill_start);
    session->measure(nullptr);
    if (o.prompt > 0) hash(session->logits(), state);
    double decode_s = 0;
    for (int i = 0; i < o.generate; ++i) {
        const auto decode_start = Clock::now();
        require(session->evaluate(all.subspan(depth + prompt + static_cast<std::size_t>(i), 1), LogitsWanted::kLast,
                                  sink, Phase::kDecode, stop));
        decode_s += secondsSince(decode_start);
        hash(session->logits(), state);  // a chat does without: for a small model it takes as long as some layers
    }
    session->measure(&decode_times);
    int phase_tokens = 0;
    for (; o.generate > 0 && phase_tokens < kPhaseTokens && session->position() < session->context(); ++phase_tokens) {
        require(session->evaluate(all.subspan(static_cast<std::size_t>(session->position()), 1), LogitsWanted::kLast,
                                  sink, Phase::kDecode, stop));
    }
    session->measure(nullptr);
    const std::uint64_t peak = peakMemoryBytes();  // before the limits are measured, which takes memory of its own

    // A GPU's memory is the limit where a GPU computes; its int8 rate is not measured.
    MachineLimits limits{model->backend().measureReadBandwidth(), 0};
    if (limits.read_bytes_per_s == 0) {
        limits = measureLimits(model->backend().threads(), o.compute.modelOptions().isa.value_or(bestIsa()));
    }
    const ModelStatistics s = statistics(model->config(), model->matrices());
    const double prefill_rate = o.prompt > 0 ? o.prompt / prefill_s : 0,
                 decode_rate = o.generate > 0 ? o.generate / decode_s : 0;
    PhaseReport report;
    report.costs = phaseCosts(model->config(), model->matrices());
    report.cache_bytes =
        sessionBytes(model->config(), session_options).cache / static_cast<std::uint64_t>(session->context());
    report.limits = limits;
    return {
        {"load_s", load_s},
        {"prefill_tokens_per_s", prefill_rate},
        {"decode_tokens_per_s", decode_rate},
        {"decode_bytes_per_token", s.bytes_per_token},
        {"read_bandwidth_bytes_per_s", limits.read_bytes_per_s},
        {"decode_bandwidth_share", decode_rate * static_cast<double>(s.bytes_per_token) / limits.read_bytes_per_s},
        {"int8_macs_per_s", limits.int8_macs_per_s},
        {"prefill_int8_share",
         limits.int8_macs_per_s > 0 ? prefill_rate * static_cast<double>(s.prefill_macs) / limits.int8_macs_per_s : 0},
        {"peak_memory_bytes", peak},
        {"logits_hash", fmt::format("{:016x}", state)},
        {"threads", model->backend().threads()},
        {"backend", model->backend().name()},
        {"placement", model->backend().placement()},
        {"decode_phases", report.decode(decode_times, phase_tokens, session->position() - phase_tokens / 2)},
        {"prefill_phases", report.prefill(prefill_times, o.prompt)},
    };
}

void print(const nlohmann::ordered_json& j) {
    const auto number = [&](const char* key) { return j[key].get<double>(); };
    fmt::print("backend    {}\n", j["backend"].get<std::string>());
    fmt::print("load       {:.2f} s\n", number("load_s"));
    fmt::print("prefill    {:.1f} tokens/s", number("prefill_tokens_per_s"));
    if (number("int8_macs_per_s") > 0) {
        fmt::print(", {:.0f} % of {:.0f} G int8 multiply-adds/s", 100 * number("prefill_int8_share"),
                   number("int8_macs_per_s") / 1e9);
    }
    fmt::print("\n");
    const double gigabytes = number("decode_tokens_per_s") * number("decode_bytes_per_token") / 1e9;
    fmt::print("decode     {:.1f} tokens/s = {:.1f} GB/s of weights, {:.0f} % of {:.1f} GB/s\n",
               number("decode_tokens_per_s"), gigabytes, 100 * number("decode_bandwidth_share"),
               number("read_bandwidth_bytes_per_s") / 1e9);
    fmt::print("memory     {} at most\n", bytesText(j["peak_memory_bytes"].get<std::uint64_t>()));
    fmt::print("logits     {}\n", j["logits_hash"].get<std::string>());
    printPhases(j);
}

nlohmann::ordered_json readEarlier(const std::string& path) {
    auto earlier = nlohmann::ordered_json::parse(readFile(path), nullptr, false);
    if (!earlier.is_object() || !earlier.contains("decode_tokens_per_s")) {
        throw Failure{fmt::format("{} is not what `bench --json` writes; give a file that it wrote.", quoted(path))};
    }
    return earlier;
}

}  // namespace

void addBench(CLI::App& app) {
    CLI::App* command = app.add_subcommand("bench", "Measure speed against what this machine can do");
    const auto options = std::make_shared<BenchOptions>();
    options->compute.addTo(*command);
    command->add_option("-p,--prompt-tokens", options->prompt, "Tokens of the prefill measurement")
        ->check(CLI::Range(0, 1 << 20))
        ->capture_default_str();
    command->add_option("-n,--generate", options->generate, "Tokens of the decode measurement")
        ->check(CLI::Range(0, 1 << 20))
        ->capture_default_str();
    command->add_option("--depth", options->depth, "Tokens already in the context")
        ->check(CLI::Range(0, 1 << 20))
        ->capture_default_str();
    command->add_flag("--no-trace", options->no_trace, "Without routing records");
    command->add_flag("--json", options->json, "Print JSON");
    command->add_option("--compare", options->compare,
                        "Also say how these figures differ from those of an earlier run "
                        "(a file that `bench --json` wrote)");
    command->callback([options] {
        // An unreadable file is reported before minutes of measuring.
        const auto earlier = options->compare.empty() ? nlohmann::ordered_json() : readEarlier(options->compare);
        auto result = bench(*options);
        if (!earlier.is_null()) result["compared"] = comparison(earlier, result);
        if (options->json) {
            fmt::print("{}\n", result.dump(2));
            return;
        }
        print(result);
        if (!earlier.is_null()) printComparison(result["compared"], options->compare);
    });
}

}  // namespace moescope::cli
