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
        note("moescope-cli: This chat is not being saved: " + failure.message);
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
    if (!m_history)
        throw Failure{m_unopened.empty() ? "No history is being kept, so there is no chat to continue." : ""};
    const ConversationContent content = require(briefContent(*m_history, id));
    if (content.conversation.deleted_ms) {
        throw Failure{fmt::format("Chat {} is in the trash; restore it first.", id)};
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
    if (m_recorder && isatty(STDERR_FILENO)) note("");
    note("moescope-cli: Not saved: " + status.message());
}

void ChatHistory::giveUp(const Status& status) {
    sayUnsaved(status);
    m_broken = m_lost = true;
}

std::int64_t ChatHistory::addQuestion(const std::string& text) {
    settle();
    m_said = m_broken;
    if (!keeping()) {
        m_lost = m_lost || m_wanted;
        return 0;
    }
    if (m_conversation.id == 0) m_conversation.title = titleFrom(text);
    Message question;
    question.parent = m_last;
    m_before_question = m_last;
    question.text = text;
    const auto asked = m_history->ask(m_conversation, question);
    if (!asked.ok()) {
        giveUp(asked.status());
        return 0;
    }
    m_conversation.id = asked->conversation;
    m_last = asked->message;
    return *m_last;
}

void ChatHistory::setQuestionAside() {
    m_last = m_before_question;
}

std::int64_t ChatHistory::beginAnswer(const AnswererInfo& by, const AnswerRequest& request, const AnswerBegin& begin) {
    settle();
    if (!keeping()) {
        m_lost = m_lost || m_wanted;
        return 0;
    }
    auto recorder = AnswerRecorder::begin(*m_history, by, request, begin);
    if (!recorder.ok()) {
        giveUp(recorder.status());
        return 0;
    }
    m_recorder = std::move(*recorder);
    m_last = m_recorder->message();
    m_said = false;
    return *m_last;
}

void ChatHistory::onToken(const TokenRouting& token) {
    if (!m_recorder) return;
    m_recorder->add(token);
    commitIfDue();
}

void ChatHistory::onPiece(const AnswerPiece& piece) {
    if (!m_recorder) return;
    m_recorder->add(piece);
    commitIfDue();
}

void ChatHistory::commitIfDue() {
    // What cannot be saved now stays with the recorder, which tries again.
    if (const Status status = m_recorder->commitIfDue(); !status.ok()) sayUnsaved(status);
}

void ChatHistory::endAnswer(const AnswerEnd& end) {
    if (!m_recorder) return;
    m_end = end;
    finishAnswer();
}

void ChatHistory::finishAnswer() {
    if (const Status status = m_recorder->finish(*m_end); !status.ok()) return sayUnsaved(status);
    m_recorder.reset();
    m_end.reset();
}

void ChatHistory::settle() {
    if (!m_recorder || !m_end) return;
    finishAnswer();  // there may be room by now
    if (!m_recorder) return;
    m_broken = m_lost = true;
    m_recorder.reset();
    m_end.reset();
}

bool ChatHistory::savedAll() {
    settle();
    return !m_lost;
}

}  // namespace moescope::cli
