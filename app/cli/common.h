#pragma once
// What the commands share: options, loading with progress, interruption, errors.

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/chat/load_plan.h"
#include "engine/engine.h"

namespace moescope::cli {

/// Thrown by a command to end the program: main prints the sentence to stderr and exits with the code.
struct Failure {
    std::string message;  ///< "" if it has been said
    int exit_code = 1;
};

/// The exit code of a program that Ctrl+C stopped.
inline constexpr int kExitInterrupted = 130;
/// And of one whose output nobody reads.
inline constexpr int kExitBrokenPipe = 141;

void require(const Status& status);
template <class T>
T require(Result<T> result) {
    require(result.status());
    return std::move(*result);
}

/// An option whose values have names in a table. Refuses names that are not offered.
template <class T, class Name, class Parse>
CLI::Option* addChoice(CLI::App& command, const char* flag, T& value, std::initializer_list<T> offered, Name name,
                       Parse parse, const std::string& help) {
    std::vector<std::string> names;
    for (const T one : offered) names.emplace_back(name(one));
    const auto take = [&value, parse](const std::string& text) { value = parse(text).value_or(value); };
    return command.add_option_function<std::string>(flag, take, help)
        ->check(CLI::IsMember(names))
        ->default_str(std::string(name(value)));
}

/// Options of every command that computes.
struct ComputeOptions {
    std::string model;
    int threads = 0;
    int context = 0;
    int chunk = 512;
    KvType kv_type = KvType::kF16;
    std::string isa;
    DeviceChoice device;
    double gpu_memory = 0;  ///< bytes
    bool use_packed = true;

    void addTo(CLI::App& command, bool model_required = true);
    ModelOptions modelOptions() const;
    SessionOptions sessionOptions() const;
    LoadChoices loadChoices() const;
};

/// Loads with a progress bar on a terminal; Ctrl+C stops it. Says on stderr if a GPU is there and cannot be used.
std::shared_ptr<Model> loadModel(const ComputeOptions& options);
/// The same of a file that has been opened.
std::shared_ptr<Model> loadModel(ModelFile file, const ComputeOptions& options);

/// Redraws one line on stderr, if that is a terminal; erases it at the end.
class ProgressLine {
public:
    explicit ProgressLine(std::string what) : m_what(std::move(what)) {}
    ~ProgressLine() { clear(); }
    void update(double fraction);
    void clear();

private:
    std::string m_what;
    int m_shown = -1;  ///< per cent
};

/// Ctrl+C asks the current work to stop. Install one for the whole program before any thread starts.
class Interrupts {
public:
    /// Where the system gives no thread for it, Ctrl+C ends the program.
    static void install();
    /// A token that the next Ctrl+C stops; begins a new piece of work.
    static std::stop_token begin();
    /// Whether Ctrl+C has been pressed since begin().
    static bool interrupted();
};

/// Prints a line on stderr, with what could command a terminal taken out. If stderr cannot be written nobody is told.
void note(std::string_view line);

/// Writes to stdout, all of it and at once. Throws Failure if it cannot be written, which says nothing and has the code
/// of a broken pipe if nobody reads anymore.
void writeOut(std::string_view text);
/// What writeOut() throws, made of errno.
Failure outputFailure();

/// Reads a whole file; a sentence if it cannot.
std::string readFile(const std::string& path);

/// "1.73 GB", "12 MB", "512 bytes".
std::string bytesText(std::uint64_t bytes);

// One a command; each adds its subcommand to the program.
void addInfo(CLI::App& app);
void addTokenize(CLI::App& app);
void addChat(CLI::App& app);
void addHistory(CLI::App& app);
void addModels(CLI::App& app);
void addRun(CLI::App& app);
void addServe(CLI::App& app);
void addEval(CLI::App& app);
void addPerplexity(CLI::App& app);
void addExperiment(CLI::App& app);
void addTrace(CLI::App& app);
void addBench(CLI::App& app);

}  // namespace moescope::cli
