#include <fmt/format.h>

#include <condition_variable>
#include <mutex>

#include "app/cli/common.h"
#include "app/serve/api.h"
#include "app/serve/server.h"
#include "engine/base/foreign_text.h"

namespace moescope::cli {
namespace {

/// The first line of a file, without blanks around it.
std::string readKey(const std::string& path) {
    std::string key = readFile(path);
    key = key.substr(0, key.find('\n'));
    const std::size_t begin = key.find_first_not_of(" \t\r"), end = key.find_last_not_of(" \t\r");
    if (begin == std::string::npos) throw Failure{fmt::format("{}: the first line has no key.", path)};
    return key.substr(begin, end - begin + 1);
}

void waitFor(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait(lock, stop, [] { return false; });
}

}  // namespace

void addServe(CLI::App& app) {
    CLI::App* command = app.add_subcommand(
        "serve", "Let other programs use the model: an OpenAI-compatible server that also returns the routing");
    struct Options {
        ComputeOptions compute;
        serve::ListenAddress address;
        std::string key_file;
        int parallel = 1;
    };
    const auto options = std::make_shared<Options>();
    options->compute.addTo(*command);
    command
        ->add_option("--host", options->address.host,
                     "The address to listen on; one that other machines can reach requires a key")
        ->capture_default_str();
    command->add_option("--port", options->address.port, "0: any free port")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    command->add_option("--api-key-file", options->key_file,
                        "A file whose first line is the key that every request must send");
    command
        ->add_option("--parallel", options->parallel,
                     "Requests answered at the same time, each with its own context in memory")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command->callback([options] {
        serve::ApiOptions api_options;
        api_options.session = options->compute.sessionOptions();
        api_options.sessions = options->parallel;
        api_options.access.address = require(serve::numericAddress(options->address.host));
        if (!options->key_file.empty()) api_options.access.key = readKey(options->key_file);
        if (api_options.access.key.empty() && !serve::isLoopback(api_options.access.address)) {
            throw Failure{
                fmt::format("With --host {} other machines could use this model; give a key with --api-key-file.",
                            options->address.host)};
        }
        const auto model = loadModel(options->compute);
        const auto api = require(serve::Api::create(model, api_options));
        const std::stop_token stop = Interrupts::begin();
        const auto server = require(serve::Server::start(options->address, *api));
        writeOut(fmt::format("{} is served at {}/v1 (context {}, {} at a time). Ctrl+C stops the server.\n",
                             quoted(api->served().name), server->url(), api->served().context, options->parallel));
        waitFor(stop);
    });
}

}  // namespace moescope::cli
