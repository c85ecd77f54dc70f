#pragma once
// Where the `trace` commands get routing from: a file of any format, a folder of ESFT's, or the history.

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "engine/routing/trace.h"

namespace moescope::cli {

/// Options that say what a file may not say itself.
struct TraceFileOptions {
    TraceReadOptions read;
    std::string format;

    void addTo(CLI::App& command);
    /// Throws Failure.
    Trace load(const std::string& path) const;
};

/// What stored answers tell of a trace's tokens beside their routing.
struct TraceWords {
    std::map<std::int32_t, std::string> texts;  ///< by id
    std::vector<TokenOdds> odds;                ///< of the log's tokens; those that are not known have none
};

struct TraceSource {
    std::string file;
    TraceFileOptions options;
    std::string data_dir;
    std::int64_t conversation = 0, message = 0;
    int answer = 0;  ///< of the conversation's shown branch, from 1; 0: all of them

    void addTo(CLI::App& command);
    /// Throws Failure. `words` receives what a stored answer tells of them.
    Trace load(TraceWords* words = nullptr) const;
    /// "law", "conversation 3, answer 1".
    std::string name() const;

private:
    Trace loadStored(TraceWords* words) const;
};

/// The last part of a path, of a folder too.
std::string traceName(const std::string& path);

/// "8,327".
std::string grouped(std::size_t number);

/// "8,327 tokens, layers 1 to 26, 64 experts, top 6".
std::string describe(const RoutingLog& log);

void addTraceStats(CLI::App& trace);
void addTracePlot(CLI::App& trace);

}  // namespace moescope::cli
