#include "app/window/routing_desk.h"

#include <QElapsedTimer>
#include <algorithm>
#include <utility>

#include "app/chat/model_name.h"
#include "app/models/model_type.h"
#include "app/window/chat_controller.h"
#include "app/window/qt_text.h"
#include "engine/base/version.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/settings/rules_words.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

RoutingDesk::RoutingDesk(const std::string& data_dir, History* history, ChatController* chat,
                         TranscriptModel* transcript, TranscriptView* view, InspectorDock* inspector, QObject* parent)
    : QObject(parent),
      m_sources(history),
      m_reader(data_dir),
      m_chat(chat),
      m_transcript(transcript),
      m_view(view),
      m_inspector(inspector) {
    // Several changes of the transcript at once are one.
    m_rebuild.setSingleShot(true);
    connect(&m_rebuild, &QTimer::timeout, this, [this] { rebuild(); });
    const auto later = [this] {
        constexpr double kCostMs = 2;
        constexpr int kLongestWaitMs = 250;
        m_rebuild.start(m_inspector->model().pace().wait(kCostMs, kLongestWaitMs));
    };
    connect(&inspector->model().pace(), &LivePace::ended, this, [this] {
        if (m_rebuild.isActive()) m_rebuild.start(0);
    });
    connect(transcript, &QAbstractItemModel::modelReset, this, later);
    connect(transcript, &QAbstractItemModel::rowsInserted, this, later);
    connect(transcript, &QAbstractItemModel::rowsRemoved, this, later);
    connect(chat, &ChatController::opened, this, later);
    connect(chat, &ChatController::answerProgress, this, &RoutingDesk::grow);
    connect(chat, &ChatController::answerEnded, this, [this] {
        placeQuestions();
        offer();
        // A scope by parts of the prompt has not seen these yet.
        InspectorModel& shown = m_inspector->model();
        const Scope scope = shown.scope();
        if (scope.only != Scope::Only::kQuestion && scope.only != Scope::Only::kTemplate) return;
        shown.setScope({});
        shown.setScope(scope);
    });
    connect(&inspector->model(), &InspectorModel::sourceWanted, this, &RoutingDesk::onSourceWanted);
    connect(&m_reader, &ChatsReader::begun, this, &RoutingDesk::showSource);
    connect(&m_reader, &ChatsReader::grew, &inspector->model(), &InspectorModel::sourceGrew);
    InspectorModel& model = inspector->model();
    model.setLoader([this](qint64 id) { return m_sources.load(id); });
    connect(&model.selection(), &RoutingSelection::changed, this, &RoutingDesk::onSelection);
    connect(view, &TranscriptView::tokenHovered, this, [this](qint64 message, int token) {
        m_from_transcript = true;
        m_inspector->model().selection().hover(spotOf(message, token, false));
        m_from_transcript = false;
    });
    connect(view, &TranscriptView::tokenClicked, this, [this](qint64 message, int token) {
        const Spot spot = spotOf(message, token, true);
        if (!spot.hasTokens()) return;
        RoutingSelection& selection = m_inspector->model().selection();
        const Spot chosen = selection.chosen();
        const bool again = chosen.source == spot.source && chosen.first == spot.first && chosen.last == spot.last;
        m_from_transcript = true;
        again ? selection.clearTokens() : selection.choose(spot);
        m_from_transcript = false;
    });
}

void RoutingDesk::setModel(const LoadedModel& model) {
    m_sources.setModel(model);
    m_questions_placed = 0;
    placeQuestions();
    if (m_source) m_inspector->model().sourceGrew();  // its tokens may have got texts
}

void RoutingDesk::flush() {
    if (!m_rebuild.isActive()) return;
    m_rebuild.stop();
    rebuild(true);
}

void RoutingDesk::rebuild(bool whole) {
    QElapsedTimer clock;
    clock.start();
    std::vector<qint64> answers;
    for (int row = 0; row < m_transcript->count(); ++row) {
        const TranscriptMessage& m = m_transcript->at(row);
        // Answers without tokens, of which an import may bring thousands, have no routing.
        const bool may_have = !m.tokens.empty() || m.state == TranscriptState::kStreaming;
        if (m.role == TranscriptRole::kAnswer && may_have) answers.push_back(m.id);
    }
    // An answer more at the end of the same branch is the usual case.
    const bool longer =
        m_source && m_conversation == m_chat->conversation() && m_skipped + m_parts.size() <= answers.size() &&
        std::equal(m_parts.begin(), m_parts.end(), answers.begin() + static_cast<std::ptrdiff_t>(m_skipped),
                   [](const Part& part, qint64 id) { return part.message == id; });
    InspectorModel& model = m_inspector->model();
    if (!longer) {
        m_conversation = m_chat->conversation();
        m_parts.clear();
        m_runs.reset();
        m_branch = {};
        m_source.reset();
        m_skipped = answers.size();
        for (std::size_t tokens = 0; m_skipped > 0 && tokens < kMostTokens; --m_skipped) {
            const auto log = m_chat->routing(answers[m_skipped - 1]);
            if (!log) continue;
            tokens += log->size();
            if (!m_runs) m_runs = std::make_shared<RoutingRuns>(log->shape());
        }
        model.selection().clearTokens();
    } else if (!m_parts.empty()) {
        catchUp(m_parts.back());
    }
    if (m_runs && !m_source) {
        m_source = std::make_shared<RoutingSource>(RoutingSources::idOfConversation(m_conversation),
                                                   oneLine(QString::fromStdString(m_chat->current().title)), m_runs);
        m_source->setVocabulary(m_sources.vocabulary(m_chat->modelOf(answers.back())));
    }
    for (std::size_t i = m_skipped + m_parts.size(); m_source && i < answers.size(); ++i) {
        addAnswer(answers[i]);
        // A long chat's routing takes a while to read: the window goes on in between.
        constexpr qint64 kSliceMs = 8;
        if (!whole && i + 1 < answers.size() && clock.elapsed() >= kSliceMs) return m_rebuild.start(0);
    }
    m_questions_placed = 0;  // the transcript may have new messages
    placeQuestions();
    offer();
    m_reader.stop();
    // A chat without records may have been read again since.
    model.setSource(m_source ? m_source : m_sources.rereadOf(m_conversation));
    model.setOrigin(origin());
    if (m_source) model.sourceGrew();
}

void RoutingDesk::offer() {
    m_inspector->model().setOffers(m_sources.offers(m_chat->conversation()));
    offerChoices();
}

void RoutingDesk::placeQuestions() {
    constexpr std::size_t kLongest = 400'000;  // bytes of a chat: it must not be felt
    const auto& model = m_sources.model().model;
    if (!model || !m_source || m_parts.empty() || m_questions_placed == m_runs->size()) return;
    if (m_chat->modelOf(m_parts.back().message) != modelName(*model)) return;
    m_questions_placed = m_runs->size();
    // The prompts of answers with one beginning begin each other, so the last of them places the questions of all.
    const RoutingView records = m_source->log();
    for (std::size_t first = 0; first < m_parts.size();) {
        const auto cut = m_chat->cutOf(m_parts[first].message);
        std::size_t end = first + 1;
        while (end < m_parts.size() && m_chat->cutOf(m_parts[end].message) == cut) ++end;
        std::vector<ChatMessage> messages;
        std::vector<const TranscriptMessage*> shown;
        if (const std::string& system = m_chat->current().system_prompt; !system.empty()) {
            messages.push_back({Role::kSystem, system});
            shown.push_back(nullptr);
        }
        bool begun = !cut;
        std::size_t bytes = 0;
        for (int row = 0; row < m_transcript->count(); ++row) {
            const TranscriptMessage& m = m_transcript->at(row);
            if (m.id == m_parts[end - 1].message) break;
            begun |= cut && m.id == *cut;
            if (!begun) continue;
            messages.push_back({m.role == TranscriptRole::kUser ? Role::kUser : Role::kAssistant, m.text});
            shown.push_back(&m);
            bytes += m.text.size();
        }
        const TokenRange range{m_parts[first].begin, m_parts[end - 1].end};
        first = end;
        if (bytes > kLongest) continue;
        const RenderedChat chat = model->chatTemplate().render(model->tokenizer(), messages, true);
        std::vector<std::vector<TranscriptToken>> tokens(messages.size());
        for (std::size_t t = range.begin; t < range.end; ++t) {
            const RoutingLog::Token& token = records.token(t);
            const auto at = static_cast<std::size_t>(token.position);
            // Only what is there indeed: a template may have changed since, or an answer been written otherwise.
            if (token.phase != Phase::kPrefill || at >= chat.tokens.size() || chat.tokens[at].id != token.token)
                continue;
            const RenderedChat::Token& in_chat = chat.tokens[at];
            if (in_chat.message < 0) {
                m_source->setPart(static_cast<int>(t), TokenPart::kTemplate);
            } else if (messages[static_cast<std::size_t>(in_chat.message)].role == Role::kSystem) {
                m_source->setPart(static_cast<int>(t), TokenPart::kSystem);
            } else if (messages[static_cast<std::size_t>(in_chat.message)].role == Role::kUser) {
                tokens[static_cast<std::size_t>(in_chat.message)].push_back(
                    {in_chat.begin, in_chat.end, token.position});
            }
        }
        for (std::size_t i = 0; i < messages.size(); ++i) {
            if (!shown[i] || tokens[i].empty()) continue;
            std::ranges::sort(tokens[i], {}, &TranscriptToken::position);
            m_source->place(shown[i]->id, shown[i]->text, tokens[i], range, 0, TokenPart::kQuestion);
            if (shown[i]->tokens.empty()) m_transcript->appendText(shown[i]->id, {}, tokens[i]);
        }
    }
}

QString RoutingDesk::origin() const {
    QStringList parts;
    // Several answers may have been made with other rules: only those of one are told.
    if (shownSource() == m_source && !m_parts.empty()) {
        const qint64 message = m_parts.back().message;
        parts << QString::fromStdString(m_chat->modelOf(message)) << qt(typeInName(m_chat->current().model_path));
        const RouterRules rules = m_chat->rulesOf(message);
        const bool same =
            std::ranges::all_of(m_parts, [&](const Part& part) { return m_chat->rulesOf(part.message) == rules; });
        parts << (same ? rulesWords(rules) : tr("answers with different router rules"));
    }
    parts << QStringLiteral("Moescope %1").arg(QLatin1String(programVersion()));
    parts.removeAll(QString());
    return oneLine(parts.join(QStringLiteral(" · ")));
}

void RoutingDesk::offerChoices() {
    InspectorModel& model = m_inspector->model();
    qint64 answer = 0;
    for (const Part& part : m_parts) answer = part.log ? part.message : answer;
    // The one of the token in hand, else the last.
    const Spot chosen = model.selection().chosen();
    if (m_source && chosen.hasTokens() && chosen.source == m_source->id()) {
        for (const Part& part : m_parts) {
            const auto token = static_cast<std::size_t>(chosen.last);
            if (token >= part.begin && token < part.end) answer = part.message;
        }
    }
    model.setChoices(m_sources.choices(m_chat->conversation(), answer));
}

void RoutingDesk::onSourceWanted(qint64 id) {
    flush();
    const SharedSource shown = shownSource();
    if (shown && shown->id() == id && !m_reader.reading()) return;
    m_reader.stop();
    if (m_source && m_source->id() == id) return showSource(m_source);
    if (!RoutingSources::isOfChats(id)) {
        if (const SharedSource source = m_sources.load(id)) showSource(source);
        return;
    }
    const SharedSource pattern = shown ? shown : m_source;
    const RoutingShape shape = pattern ? pattern->shape() : m_sources.model().shape;
    if (shape.moe_layers == 0) return;
    QString name;
    for (const SourceOffer& choice : m_inspector->model().choices()) {
        if (choice.id == id) name = choice.name;
    }
    m_reader.read(id, name, m_sources.chatsOf(id), shape,
                  [this](const std::string& model) { return m_sources.vocabulary(model); });
}

void RoutingDesk::addAnswer(qint64 message) {
    Part part{message, m_runs->size(), m_runs->size(), m_chat->routing(message), 0};
    if (part.log && m_runs->shape().continues(part.log->shape())) {
        const TranscriptMessage* m = m_transcript->find(message);
        const bool begun = m && !m->tokens.empty();
        m_branch.append(*m_runs, part.log, m_chat->cutOf(message),
                        begun ? std::optional(m->tokens.front().position) : std::nullopt);
        part.read = part.log->size();
    }
    part.end = m_runs->size();
    m_parts.push_back(part);
    place(part, 0);
}

void RoutingDesk::catchUp(Part& part) {
    const auto log = m_chat->routing(part.message);
    if (!log || !m_runs->shape().continues(log->shape()) || log->size() <= part.read) return;
    m_runs->append(log, {part.read, log->size()});
    part.log = log;
    part.read = log->size();
    part.end = m_runs->size();
    place(part, 0);
}

void RoutingDesk::place(const Part& part, int first_index) {
    const TranscriptMessage* m = m_transcript->find(part.message);
    if (!m || first_index >= static_cast<int>(m->tokens.size())) return;
    m_source->place(part.message, m->text, std::span(m->tokens).subspan(static_cast<std::size_t>(first_index)),
                    {part.begin, part.end}, first_index);
}

void RoutingDesk::grow(const AnswerBatch& batch) {
    if (batch.conversation != m_chat->conversation() || m_rebuild.isActive()) return;
    if (!m_source || m_parts.empty() || m_parts.back().message != batch.message) return rebuild();
    Part& part = m_parts.back();
    if (const auto log = m_chat->routing(batch.message);
        batch.routing && log && m_runs->shape().continues(log->shape()) && log->size() >= batch.routing->size()) {
        // An answer that goes on has another log, of which only what is new was not here before.
        if (log != std::exchange(part.log, log)) part.read = log->size() - batch.routing->size();
        m_runs->append(log, {part.read, log->size()});
        part.read = log->size();
        part.end = m_runs->size();
    }
    // A token's record comes with the next token, so the last of the batch before may have had none.
    const TranscriptMessage* m = m_transcript->find(batch.message);
    const int tokens = m ? static_cast<int>(m->tokens.size()) : 0;
    place(part, std::max(0, tokens - static_cast<int>(batch.tokens.size()) - 2));
    m_inspector->model().sourceGrew();
}

void RoutingDesk::onSelection(RoutingSelection::Parts parts) {
    const RoutingSelection& selection = m_inspector->model().selection();
    if (parts.testFlag(RoutingSelection::kTokens)) offerChoices();
    if (m_from_transcript && !parts.testFlag(RoutingSelection::kTokens)) return;  // it shows itself what it hovers
    const Spot spot = selection.shown();
    const SharedSource source = shownSource();
    const bool here = source && spot.hasTokens() && spot.source == source->id() && spot.first < source->size();
    const TokenPlace place = here ? source->placeOf(spot.first) : TokenPlace();
    if (place.message == 0) return m_view->setSelectedToken(0, -1);
    m_view->setSelectedToken(place.message, place.index);
    if (!m_from_transcript && parts.testFlag(RoutingSelection::kTokens)) {
        m_view->revealToken(place.message, place.index);
    }
}

Spot RoutingDesk::spotOf(qint64 message, int index, bool load) {
    if (message == 0 || index < 0) return {};
    const auto in = [&](const SharedSource& source) {
        const int at = source ? source->find(message, index) : -1;
        return at < 0 ? Spot() : Spot::ofToken(source->id(), at);
    };
    if (const Spot spot = in(shownSource()); spot.hasTokens() || !load) return spot;
    const SharedSource source = in(m_source).hasTokens() ? m_source : m_sources.answer(message);
    if (source) showSource(source);
    return in(source);
}

void RoutingDesk::selectToken(qint64 message, int index) {
    flush();
    if (const Spot spot = spotOf(message, index, true); spot.hasTokens()) {
        m_inspector->model().selection().choose(spot);
    } else {
        m_view->setSelectedToken(message, index);
        m_view->revealToken(message, index);
    }
}

void RoutingDesk::showSource(const SharedSource& source) {
    flush();
    InspectorModel& model = m_inspector->model();
    model.selection().clearTokens();
    offer();
    model.setSource(source);
    model.setOrigin(origin());
    m_inspector->show();
}

qint64 RoutingDesk::lastAnswerOf(qint64 source) const {
    return m_source && m_source->id() == source && !m_parts.empty() ? m_parts.back().message : 0;
}

SharedSource RoutingDesk::shownSource() const {
    return m_inspector->model().whole();
}

SharedSource RoutingDesk::scopedSource() const {
    return m_inspector->model().source();
}

void RoutingDesk::compare(qint64 a, qint64 b) {
    flush();
    m_inspector->model().compare(a, b);
    m_inspector->showView(ViewKind::kCompare);
    m_inspector->show();
}

}  // namespace moescope
