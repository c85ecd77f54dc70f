// ChatController's questions and answers: from what was typed to the history, to the engine, and back.

#include <QRandomGenerator>
#include <algorithm>
#include <utility>

#include "app/chat/answer_settings.h"
#include "app/chat/opening_blank.h"
#include "app/window/answer_words.h"
#include "app/window/chat_controller.h"
#include "app/window/history_writer.h"
#include "engine/engine.h"
#include "engine/markdown/attachment.h"
#include "storage/title.h"
#include "ui/chat/transcript_model.h"

namespace moescope {

namespace {

/// From the question, or the first file where there is none.
std::string titleOf(std::string_view text) {
    const markdown::ReadQuestion read = markdown::readQuestion(text);
    std::string title = titleFrom(text.substr(read.question));
    return title.empty() && !read.files.empty() ? titleFrom(read.files.front().name) : title;
}

}  // namespace

bool ChatController::busy() {
    if (!answering()) return false;
    // Nothing waits in a queue that nobody sees.
    emit failed(m_conversation.id, saving() ? tr("Your question is still being saved. Try again in a moment.")
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
    if (unsaved.conversation == 0) m_conversation.title = titleOf(message.text);
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
            m_settings.writeChanges(m_conversation, stored.chat);  // while it was being saved
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
        requestAnswer(m_conversation, m_tree.branchTo(message), rules(), settings());
    } else {
        const auto chat = m_history->conversation(conversation);
        auto messages = m_history->messages(conversation);
        if (!check(chat.status(), conversation) || !check(messages.status(), conversation)) {
            return emit answeringChanged(false);
        }
        requestAnswer(*chat, MessageTree(std::move(*messages)).branchTo(message), ChatSettings::rulesOf(*chat),
                      m_settings.of(*chat));
    }
}

void ChatController::regenerate(qint64 message, const std::optional<RouterRules>& own_rules) {
    const Message* m = m_tree.find(message);
    if (!m || busy()) return;
    const auto question = m->author == Author::kUser ? std::optional(m->id) : m->parent;
    if (!question) return;
    auto turns = m_tree.branchTo(*question);
    const RouterRules with = own_rules.value_or(rules());
    if (!own_rules || m->author == Author::kUser)
        return requestAnswer(m_conversation, std::move(turns), with, settings());
    GenerationSettings same = AnswerSettings::fromJson(m->settings, AnswerSettings{settings(), {}});
    if (hasSeed(m->settings)) same.random_seed = false;
    requestAnswer(m_conversation, std::move(turns), with, same, Instead::kCompared, message);
}

void ChatController::continueAnswer(qint64 message) {
    const Message* m = m_tree.find(message);
    if (!m || m->author != Author::kAssistant || busy()) return;
    if (!moescope::mayContinue(m->finish)) {
        emit failed(m_conversation.id, tr("This answer is complete; there is nothing to continue."));
        return;
    }
    // By the rules that it began with, and thinking or not as it did.
    GenerationSettings as_begun = settings();
    as_begun.thinking = AnswerSettings::fromJson(m->settings).thinking;
    requestAnswer(m_conversation, m_tree.branchTo(message), rulesIn(m->settings), as_begun, Instead::kContinued,
                  message);
}

bool ChatController::mayContinue(qint64 message) const {
    const Message* m = m_tree.find(message);
    return m && m->author == Author::kAssistant && moescope::mayContinue(m->finish);
}

void ChatController::branchAt(qint64 message, int token, std::int32_t instead, const Model& model) {
    const Message* m = m_tree.find(message);
    const std::vector<MessageToken> tokens = toldTokens(message).tokens;
    if (!m || token < 0 || static_cast<std::size_t>(token) >= tokens.size() || busy()) return;
    // The tokens before may have begun a character.
    IncrementalDecoder decoder(model.tokenizer());
    for (int i = std::max(0, token - 3); i < token; ++i) decoder.push(tokens[static_cast<std::size_t>(i)].id);
    const bool opens = tokens[static_cast<std::size_t>(token)].begin == 0;
    std::string text = decoder.push(instead);
    if (opens && model.chatTemplate().blankBeforeAnswer()) text = std::string(withoutOpeningBlank(text));
    const qint64 conversation = m_conversation.id;
    const auto branch = std::make_shared<std::int64_t>(0);
    m_writer->write(
        [message, token, instead, text, branch](History& history) -> Status {
            const auto made = history.branchAnswer(message, static_cast<std::size_t>(token), instead, text);
            if (made.ok()) *branch = *made;
            return made.status();
        },
        [this, conversation, branch](const Status& status) {
            if (!check(status, conversation)) return;
            emit conversationChanged(conversation);
            if (conversation != m_conversation.id) return;  // it waits there, to be continued
            m_conversation.leaf = *branch;
            loadTree();
            showBranch();
            if (!answering()) continueAnswer(*branch);
        });
}

void ChatController::requestAnswer(const Conversation& conversation, std::vector<Message> turns,
                                   const RouterRules& rules, GenerationSettings s, Instead how, qint64 answer) {
    if (s.random_seed) s.seed = QRandomGenerator::global()->generate64();
    AnswerRequest request;
    request.conversation = conversation.id;
    request.turns = std::move(turns);
    if (how == Instead::kContinued) request.continued = answer;
    request.system_prompt = conversation.system_prompt;
    request.settings = AnswerSettings{s, rules};
    request.odds = m_odds_wanted;
    std::vector<AnswerRequest> others;
    if (how == Instead::kNew && m_others && conversation.id == m_conversation.id) others = m_others(request);
    m_answer.ask(std::move(request), how == Instead::kCompared ? answer : 0, std::move(others));
    emit answeringChanged(true);
}

void ChatController::retryDroppingOldest() {
    if (!answering() && m_answer.askAgain(ContextPolicy::kDropOldest)) emit answeringChanged(true);
}

void ChatController::stop() {
    if (m_unsaved) m_unsaved->stopped = true;
    m_answer.stop();
}

void ChatController::onBegun(qint64 conversation, qint64 message) {
    if (!m_answer.runs()) return;
    m_routings.forget(message);
    if (m_answer.request().continued != 0) {
        auto tokens = m_history->tokens(message);
        m_answer.begin(message, tokens.ok() ? std::move(*tokens) : std::vector<MessageToken>());
        m_told.remove(message);
        // Without those that are still to come in batches, as there.
        ToldTokens told = toldTokens(message);
        told.tokens.resize(std::min(told.tokens.size(), m_answer.tokens().size()));
        told.odds.resize(told.tokens.size());
        m_told[message] = std::move(told);
        m_routings.of(message);  // what there is, to be added to
        m_transcript->resume(message);
        return;
    }
    m_answer.begin(message, {});
    m_told.insert(message, {});
    if (conversation == m_conversation.id) showNew(message);
}

void ChatController::onBatch(const AnswerBatch& batch) {
    if (!m_answer.add(batch)) return;
    std::vector<TranscriptToken> tokens;
    for (const MessageToken& token : batch.tokens) tokens.push_back(shown(token));
    m_transcript->appendText(batch.message, batch.text, tokens);
    m_transcript->setFigures(
        batch.message, {batch.answer_tokens, batch.tokens_per_second, batch.first_token_seconds, batch.thinking_tokens,
                        batch.thinking_tokens_per_second, m_answer.rulesText()});
    ToldTokens& told = m_told[batch.message];
    told.tokens.insert(told.tokens.end(), batch.tokens.begin(), batch.tokens.end());
    told.odds.insert(told.odds.end(), batch.odds.begin(), batch.odds.end());
    told.odds.resize(told.tokens.size());
    if (batch.routing) m_routings.append(batch.message, *batch.routing);
    if (batch.conversation == m_conversation.id) emit contextUsed(batch.context_used);
    emit answerProgress(batch);
}

void ChatController::onEnded(const AnswerEnded& end) {
    if (!m_answer.runs() || m_answer.message() != end.message) return;
    const std::string streamed = m_answer.text();
    const qint64 compare_with = m_answer.end();
    const AnswerFigures figures{
        end.answer_tokens,   end.tokens_per_second,          end.first_token_seconds,
        end.thinking_tokens, end.thinking_tokens_per_second, endText(end.finish, m_answer.request().settings.toJson())};
    m_transcript->finish(end.message, stateOf(end.finish), figures, end.error, moescope::mayContinue(end.finish));
    if (end.conversation == m_conversation.id) {
        loadTree();
        // Where the disk was full the window has more than the history; copying gives all of it.
        if (Message* m = m_tree.find(end.message); m && m->text.size() < streamed.size()) m->text = streamed;
        emit contextUsed(end.context_used);
    } else {
        m_routings.forget(end.message);
        m_told.remove(end.message);
    }
    if (!answering()) emit answeringChanged(false);
    emit conversationChanged(end.conversation);
    emit answerEnded(end);
    if (compare_with != 0 && end.finish != FinishReason::kError) emit comparisonWanted(compare_with, end.message);
}

void ChatController::onBesideEnded(qint64 conversation) {
    m_answer.endOthers();
    if (conversation == m_conversation.id) {
        loadTree();  // has more answers to the question now
        showBranch();
    }
    if (!answering()) emit answeringChanged(false);
    emit conversationChanged(conversation);
}

void ChatController::onRefused(qint64 conversation, const QString& sentence, bool would_fit_cut) {
    m_answer.end();
    if (!answering()) emit answeringChanged(false);
    if (would_fit_cut) {
        emit contextQuestion(conversation, sentence);
    } else {
        emit failed(conversation, sentence);
    }
}

}  // namespace moescope
