#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "app/cli/answering.h"
#include "app/cli/common.h"

namespace moescope::cli {
namespace {

/// Adds up the gates of the answer's tokens, to tell which experts carried most.
class GateTally : public RoutingSink {
public:
    explicit GateTally(const RoutingShape& shape)
        : m_shape(shape), m_mass(static_cast<std::size_t>(shape.moe_layers * shape.experts)) {}

    void onToken(const TokenRouting& token) override {
        if (token.phase != Phase::kDecode) return;
        ++m_tokens;
        for (std::size_t l = 0; l < token.layers.size(); ++l) {
            const LayerRouting& layer = token.layers[l];
            for (int i = 0; i < layer.count; ++i) {
                const auto slot = static_cast<std::size_t>(i);
                m_mass[l * static_cast<std::size_t>(m_shape.experts) + static_cast<std::size_t>(layer.experts[slot])] +=
                    layer.gates[slot];
            }
        }
    }

    /// "layer 3 expert 12 (0.41), ...": the experts with the largest mean gate.
    std::string leaders(std::size_t count) const {
        std::vector<std::size_t> order(m_mass.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        count = std::min(count, order.size());
        std::partial_sort(
            order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
            [&](std::size_t a, std::size_t b) { return m_mass[a] != m_mass[b] ? m_mass[a] > m_mass[b] : a < b; });
        std::string text;
        for (std::size_t i = 0; i < count && m_tokens > 0; ++i) {
            const int layer = m_shape.first_moe_layer + static_cast<int>(order[i]) / m_shape.experts;
            text += fmt::format("{}layer {} expert {} ({:.2f})", i ? ", " : "", layer,
                                static_cast<int>(order[i]) % m_shape.experts, m_mass[order[i]] / m_tokens);
        }
        return text;
    }

private:
    RoutingShape m_shape;
    std::vector<double> m_mass;  // (MoE layers, experts)
    int m_tokens = 0;
};

void printFigures(const Generation& answer, const GateTally& tally) {
    std::string line = fmt::format("{:.2f} s to the first token, {} tokens, {:.1f} tokens/s",
                                   answer.first_token_seconds, answer.tokens.size(), answer.tokensPerSecond());
    if (answer.reused_tokens > 0) {
        line += fmt::format(", {} of {} prompt tokens kept", answer.reused_tokens, answer.prompt_tokens);
    }
    if (answer.finish != FinishReason::kEndOfText)
        line += fmt::format(", ended by: {}", finishReasonName(answer.finish));
    fmt::print("\n[{}]\n", line);
    if (const std::string leaders = tally.leaders(3); !leaders.empty()) {
        fmt::print("[most gate went to: {}]\n", leaders);
    }
}

}  // namespace

void addChat(CLI::App& app) {
    CLI::App* command = app.add_subcommand("chat", "Hold a conversation in the terminal");
    struct Options {
        ComputeOptions compute;
        AnswerOptions answer;
        std::string system;
    };
    const auto options = std::make_shared<Options>();
    options->compute.addTo(*command);
    options->answer.addTo(*command);
    command->add_option("--system", options->system, "A system prompt");
    command->callback([options] {
        const auto model = loadModel(options->compute);
        const auto session = require(Session::create(model, options->compute.sessionOptions()));
        fmt::print("{} on {}. Ctrl+C stops an answer; /new starts over; /exit or Ctrl+D leaves.\n",
                   model->config().name.empty() ? model->path() : model->config().name, model->backend().name());
        std::vector<ChatMessage> messages;
        const auto restart = [&] {
            messages.clear();
            if (!options->system.empty()) messages.push_back({Role::kSystem, options->system});
        };
        restart();
        const bool terminal = isatty(STDIN_FILENO);
        for (std::string line;;) {
            fmt::print("\n> ");
            std::fflush(stdout);
            if (!std::getline(std::cin, line)) break;
            if (!terminal) fmt::print("{}\n", line);  // a transcript of piped input reads like a conversation
            if (line == "/exit" || line == "/quit") break;
            if (line == "/new") {
                restart();
                fmt::print("[a new conversation]\n");
                continue;
            }
            if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
            messages.push_back({Role::kUser, line});
            const auto prompt = model->chatTemplate().render(model->tokenizer(), messages, true).ids();
            if (prompt.size() >= static_cast<std::size_t>(session->context())) {
                fmt::print(stderr, "The conversation has {} tokens, and the context holds {}; /new starts over.\n",
                           prompt.size(), session->context());
                messages.pop_back();
                continue;
            }
            GateTally tally(model->config().routingShape());
            GenerationOptions generation = options->answer.generation();
            generation.sink = &tally;
            const Generation answer = answerOnTerminal(*session, prompt, generation);
            printFigures(answer, tally);
            // The template puts the blank that opens an answer itself.
            std::string text = answer.text;
            if (!text.empty() && text.front() == ' ') text.erase(0, 1);
            messages.push_back({Role::kAssistant, text});
        }
        fmt::print("\n");
    });
}

}  // namespace moescope::cli
