#include "app/window/chat_controller.h"

#include <algorithm>
#include <utility>

#include "app/window/answer_words.h"
#include "app/window/history_writer.h"
#include "engine/markdown/thinking.h"
#include "ui/chat/transcript_model.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

}  // namespace

ChatController::ChatController(History* history, HistoryWriter* writer, EngineThread* engine,
                               TranscriptModel* transcript, QObject* parent)
    : QObject(parent),
      m_history(history),
      m_writer(writer),
      m_transcript(transcript),
      m_settings(writer, this),
      m_answer(engine, this),
      m_routings(history) {
    connect(&m_settings, &ChatSettings::failed, this,
            [this](qint64 conversation, const Status& why) { check(why, conversation); });
    connect(engine, &EngineThread::answerBegun, this, &ChatController::onBegun);
    connect(engine, &EngineThread::answerBatch, this, &ChatController::onBatch);
    connect(engine, &EngineThread::answerNoted, this, &ChatController::failed);
    connect(engine, &EngineThread::answerEnded, this, &ChatController::onEnded);
    connect(engine, &EngineThread::answerRefused, this, &ChatController::onRefused);
    connect(engine, &EngineThread::besideEnded, this, &ChatController::onBesideEnded);
    connect(engine, &EngineThread::prefillProgress, this,
            [this](qint64, int done, int total) { emit prefillProgress(done, total); });
    connect(engine, &EngineThread::saveFailed, this,
            [this](const QString& sentence) { emit failed(answeringConversation(), sentence); });
}

bool ChatController::check(const Status& status, qint64 conversation) {
    if (!status.ok()) emit failed(conversation, qt(status.message()));
    return status.ok();
}

QString ChatController::textOf(qint64 message) const {
    const Message* m = m_tree.find(message);
    return m ? qt(m->text) : QString();
}

QString ChatController::shownTextOf(qint64 message) const {
    const Message* m = m_tree.find(message);
    if (!m) return {};
    return m->author == Author::kUser ? qt(m->text) : qt(std::string(markdown::answerOf(m->text)));
}

void ChatController::open(qint64 conversation) {
    auto c = m_history->conversation(conversation);
    if (!check(c.status())) return;
    m_conversation = std::move(*c);
    const Queued queued = m_queued.value(conversation);
    if (queued.draft) m_conversation.draft = *queued.draft;
    if (queued.leaf) m_conversation.leaf = queued.leaf;
    m_removed = 0;
    forgetOthers();
    loadTree();
    showBranch();
    emit opened(conversation);
}

void ChatController::startNew() {
    const bool saved_now = m_unsaved && m_unsaved->conversation == 0;
    m_conversation = saved_now ? m_unsaved->chat : Conversation();
    if (const auto queued = m_queued.value(0).draft) {
        m_conversation.draft = *queued;
    } else if (const auto draft = m_history->settings().get(kNewDraft, ""); draft.ok() && !saved_now) {
        m_conversation.draft = *draft;
    }
    m_tree = {};
    m_removed = 0;
    forgetOthers();
    showBranch();
    emit opened(0);
}

void ChatController::forgetOthers() {
    m_shown_tokens.clear();
    m_told.removeIf([this](QHash<qint64, ToldTokens>::iterator told) { return told.key() != m_answer.message(); });
    m_routings.forgetAllBut(m_answer.message());
}

void ChatController::reload() {
    if (m_conversation.id == 0) return;
    auto c = m_history->conversation(m_conversation.id);
    if (!c.ok()) return;
    // What is written here is known here first.
    c->leaf = m_conversation.leaf;
    c->draft = std::move(m_conversation.draft);
    c->system_prompt = std::move(m_conversation.system_prompt);
    c->settings = std::move(m_conversation.settings);
    c->model_path = std::move(m_conversation.model_path);
    m_conversation = std::move(*c);
}

void ChatController::loadTree() {
    auto messages = m_history->messages(m_conversation.id);
    m_tree = check(messages.status()) ? MessageTree(std::move(*messages)) : MessageTree();
    // Conversations from elsewhere may not say which branch they show.
    const bool leads_nowhere = !m_conversation.leaf || !m_tree.find(*m_conversation.leaf);
    if (leads_nowhere && !m_tree.empty()) m_conversation.leaf = m_tree.newest().id;
}

const std::vector<TranscriptToken>& ChatController::shownTokens(const Message& message) {
    const bool ended = message.finish != FinishReason::kUnfinished;
    if (const auto known = m_shown_tokens.constFind(message.id); ended && known != m_shown_tokens.constEnd()) {
        if (known->empty() == message.text.empty() && (known->empty() || known->back().end == message.text.size())) {
            return *known;
        }
    }
    std::vector<TranscriptToken> read;
    const auto tokens = m_history->tokens(message.id);
    if (tokens.ok()) {
        for (const MessageToken& token : *tokens) read.push_back(shown(token));
    }
    return m_shown_tokens[message.id] = std::move(read);
}

TranscriptMessage ChatController::shownMessage(const Message& m) {
    TranscriptMessage t;
    t.id = m.id;
    t.role = m.author == Author::kUser ? TranscriptRole::kUser : TranscriptRole::kAnswer;
    t.text = m.text;
    if (m.author == Author::kUser) return t;
    t.figures = {m.answer_tokens,
                 m.tokens_per_second,
                 m.first_token_seconds > 0 ? m.first_token_seconds : -1,
                 0,
                 m.thinking_tokens_per_second,
                 endText(m.finish, m.settings)};
    if (m_answer.message() == m.id) {
        t.state = TranscriptState::kStreaming;
        t.text = m_answer.text();
        for (const MessageToken& token : m_answer.tokens()) t.tokens.push_back(shown(token));
        return t;
    }
    t.tokens = shownTokens(m);
    if (const auto thinking = markdown::thinkingOf(m.text)) {
        const auto thought = [&](const TranscriptToken& token) { return token.begin < thinking->answer; };
        t.figures.thinking_tokens = static_cast<int>(std::count_if(t.tokens.begin(), t.tokens.end(), thought));
    }
    t.may_continue = moescope::mayContinue(m.finish);
    t.state = stateOf(m.finish);
    t.error = shownSentence(qt(m.error));
    return t;
}

TranscriptMessage ChatController::shownUnsaved() const {
    TranscriptMessage t;
    t.id = kUnsaved;
    t.role = m_unsaved->author == Author::kUser ? TranscriptRole::kUser : TranscriptRole::kAnswer;
    t.text = m_unsaved->text.toStdString();
    t.state = TranscriptState::kStreaming;
    return t;
}

void ChatController::showBranch() {
    const bool unsaved = m_unsaved && m_unsaved->conversation == m_conversation.id;
    const auto branch = m_tree.branchTo(unsaved ? m_unsaved->parent : m_conversation.leaf);
    // The cut that counts is that of the last answer.
    std::optional<std::int64_t> cut;
    for (const Message& m : branch) {
        if (m.author == Author::kAssistant) cut = m.context_start;
    }
    std::vector<TranscriptMessage> messages;
    messages.reserve(branch.size() + 1);
    for (const Message& m : branch) {
        TranscriptMessage t = shownMessage(m);
        t.cut_before = cut == m.id;
        const auto& alike = m_tree.siblingsOf(m);
        t.siblings = static_cast<int>(alike.size());
        t.sibling = static_cast<int>(std::find(alike.begin(), alike.end(), m.id) - alike.begin());
        messages.push_back(std::move(t));
    }
    if (unsaved) messages.push_back(shownUnsaved());
    m_transcript->setMessages(std::move(messages));
}

void ChatController::showNew(qint64 id) {
    const auto leaf = std::exchange(m_conversation.leaf, id);
    const auto message = m_history->message(id);
    const int rows = m_transcript->count();
    const bool at_the_end = leaf ? rows > 0 && m_transcript->at(rows - 1).id == *leaf : rows == 0;
    bool cut = message.ok() && message->context_start;
    for (int row = 0; row < rows && !cut; ++row) cut = m_transcript->at(row).cut_before;
    const bool follows = message.ok() && message->parent == leaf && at_the_end && m_tree.siblingsOf(*message).empty();
    // Another branch, or another cut: what is shown changes further up.
    if (!follows || cut) {
        loadTree();
        return showBranch();
    }
    m_tree.add(*message);
    m_transcript->append(shownMessage(*message));
}

std::string ChatController::modelOf(qint64 message) const {
    const Message* m = m_tree.find(message);
    return m ? m->model_name : std::string();
}

std::optional<std::int64_t> ChatController::cutOf(qint64 message) const {
    const Message* m = m_tree.find(message);
    return m ? m->context_start : std::nullopt;
}

RouterRules ChatController::rulesOf(qint64 message) const {
    const Message* m = m_tree.find(message);
    return m ? rulesIn(m->settings) : RouterRules();
}

void ChatController::setDraft(const QString& text) {
    std::string draft = text.toStdString();
    if (m_conversation.draft == draft) return;
    m_conversation.draft = std::move(draft);
    m_queued[m_conversation.id].draft = m_conversation.draft;
    // What is typed while a question is being saved follows it: else it would take the place of the question's draft.
    if (m_unsaved && m_unsaved->conversation == m_conversation.id) return;
    writeDraft(m_conversation.id);
}

void ChatController::writeDraft(qint64 id) {
    const std::string draft = m_queued[id].draft.value_or("");
    m_writer->write(
        [id, draft](History& history) {
            return id == 0 ? history.settings().set(kNewDraft, draft) : history.setDraft(id, draft);
        },
        [this, id, draft](const Status& status) {
            const auto queued = m_queued.find(id);
            if (check(status, id) && queued != m_queued.end() && queued->draft == draft) queued->draft.reset();
        },
        HistoryWriter::Wait::kNo, QStringLiteral("draft of %1").arg(id));
}

void ChatController::writeLeaf() {
    const qint64 id = m_conversation.id;
    const auto leaf = m_conversation.leaf;
    if (leaf) m_queued[id].leaf = *leaf;
    m_writer->write([id, leaf](History& history) { return history.setLeaf(id, leaf); },
                    [this, id, leaf](const Status& status) {
                        const auto queued = m_queued.find(id);
                        if (queued != m_queued.end() && queued->leaf == leaf) queued->leaf.reset();
                        check(status, id);
                    },
                    HistoryWriter::Wait::kNo, QStringLiteral("leaf of %1").arg(id));
}

void ChatController::remove(qint64 message) {
    const bool here = answering() && answeringConversation() == m_conversation.id;
    if (here && busy()) return;
    const qint64 conversation = m_conversation.id;
    m_writer->write([message](History& history) { return history.deleteMessage(message); },
                    [this, conversation, message](const Status& status) {
                        onRemoved(status, conversation, message);
                        if (status.ok() && conversation == m_conversation.id) emit removed();
                    });
}

void ChatController::undoRemove() {
    if (m_removed == 0) return;
    const qint64 conversation = m_conversation.id;
    m_writer->write([message = m_removed](History& history) { return history.undeleteMessage(message); },
                    [this, conversation](const Status& status) { onRemoved(status, conversation, 0); });
}

void ChatController::onRemoved(const Status& status, qint64 conversation, qint64 message) {
    if (!check(status, conversation)) return;
    if (conversation == m_conversation.id) {
        m_removed = message;
        // The history has chosen the branch that is shown instead.
        if (const auto stored = m_history->conversation(conversation); stored.ok()) m_conversation.leaf = stored->leaf;
        reload();
        loadTree();
        showBranch();
    }
    emit conversationChanged(conversation);
}

void ChatController::showSibling(qint64 message, int delta) {
    const Message* m = m_tree.find(message);
    if (!m) return;
    const auto siblings = m_tree.siblingsOf(*m);
    const auto at = std::find(siblings.begin(), siblings.end(), m->id) - siblings.begin() + delta;
    if (at < 0 || at >= static_cast<std::ptrdiff_t>(siblings.size())) return;
    m_conversation.leaf = m_tree.newestLeafUnder(siblings[static_cast<std::size_t>(at)]);
    writeLeaf();
    showBranch();
}

void ChatController::showMessage(qint64 message) {
    if (!m_tree.find(message) || m_transcript->rowOf(message) >= 0) return;
    m_conversation.leaf = m_tree.newestLeafUnder(message);
    writeLeaf();
    showBranch();
}

int ChatController::contextTokens() const {
    const auto branch = m_tree.branchTo(m_conversation.leaf);
    for (auto it = branch.rbegin(); it != branch.rend(); ++it) {
        if (it->author == Author::kAssistant) return it->prompt_tokens + it->answer_tokens;
    }
    return 0;
}

std::optional<qint64> ChatController::lastQuestion() const {
    const auto branch = m_tree.branchTo(m_conversation.leaf);
    for (auto it = branch.rbegin(); it != branch.rend(); ++it) {
        if (it->author == Author::kUser) return it->id;
    }
    return std::nullopt;
}

std::optional<int> ChatController::positionOf(qint64 message, int token) const {
    const TranscriptMessage* m = m_transcript->find(message);
    if (!m || token < 0 || token >= static_cast<int>(m->tokens.size())) return std::nullopt;
    return m->tokens[static_cast<std::size_t>(token)].position;
}

const ChatController::ToldTokens& ChatController::toldTokens(qint64 message) {
    if (const auto known = m_told.constFind(message); known != m_told.constEnd()) return *known;
    ToldTokens told;
    if (auto tokens = m_history->tokens(message); tokens.ok()) told.tokens = std::move(*tokens);
    if (auto odds = m_history->odds(message); odds.ok()) told.odds = std::move(*odds);
    told.odds.resize(told.tokens.size());
    return m_told[message] = std::move(told);
}

std::optional<MessageToken> ChatController::tokenOf(qint64 message, int token) {
    if (message <= 0 || token < 0) return std::nullopt;
    const std::vector<MessageToken>& tokens = toldTokens(message).tokens;
    const auto at = static_cast<std::size_t>(token);
    return at < tokens.size() ? std::optional(tokens[at]) : std::nullopt;
}

std::optional<TokenOdds> ChatController::oddsOf(qint64 message, int token) {
    if (message <= 0 || token < 0) return std::nullopt;
    const std::vector<TokenOdds>& odds = toldTokens(message).odds;
    const auto at = static_cast<std::size_t>(token);
    return at < odds.size() && odds[at].known() ? std::optional(odds[at]) : std::nullopt;
}

std::vector<LayerRouting> ChatController::tokenRouting(qint64 message, int token) {
    const auto position = positionOf(message, token);
    return position ? m_routings.at(message, *position) : std::vector<LayerRouting>();
}

std::optional<LayerRouting> ChatController::tokenRouting(qint64 message, int token, int layer) {
    const auto position = positionOf(message, token);
    return position ? m_routings.at(message, *position, layer) : std::nullopt;
}

}  // namespace moescope
