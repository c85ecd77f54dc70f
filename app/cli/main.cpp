// moescope-cli: the engine from the command line. Exit code 0 only when it did what was asked; errors are one
// sentence on stderr.

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "app/cli/common.h"

int main(int argc, char** argv) {
    using namespace moescope::cli;
    Interrupts::install();
    // A limit of file sizes is an error of writing like a full disk, said in a sentence; unhandled, the signal kills.
    std::signal(SIGXFSZ, SIG_IGN);
    CLI::App app{"Chat with DeepSeek MoE models and see which experts do the work.", "moescope-cli"};
    app.set_version_flag("--version", "moescope-cli " MOESCOPE_VERSION);
    app.require_subcommand(1);
    addInfo(app);
    addTokenize(app);
    addChat(app);
    addHistory(app);
    addRun(app);
    addEval(app);
    addPerplexity(app);
    addExperiment(app);
    addTrace(app);
    addBench(app);
    try {
        app.parse(argc, argv);
        if (std::fflush(stdout) != 0 || std::ferror(stdout))
            throw Failure{"Writing the output failed; is the disk full?"};
        return 0;
    } catch (const CLI::Success& e) {  // --help, --version
        return app.exit(e);
    } catch (const CLI::ParseError& e) {
        fmt::print(stderr, "moescope-cli: {} (see moescope-cli --help)\n", e.what());
        return 2;
    } catch (const Failure& e) {
        if (!e.message.empty()) fmt::print(stderr, "moescope-cli: {}\n", e.message);
        return e.exit_code;
    } catch (const std::bad_alloc&) {
        fmt::print(stderr, "moescope-cli: Memory ran out; close other programs or choose a smaller context.\n");
        return 1;
    } catch (const std::exception& e) {
        fmt::print(stderr, "moescope-cli: {}\n", e.what());
        return 1;
    }
}
