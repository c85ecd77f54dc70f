#include <fmt/format.h>

#include <optional>

#include "app/cli/answering.h"
#include "app/cli/common.h"
#include "app/cli/output.h"
#include "engine/routing/trace.h"

namespace moescope::cli {

void addRun(CLI::App& app) {
    CLI::App* command = app.add_subcommand("run", "Answer one prompt on stdout");
    struct Options {
        ComputeOptions compute;
        AnswerOptions answer;
        std::string prompt, system, trace, trace_format;
        bool raw = false;
    };
    const auto options = std::make_shared<Options>();
    options->compute.addTo(*command);
    options->answer.addTo(*command);
    command->add_option("--prompt", options->prompt, "The question")->required();
    command->add_option("--system", options->system, "A system prompt");
    command->add_flag("--raw", options->raw, "Continue the prompt as it is, without the chat template");
    command->add_option(
        "--trace", options->trace,
        "Write the routing of every token (.csv, .jsonl, .npz, .safetensors); with - it goes to stdout, "
        "and the answer to stderr");
    command->add_option("--trace-format", options->trace_format,
                        "route_trace, jsonl, npz, safetensors or npy (default: as the file's name ends)");
    command->callback([options] {
        TraceOptions trace;
        if (!options->trace_format.empty()) trace.format = require(parseTraceFormat(options->trace_format));
        if (!options->trace.empty()) {
            if (isStandardOutput(options->trace)) {
                if (!trace.format || trace.format == TraceFormat::kEsft) {
                    throw Failure{"--trace -: the name tells no format; choose one with --trace-format."};
                }
                refuseTerminal(options->trace,
                               trace.format == TraceFormat::kJsonl || trace.format == TraceFormat::kRouteTrace);
            }
            require(checkTracePath(options->trace, trace.format));
        }
        const auto model = loadModel(options->compute);
        const auto session = require(Session::create(model, options->compute.sessionOptions()));
        options->answer.settleFor(model->config());
        options->answer.applyRules(*session);
        std::vector<std::int32_t> prompt;
        if (options->prompt.empty()) throw Failure{"The prompt is empty; give at least one character."};
        if (options->raw) {
            prompt = rawPrompt(model->tokenizer(), options->prompt);
        } else {
            std::vector<ChatMessage> messages;
            if (!options->system.empty()) messages.push_back({Role::kSystem, options->system});
            messages.push_back({Role::kUser, options->prompt});
            prompt = model->chatTemplate().render(model->tokenizer(), messages, true).ids();
        }
        RoutingLog log(model->config().routingShape());
        GenerationOptions generation = options->answer.generation();
        if (!options->trace.empty()) generation.sink = &log;
        std::optional<StandardOutputKept> kept;
        kept.emplace(options->trace);
        const Generation answer = require(answerOnTerminal(*session, prompt, generation));
        fmt::print("\n");
        kept.reset();
        if (!options->trace.empty()) {
            trace.model = model->config().name;
            trace.architecture = model->config().architecture_name;
            trace.token_text = [&](std::int32_t id) { return std::string(model->tokenizer().bytes(id)); };
            require(writeTrace(options->trace, log, trace));
        }
        if (answer.finish == FinishReason::kContextFull) {
            note(
                fmt::format("moescope-cli: The answer ends where the context of {} tokens is full; choose a larger one "
                            "with --context.",
                            session->context()));
        }
        if (answer.finish == FinishReason::kStopped) throw Failure{"The answer was stopped.", kExitInterrupted};
    });
}

}  // namespace moescope::cli
