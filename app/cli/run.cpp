#include <fmt/format.h>

#include <optional>

#include "app/cli/answering.h"
#include "app/cli/common.h"
#include "app/cli/output.h"
#include "app/cli/server_options.h"
#include "engine/routing/trace.h"

namespace moescope::cli {
namespace {

/// With its records, if they are wanted.
class TracedAnswer : public TerminalObserver {
public:
    explicit TracedAnswer(RoutingSink* sink) : m_sink(sink) {}
    bool wantsRouting() const override { return m_sink != nullptr; }
    void onToken(const TokenRouting& token) override {
        if (m_sink) m_sink->onToken(token);
    }

private:
    RoutingSink* m_sink;
};

}  // namespace

void addRun(CLI::App& app) {
    CLI::App* command = app.add_subcommand("run", "Answer one prompt on stdout");
    struct Options {
        ComputeOptions compute;
        ServerOptions server;
        AnswerOptions answer;
        std::string prompt, system, trace, trace_format;
        bool raw = false;
    };
    const auto options = std::make_shared<Options>();
    options->compute.addTo(*command, false);
    options->server.addTo(*command, true);
    options->answer.addTo(*command);
    command->add_option("--prompt", options->prompt, "The question")->required();
    command->add_option("--system", options->system, "A system prompt");
    command->add_flag("--raw", options->raw, "Continue the prompt as it is, without the chat template");
    command->add_option(
        "--trace", options->trace,
        "Write the routing of every token (.csv, .jsonl, .npz, .safetensors); with - it goes to stdout, "
        "and the answer to stderr");
    command->add_option("--trace-format", options->trace_format,
                        "route_trace, jsonl, npz, safetensors or npy (default: by the file's extension)");
    command->callback([options] {
        requireOneModel(options->compute, options->server);
        TraceOptions trace;
        if (!options->trace_format.empty()) trace.format = require(parseTraceFormat(options->trace_format));
        if (!options->trace.empty()) {
            if (isStandardOutput(options->trace)) {
                if (!trace.format || trace.format == TraceFormat::kEsft) {
                    throw Failure{
                        "--trace -: stdout has no extension that tells the format; choose one with --trace-format."};
                }
                refuseTerminal(options->trace,
                               trace.format == TraceFormat::kJsonl || trace.format == TraceFormat::kRouteTrace);
            }
            require(checkTracePath(options->trace, trace.format));
        }
        std::unique_ptr<Answerer> answerer;
        std::shared_ptr<const Model> model;  // null: a server's
        if (options->server.used()) {
            auto remote = connectAnswerer(options->server);
            options->answer.settleFor(*remote);
            answerer = std::move(remote);
        } else {
            auto local = loadAnswerer(options->compute);
            options->answer.settleFor(*local->model());
            model = local->model();
            answerer = std::move(local);
        }
        const AnswererAbilities& can = answerer->info().abilities;
        if (options->raw && !can.raw_prompts) throw Failure{"--raw: this server supports chats only."};
        if (!options->trace.empty() && can.routing == RoutingDetail::kNone) {
            throw Failure{"--trace: this server does not say which experts ran."};
        }
        if (options->prompt.empty()) throw Failure{"The prompt is empty; give at least one character."};
        AnswerRequest request;
        request.turns.emplace_back().text = options->prompt;
        request.system_prompt = options->system;
        request.settings = options->answer.settings;
        request.reserve = 0;  // an answer of a token is one
        request.raw = options->raw;
        RoutingLog log(answerer->info().shape);
        TracedAnswer observer(options->trace.empty() ? nullptr : &log);
        std::optional<StandardOutputKept> kept;
        kept.emplace(options->trace);
        const AnswerEnd answer = answerOnTerminal(*answerer, request, observer);
        if (answer.overflow) {
            throw Failure{fmt::format(
                "The prompt has {}{} tokens, but the context holds {}. Shorten the text, or choose a "
                "larger context with --context.",
                answer.overflow->exact ? "" : "at least ", answer.overflow->tokens, answer.overflow->context)};
        }
        if (answer.finish == FinishReason::kError) require(Status(answer.code, answer.error));
        fmt::print("\n");
        kept.reset();
        if (!options->trace.empty()) {
            trace.model = model ? model->config().name : answerer->info().model_name;
            if (model) {
                trace.architecture = model->config().architecture_name;
                trace.token_text = [&](std::int32_t id) { return std::string(model->tokenizer().bytes(id)); };
            }
            require(writeTrace(options->trace, log, trace));
        }
        if (answer.finish == FinishReason::kContextFull) {
            note(
                fmt::format("moescope-cli: The answer ends because the context of {} tokens is full; choose a "
                            "larger one with --context.",
                            answerer->info().context));
        }
        if (answer.finish == FinishReason::kConnectionLost) throw Failure{"The answer was cut off."};
        if (answer.finish == FinishReason::kStopped) throw Failure{"The answer was stopped.", kExitInterrupted};
    });
}

}  // namespace moescope::cli
