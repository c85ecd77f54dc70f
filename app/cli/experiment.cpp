#include "engine/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "app/cli/common.h"
#include "app/cli/history_access.h"

namespace moescope::cli {
namespace {

struct Options {
    ComputeOptions compute;
    std::string file, data_dir, figure = "mask";
    std::int64_t conversation = 0;
    bool json = false, csv = false;
};

void print(const Options& options, const std::vector<ExperimentPoint>& points) {
    if (options.csv) {
        fmt::print("{}", experimentCsv(points));
        return;
    }
    if (options.json) {
        auto list = nlohmann::ordered_json::array();
        for (const ExperimentPoint& p : points) {
            list.push_back({{"setting", p.setting.label},
                            {"x", p.setting.x},
                            {"reference", p.setting.reference},
                            {"nats_per_token", p.loss.mean()},
                            {"bits_per_token", p.loss.bits()},
                            {"tokens", p.loss.tokens}});
        }
        fmt::print("{}\n", nlohmann::ordered_json{{"figure", options.figure}, {"points", list}}.dump(2));
        return;
    }
    fmt::print("{:<32}  {:>12}  {:>12}\n", "setting", "nats/token", "bits/token");
    for (const ExperimentPoint& p : points) {
        fmt::print("{:<32}  {:>12.5f}  {:>12.5f}{}\n", p.setting.label, p.loss.mean(), p.loss.bits(),
                   p.setting.own ? "  the unmodified model" : "");
    }
}

/// The branch of a stored conversation that is shown.
std::vector<ChatMessage> readConversation(const Options& options) {
    const auto history = openHistory(options.data_dir);
    const Conversation conversation = require(history->conversation(options.conversation));
    std::map<std::int64_t, Message> messages;
    for (Message& m : require(history->messages(options.conversation))) messages.emplace(m.id, std::move(m));
    std::vector<ChatMessage> branch;
    for (auto at = conversation.leaf; at && messages.contains(*at); at = messages.at(*at).parent) {
        const Message& m = messages.at(*at);
        branch.push_back({m.author == Author::kUser ? Role::kUser : Role::kAssistant, m.text});
    }
    if (!conversation.system_prompt.empty()) branch.push_back({Role::kSystem, conversation.system_prompt});
    std::reverse(branch.begin(), branch.end());
    return branch;
}

void run(const Options& options) {
    if (options.file.empty() == (options.conversation == 0))
        throw CLI::RequiredError("either --file or --conversation");
    std::string text;
    std::vector<ChatMessage> messages;
    if (options.conversation != 0) {
        messages = readConversation(options);
    } else {
        text = readFile(options.file);
    }
    const auto model = loadModel(options.compute);
    const auto session = require(Session::create(model, options.compute.sessionOptions()));
    const ScoredText scored =
        options.conversation != 0 ? ScoredText::answers(*model, messages) : ScoredText::whole(model->tokenizer(), text);
    const auto settings =
        experimentSettings(options.figure == "mask" ? ExperimentFigure::kMaskedTop : ExperimentFigure::kActiveExperts,
                           model->config().routingShape());
    ExperimentOptions experiment;
    experiment.stop = Interrupts::begin();
    ProgressLine line("Computing");
    experiment.progress = [&](double fraction) { line.update(fraction); };
    const auto points = require(runExperiment(*session, scored, settings, experiment));
    line.clear();
    print(options, points);
}

}  // namespace

void addExperiment(CLI::App& app) {
    CLI::App* command = app.add_subcommand(
        "experiment", "Loss of a text under different router rules: figures 4 and 5 of the DeepSeekMoE paper");
    const auto options = std::make_shared<Options>();
    options->compute.addTo(*command);
    auto* file = command->add_option("--file", options->file, "A text file; all of its tokens count");
    command
        ->add_option("--conversation", options->conversation,
                     "A stored chat, by its number in `history list`; its answers count")
        ->check(CLI::PositiveNumber)
        ->excludes(file);
    addDataDirOption(*command, options->data_dir);
    command
        ->add_option("--figure", options->figure,
                     "mask: each token's best experts are masked, in sixteenths; active: different numbers of experts")
        ->check(CLI::IsMember({"mask", "active"}))
        ->capture_default_str();
    auto* json = command->add_flag("--json", options->json, "Print JSON");
    command->add_flag("--csv", options->csv, "Print CSV")->excludes(json);
    command->callback([options] { run(*options); });
}

}  // namespace moescope::cli
