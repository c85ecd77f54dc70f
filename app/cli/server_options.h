#pragma once
// A server that answers instead of a model of this machine.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "app/cli/common.h"
#include "app/remote/remote_answerer.h"

namespace moescope::cli {

struct ServerOptions {
    std::string url, model, key_file, ca_file;
    int experts = 0;
    bool open_key = false;

    /// `with_model`: also those that choose the model and say what is known of it.
    void addTo(CLI::App& command, bool with_model);
    bool used() const { return !url.empty(); }
    /// With the key out of its file. Throws Failure for what is no address, and where others could read the key on the
    /// way, unless the user said that they may.
    ServerAddress address() const;
};

/// Throws a usage error unless there is a model or a server, and not both.
void requireOneModel(const ComputeOptions& model, const ServerOptions& server);

/// Asks the server what it is, and says on stderr what there is to know of it.
std::unique_ptr<RemoteAnswerer> connectAnswerer(const ServerOptions& options);

/// `models --server`: the models that it has.
void listServer(const ServerOptions& options, bool json);

}  // namespace moescope::cli
