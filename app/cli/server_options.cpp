#include "app/cli/server_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/foreign_text.h"

namespace moescope::cli {

void ServerOptions::addTo(CLI::App& command, bool with_model) {
    auto* server =
        command.add_option("--server", url,
                           "Address of an OpenAI-compatible server (vLLM, SGLang, ...) that answers instead of "
                           "a model on this machine, such as http://127.0.0.1:8000");
    if (with_model) {
        command.add_option("--model", model, "The server's model (default: its only one)")->needs(server);
        command
            .add_option("--experts", experts,
                        "Routed experts per layer of its model (default: as many as the first answer names)")
            ->check(CLI::Range(1, 4096))
            ->needs(server);
    }
    command.add_option("--api-key-file", key_file, "File with the server's API key")->needs(server);
    command.add_option("--ca-file", ca_file, "Certificates (PEM) to trust instead of the system's")->needs(server);
    command.add_flag("--open-key", open_key, "Send the key over plain http to another machine as well")->needs(server);
}

ServerAddress ServerOptions::address() const {
    require(checkAddress(url));
    ServerAddress address{url, {}, ca_file};
    if (key_file.empty()) return address;
    std::string key = readFile(key_file);
    while (!key.empty() && (key.back() == '\n' || key.back() == '\r' || key.back() == ' ')) key.pop_back();
    const auto printable = [](unsigned char c) { return c > ' ' && c < 127; };
    if (key.empty() || !std::ranges::all_of(key, printable)) {
        throw Failure{fmt::format("{} contains no API key; expected one line.", quoted(key_file))};
    }
    address.key = std::move(key);
    if (address.isOpen() && !open_key) {
        throw Failure{
            fmt::format("The key would go to {} without encryption, where others can read it in transit; use "
                        "an https address or an SSH tunnel, or pass --open-key.",
                        address.host())};
    }
    return address;
}

void requireOneModel(const ComputeOptions& model, const ServerOptions& server) {
    if (model.model.empty() && !server.used()) throw CLI::RequiredError("MODEL or --server");
    if (!model.model.empty() && server.used()) throw CLI::ExcludesError("MODEL", "--server");
}

std::unique_ptr<RemoteAnswerer> connectAnswerer(const ServerOptions& options) {
    auto answerer = std::make_unique<RemoteAnswerer>(
        require(probe(options.address(), options.model, options.experts, Interrupts::begin())));
    note("moescope-cli: " + answerer->sentence());
    return answerer;
}

void listServer(const ServerOptions& options, bool json) {
    const Server server(options.address());
    const auto models = require(listModels(server, Interrupts::begin()));
    if (json) {
        auto entries = nlohmann::ordered_json::array();
        for (const ServedModel& model : models) {
            entries.push_back({{"id", model.id}, {"context", model.context}, {"owned_by", model.owner}});
        }
        return writeOut(entries.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    }
    std::string lines;
    for (const ServedModel& model : models) {
        lines += harmless(shortened(model.id), true);
        if (model.context > 0) lines += fmt::format("  context {}", model.context);
        if (!model.owner.empty()) lines += "  " + harmless(shortened(model.owner), true);
        lines += '\n';
    }
    writeOut(lines);
    if (models.empty()) note(fmt::format("{} has no models.", server.address().host()));
}

}  // namespace moescope::cli
