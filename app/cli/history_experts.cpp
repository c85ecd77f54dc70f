// `history experts`: the tokens that an expert took.

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "app/cli/common.h"
#include "app/cli/history_access.h"
#include "engine/base/foreign_text.h"

namespace moescope::cli {
namespace {

struct Options {
    std::string data_dir;
    RoutingQuery query;
    int limit = 50;
    bool json = false;
};

std::string lines(const RoutingHit& hit, bool marked) {
    std::string text =
        hit.index ? std::string() : fmt::format("token {} of the prompt, position {}", hit.token, hit.position);
    if (hit.index) {
        const auto part = [&](std::size_t begin, std::size_t end) {
            return harmless(std::string_view(hit.snippet).substr(begin, end - begin), true);
        };
        const std::string token = part(hit.begin, hit.end);
        text = part(0, hit.begin) + (marked ? "\033[7m" + token + "\033[27m" : "[" + token + "]") +
               part(hit.end, hit.snippet.size());
    }
    return fmt::format("{:>6}  {}\n        gate {:.3f}, rank {}: {}\n", hit.conversation, harmless(hit.title, true),
                       hit.gate, hit.rank, text);
}

nlohmann::ordered_json object(const RoutingHit& hit) {
    nlohmann::ordered_json entry = {{"id", hit.conversation},
                                    {"title", hit.title},
                                    {"message", hit.message},
                                    {"model", hit.model},
                                    {"token", hit.token},
                                    {"position", hit.position},
                                    {"phase", hit.written ? "decode" : "prefill"},
                                    {"gate", hit.gate},
                                    {"rank", hit.rank}};
    if (hit.index) {
        entry["index"] = *hit.index;
        entry["snippet"] = hit.snippet;
        entry["range"] = {hit.begin, hit.end};
    }
    return entry;
}

void run(const Options& options) {
    const auto history = openHistory(options.data_dir);
    const auto result = require(history->routingSearch(options.query, options.limit, Interrupts::begin()));
    if (options.json) {
        auto hits = nlohmann::ordered_json::array();
        for (const RoutingHit& hit : result.hits) hits.push_back(object(hit));
        const nlohmann::ordered_json all = {
            {"layer", options.query.layer}, {"expert", options.query.expert}, {"gate_above", options.query.gate_above},
            {"total", result.total},        {"complete", result.complete},    {"hits", std::move(hits)}};
        writeOut(all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    } else {
        const bool marked = isatty(STDOUT_FILENO);
        std::string out;
        for (const RoutingHit& hit : result.hits) out += lines(hit, marked);
        writeOut(out);
    }
    if (result.total == 0) note("Nothing was found.");
    const auto shown = static_cast<std::int64_t>(result.hits.size());
    if (result.total > shown) {
        note(fmt::format("{} of {} tokens are shown; --limit shows more.", shown, result.total));
    }
    if (result.unreadable > 0) {
        note(fmt::format("{} pieces of routing are damaged and were not searched.", result.unreadable));
    }
    if (!result.complete) throw Failure{"", kExitInterrupted};
}

}  // namespace

void addHistoryExperts(CLI::App& history) {
    CLI::App* command = history.add_subcommand("experts", "The tokens routed to an expert, in all chats");
    const auto options = std::make_shared<Options>();
    addDataDirOption(*command, options->data_dir);
    command->add_option("--layer", options->query.layer, "As the model numbers them: the dense layer is 0")->required();
    command->add_option("--expert", options->query.expert, "From 0")->required();
    command->add_option("--min-gate", options->query.gate_above, "Only gates above this (default: all)");
    command->add_option("--ranks", options->query.ranks, "Only where it is among the top N (default: any)")
        ->check(CLI::PositiveNumber);
    command->add_option("--model", options->query.model, "Only answers of the model with this name");
    command->add_flag("--prompts", options->query.prompts, "Include tokens of prompts, not only of answers");
    command->add_option("--limit", options->limit, "Maximum number of tokens shown")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_flag("--json", options->json, "Print JSON");
    command->callback([options] { run(*options); });
}

}  // namespace moescope::cli
