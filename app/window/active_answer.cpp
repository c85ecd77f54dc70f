#include "app/window/active_answer.h"

#include <QPointer>
#include <utility>

#include "app/window/answer_words.h"

namespace moescope {

void ActiveAnswer::ask(AnswerRequest request, qint64 compare_with, std::vector<AnswerRequest> others) {
    m_request = std::move(request);
    m_others = std::move(others);
    m_compare_with = compare_with;
    start();
}

bool ActiveAnswer::askAgain(ContextPolicy policy) {
    if (runs() || m_others_run || m_request.turns.empty()) return false;
    m_request.settings.context_policy = policy;
    for (AnswerRequest& other : m_others) other.settings.context_policy = policy;
    start();
    return true;
}

void ActiveAnswer::start() {
    m_state = State::kToBeAsked;
    m_others_run = !m_others.empty();
    m_message = 0;
    m_text.clear();
    m_tokens.clear();
    m_rules_text.clear();
    ++m_turn;
    if (!m_after_painting) return handOver();
    m_after_painting([self = QPointer(this), turn = m_turn] {
        if (self && self->m_turn == turn) self->handOver();
    });
}

void ActiveAnswer::handOver() {
    if (m_state != State::kToBeAsked) return;
    m_state = State::kAsked;
    m_others.empty() ? m_engine->answer(m_request) : m_engine->answerBeside(m_request, m_others);
}

void ActiveAnswer::stopColumn(int column) {
    handOver();
    m_engine->stopColumn(column);
}

void ActiveAnswer::stop() {
    handOver();
    m_engine->stop();
}

void ActiveAnswer::begin(qint64 message, std::vector<MessageToken> tokens) {
    m_state = State::kBegun;
    m_message = message;
    m_rules_text = endText(FinishReason::kUnfinished, m_request.settings.toJson());
    if (m_request.continued == 0) return;
    m_text = m_request.turns.back().text;
    m_tokens = std::move(tokens);
    // Without those that the history has already and that are still to come in batches.
    std::erase_if(m_tokens, [&](const MessageToken& token) { return token.end > m_text.size(); });
}

bool ActiveAnswer::add(const AnswerBatch& batch) {
    if (!runs() || m_message != batch.message) return false;
    m_text += batch.text;
    m_tokens.insert(m_tokens.end(), batch.tokens.begin(), batch.tokens.end());
    return true;
}

qint64 ActiveAnswer::end() {
    m_state = State::kNone;
    m_message = 0;
    m_text.clear();
    m_tokens.clear();
    return m_compare_with;
}

}  // namespace moescope
