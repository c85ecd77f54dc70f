#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "app/cli/answering.h"
#include "app/cli/chat_history.h"
#include "app/cli/common.h"
#include "app/cli/history_access.h"
#include "engine/base/foreign_text.h"
#include "storage/exchange/transcript.h"

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

/// Passes each record on to two others.
class BothSinks : public RoutingSink {
public:
    BothSinks(RoutingSink& a, RoutingSink& b) : m_a(a), m_b(b) {}
    void onToken(const TokenRouting& token) override {
        m_a.onToken(token);
        m_b.onToken(token);
    }

private:
    RoutingSink &m_a, &m_b;
};

struct ChatOptions {
    ComputeOptions compute;
    AnswerOptions answer;
    std::string system, data_dir;
    std::int64_t continued = 0;  ///< a stored conversation; 0: a new one
    bool no_history = false;
};

/// The conversation on the terminal, and in the history.
class Chat {
public:
    explicit Chat(const ChatOptions& options);
    /// Reads questions until the end.
    void run();
    bool savedAll() { return m_history->savedAll(); }

private:
    void startNew();
    void resume(const StoredChat& chat);
    void ask(const std::string& question);
    /// Answers the last message.
    void answer(const std::vector<std::int32_t>& prompt);
    /// The conversation's tokens; none if they do not fit, which is said.
    std::vector<std::int32_t> prompt() const;
    void sayWhereKept() const;

    const ChatOptions& m_options;
    std::unique_ptr<ChatHistory> m_history;
    std::shared_ptr<Model> m_model;
    std::unique_ptr<Session> m_session;
    std::string m_model_name;
    std::vector<ChatMessage> m_messages;
};

Chat::Chat(const ChatOptions& options) : m_options(options) {
    // The history first: what is wrong with it is known before the model takes its time.
    m_history = options.no_history ? std::make_unique<ChatHistory>() : std::make_unique<ChatHistory>(options.data_dir);
    std::optional<StoredChat> stored;
    if (options.continued > 0) stored = m_history->resume(options.continued);
    m_model = loadModel(options.compute);
    m_session = require(Session::create(m_model, options.compute.sessionOptions()));
    options.answer.applyRules(*m_session);
    m_model_name = m_model->config().name.empty() ? m_model->path() : m_model->config().name;
    fmt::print("{} on {}. Ctrl+C stops an answer; /new starts over; /exit or Ctrl+D leaves.\n", m_model_name,
               m_model->backend().name());
    if (stored) {
        resume(*stored);
    } else {
        startNew();
    }
}

void Chat::startNew() {
    m_messages.clear();
    if (!m_options.system.empty()) m_messages.push_back({Role::kSystem, m_options.system});
    std::error_code error;
    const std::filesystem::path path = std::filesystem::absolute(m_options.compute.model, error);
    m_history->startNew(m_options.system, error ? m_options.compute.model : path.string());
}

void Chat::resume(const StoredChat& chat) {
    if (!chat.system_prompt.empty()) m_messages.push_back({Role::kSystem, chat.system_prompt});
    for (const Message& m : chat.branch) {
        m_messages.push_back({m.author == Author::kUser ? Role::kUser : Role::kAssistant, m.text});
    }
    fmt::print("[conversation {}: {}, {} messages]\n", m_options.continued, harmless(chat.title, true),
               chat.branch.size());
    if (chat.branch.empty() || chat.branch.back().author != Author::kUser) return;
    // The program ended before it could answer.
    const auto tokens = prompt();
    if (tokens.empty()) return;
    fmt::print("\n> {}\n", harmless(chat.branch.back().text, false));
    answer(tokens);
}

std::vector<std::int32_t> Chat::prompt() const {
    auto tokens = m_model->chatTemplate().render(m_model->tokenizer(), m_messages, true).ids();
    if (tokens.size() < static_cast<std::size_t>(m_session->context())) return tokens;
    fmt::print(stderr, "The conversation has {} tokens, and the context holds {}; /new starts over.\n", tokens.size(),
               m_session->context());
    return {};
}

void Chat::ask(const std::string& question) {
    m_messages.push_back({Role::kUser, question});
    const auto tokens = prompt();
    if (tokens.empty()) {
        m_messages.pop_back();
        return;
    }
    m_history->addQuestion(question);
    answer(tokens);
}

void Chat::answer(const std::vector<std::int32_t>& prompt) {
    const RoutingShape shape = m_model->config().routingShape();
    m_history->beginAnswer(m_model_name, m_options.answer.json(), shape, static_cast<int>(prompt.size()));
    GateTally tally(shape);
    BothSinks sinks(tally, *m_history);
    GenerationOptions generation = m_options.answer.generation();
    generation.sink = &sinks;
    generation.on_piece = [&](const GeneratedPiece& piece) { m_history->onPiece(piece); };
    const auto answer = answerOnTerminal(*m_session, prompt, generation);
    AnswerSummary summary;
    summary.prompt_tokens = static_cast<std::int32_t>(prompt.size());
    if (!answer.ok()) {
        m_history->endAnswer(answer.status().message(), summary);
        require(answer.status());
    }
    summary.first_token_seconds = answer->first_token_seconds;
    summary.tokens_per_second = answer->tokensPerSecond();
    m_history->endAnswer(std::string(finishReasonName(answer->finish)), summary);
    printFigures(*answer, tally);
    // The template puts the blank that opens an answer itself.
    std::string text = answer->text;
    if (!text.empty() && text.front() == ' ') text.erase(0, 1);
    m_messages.push_back({Role::kAssistant, text});
}

void Chat::sayWhereKept() const {
    if (m_history->conversation() != 0) fmt::print("[kept as conversation {}]\n", m_history->conversation());
}

void Chat::run() {
    const bool terminal = isatty(STDIN_FILENO);
    for (std::string line;;) {
        fmt::print("\n> ");
        std::fflush(stdout);
        if (!std::getline(std::cin, line)) break;
        if (!terminal) fmt::print("{}\n", line);  // a transcript of piped input reads like a conversation
        if (line == "/exit" || line == "/quit") break;
        if (line == "/new") {
            sayWhereKept();
            startNew();
            fmt::print("[a new conversation]\n");
            continue;
        }
        if (line.find_first_not_of(" \t\r") != std::string::npos) ask(validUtf8(line));
    }
    fmt::print("\n");
    sayWhereKept();
}

}  // namespace

void addChat(CLI::App& app) {
    CLI::App* command = app.add_subcommand("chat", "Hold a conversation in the terminal, and keep it in the history");
    command->footer(
        "The exit code is 1 if something of the conversation could not be saved; the reason is said on stderr when "
        "it happens, and the chat goes on.");
    const auto options = std::make_shared<ChatOptions>();
    options->compute.addTo(*command);
    options->answer.addTo(*command);
    auto* system = command->add_option("--system", options->system, "A system prompt");
    addDataDirOption(*command, options->data_dir);
    auto* continued =
        command->add_option("--continue", options->continued, "Go on with a conversation, as `history list` numbers it")
            ->check(CLI::PositiveNumber)
            ->excludes(system);
    command->add_flag("--no-history", options->no_history, "Keep nothing of it")->excludes(continued);
    command->callback([options] {
        Chat chat(*options);
        chat.run();
        if (!chat.savedAll()) throw Failure{""};
    });
}

}  // namespace moescope::cli
