// `trace stats`: how work is spread over the experts of each layer.

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "app/cli/common.h"
#include "app/cli/history_access.h"
#include "app/cli/trace_source.h"
#include "engine/base/foreign_text.h"
#include "engine/routing/metrics.h"

namespace moescope::cli {
namespace {

using nlohmann::ordered_json;

struct Options {
    TraceSource source;
    std::string phase = "both";
    bool json = false;
};

/// The tokens of a phase; the log itself for both.
RoutingLog ofPhase(RoutingLog log, const std::string& phase) {
    if (phase == "both") return log;
    if (!log.shape().has_phases) {
        throw Failure{"The trace does not say which tokens belong to the prompt; leave out --phase."};
    }
    RoutingLog result(log.shape());
    const Phase wanted = phase == "decode" ? Phase::kDecode : Phase::kPrefill;
    for (std::size_t t = 0; t < log.size(); ++t) {
        if (log.token(t).phase == wanted) result.append(log, t);
    }
    return result;
}

struct LayerFigures {
    int layer = 0;
    std::vector<double> load, gate_mass;
    double jain = 0, max_violation = 0, variation = 0, entropy = 0;
    std::vector<int> never_chosen;
    int top_expert = -1;
    Repetition repeats;
    double balance_loss = 0, mean_margin = 0;
    SharedRouted norms;
};

LayerFigures figuresOf(const RoutingLog& log, int layer) {
    const TokenRange all = allTokens(log);
    LayerFigures f;
    f.layer = log.shape().first_moe_layer + layer;
    const std::vector<double> counts = expertCounts(log, layer, all);
    f.load = load(counts);
    f.gate_mass = gateMass(log, layer, all);
    f.jain = jainIndex(counts);
    f.max_violation = maxViolation(counts);
    f.variation = variation(counts);
    f.entropy = normalisedEntropy(counts);
    f.never_chosen = neverChosenExperts(counts);
    if (const auto top = topExperts(counts, 1); !top.empty()) f.top_expert = top[0];
    f.repeats = repetition(log, layer, all);
    f.balance_loss = balanceLoss(counts, meanProbabilities(log, layer, all));
    f.mean_margin = meanMargin(log, layer, all);
    f.norms = sharedAndRouted(log, layer, all);
    return f;
}

/// As ESFT's summary.json has it: four decimals.
double rounded(double value) {
    return std::strtod(fmt::format("{:.4f}", value).c_str(), nullptr);
}

ordered_json scores(const std::vector<LayerFigures>& layers, std::vector<double> LayerFigures::*values) {
    ordered_json result = ordered_json::object();
    for (const LayerFigures& f : layers) {
        ordered_json& row = result[std::to_string(f.layer)] = ordered_json::object();
        for (std::size_t e = 0; e < (f.*values).size(); ++e) row[std::to_string(e)] = rounded((f.*values)[e]);
    }
    return result;
}

std::string json(const Trace& trace, const std::vector<LayerFigures>& layers) {
    const RoutingShape& shape = trace.log.shape();
    ordered_json all;
    all["token_scores"] = scores(layers, &LayerFigures::load);
    if (shape.has_gates) all["gate_scores"] = scores(layers, &LayerFigures::gate_mass);
    all["tokens"] = trace.log.size();
    all["experts"] = shape.experts;
    all["top_k"] = shape.experts_used;
    all["shared_experts"] = shape.shared_experts;
    all["missing"] = missingParts(shape);
    all["notes"] = trace.notes;
    const Repetition random = randomRepetition(shape.experts, shape.experts_used);
    all["random_repetition"] = {{"any", random.any}};
    if (shape.has_order) all["random_repetition"]["first"] = random.first;
    auto rows = ordered_json::array();
    for (const LayerFigures& f : layers) {
        ordered_json row = {{"layer", f.layer},
                            {"jain", f.jain},
                            {"max_violation", f.max_violation},
                            {"variation", f.variation},
                            {"entropy", f.entropy},
                            {"never_chosen", f.never_chosen},
                            {"top_expert", f.top_expert},
                            {"repetition_any", f.repeats.any}};
        if (shape.has_order) row["repetition_first"] = f.repeats.first;
        if (shape.has_probabilities) row["balance_loss_at_least"] = f.balance_loss;
        if (shape.has_probabilities && shape.has_runners_up) row["mean_margin"] = f.mean_margin;
        if (shape.has_norms) {
            row["shared_norm"] = f.norms.shared;
            row["routed_norm"] = f.norms.routed;
            row["shared_ratio"] = f.norms.ratio;
        }
        rows.push_back(std::move(row));
    }
    all["layers"] = std::move(rows);
    return all.dump(1) + "\n";
}

std::string cell(bool known, std::string text, int width) {
    return fmt::format("{:>{}}", known ? std::move(text) : "-", width);
}

std::string percent(double share) {
    return fmt::format("{:.1f} %", 100 * share);
}

std::string table(const Trace& trace, const std::string& name, const std::vector<LayerFigures>& layers) {
    const RoutingShape& shape = trace.log.shape();
    std::string text = fmt::format("{}: {}\n", harmless(name, true), describe(trace.log));
    if (const std::string missing = missingParts(shape); !missing.empty()) text += fmt::format("It has {}.\n", missing);
    for (const std::string& note : trace.notes) text += harmless(note, true) + "\n";
    text += "\nlayer   Jain  MaxVio     CV  entropy  never  top expert     repeats  first   margin  shared/routed\n";
    const auto row = [&](const std::string& head, const LayerFigures& f, const std::string& never,
                         const std::string& top) {
        text +=
            fmt::format("{:>5}  {:.3f}  {:6.2f}  {:5.2f}  {:7.3f}  {:>5}  {:>10}     {:>7}{}  {}  {}\n", head, f.jain,
                        f.max_violation, f.variation, f.entropy, never, top, percent(f.repeats.any),
                        cell(shape.has_order, percent(f.repeats.first), 7),
                        cell(shape.has_probabilities && shape.has_runners_up, fmt::format("{:.4f}", f.mean_margin), 7),
                        cell(shape.has_norms, fmt::format("{:.2f}", f.norms.ratio), 13));
    };
    LayerFigures mean;
    std::size_t never = 0;
    const double share = 1 / std::max(1.0, static_cast<double>(layers.size()));
    for (const LayerFigures& f : layers) {
        const auto top = static_cast<std::size_t>(f.top_expert);
        row(std::to_string(f.layer), f, std::to_string(f.never_chosen.size()),
            f.top_expert < 0 ? "-" : fmt::format("{}: {:.2f}x", f.top_expert, f.load[top] * shape.experts));
        mean.jain += f.jain * share;
        mean.max_violation += f.max_violation * share;
        mean.variation += f.variation * share;
        mean.entropy += f.entropy * share;
        mean.repeats.any += f.repeats.any * share;
        mean.repeats.first += f.repeats.first * share;
        mean.mean_margin += f.mean_margin * share;
        mean.norms.ratio += f.norms.ratio * share;
        never += f.never_chosen.size();
    }
    row("mean", mean, fmt::format("{:.1f}", static_cast<double>(never) * share), "");
    const Repetition random = randomRepetition(shape.experts, shape.experts_used);
    text += fmt::format(
        "\n"
        "Jain 1, MaxVio 0, CV 0 and entropy 1 are an even load. never: experts that no token "
        "chose. top expert: its load, in\n"
        "times an even share. repeats: neighboring tokens that share an expert (at random "
        "{}), or their first one ({}).\n"
        "margin: probability of the last chosen expert minus that of the next. "
        "shared/routed: ratio of the norms of outputs.\n",
        percent(random.any), percent(random.first));
    return text;
}

void run(const Options& options) {
    Trace trace = options.source.load();
    trace.log = ofPhase(std::move(trace.log), options.phase);
    if (trace.log.size() == 0) throw Failure{fmt::format("{} has no tokens to count.", options.source.name())};
    std::vector<LayerFigures> layers;
    for (int l = 0; l < trace.log.shape().moe_layers; ++l) layers.push_back(figuresOf(trace.log, l));
    writeOut(options.json ? json(trace, layers) : table(trace, options.source.name(), layers));
}

}  // namespace

void addTraceStats(CLI::App& trace) {
    CLI::App* command =
        trace.add_subcommand("stats", "How evenly the experts of each layer are used, and how tokens repeat");
    const auto options = std::make_shared<Options>();
    options->source.addTo(*command);
    command->add_option("--phase", options->phase, "Count tokens of the prompt, of the answer, or both")
        ->check(CLI::IsMember({"prefill", "decode", "both"}))
        ->capture_default_str();
    command->add_flag("--json", options->json,
                      "All figures as JSON; token_scores and gate_scores have the form of ESFT's summary.json");
    command->callback([options] { run(*options); });
}

}  // namespace moescope::cli
