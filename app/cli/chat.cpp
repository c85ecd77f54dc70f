#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "app/cli/answering.h"
#include "app/cli/chat_history.h"
#include "app/cli/common.h"
#include "app/cli/history_access.h"
#include "app/cli/questions.h"
#include "engine/base/data_dir.h"
#include "engine/base/foreign_text.h"
#include "engine/text/turn_window.h"
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
    line = "\n[" + line + "]\n";
    if (const std::string leaders = tally.leaders(3); !leaders.empty()) {
        line += fmt::format("[most gate went to: {}]\n", leaders);
    }
    writeOut(line);
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
    explicit Chat(ChatOptions options);
    /// Reads questions until the end. False: of a list of questions some were not answered, which has been said.
    bool run();
    bool savedAll() { return m_history->savedAll(); }

private:
    void startNew();
    void resume(const StoredChat& chat);
    void ask(const std::string& question);
    /// Does what "/help" lists. False: to be left.
    bool obey(const std::string& command);
    /// Answers the last message.
    void answer(const std::vector<std::int32_t>& prompt);
    /// The conversation's tokens from `first_message` on, after the system prompt.
    std::vector<std::int32_t> render(std::size_t first_message) const;
    /// The conversation's tokens; none if they do not fit, which is said. May leave out the oldest turns.
    std::vector<std::int32_t> prompt();
    void sayWhereKept() const;
    /// Where what is typed is kept; empty: nowhere.
    std::string typedFile() const;

    ChatOptions m_options;
    std::unique_ptr<ChatHistory> m_history;
    std::shared_ptr<Model> m_model;
    std::unique_ptr<Session> m_session;
    std::string m_model_name;
    std::vector<ChatMessage> m_messages;
    std::size_t m_first_turn = 0;  // of the last prompt
    bool m_refused = false;        // a question, or a command
};

constexpr std::string_view kCommands = "/new starts a new conversation, /exit or /quit leaves, /help shows this";

/// Whether the first word is a slash and letters: "/etc/hosts" is no command, nor is " /new".
bool isCommand(std::string_view line) {
    if (!line.starts_with('/')) return false;
    const std::string_view word = line.substr(1, line.find(' ') - 1);
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return !word.empty() && std::ranges::all_of(word, letter);
}

Chat::Chat(ChatOptions given) : m_options(std::move(given)) {
    const ChatOptions& options = m_options;
    // The history first: what is wrong with it is known before the model takes its time.
    m_history = options.no_history ? std::make_unique<ChatHistory>() : std::make_unique<ChatHistory>(options.data_dir);
    std::optional<StoredChat> stored;
    if (options.continued > 0) stored = m_history->resume(options.continued);
    m_model = loadModel(options.compute);
    m_options.answer.settleFor(m_model->config());
    m_session = require(Session::create(m_model, options.compute.sessionOptions()));
    m_options.answer.applyRules(*m_session);
    m_model_name = m_model->config().name.empty() ? m_model->path() : m_model->config().name;
    for (const std::string& ignored : m_model->tokenizer().notes()) note("moescope-cli: " + ignored);
    if (const auto said = m_model->chatTemplate().note(); !said.empty()) note(fmt::format("moescope-cli: {}", said));
    writeOut(
        fmt::format("{} on {}. Ctrl+C stops an answer; /new starts over; /exit or Ctrl+D leaves; /help says more.\n",
                    harmless(m_model_name, true), m_model->backend().name()));
    if (stored) {
        resume(*stored);
    } else {
        startNew();
    }
}

void Chat::startNew() {
    m_messages.clear();
    m_first_turn = 0;
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
    writeOut(fmt::format("[conversation {}: {}, {} messages]\n", m_options.continued, harmless(chat.title, true),
                         chat.branch.size()));
    if (chat.branch.empty() || chat.branch.back().author != Author::kUser) return;
    // The program ended before it could answer.
    const auto tokens = prompt();
    if (tokens.empty()) return;
    writeOut(fmt::format("\n> {}\n", harmless(chat.branch.back().text, false)));
    answer(tokens);
}

std::vector<std::int32_t> Chat::render(std::size_t first_message) const {
    std::vector<ChatMessage> messages;
    if (!m_messages.empty() && m_messages[0].role == Role::kSystem && first_message > 0) {
        messages.push_back(m_messages[0]);
    }
    messages.insert(messages.end(), m_messages.begin() + static_cast<std::ptrdiff_t>(first_message), m_messages.end());
    return m_model->chatTemplate().render(m_model->tokenizer(), messages, true).ids();
}

std::vector<std::int32_t> Chat::prompt() {
    const bool drop = m_options.answer.settings.context_policy == ContextPolicy::kDropOldest;
    std::vector<std::size_t> starts = {0};  // messages that prompts may begin with
    for (std::size_t i = 1; drop && i < m_messages.size(); ++i) {
        if (m_messages[i].role == Role::kUser && m_messages[i - 1].role != Role::kSystem) starts.push_back(i);
    }
    const int context = m_session->context();
    // As much is kept free for the answer as the window keeps.
    const int reserve = drop ? std::min(m_options.answer.settings.max_tokens, std::max(16, context / 4)) : 1;
    TurnWindow window{starts.size(), m_first_turn, static_cast<std::size_t>(std::max(0, context - reserve))};

    std::vector<std::int32_t> ids;
    std::size_t rendered = SIZE_MAX, least = 0;
    bool exact = false;
    const auto first = firstTurn(window, [&](std::size_t turn) {
        std::size_t bytes = 0;
        for (std::size_t i = starts[turn]; i < m_messages.size(); ++i) bytes += m_messages[i].text.size();
        // Megabytes are not encoded only to learn that they do not fit.
        least = m_model->tokenizer().leastTokens(bytes);
        exact = least <= window.room;
        if (!exact) return least;
        ids = render(starts[turn]);
        rendered = turn;
        return least = ids.size();
    });
    if (!first) {
        note(
            fmt::format("moescope-cli: The conversation has {}{} tokens, and the context holds {}{}; shorten the "
                        "question, choose a larger context, or start over with /new.",
                        exact ? "" : "at least ", least, context,
                        reserve > 1 ? fmt::format(" with {} kept free for the answer", reserve) : ""));
        m_refused = true;
        return {};
    }
    if (rendered != *first) ids = render(starts[*first]);
    if (*first > m_first_turn) {
        note(fmt::format("[the context is full: the oldest {} of {} questions are left out from now on]", *first,
                         starts.size()));
    }
    m_first_turn = *first;
    return ids;
}

void Chat::ask(const std::string& question) {
    m_history->addQuestion(question);  // whatever becomes of it
    m_messages.push_back({Role::kUser, question});
    const auto tokens = prompt();
    if (!tokens.empty()) return answer(tokens);
    m_messages.pop_back();
    m_history->setQuestionAside();
}

void Chat::answer(const std::vector<std::int32_t>& prompt) {
    const RoutingShape shape = m_model->config().routingShape();
    m_history->beginAnswer(m_model_name, m_options.answer.settings.toJson(), shape, static_cast<int>(prompt.size()));
    GateTally tally(shape);
    BothSinks sinks(tally, *m_history);
    GenerationOptions generation = m_options.answer.generation();
    generation.sink = &sinks;
    generation.on_piece = [&](const GeneratedPiece& piece) { m_history->onPiece(piece); };
    const auto answer = answerOnTerminal(*m_session, prompt, generation);
    AnswerSummary summary;
    summary.prompt_tokens = static_cast<std::int32_t>(prompt.size());
    if (!answer.ok()) {
        m_history->endAnswer({FinishReason::kError, answer.status().message()}, summary);
        require(answer.status());
    }
    summary.first_token_seconds = answer->first_token_seconds;
    summary.tokens_per_second = answer->tokensPerSecond();
    m_history->endAnswer({answer->finish, {}}, summary);
    printFigures(*answer, tally);
    // The template puts the blank that opens an answer itself.
    std::string text = answer->text;
    if (!text.empty() && text.front() == ' ') text.erase(0, 1);
    m_messages.push_back({Role::kAssistant, text});
}

void Chat::sayWhereKept() const {
    if (m_history->conversation() != 0) writeOut(fmt::format("[kept as conversation {}]\n", m_history->conversation()));
}

std::string Chat::typedFile() const {
    if (m_options.no_history) return {};
    const auto folder = prepareDataDir(m_options.data_dir);
    return folder.ok() ? *folder + "/typed-questions" : std::string();
}

bool Chat::obey(const std::string& line) {
    const std::string command = line.substr(0, line.find(' '));
    if (command == "/exit" || command == "/quit") return false;
    if (command == "/new") {
        sayWhereKept();
        startNew();
        writeOut("[a new conversation]\n");
    } else if (command == "/help") {
        writeOut(fmt::format(
            "[{}. Ctrl+C stops an answer, Ctrl+D leaves. Alt+Enter, or a backslash at the end of a line, begins\n"
            "another line; what is pasted is one question. A blank before a slash makes it a question.]\n",
            kCommands));
    } else {
        note(fmt::format("moescope-cli: There is no command {}: {}.", quoted(command), kCommands));
        m_refused = true;
    }
    return true;
}

bool Chat::run() {
    Questions questions(typedFile());
    while (const auto question = questions.next()) {
        if (isCommand(*question)) {
            if (!obey(*question)) break;
        } else if (question->find_first_not_of(" \t\r\n") != std::string::npos) {
            ask(*question);
        }
    }
    writeOut("\n");
    sayWhereKept();
    // Somebody at a terminal has seen what was refused.
    return questions.typed() || !m_refused;
}

}  // namespace

void addChat(CLI::App& app) {
    CLI::App* command = app.add_subcommand("chat", "Hold a conversation in the terminal, and keep it in the history");
    command->footer(
        "A line is a question. At a terminal Alt+Enter, or a backslash at the end of a line, begins another line, and "
        "what is pasted is one question; /help lists the commands. What is typed there is kept for the up key in the "
        "data folder (typed-questions), unless --no-history is given.\n"
        "The exit code is 1 if something of the conversation could not be saved, or a question that was not typed at a "
        "terminal could not be answered; the reason is said on stderr when it happens, and the chat goes on.");
    const auto options = std::make_shared<ChatOptions>();
    options->compute.addTo(*command);
    options->answer.addTo(*command);
    auto* system = command->add_option("--system", options->system, "A system prompt");
    addChoice(*command, "--context-policy", options->answer.settings.context_policy,
              {ContextPolicy::kStop, ContextPolicy::kDropOldest}, contextPolicyName, parseContextPolicy,
              "When a conversation no longer fits the context: say so (stop), or leave the oldest turns out");
    addDataDirOption(*command, options->data_dir);
    auto* continued =
        command->add_option("--continue", options->continued, "Go on with a conversation, as `history list` numbers it")
            ->check(CLI::PositiveNumber)
            ->excludes(system);
    command->add_flag("--no-history", options->no_history, "Keep nothing of it")->excludes(continued);
    command->callback([options] {
        Chat chat(*options);
        const bool answered_all = chat.run();
        if (!chat.savedAll() || !answered_all) throw Failure{""};
    });
}

}  // namespace moescope::cli
