#include "app/window/chat_controller.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <algorithm>
#include <utility>

#include "engine/routing/rules_text.h"
#include "ui/chat/transcript_model.h"
#include "ui/settings/rules_words.h"

namespace moescope {
namespace {

QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

/// The setting that holds what was written in a chat that is not stored yet.
constexpr const char* kNewDraft = "window.draft";

/// "" for a text that came to its end.
QString finishText(const std::string& finish) {
    if (finish == "length") return ChatController::tr("length limit");
    if (finish == "context full") return ChatController::tr("context full");
    if (finish == "stopped") return ChatController::tr("stopped");
    if (finish == "interrupted") return ChatController::tr("interrupted");
    if (finish == "edited") return ChatController::tr("edited");
    return {};
}

/// Where the JSON of a conversation or an answer keeps its router rules, as text.
constexpr QLatin1String kRulesKey("rules");

QJsonObject objectOf(const std::string& json) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
}

std::string jsonOf(const QJsonObject& object) {
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

/// What is not understood (of a newer program) is as if it were not there.
RouterRules rulesIn(const std::string& json) {
    const auto rules = parseRules(objectOf(json)[kRulesKey].toString().toStdString());
    return rules.ok() ? *rules : RouterRules();
}

void putRules(QJsonObject& object, const RouterRules& rules) {
    const std::string text = formatRules(rules);
    object.remove(kRulesKey);
    if (!text.empty()) object[kRulesKey] = QString::fromStdString(text);
}

/// How an answer ended, and the rules that it was made with.
QString endText(const std::string& finish, const std::string& settings) {
    const QString words = rulesWords(rulesIn(settings)), end = finishText(finish);
    if (words.isEmpty()) return end;
    const QString rules = ChatController::tr("rules: %1").arg(words);
    return end.isEmpty() ? rules : ChatController::tr("%1 · %2").arg(end, rules);
}

bool isPlainFinish(const std::string& finish) {
    for (const char* known : {"", "end of text", "length", "context full", "stopped", "interrupted", "edited"}) {
        if (finish == known) return true;
    }
    return false;
}

TranscriptToken shown(const MessageToken& token) {
    return {token.begin, token.end, token.position};
}

/// A first question as a title: up to about 48 characters, at the end of a word.
QString titleFrom(const QString& question) {
    const QString line = question.simplified();
    constexpr int kLongest = 48;
    if (line.size() <= kLongest) return line;
    const auto blank = line.lastIndexOf(QLatin1Char(' '), kLongest);
    return line.left(blank > kLongest / 2 ? blank : kLongest) + QStringLiteral("…");
}

}  // namespace

ChatController::ChatController(History* history, EngineThread* engine, TranscriptModel* transcript, QObject* parent)
    : QObject(parent), m_history(history), m_engine(engine), m_transcript(transcript) {
    m_ask_engine.setSingleShot(true);
    m_ask_engine.setInterval(0);  // after what is to be painted
    connect(&m_ask_engine, &QTimer::timeout, this, [this] {
        if (--m_turns_left > 0) return m_ask_engine.start();
        askEngine();
    });
    connect(engine, &EngineThread::answerBegun, this,
            [this](qint64 conversation, qint64 message, qint64 question, int, qint64 context_start) {
                onBegun(conversation, message, question, context_start);
            });
    connect(engine, &EngineThread::answerBatch, this, &ChatController::onBatch);
    connect(engine, &EngineThread::answerEnded, this, &ChatController::onEnded);
    connect(engine, &EngineThread::answerRefused, this, &ChatController::onRefused);
    connect(engine, &EngineThread::prefillProgress, this,
            [this](qint64, int done, int total) { emit prefillProgress(done, total); });
    connect(engine, &EngineThread::saveFailed, this, &ChatController::failed);
}

bool ChatController::busy() {
    if (!answering()) return false;
    // Nothing waits in a queue that nobody sees.
    emit failed(tr("An answer is being written. Stop it first (Esc)."));
    return true;
}

bool ChatController::check(const Status& status) {
    if (!status.ok()) emit failed(qt(status.message()));
    return status.ok();
}

QString ChatController::textOf(qint64 message) const {
    const Message* m = m_tree.find(message);
    return m ? qt(m->text) : QString();
}

void ChatController::open(qint64 conversation) {
    auto c = m_history->conversation(conversation);
    if (!check(c.status())) return;
    m_conversation = std::move(*c);
    m_removed = 0;
    m_shown_tokens.clear();
    loadTree();
    showBranch();
    emit opened(conversation);
}

void ChatController::startNew() {
    m_conversation = {};
    if (const auto draft = m_history->setting(kNewDraft, ""); draft.ok()) m_conversation.draft = *draft;
    m_tree = {};
    m_removed = 0;
    showBranch();
    emit opened(0);
}

void ChatController::reload() {
    if (m_conversation.id == 0) return;
    auto c = m_history->conversation(m_conversation.id);
    if (c.ok()) m_conversation = std::move(*c);
}

void ChatController::loadTree() {
    auto messages = m_history->messages(m_conversation.id);
    m_tree = check(messages.status()) ? MessageTree(std::move(*messages)) : MessageTree();
    // Conversations from elsewhere may not say which branch they show.
    const bool leads_nowhere = !m_conversation.leaf || !m_tree.find(*m_conversation.leaf);
    if (leads_nowhere && !m_tree.empty()) m_conversation.leaf = m_tree.newest().id;
}

const std::vector<TranscriptToken>& ChatController::shownTokens(const Message& message) {
    const bool ended = !message.finish.empty();
    if (const auto known = m_shown_tokens.constFind(message.id); ended && known != m_shown_tokens.constEnd()) {
        if (known->empty() == message.text.empty() && (known->empty() || known->back().end == message.text.size())) {
            return *known;
        }
    }
    std::vector<TranscriptToken> read;
    if (const auto tokens = m_history->tokens(message.id); tokens.ok()) {
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
    t.figures = {m.answer_tokens, m.tokens_per_second, m.first_token_seconds > 0 ? m.first_token_seconds : -1,
                 endText(m.finish, m.settings)};
    if (m_streaming && m_streaming->message == m.id) {
        // What the engine has said. The history may be behind, or ahead of batches that are still to come.
        t.state = TranscriptState::kStreaming;
        t.text = m_streaming->text;
        for (const MessageToken& token : m_streaming->tokens) t.tokens.push_back(shown(token));
        return t;
    }
    t.tokens = shownTokens(m);
    if (!isPlainFinish(m.finish)) {
        t.state = TranscriptState::kError;
        t.error = qt(m.finish);
    } else if (m.finish == "stopped" || m.finish == "interrupted") {
        t.state = TranscriptState::kStopped;
    }
    return t;
}

void ChatController::showBranch() {
    const auto branch = m_tree.branchTo(m_conversation.leaf);
    // The cut that counts is that of the last answer.
    std::optional<std::int64_t> cut;
    for (const Message& m : branch) {
        if (m.author == Author::kAssistant) cut = m.context_start;
    }
    std::vector<TranscriptMessage> messages;
    for (const Message& m : branch) {
        TranscriptMessage t = shownMessage(m);
        t.cut_before = cut == m.id;
        const auto alike = m_tree.siblingsOf(m);
        t.siblings = static_cast<int>(alike.size());
        t.sibling = static_cast<int>(std::find(alike.begin(), alike.end(), m.id) - alike.begin());
        messages.push_back(std::move(t));
    }
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

GenerationSettings ChatController::settings() const {
    QJsonObject json = objectOf(m_conversation.settings);
    json.remove(kRulesKey);
    return json.isEmpty() ? m_defaults : GenerationSettings::fromJson(json);
}

void ChatController::setSystemPrompt(const QString& text) {
    m_conversation.system_prompt = text.toStdString();
    if (m_conversation.id != 0) check(m_history->setSystemPrompt(m_conversation.id, m_conversation.system_prompt));
}

void ChatController::setModel(const QString& path) {
    if (m_conversation.id == 0 || m_conversation.model == path.toStdString()) return;
    m_conversation.model = path.toStdString();
    check(m_history->setModel(m_conversation.id, m_conversation.model));
}

void ChatController::setSettings(const GenerationSettings& settings) {
    QJsonObject json = settings.toJson();
    putRules(json, rules());
    m_conversation.settings = jsonOf(json);
    if (m_conversation.id != 0) check(m_history->setConversationSettings(m_conversation.id, m_conversation.settings));
}

RouterRules ChatController::rules() const {
    return rulesIn(m_conversation.settings);
}

void ChatController::setRules(const RouterRules& rules) {
    QJsonObject json = objectOf(m_conversation.settings);
    putRules(json, rules);
    m_conversation.settings = jsonOf(json);
    if (m_conversation.id != 0) check(m_history->setConversationSettings(m_conversation.id, m_conversation.settings));
}

std::string ChatController::modelOf(qint64 message) const {
    const Message* m = m_tree.find(message);
    return m ? m->model : std::string();
}

RouterRules ChatController::rulesOf(qint64 message) const {
    const Message* m = m_tree.find(message);
    return m ? rulesIn(m->settings) : RouterRules();
}

void ChatController::setDraft(const QString& text) {
    std::string draft = text.toStdString();
    if (m_conversation.draft == draft) return;
    m_conversation.draft = std::move(draft);
    check(m_conversation.id == 0 ? m_history->setSetting(kNewDraft, m_conversation.draft)
                                 : m_history->setDraft(m_conversation.id, m_conversation.draft));
}

bool ChatController::ensureStored(const QString& first_question) {
    if (m_conversation.id != 0) return true;
    m_conversation.title = titleFrom(first_question).toStdString();
    setDraft({});
    const auto id = m_history->createConversation(m_conversation);
    if (!check(id.status())) return false;
    m_conversation.id = *id;
    emit opened(*id);
    return true;
}

bool ChatController::ask(std::optional<qint64> parent, const QString& text) {
    if (busy() || !ensureStored(text)) return false;
    Message question;
    question.conversation = m_conversation.id;
    question.parent = parent;
    question.text = text.toStdString();
    // On the disk before anything is computed.
    const auto id = m_history->addMessage(question);
    if (!check(id.status())) return false;
    if (!m_conversation.draft.empty()) setDraft({});
    showNew(*id);
    emit conversationChanged(m_conversation.id);
    requestAnswer(*id, 0, rules(), settings());
    return true;
}

bool ChatController::send(const QString& text) {
    return ask(m_conversation.leaf, text);
}

bool ChatController::edit(qint64 message, const QString& text) {
    const Message* m = m_tree.find(message);
    if (!m || busy()) return false;
    if (m->author == Author::kUser) return ask(m->parent, text);
    // An answer in other words: what follows builds on it.
    Message edited;
    edited.conversation = m->conversation;
    edited.parent = m->parent;
    edited.author = Author::kAssistant;
    edited.text = text.toStdString();
    edited.finish = "edited";
    edited.model = m->model;
    const auto id = m_history->addMessage(edited);
    if (!check(id.status())) return false;
    m_conversation.leaf = *id;
    loadTree();
    showBranch();
    emit conversationChanged(m_conversation.id);
    return true;
}

void ChatController::regenerate(qint64 message, const std::optional<RouterRules>& own_rules) {
    const Message* m = m_tree.find(message);
    if (!m || busy()) return;
    if (m->author == Author::kUser) return requestAnswer(m->id, 0, own_rules.value_or(rules()), settings());
    if (!m->parent) return;
    if (!own_rules) return requestAnswer(*m->parent, 0, rules(), settings());
    GenerationSettings same = GenerationSettings::fromJson(objectOf(m->settings), settings());
    if (objectOf(m->settings).contains(QLatin1String("seed"))) same.random_seed = false;
    requestAnswer(*m->parent, 0, *own_rules, same);
    m_compare_with = message;
}

void ChatController::continueAnswer(qint64 message) {
    const Message* m = m_tree.find(message);
    if (!m || m->author != Author::kAssistant || busy()) return;
    requestAnswer(message, message, rulesIn(m->settings), settings());  // by the rules that it began with
}

void ChatController::requestAnswer(qint64 question, qint64 continued, const RouterRules& rules, GenerationSettings s) {
    if (s.random_seed) s.seed = QRandomGenerator::global()->generate64();
    AnswerJob job;
    job.conversation = m_conversation.id;
    job.continued = continued;
    job.turns = m_tree.branchTo(question);
    job.system_prompt = m_conversation.system_prompt;
    job.sampling.temperature = static_cast<float>(s.temperature);
    job.sampling.top_k = s.top_k;
    job.sampling.top_p = static_cast<float>(s.top_p);
    job.sampling.min_p = static_cast<float>(s.min_p);
    job.sampling.repetition_penalty = static_cast<float>(s.repetition_penalty);
    job.sampling.seed = s.seed;
    job.max_tokens = s.max_tokens;
    job.policy = s.context_policy == QLatin1String("stop")  ? ContextPolicy::kStop
                 : s.context_policy == QLatin1String("ask") ? ContextPolicy::kAsk
                                                            : ContextPolicy::kDropOldest;
    job.rules = rules;
    QJsonObject json = s.toJson();
    putRules(json, rules);
    job.settings = jsonOf(json);
    m_compare_with = 0;
    m_last_job = std::move(job);
    m_streaming.emplace();
    m_streaming->conversation = m_conversation.id;
    emit answeringChanged(true);
    askEngineSoon();
}

void ChatController::askEngineSoon() {
    m_turns_left = 3;  // the inspector reads what is shown, its charts read that, and all are painted
    m_ask_engine.start();
}

void ChatController::askEngine() {
    m_ask_engine.stop();
    m_engine->answer(m_last_job);
}

void ChatController::retryDroppingOldest() {
    if (answering() || m_last_job.turns.empty()) return;
    m_last_job.policy = ContextPolicy::kDropOldest;
    m_streaming.emplace();
    m_streaming->conversation = m_last_job.conversation;
    emit answeringChanged(true);
    askEngineSoon();
}

void ChatController::stop() {
    if (m_ask_engine.isActive()) askEngine();
    m_engine->stop();
}

void ChatController::onBegun(qint64 conversation, qint64 message, qint64, qint64) {
    if (!m_streaming) return;
    m_streaming->message = message;
    m_streaming->begun = true;
    m_streaming->rules_text = endText({}, m_last_job.settings);
    m_routing.remove(message);
    if (m_last_job.continued != 0) {
        m_streaming->text = m_last_job.turns.back().text;
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

void ChatController::onEnded(const AnswerEnd& end) {
    if (!m_streaming || m_streaming->message != end.message) return;
    const std::string streamed = std::move(m_streaming->text);
    m_streaming.reset();
    const AnswerFigures figures{end.answer_tokens, end.tokens_per_second, end.first_token_seconds,
                                endText(end.finish.toStdString(), m_last_job.settings)};
    const TranscriptState state = !end.error.isEmpty()                     ? TranscriptState::kError
                                  : end.finish == QLatin1String("stopped") ? TranscriptState::kStopped
                                                                           : TranscriptState::kComplete;
    m_transcript->finish(end.message, state, figures, end.error);
    if (end.conversation == m_conversation.id) {
        loadTree();
        // Where the disk was full the window has more than the history; copying gives all of it.
        if (Message* m = m_tree.find(end.message); m && m->text.size() < streamed.size()) m->text = streamed;
        emit contextUsed(end.context_used);
    }
    emit answeringChanged(false);
    emit conversationChanged(end.conversation);
    emit answerEnded(end);
    if (const qint64 before = std::exchange(m_compare_with, 0); before != 0 && end.error.isEmpty()) {
        emit comparisonWanted(before, end.message);
    }
}

void ChatController::onRefused(qint64, const QString& sentence, bool would_fit_cut) {
    m_streaming.reset();
    emit answeringChanged(false);
    if (would_fit_cut) {
        emit contextQuestion(sentence);
    } else {
        emit failed(sentence);
    }
}

void ChatController::remove(qint64 message) {
    if (m_streaming && m_streaming->conversation == m_conversation.id && busy()) return;
    if (!check(m_history->deleteMessage(message))) return;
    m_removed = message;
    reload();
    loadTree();
    showBranch();
    emit conversationChanged(m_conversation.id);
    emit removed();
}

void ChatController::undoRemove() {
    if (m_removed == 0 || !check(m_history->undeleteMessage(m_removed))) return;
    m_removed = 0;
    reload();
    loadTree();
    showBranch();
    emit conversationChanged(m_conversation.id);
}

void ChatController::showSibling(qint64 message, int delta) {
    const Message* m = m_tree.find(message);
    if (!m) return;
    const auto siblings = m_tree.siblingsOf(*m);
    const auto at = std::find(siblings.begin(), siblings.end(), m->id) - siblings.begin() + delta;
    if (at < 0 || at >= static_cast<std::ptrdiff_t>(siblings.size())) return;
    m_conversation.leaf = m_tree.newestLeafUnder(siblings[static_cast<std::size_t>(at)]);
    check(m_history->setLeaf(m_conversation.id, m_conversation.leaf));
    showBranch();
}

void ChatController::showMessage(qint64 message) {
    if (!m_tree.find(message) || m_transcript->rowOf(message) >= 0) return;
    m_conversation.leaf = m_tree.newestLeafUnder(message);
    check(m_history->setLeaf(m_conversation.id, m_conversation.leaf));
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

std::shared_ptr<const RoutingLog> ChatController::routing(qint64 message) {
    if (const auto found = m_routing.constFind(message); found != m_routing.constEnd()) return found->log;
    auto stored = m_history->routing(message);
    if (!stored.ok() || !*stored) return nullptr;
    auto log = std::make_shared<RoutingLog>(std::move(**stored));
    m_routing[message].log = log;
    return log;
}

ChatController::TokenPlace ChatController::placeOf(qint64 message, int token) {
    const TranscriptMessage* m = m_transcript->find(message);
    if (!m || token < 0 || token >= static_cast<int>(m->tokens.size())) return {};
    auto log = routing(message);
    if (!log) return {};
    AnswerRouting& known = m_routing[message];
    for (; known.indexed < log->size(); ++known.indexed) {
        known.index[log->token(known.indexed).position] = known.indexed;
    }
    const auto found = known.index.constFind(m->tokens[static_cast<std::size_t>(token)].position);
    if (found == known.index.constEnd()) return {};
    return {std::move(log), *found};
}

std::vector<LayerRouting> ChatController::tokenRouting(qint64 message, int token) {
    const TokenPlace place = placeOf(message, token);
    return place.log ? place.log->layers(place.index) : std::vector<LayerRouting>();
}

std::optional<LayerRouting> ChatController::tokenRouting(qint64 message, int token, int layer) {
    const TokenPlace place = placeOf(message, token);
    if (!place.log || layer < 0 || layer >= place.log->shape().moe_layers) return std::nullopt;
    return place.log->at(place.index, layer);
}

}  // namespace moescope
