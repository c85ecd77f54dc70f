#include "app/cli/chat_history.h"

#include <fmt/format.h>
#include <unistd.h>

#include "app/cli/common.h"
#include "app/cli/history_access.h"
#include "storage/exchange/transcript.h"
#include "storage/title.h"

namespace moescope::cli {

ChatHistory::ChatHistory(const std::string& data_dir) : m_wanted(true) {
    try {
        m_history = openHistory(data_dir, Begin::kYes);
    } catch (const Failure& failure) {
        m_unopened = failure.message;
        note("moescope-cli: The conversation is not kept: " + failure.message);
    }
}

void ChatHistory::startNew(const std::string& system_prompt, const std::string& model_path) {
    settle();
    m_conversation = {};
    m_before_question.reset();
    m_conversation.system_prompt = validUtf8(system_prompt);
    m_conversation.model_path = validUtf8(model_path);
    m_last.reset();
    m_broken = false;
}

StoredChat ChatHistory::resume(std::int64_t id) {
    if (!m_history) throw Failure{m_unopened.empty() ? "No history is kept." : ""};
    const ConversationContent content = require(briefContent(*m_history, id));
    if (content.conversation.deleted_ms) {
        throw Failure{fmt::format("Conversation {} is in the trash; restore it first.", id)};
    }
    m_conversation = content.conversation;
    StoredChat chat{m_conversation.title, m_conversation.system_prompt, {}};
    for (const MessageContent* m : shownBranch(content)) chat.branch.push_back(m->message);
    if (!chat.branch.empty()) m_last = chat.branch.back().id;
    return chat;
}

void ChatHistory::sayUnsaved(const Status& status) {
    if (m_said) return;
    m_said = true;
    // In the middle of an answer the terminal's line is not at its start.
    if (m_writer && isatty(STDERR_FILENO)) note("");
    note("moescope-cli: Not saved: " + status.message());
}

void ChatHistory::giveUp(const Status& status) {
    sayUnsaved(status);
    m_broken = m_lost = true;
}

void ChatHistory::addQuestion(const std::string& text) {
    settle();
    m_said = m_broken;
    if (!keeping()) {
        m_lost = m_lost || m_wanted;
        return;
    }
    if (m_conversation.id == 0) m_conversation.title = titleFrom(text);
    Message question;
    question.parent = m_last;
    m_before_question = m_last;
    question.text = text;
    const auto asked = m_history->ask(m_conversation, question);
    if (!asked.ok()) return giveUp(asked.status());
    m_conversation.id = asked->conversation;
    m_last = asked->message;
}

void ChatHistory::setQuestionAside() {
    m_last = m_before_question;
}

void ChatHistory::beginAnswer(const std::string& model_name, const std::string& settings, const RoutingShape& shape,
                              int prompt_tokens) {
    settle();
    if (!keeping()) {
        m_lost = m_lost || m_wanted;
        return;
    }
    Message answer;
    answer.conversation = m_conversation.id;
    answer.parent = m_last;
    answer.author = Author::kAssistant;
    answer.model_name = validUtf8(model_name);
    answer.settings = settings;
    auto writer = m_history->beginAnswer(answer, shape);
    if (!writer.ok()) return giveUp(writer.status());
    m_writer = std::move(*writer);
    m_last = m_writer->message();
    m_position = prompt_tokens;
    m_said = false;
}

void ChatHistory::onToken(const TokenRouting& token) {
    if (!m_writer) return;
    m_writer->appendRouting(token);
    commitIfDue();
}

void ChatHistory::onPiece(const GeneratedPiece& piece) {
    if (!m_writer) return;
    std::string_view text = piece.text;
    // The template puts the blank that opens an answer itself.
    if (m_writer->text().empty() && text.starts_with(' ')) text.remove_prefix(1);
    const auto begin = static_cast<std::uint32_t>(m_writer->text().size());
    m_writer->appendText(text);
    const auto end = static_cast<std::uint32_t>(m_writer->text().size());
    if (piece.token >= 0) m_writer->appendToken({piece.token, begin, end, m_position++});
    commitIfDue();
}

void ChatHistory::commitIfDue() {
    // What cannot be saved now stays with the writer, which tries again.
    if (const Status status = m_writer->commitIfDue(); !status.ok()) sayUnsaved(status);
}

void ChatHistory::endAnswer(const Finish& finish, const AnswerSummary& summary) {
    if (!m_writer) return;
    m_end = End{finish, summary};
    finishAnswer();
}

void ChatHistory::finishAnswer() {
    if (const Status status = m_writer->finish(m_end->finish, m_end->summary); !status.ok()) return sayUnsaved(status);
    m_writer.reset();
    m_end.reset();
}

void ChatHistory::settle() {
    if (!m_writer || !m_end) return;
    finishAnswer();  // there may be room by now
    if (!m_writer) return;
    m_broken = m_lost = true;
    m_writer.reset();
    m_end.reset();
}

bool ChatHistory::savedAll() {
    settle();
    return !m_lost;
}

}  // namespace moescope::cli
