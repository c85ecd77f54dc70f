#pragma once
// The commands below `models`.

#include <CLI/CLI.hpp>
#include <string>

namespace moescope::cli {

void addCatalog(CLI::App& models);
void addGet(CLI::App& models);
void addNeeds(CLI::App& models);
void addPack(CLI::App& models);
void addPacked(CLI::App& models);

/// Where models that were fetched are kept unless someone says otherwise.
std::string fetchFolder();

}  // namespace moescope::cli
