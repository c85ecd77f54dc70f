#include <fmt/format.h>

#include "app/cli/answering.h"
#include "app/cli/common.h"
#include "engine/routing/trace.h"

namespace moescope::cli {

void addRun(CLI::App& app) {
    CLI::App* command = app.add_subcommand("run", "Answer one prompt on stdout");
    struct Options {
        ComputeOptions compute;
        AnswerOptions answer;
        std::string prompt, system, trace;
        bool raw = false;
    };
    const auto options = std::make_shared<Options>();
    options->compute.addTo(*command);
    options->answer.addTo(*command);
    command->add_option("--prompt", options->prompt, "The question")->required();
    command->add_option("--system", options->system, "A system prompt");
    command->add_flag("--raw", options->raw, "Continue the prompt as it is, without the chat template");
    command->add_option("--trace", options->trace,
                        "Write the routing of every token (.csv, .jsonl, .npz, .safetensors)");
    command->callback([options] {
        if (!options->trace.empty()) require(checkTracePath(options->trace));
        const auto model = loadModel(options->compute);
        const auto session = require(Session::create(model, options->compute.sessionOptions()));
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
        const Generation answer = require(answerOnTerminal(*session, prompt, generation));
        fmt::print("\n");
        if (!options->trace.empty()) {
            TraceOptions trace;
            trace.model = model->config().name;
            trace.architecture = model->config().architecture_name;
            trace.token_text = [&](std::int32_t id) { return std::string(model->tokenizer().bytes(id)); };
            require(writeTrace(options->trace, log, trace));
        }
        if (answer.finish == FinishReason::kStopped) throw Failure{"The answer was stopped.", kExitInterrupted};
    });
}

}  // namespace moescope::cli
