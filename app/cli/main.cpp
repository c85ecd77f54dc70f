// moescope-cli: the engine from the command line. Exit code 0 only when it did what was asked; errors are one
// sentence on stderr.

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "app/cli/common.h"
#include "app/cli/reference.h"
#include "engine/base/process.h"
#include "engine/base/version.h"

namespace moescope::cli {
namespace {

int fail(const std::string& sentence, int code = 1) {
    if (!sentence.empty()) note("moescope-cli: " + sentence);
    return code;
}

void parse(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& e) {  // --help, --version
        app.exit(e);
        std::cout.flush();
    }
    // Flushed by a failed write or not, the reason is that of the last one.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) || !std::cout) throw outputFailure();
}

int run(int argc, char** argv) {
    Interrupts::install();
    CLI::App app{"Chat with DeepSeek MoE models and see which experts do the work.", "moescope-cli"};
    app.set_version_flag("--version", std::string("moescope-cli ") + programVersion());
    app.require_subcommand(1);
    addInfo(app);
    addTokenize(app);
    addChat(app);
    addHistory(app);
    addModels(app);
    addRun(app);
    addServe(app);
    addEval(app);
    addPerplexity(app);
    addExperiment(app);
    addTrace(app);
    addBench(app);
    try {
        // For the build and for shells, not for people: of no interest in --help.
        const std::string_view first = argc > 1 ? argv[1] : "";
        if (first == "manual") {
            writeOut(manual(app));
        } else if (first == "complete" && argc > 2) {  // after "--"
            writeOut(completions(app, {argv + 3, argv + argc}));
        } else {
            parse(app, argc, argv);
        }
        return 0;
    } catch (const CLI::ParseError& e) {
        return fail(fmt::format("{} (see moescope-cli --help)", e.what()), 2);
    } catch (const Failure& e) {
        return fail(e.message, e.exit_code);
    } catch (const std::system_error& e) {
        if (std::ferror(stdout)) {  // fmt::print throws it
            errno = e.code().value();
            const Failure failure = outputFailure();
            return fail(failure.message, failure.exit_code);
        }
        if (e.code() != std::errc::resource_unavailable_try_again) return fail(e.what());
        return fail(
            "The system gives this program no more threads or memory; close other programs, ask for fewer threads "
            "(--threads), or raise the limits (ulimit -u, ulimit -v).");
    }
}

}  // namespace
}  // namespace moescope::cli

int main(int argc, char** argv) {
    using moescope::cli::fail;
    moescope::prepareProcess();
    try {
        return moescope::cli::run(argc, argv);
    } catch (const std::bad_alloc&) {
        return fail("Memory ran out; close other programs, or choose a smaller context or a smaller model.");
    } catch (const std::exception& e) {
        return fail(e.what());
    }
}
