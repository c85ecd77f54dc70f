#include "app/cli/bench_phases.h"

#include <fmt/format.h>

#include "app/cli/common.h"
#include "engine/base/foreign_text.h"

namespace moescope::cli {
namespace {

using Json = nlohmann::ordered_json;

struct PhaseRow {
    const char* key;
    const char* name;
    double PhaseTimes::*seconds;
};
constexpr PhaseRow kPhases[] = {
    {"projections", "projections", &PhaseTimes::projections},
    {"attention", "attention", &PhaseTimes::attention},
    {"router", "router", &PhaseTimes::router},
    {"experts", "experts", &PhaseTimes::experts},
    {"head", "output head", &PhaseTimes::head},
    {"rest", "everything else", &PhaseTimes::rest},
};

double total(const PhaseTimes& times) {
    double sum = 0;
    for (const PhaseRow& row : kPhases) sum += times.*row.seconds;
    return sum;
}

/// `work` gives what a phase does per token, in what `limit` counts per second; 0: no such limit.
template <class Work>
Json phases(const PhaseTimes& times, int tokens, double limit, Work&& work) {
    Json all = Json::object();
    const double sum = total(times);
    if (tokens <= 0 || sum <= 0) return all;
    const auto entry = [&](double seconds) {
        return Json{{"ms_per_token", 1000 * seconds / tokens}, {"share", seconds / sum}};
    };
    for (const PhaseRow& row : kPhases) {
        const double seconds = times.*row.seconds, amount = work(row.seconds);
        Json one = entry(seconds);
        if (amount > 0 && limit > 0 && seconds > 0) one["of_limit"] = amount * tokens / limit / seconds;
        all[row.key] = one;
    }
    all["waiting"] = entry(times.waiting);
    return all;
}

void printTable(const Json& table, const char* title, const char* limit) {
    if (!table.is_object() || table.empty()) return;
    fmt::print("\n{:<16} {:>12} {:>7}   {}\n", title, "ms/token", "share", limit);
    const auto line = [&](const char* key, const char* name) {
        const Json& j = table[key];
        const std::string reached =
            j.contains("of_limit") ? fmt::format("{:.0f} %", 100 * j["of_limit"].get<double>()) : std::string();
        fmt::print("{:<16} {:>12.3f} {:>5.0f} %   {}\n", name, j["ms_per_token"].get<double>(),
                   100 * j["share"].get<double>(), reached);
    };
    for (const PhaseRow& row : kPhases) line(row.key, row.name);
    line("waiting", "  of it waiting");
}

}  // namespace

PhaseCosts phaseCosts(const ModelConfig& c, const ModelMatrices& matrices) {
    PhaseCosts costs;
    forEachMatrix(matrices, [&](const MatrixSource& m, MatrixRole role, std::size_t) {
        if (role == MatrixRole::kEmbedding && matrices.output) return;  // else it is the output as well
        const bool head = role == MatrixRole::kEmbedding || role == MatrixRole::kOutput;
        PhaseCost& cost = head                          ? costs.head
                          : role == MatrixRole::kRouter ? costs.router
                          : isAttention(role)           ? costs.projections
                                                        : costs.experts;
        const auto used = [&](std::uint64_t all) {
            if (!isRouted(role)) return all;
            return all / static_cast<std::uint64_t>(c.experts) * static_cast<std::uint64_t>(c.experts_used);
        };
        cost.bytes += used(m.weightBytes());
        cost.macs += used(m.elements());
    });
    return costs;
}

Json PhaseReport::decode(const PhaseTimes& times, int tokens, int positions) const {
    return phases(times, tokens, limits.read_bytes_per_s, [&](double PhaseTimes::*phase) -> double {
        if (phase == &PhaseTimes::projections) return static_cast<double>(costs.projections.bytes);
        if (phase == &PhaseTimes::attention) return static_cast<double>(cache_bytes) * positions;
        if (phase == &PhaseTimes::router) return static_cast<double>(costs.router.bytes);
        if (phase == &PhaseTimes::experts) return static_cast<double>(costs.experts.bytes);
        if (phase == &PhaseTimes::head) return static_cast<double>(costs.head.bytes);
        return 0;
    });
}

Json PhaseReport::prefill(const PhaseTimes& times, int tokens) const {
    return phases(times, tokens, limits.int8_macs_per_s, [&](double PhaseTimes::*phase) -> double {
        if (phase == &PhaseTimes::projections) return static_cast<double>(costs.projections.macs);
        if (phase == &PhaseTimes::experts) return static_cast<double>(costs.experts.macs);
        return 0;
    });
}

void printPhases(const Json& result) {
    printTable(result["decode_phases"], "decode", "of the bandwidth");
    printTable(result["prefill_phases"], "prefill", "of the int8 rate");
}

Json comparison(const Json& before, const Json& now) {
    Json compared = Json::object();
    const auto add = [&](const std::string& name, const Json& a, const Json& b) {
        if (a.is_number() && b.is_number() && a.get<double>() > 0) compared[name] = b.get<double>() / a.get<double>();
    };
    for (const char* key :
         {"load_s", "prefill_tokens_per_s", "decode_tokens_per_s", "decode_bandwidth_share", "prefill_int8_share",
          "read_bandwidth_bytes_per_s", "int8_macs_per_s", "peak_memory_bytes"}) {
        if (before.contains(key)) add(key, before[key], now[key]);
    }
    for (const char* table : {"decode_phases", "prefill_phases"}) {
        if (!before.contains(table) || !before[table].is_object()) continue;
        for (const auto& [phase, values] : now[table].items()) {
            if (!before[table].contains(phase) || !before[table][phase].is_object()) continue;
            const Json& old = before[table][phase];
            if (old.contains("ms_per_token")) {
                add(fmt::format("{}.{}.ms_per_token", table, phase), old["ms_per_token"], values["ms_per_token"]);
            }
        }
    }
    compared["same_logits"] = before.value("logits_hash", std::string()) == now["logits_hash"].get<std::string>();
    return compared;
}

void printComparison(const Json& compared, const std::string& path) {
    fmt::print("\nthis run / {}\n", quoted(path));
    for (const auto& [name, ratio] : compared.items()) {
        if (ratio.is_number()) fmt::print("{:<44} {:.3f}\n", name, ratio.get<double>());
    }
    fmt::print("{:<44} {}\n", "logits", compared["same_logits"].get<bool>() ? "the same" : "not the same");
}

}  // namespace moescope::cli
