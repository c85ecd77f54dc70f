#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "app/cli/answering.h"
#include "app/cli/chat_history.h"
#include "app/cli/common.h"
#include "app/cli/history_access.h"
#include "app/cli/questions.h"
#include "app/cli/server_options.h"
#include "engine/base/data_dir.h"
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
        if (token.phase != Phase::kDecode || !m_shape.has_gates) return;
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

void printFigures(const AnswerEnd& answer, const GateTally& tally) {
    std::string line =
        fmt::format("{:.2f} s to the first token, {} tokens, {:.1f} tokens/s",
                    std::max(0.0, answer.first_token_seconds), answer.answer_tokens, answer.tokens_per_second);
    if (answer.reused_tokens > 0) {
        line += fmt::format(", {} of {} prompt tokens reused", answer.reused_tokens, answer.prompt_tokens);
    }
    if (answer.finish != FinishReason::kEndOfText)
        line += fmt::format(", ended by: {}", finishReasonName(answer.finish));
    line = "\n[" + line + "]\n";
    if (const std::string leaders = tally.leaders(3); !leaders.empty()) {
        line += fmt::format("[top experts by gate: {}]\n", leaders);
    }
    writeOut(line);
}

struct ChatOptions {
    ComputeOptions compute;
    ServerOptions server;
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
    /// Loads the model, or asks the server. Gives what computes, to be shown.
    std::string prepare();
    void startNew();
    void resume(const StoredChat& chat);
    void ask(const std::string& question);
    /// Does what "/help" lists. False: to be left.
    bool obey(const std::string& command);
    /// Answers the last turn. False: the conversation does not fit the context, which has been said.
    bool answer();
    void sayTooLong(const ContextOverflow& overflow);
    /// What the next message is called until the history calls it otherwise.
    std::int64_t localId() { return --m_last_local; }
    void sayWhereKept() const;
    /// Where what is typed is kept; empty: nowhere.
    std::string typedFile() const;

    ChatOptions m_options;
    std::unique_ptr<ChatHistory> m_history;
    std::unique_ptr<Answerer> m_answerer;
    AnswerRequest m_request;       // with the conversation so far
    std::size_t m_first_turn = 0;  // of the last prompt
    std::int64_t m_last_local = 0;
    bool m_refused = false;  // a question, or a command
};

/// An answer on the terminal and on its way to the history.
class ChatAnswer : public TerminalObserver {
public:
    ChatAnswer(ChatHistory& history, const AnswererInfo& by, const AnswerRequest& request, std::size_t& first_turn,
               std::int64_t local_id)
        : m_history(history),
          m_by(by),
          m_request(request),
          m_first_turn(first_turn),
          m_id(local_id),
          m_tally(by.shape) {}

    Result<std::int64_t> onBegin(const AnswerBegin& begin) override {
        if (begin.first_turn > m_first_turn) sayLeftOut(begin.first_turn);
        m_first_turn = begin.first_turn;
        if (const auto shown = TerminalObserver::onBegin(begin); !shown.ok()) return shown;
        if (const std::int64_t kept = m_history.beginAnswer(m_by, m_request, begin); kept != 0) m_id = kept;
        return m_id;
    }
    void onToken(const TokenRouting& token) override {
        m_tally.onToken(token);
        m_history.onToken(token);
    }
    void onPiece(const AnswerPiece& piece) override {
        m_text += piece.text;
        m_history.onPiece(piece);  // before it is shown: what is seen is kept, also if showing fails
        TerminalObserver::onPiece(piece);
    }

    std::int64_t id() const { return m_id; }
    const std::string& text() const { return m_text; }
    const GateTally& tally() const { return m_tally; }

private:
    void sayLeftOut(std::size_t first_turn) const {
        std::size_t left_out = 0, questions = 1;
        for (std::size_t i = 1; i < m_request.turns.size(); ++i) {
            if (m_request.turns[i].author != Author::kUser) continue;
            ++questions;
            if (i <= first_turn) ++left_out;
        }
        note(fmt::format("[the context is full: the oldest {} of {} questions are left out from now on]", left_out,
                         questions));
    }

    ChatHistory& m_history;
    const AnswererInfo& m_by;
    const AnswerRequest& m_request;
    std::size_t& m_first_turn;
    std::int64_t m_id;
    std::string m_text;
    GateTally m_tally;
};

constexpr std::string_view kCommands = "/new starts a new chat, /exit or /quit quits, /help shows this";

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
    const std::string computes = prepare();
    m_request.settings = m_options.answer.settings;
    if (!options.no_history) m_request.odds = OddsWanted::kWhereFree;
    // As much is kept free for an answer as the window keeps; where nothing is dropped, a token will do.
    if (m_request.settings.context_policy == ContextPolicy::kStop) m_request.reserve = 1;
    writeOut(fmt::format(
        "{} on {}. Ctrl+C stops an answer; /new starts over; /exit or Ctrl+D quits; /help lists the commands.\n",
        harmless(m_answerer->info().model_name, true), computes));
    if (stored) {
        resume(*stored);
    } else {
        startNew();
    }
}

std::string Chat::prepare() {
    if (m_options.server.used()) {
        auto answerer = connectAnswerer(m_options.server);
        m_options.answer.settleFor(*answerer);
        m_options.compute.model = answerer->path();
        m_answerer = std::move(answerer);
        return hostOf(m_options.server.url);
    }
    auto answerer = loadAnswerer(m_options.compute);
    const Model& model = *answerer->model();
    m_options.answer.settleFor(model);
    for (const std::string& ignored : model.tokenizer().notes()) note("moescope-cli: " + ignored);
    if (const auto said = model.chatTemplate().note(); !said.empty()) note(fmt::format("moescope-cli: {}", said));
    std::error_code error;
    const std::filesystem::path path = std::filesystem::absolute(m_options.compute.model, error);
    if (!error) m_options.compute.model = path.string();
    m_answerer = std::move(answerer);
    return std::string(model.backend().name());
}

void Chat::startNew() {
    m_request.turns.clear();
    m_request.conversation = localId();
    m_request.system_prompt = m_options.system;
    m_first_turn = 0;
    m_history->startNew(m_options.system, m_options.compute.model);
}

void Chat::resume(const StoredChat& chat) {
    m_request.turns = chat.branch;
    m_request.conversation = m_options.continued;
    m_request.system_prompt = chat.system_prompt;
    writeOut(fmt::format("[chat {}: {}, {} messages]\n", m_options.continued, harmless(chat.title, true),
                         chat.branch.size()));
    if (chat.branch.empty() || chat.branch.back().author != Author::kUser) return;
    // The program ended before it could answer.
    writeOut(fmt::format("\n> {}\n", harmless(chat.branch.back().text, false)));
    answer();
}

void Chat::sayTooLong(const ContextOverflow& overflow) {
    note(
        fmt::format("moescope-cli: The chat has {}{} tokens, but the context holds {}{}; shorten the "
                    "question, choose a larger context, or start over with /new.",
                    overflow.exact ? "" : "at least ", overflow.tokens, overflow.context,
                    overflow.reserve > 1 ? fmt::format(" with {} reserved for the answer", overflow.reserve) : ""));
    m_refused = true;
}

void Chat::ask(const std::string& question) {
    Message message;
    message.id = m_history->addQuestion(question);  // whatever becomes of it
    if (message.id == 0) message.id = localId();
    message.text = question;
    if (m_history->conversation() != 0) m_request.conversation = m_history->conversation();
    m_request.turns.push_back(std::move(message));
    if (answer()) return;
    m_request.turns.pop_back();
    m_history->setQuestionAside();
}

bool Chat::answer() {
    ChatAnswer observer(*m_history, m_answerer->info(), m_request, m_first_turn, localId());
    const AnswerEnd end = answerOnTerminal(*m_answerer, m_request, observer);
    if (end.overflow) {
        sayTooLong(*end.overflow);
        return false;
    }
    if (end.begun) m_history->endAnswer(end);
    if (end.finish == FinishReason::kError) require(Status(end.code, end.error));
    printFigures(end, observer.tally());
    Message message;
    message.id = observer.id();
    message.author = Author::kAssistant;
    message.text = observer.text();
    m_request.turns.push_back(std::move(message));
    return true;
}

void Chat::sayWhereKept() const {
    if (m_history->conversation() != 0) writeOut(fmt::format("[saved as chat {}]\n", m_history->conversation()));
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
        writeOut("[new chat]\n");
    } else if (command == "/help") {
        writeOut(
            fmt::format("[{}. Ctrl+C stops an answer, Ctrl+D quits. Alt+Enter, or a backslash at the end of "
                        "a line, starts\n"
                        "a new line; pasted text is one question. A space before a slash makes the line a "
                        "question.]\n",
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
    CLI::App* command = app.add_subcommand("chat", "Chat in the terminal, and keep the chat in the history");
    command->footer(
        "Each line is a question. In a terminal, Alt+Enter or a backslash at the end of a "
        "line starts a new line, and pasted text is one question; /help lists the commands. "
        "Questions typed there are kept for the up key in the data folder (typed-questions), "
        "unless --no-history is given.\n"
        "The exit code is 1 if part of the chat could not be saved, or if a question that "
        "was not typed in a terminal could not be answered; the reason is printed on stderr "
        "when it happens, and the chat goes on.");
    const auto options = std::make_shared<ChatOptions>();
    options->compute.addTo(*command, false);
    options->server.addTo(*command, true);
    options->answer.addTo(*command);
    auto* system = command->add_option("--system", options->system, "A system prompt");
    addChoice(*command, "--context-policy", options->answer.settings.context_policy,
              {ContextPolicy::kStop, ContextPolicy::kDropOldest}, contextPolicyName, parseContextPolicy,
              "When a chat no longer fits in the context: say so (stop), or leave out the oldest turns");
    addDataDirOption(*command, options->data_dir);
    auto* continued =
        command->add_option("--continue", options->continued, "Continue a stored chat, by its number in `history list`")
            ->check(CLI::PositiveNumber)
            ->excludes(system);
    command->add_flag("--no-history", options->no_history, "Do not save the chat")->excludes(continued);
    command->callback([options] {
        requireOneModel(options->compute, options->server);
        Chat chat(*options);
        const bool answered_all = chat.run();
        if (!chat.savedAll() || !answered_all) throw Failure{""};
    });
}

}  // namespace moescope::cli
