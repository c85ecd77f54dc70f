// `models list`: those on this machine.

#include "app/cli/models.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/cli/common.h"
#include "app/cli/server_options.h"
#include "app/models/model_search.h"
#include "engine/base/foreign_text.h"

namespace moescope::cli {
namespace {

struct ListOptions {
    std::vector<std::string> folders;
    int context = 0;
    bool json = false;
};

nlohmann::ordered_json describe(const FoundModel& model) {
    nlohmann::ordered_json entry = {{"path", model.path},
                                    {"place", model.place},
                                    {"name", model.name},
                                    {"type", model.type},
                                    {"file_bytes", model.file_bytes},
                                    {"files", model.files},
                                    {"license", model.license},
                                    {"runs", model.runs()}};
    if (!model.runs()) {
        entry["problem"] = model.problem;
        return entry;
    }
    entry["parameters"] = model.parameters;
    entry["active_parameters"] = model.active_parameters;
    entry["memory_bytes"] = model.memory_bytes;
    entry["context"] = model.context;
    entry["own_context"] = model.own_context;
    entry["fits"] = model.fits;
    return entry;
}

std::string line(const FoundModel& model) {
    std::string text =
        fmt::format("{}  {}  {}", harmless(shortened(model.name), true),
                    model.type.empty() ? "?" : harmless(shortened(model.type), true), bytesText(model.file_bytes));
    if (model.files > 1) text += fmt::format(" in {} files", model.files);
    if (model.runs()) {
        text += fmt::format("  needs {} with a context of {}, {}", bytesText(model.memory_bytes), model.context,
                            model.fits ? "fits" : "more than is free");
        if (!model.license.empty()) text += "  license: " + harmless(shortened(model.license), true);
    } else {
        text += "  cannot run: " + harmless(model.problem, true);
    }
    return fmt::format("{}\n    {}\n", text, harmless(model.path, true));
}

void list(const ListOptions& options) {
    std::vector<ModelPlace> places;
    for (const std::string& folder : options.folders) {
        std::error_code error;
        if (!std::filesystem::is_directory(folder, error)) {
            throw Failure{fmt::format("{}: this folder does not exist.", quoted(folder))};
        }
        places.push_back(placeAt(folder));
    }
    if (places.empty()) {
        places = knownPlaces();
        places.insert(places.begin(), {"Moescope", fetchFolder()});
    }
    LoadChoices choices;
    choices.context = options.context;
    const std::stop_token stop = Interrupts::begin();
    const FoundModels found = findModels(places, choices, stop);
    if (options.json) {
        auto entries = nlohmann::ordered_json::array();
        for (const FoundModel& model : found.models) entries.push_back(describe(model));
        writeOut(entries.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    } else {
        std::string lines;
        for (const FoundModel& model : found.models) lines += line(model);
        writeOut(lines);
        if (found.models.empty())
            note(
                "No models found. Name the folders where you keep models, or download one: "
                "moescope-cli models catalog");
    }
    for (const std::string& sentence : found.notes) note(sentence);
    if (stop.stop_requested()) throw Failure{"", kExitInterrupted};
}

void addList(CLI::App& models) {
    CLI::App* command =
        models.add_subcommand("list",
                              "Models on this machine: where LM Studio, Hugging Face, Ollama and llama.cpp keep "
                              "them, in Downloads, and those that this program downloaded");
    const auto options = std::make_shared<ListOptions>();
    command->add_option("FOLDER", options->folders, "Search these folders instead");
    command->add_option("-c,--context", options->context, "Positions in the context (default: the model's own)")
        ->check(CLI::Range(0, 1 << 22));
    command->add_flag("--json", options->json, "Print JSON");
    command->callback([options] { list(*options); });
}

}  // namespace

void addModels(CLI::App& app) {
    CLI::App* command = app.add_subcommand("models", "Models on this machine, to download, or on a server");
    command->require_subcommand(0, 1);
    struct Options {
        ServerOptions server;
        bool json = false;
    };
    const auto options = std::make_shared<Options>();
    options->server.addTo(*command, false);
    command->add_flag("--json", options->json, "Print JSON")->needs("--server");
    // Before a subcommand does anything.
    command->parse_complete_callback([command, options] {
        const bool chosen = !command->get_subcommands().empty();
        if (chosen == options->server.used()) throw CLI::RequiredError("One of list, catalog, get and --server");
    });
    command->callback([options] {
        if (options->server.used()) listServer(options->server, options->json);
    });
    addList(*command);
    addCatalog(*command);
    addGet(*command);
    addNeeds(*command);
    addPack(*command);
    addPacked(*command);
}

}  // namespace moescope::cli
