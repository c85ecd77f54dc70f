// ChatController's questions and answers: from what was typed to the history, to the engine, and back.

#include <QRandomGenerator>
#include <algorithm>
#include <utility>

#include "app/window/answer_words.h"
#include "app/window/chat_controller.h"
#include "app/window/history_writer.h"
#include "app/window/settings_json.h"
#include "storage/title.h"
#include "ui/chat/transcript_model.h"

namespace moescope {

bool ChatController::busy() {
    if (!answering()) return false;
    // Nothing waits in a queue that nobody sees.
    emit failed(m_conversation.id, saving() ? tr("A question is being saved. Wait until it is.")
                                            : tr("An answer is being written. Stop it first (Esc)."));
    return true;
}

bool ChatController::send(const QString& text) {
    if (busy()) return false;
    Unsaved question;
    question.conversation = m_conversation.id;
    question.parent = m_conversation.leaf;
    question.text = text;
    store(std::move(question));
    return true;
}

bool ChatController::edit(qint64 message, const QString& text) {
    const Message* m = m_tree.find(message);
    if (!m || busy()) return false;
    Unsaved other;
    other.conversation = m_conversation.id;
    other.parent = m->parent;
    other.edited = message;
    other.text = text;
    other.author = m->author;
    other.model = m->model_name;  // an answer in other words: what follows builds on it
    store(std::move(other));
    return true;
}

void ChatController::store(Unsaved unsaved) {
    Message message;
    message.conversation = unsaved.conversation;
    message.parent = unsaved.parent;
    message.author = unsaved.author;
    message.text = unsaved.text.toStdString();
    message.model_name = unsaved.model;
    if (unsaved.author == Author::kAssistant) message.finish = FinishReason::kEdited;
    if (unsaved.conversation == 0) m_conversation.title = titleFrom(message.text);
    unsaved.chat = m_conversation;
    if (unsaved.edited == 0) {
        // A draft that waits to be written: the question takes its place, or brings it back.
        m_queued[unsaved.conversation].draft.reset();
        m_conversation.draft.clear();
    }
    const Fits fits = unsaved.author == Author::kUser ? m_fits : Fits();
    const AskedDraft draft{unsaved.edited != 0, unsaved.conversation == 0 ? kNewDraft : ""};
    const auto asked = std::make_shared<Asked>();
    m_unsaved = std::move(unsaved);
    m_writer->write(
        [message, fits, draft, asked, chat = m_unsaved->chat,
         max_tokens = settings().max_tokens](History& history) -> Status {
            if (fits) {
                if (Status status = fits(message.text, chat.system_prompt, max_tokens); !status.ok()) return status;
            }
            auto stored = history.ask(chat, message, draft);
            if (stored.ok()) *asked = *stored;
            return stored.status();
        },
        [this, asked](const Status& status) { onStored(status, asked->conversation, asked->message); });
    if (!m_unsaved) return;  // it is stored already
    if (m_unsaved->conversation == m_conversation.id) showBranch();
    emit answeringChanged(true);
}

void ChatController::onStored(const Status& status, qint64 conversation, qint64 message) {
    const Unsaved stored = *std::exchange(m_unsaved, std::nullopt);
    const bool shown = stored.conversation == m_conversation.id;
    const bool was_shown = shown && m_transcript->rowOf(kUnsaved) >= 0;
    // What has been typed since waited for this.
    const std::optional<std::string> draft = std::exchange(m_queued[stored.conversation].draft, std::nullopt);
    if (!status.ok()) {
        if (was_shown) showBranch();
        if (!shown && stored.edited == 0) {
            const std::string text = stored.text.toStdString();
            m_queued[stored.conversation].draft = draft && !draft->empty() ? text + '\n' + *draft : text;
            writeDraft(stored.conversation);
        }
        emit answeringChanged(false);
        emit notStored(stored.conversation, stored.edited, stored.text, status);
        return;
    }
    if (shown) {
        if (stored.conversation == 0) {
            m_conversation.id = conversation;
            emit becameStored(conversation);
            // Changed while it was being saved.
            if (m_conversation.system_prompt != stored.chat.system_prompt) writeSystemPrompt();
            if (m_conversation.settings != stored.chat.settings) writeSettings();
        }
        if (was_shown) m_transcript->removeFrom(kUnsaved);
        showNew(message);
    }
    if (draft) {
        m_queued[conversation].draft = draft;
        writeDraft(conversation);
    }
    emit conversationChanged(conversation);
    if (stored.author == Author::kAssistant || stored.stopped) {
        emit answeringChanged(false);
    } else if (shown) {
        requestAnswer(message, 0, rules(), settings());
    } else {
        const auto chat = m_history->conversation(conversation);
        auto messages = m_history->messages(conversation);
        if (!check(chat.status(), conversation) || !check(messages.status(), conversation)) {
            return emit answeringChanged(false);
        }
        requestAnswer(*chat, MessageTree(std::move(*messages)).branchTo(message), 0, rulesIn(chat->settings),
                      settingsOf(*chat));
    }
}

void ChatController::regenerate(qint64 message, const std::optional<RouterRules>& own_rules) {
    const Message* m = m_tree.find(message);
    if (!m || busy()) return;
    if (m->author == Author::kUser) return requestAnswer(m->id, 0, own_rules.value_or(rules()), settings());
    if (!m->parent) return;
    if (!own_rules) return requestAnswer(*m->parent, 0, rules(), settings());
    GenerationSettings same = shownSettings(AnswerSettings::fromJson(m->settings, answerSettings(settings())));
    if (hasSeed(m->settings)) same.random_seed = false;
    requestAnswer(*m->parent, 0, *own_rules, same);
    m_compare_with = message;
}

void ChatController::continueAnswer(qint64 message) {
    const Message* m = m_tree.find(message);
    if (!m || m->author != Author::kAssistant || busy()) return;
    if (!moescope::mayContinue(m->finish)) {
        emit failed(m_conversation.id, tr("This answer has come to its end; there is nothing to continue."));
        return;
    }
    requestAnswer(message, message, rulesIn(m->settings), settings());  // by the rules that it began with
}

bool ChatController::mayContinue(qint64 message) const {
    const Message* m = m_tree.find(message);
    return m && m->author == Author::kAssistant && moescope::mayContinue(m->finish);
}

void ChatController::requestAnswer(qint64 question, qint64 continued, const RouterRules& rules,
                                   const GenerationSettings& settings) {
    requestAnswer(m_conversation, m_tree.branchTo(question), continued, rules, settings);
}

void ChatController::requestAnswer(const Conversation& conversation, std::vector<Message> turns, qint64 continued,
                                   const RouterRules& rules, GenerationSettings s) {
    if (s.random_seed) s.seed = QRandomGenerator::global()->generate64();
    AnswerRequest request;
    request.conversation = conversation.id;
    request.continued = continued;
    request.turns = std::move(turns);
    request.system_prompt = conversation.system_prompt;
    request.settings = answerSettings(s, rules);
    m_compare_with = 0;
    m_last_request = std::move(request);
    m_streaming.emplace();
    m_streaming->conversation = conversation.id;
    emit answeringChanged(true);
    askEngineSoon();
}

void ChatController::askEngineSoon() {
    m_turns_left = 3;  // the inspector reads what is shown, its charts read that, and all are painted
    m_ask_engine.start();
}

void ChatController::askEngine() {
    m_ask_engine.stop();
    m_engine->answer(m_last_request);
}

void ChatController::retryDroppingOldest() {
    if (answering() || m_last_request.turns.empty()) return;
    m_last_request.settings.context_policy = ContextPolicy::kDropOldest;
    m_streaming.emplace();
    m_streaming->conversation = m_last_request.conversation;
    emit answeringChanged(true);
    askEngineSoon();
}

void ChatController::stop() {
    if (m_unsaved) m_unsaved->stopped = true;
    if (m_ask_engine.isActive()) askEngine();
    m_engine->stop();
}

void ChatController::onBegun(qint64 conversation, qint64 message) {
    if (!m_streaming) return;
    m_streaming->message = message;
    m_streaming->begun = true;
    m_streaming->rules_text = endText(FinishReason::kUnfinished, m_last_request.settings.toJson());
    m_routing.remove(message);
    if (m_last_request.continued != 0) {
        m_streaming->text = m_last_request.turns.back().text;
        const auto tokens = m_history->tokens(message);
        if (tokens.ok()) m_streaming->tokens = *tokens;
        // Without those that the history has already and that are still to come in batches.
        std::erase_if(m_streaming->tokens,
                      [&](const MessageToken& token) { return token.end > m_streaming->text.size(); });
        routing(message);  // what there is, to be added to
        m_transcript->resume(message);
        return;
    }
    if (conversation == m_conversation.id) showNew(message);
}

void ChatController::onBatch(const AnswerBatch& batch) {
    if (!m_streaming || m_streaming->message != batch.message) return;
    m_streaming->text += batch.text;
    m_streaming->tokens.insert(m_streaming->tokens.end(), batch.tokens.begin(), batch.tokens.end());
    std::vector<TranscriptToken> tokens;
    for (const MessageToken& token : batch.tokens) tokens.push_back(shown(token));
    m_transcript->appendText(batch.message, batch.text, tokens);
    m_transcript->setFigures(batch.message, {batch.answer_tokens, batch.tokens_per_second, batch.first_token_seconds,
                                             m_streaming->rules_text});
    if (batch.routing) {
        auto& log = m_routing[batch.message].log;
        if (!log) log = std::make_shared<RoutingLog>(batch.routing->shape());
        log->append(*batch.routing);
    }
    if (batch.conversation == m_conversation.id) emit contextUsed(batch.context_used);
    emit answerProgress(batch);
}

void ChatController::onEnded(const AnswerEnded& end) {
    if (!m_streaming || m_streaming->message != end.message) return;
    const std::string streamed = std::move(m_streaming->text);
    m_streaming.reset();
    const AnswerFigures figures{end.answer_tokens, end.tokens_per_second, end.first_token_seconds,
                                endText(end.finish, m_last_request.settings.toJson())};
    const TranscriptState state = stateOf(end.finish);
    m_transcript->finish(end.message, state, figures, end.error, moescope::mayContinue(end.finish));
    if (end.conversation == m_conversation.id) {
        loadTree();
        // Where the disk was full the window has more than the history; copying gives all of it.
        if (Message* m = m_tree.find(end.message); m && m->text.size() < streamed.size()) m->text = streamed;
        emit contextUsed(end.context_used);
    } else {
        m_routing.remove(end.message);
    }
    emit answeringChanged(false);
    emit conversationChanged(end.conversation);
    emit answerEnded(end);
    if (const qint64 before = std::exchange(m_compare_with, 0); before != 0 && end.finish != FinishReason::kError) {
        emit comparisonWanted(before, end.message);
    }
}

void ChatController::onRefused(qint64 conversation, const QString& sentence, bool would_fit_cut) {
    m_streaming.reset();
    emit answeringChanged(false);
    if (would_fit_cut) {
        emit contextQuestion(conversation, sentence);
    } else {
        emit failed(conversation, sentence);
    }
}

}  // namespace moescope
