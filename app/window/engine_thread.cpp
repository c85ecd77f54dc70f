#include "app/window/engine_thread.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "app/chat/model_name.h"
#include "app/window/prompt.h"
#include "storage/answer_writer.h"
#include "storage/history.h"

namespace moescope {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kBatchInterval = std::chrono::milliseconds(33);
/// Of the history, for one attempt: computing does not wait for another program that writes.
constexpr int kPatienceMs = 50;
/// What an answer has gathered may wait so long for such a program before that is said.
constexpr auto kQuietly = std::chrono::seconds(5);
/// And its end so long, before only the window has it.
constexpr auto kLastPatience = std::chrono::minutes(5);
constexpr auto kLastPatienceAtEnd = std::chrono::seconds(15);  // when the program closes

QString text(const std::string& utf8) {
    return QString::fromStdString(utf8);
}

}  // namespace

/// Takes what one answer yields, and passes it to the history and, in batches, to the window.
class EngineThread::Answering : public RoutingSink {
public:
    /// `continued`: the answer as it was, if it goes on; else null.
    Answering(EngineThread& thread, AnswerWriter& writer, qint64 conversation, const RoutingShape& shape,
              const AnswerPlace& place, const Message* continued)
        : m_thread(thread), m_writer(writer), m_shape(shape), m_place(place), m_start(Clock::now()) {
        m_batch.conversation = conversation;
        m_batch.message = writer.message();
        m_last_sent = m_start;
        if (!continued) return;
        m_continued = true;
        m_batch.answer_tokens = continued->answer_tokens;
        m_batch.first_token_seconds = continued->first_token_seconds > 0 ? continued->first_token_seconds : -1;
        m_batch.tokens_per_second = continued->tokens_per_second;
    }

    void onToken(const TokenRouting& token) override {
        m_batch.context_used = token.position + 1;
        if (token.position < m_place.known) return;  // no token has two records on a branch
        if (!m_batch.routing) m_batch.routing = std::make_shared<RoutingLog>(m_shape);
        TokenRouting placed = token;
        placed.position += m_place.shift;
        m_batch.routing->onToken(placed);
    }

    void onPiece(const GeneratedPiece& piece) {
        const auto now = Clock::now();
        std::string_view shown = piece.text;
        // The template puts the blank that opens an answer itself.
        if (m_writer.text().empty() && !shown.empty() && shown.front() == ' ') shown.remove_prefix(1);
        const auto begin = static_cast<std::uint32_t>(m_writer.text().size());
        shown = m_writer.appendText(shown);
        const auto end = begin + static_cast<std::uint32_t>(shown.size());
        m_batch.text += shown;
        if (piece.token >= 0) {
            const MessageToken token{piece.token, begin, end, m_place.position++ + m_place.shift};
            m_writer.appendToken(token);
            m_batch.tokens.push_back(token);
            ++m_batch.answer_tokens;
            if (m_new_tokens++ == 0) {
                const double seconds = std::chrono::duration<double>(now - m_start).count();
                if (!m_continued) m_batch.first_token_seconds = seconds;
                m_first = now;
            } else {
                m_batch.tokens_per_second = (m_new_tokens - 1) / std::chrono::duration<double>(now - m_first).count();
            }
        }
        if (now - m_last_sent >= kBatchInterval) send(now);
    }

    void send(Clock::time_point now = Clock::now()) {
        m_last_sent = now;
        if (m_batch.routing) m_writer.appendRouting(*m_batch.routing);
        if (!m_batch.text.empty() || !m_batch.tokens.empty() || m_batch.routing) {
            emit m_thread.answerBatch(m_batch);
            m_batch.text.clear();
            m_batch.tokens.clear();
            m_batch.routing.reset();
        }
        const Status saved = m_writer.commitIfDue();
        if (saved.code() != StatusCode::kBusy) m_waits_since.reset();
        if (saved.ok()) return;
        // Another program's write ends by itself as a rule, and the answer is kept here meanwhile.
        if (saved.code() == StatusCode::kBusy) {
            if (!m_waits_since) m_waits_since = now;
            if (now - *m_waits_since < kQuietly) return;
            m_waits_since = now;
        }
        emit m_thread.saveFailed(text(saved.message()));
    }

    const AnswerBatch& batch() const { return m_batch; }

private:
    EngineThread& m_thread;
    AnswerWriter& m_writer;
    RoutingShape m_shape;
    AnswerBatch m_batch;
    AnswerPlace m_place;
    int m_new_tokens = 0;
    bool m_continued = false;
    Clock::time_point m_start, m_first, m_last_sent;
    std::optional<Clock::time_point> m_waits_since;  // for another program
};

EngineThread::EngineThread(std::string data_dir, QObject* parent) : QObject(parent), m_data_dir(std::move(data_dir)) {
    qRegisterMetaType<LoadedModel>();
    qRegisterMetaType<AnswerBatch>();
    qRegisterMetaType<AnswerEnd>();
    qRegisterMetaType<RoutingShape>();
    qRegisterMetaType<ExperimentPoint>();
    m_thread = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

EngineThread::~EngineThread() {
    m_ending = true;
    m_thread.request_stop();
    stop();
    m_wake.notify_all();
}

void EngineThread::enqueue(std::function<void(const std::stop_token&)> run) {
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.push_back({std::move(run), {}});
    }
    m_wake.notify_all();
}

void EngineThread::work(const std::stop_token& stop) {
    while (true) {
        Task task;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [&] { return stop.stop_requested() || !m_tasks.empty(); });
            if (stop.stop_requested()) break;
            task = std::move(m_tasks.front());
            m_tasks.pop_front();
            m_running_stop = task.stop;
        }
        task.run(task.stop.get_token());
    }
    m_session.reset();
    m_model.reset();
    m_history.reset();
}

void EngineThread::stop() {
    const std::lock_guard lock(m_mutex);
    m_running_stop.request_stop();
    for (Task& task : m_tasks) task.stop.request_stop();
}

void EngineThread::load(LoadJob job) {
    enqueue([this, job = std::move(job)](const std::stop_token& stop) { doLoad(job, stop); });
}

void EngineThread::unload() {
    enqueue([this](const std::stop_token&) {
        m_session.reset();
        m_model.reset();
        emit unloaded();
    });
}

void EngineThread::answer(AnswerJob job) {
    enqueue([this, job = std::move(job)](const std::stop_token& stop) { doAnswer(job, stop); });
}

void EngineThread::doLoad(const LoadJob& job, const std::stop_token& stop) {
    LoadControl control;
    control.stop = stop;
    auto last = Clock::time_point();
    control.progress = [&](double fraction) {
        if (Clock::now() - last < kBatchInterval) return;
        last = Clock::now();
        emit loadProgress(fraction);
    };
    // The old model goes first: two may not fit.
    m_session.reset();
    if (m_model) {
        m_model.reset();
        emit unloaded();
    }
    auto model = Model::load(job.path.toStdString(), job.model, control);
    if (!model.ok()) {
        const bool by_user = model.status().code() == StatusCode::kStopped;
        emit loadFailed(job.path, by_user ? QString() : text(model.status().message()));
        return;
    }
    auto session = Session::create(*model, job.session);
    if (!session.ok()) {
        emit loadFailed(job.path, text(session.status().message()));
        return;
    }
    m_model = *model;
    m_session = std::move(*session);
    m_rules = {};
    m_cut = {};
    m_last_answer = 0;
    LoadedModel loaded_model;
    loaded_model.model = m_model;
    loaded_model.path = job.path;
    loaded_model.name = text(m_model->config().name);
    loaded_model.backend = text(m_model->backend().name());
    const Status& card = m_model->cardStatus();
    loaded_model.placement = text(card.ok() ? m_model->backend().placement() : card.message());
    if (!card.ok() && card.code() != StatusCode::kNotFound) loaded_model.card_problem = text(card.message());
    const std::string_view note = m_model->chatTemplate().note();
    loaded_model.note = QString::fromUtf8(note.data(), static_cast<qsizetype>(note.size()));
    loaded_model.shape = m_model->config().routingShape();
    loaded_model.context = m_session->context();
    loaded_model.memory_bytes = m_model->backend().memoryBytes() + m_session->memoryBytes();
    emit loaded(loaded_model);
}

EngineThread::AnswerPlace EngineThread::placeOf(const AnswerJob& job, const Prompt& prompt,
                                                std::span<const MessageToken> continued_tokens,
                                                const RoutingShape& shape) {
    AnswerPlace place;
    place.position = static_cast<int>(prompt.ids.size());
    if (job.continued != 0 && !continued_tokens.empty()) {
        place.shift = continued_tokens.front().position - (place.position - prompt.continued);
    }
    // Where the session goes on from the end of the answer before, nothing is computed again.
    const qint64 before = std::exchange(m_last_answer, 0);
    const int cached = m_session->position();
    const bool goes_on = m_session->reuse(prompt.ids) == cached;
    // The answer before it on the branch, or its own first part.
    const Message* last = job.continued != 0 ? &job.turns.back() : nullptr;
    for (std::size_t i = prompt.first_turn; !last && i + 1 < job.turns.size(); ++i) {
        const Message& turn = job.turns[job.turns.size() - 2 - (i - prompt.first_turn)];
        if (turn.author == Author::kAssistant) last = &turn;
    }
    if (!last || (goes_on && last->id == before && job.continued == 0)) return place;
    const auto log = m_history->routing(last->id);
    if (!log.ok() || !*log || (*log)->size() == 0 || (*log)->shape() != shape) return place;  // nobody has them yet
    const auto tokens = job.continued != 0 ? Result<std::vector<MessageToken>>(std::vector<MessageToken>(
                                                 continued_tokens.begin(), continued_tokens.end()))
                                           : m_history->tokens(last->id);
    if (!tokens.ok() || tokens->empty()) return place;
    // The last tokens of an answer that was cut off may not have been computed.
    const int missing = std::max(0, tokens->back().position - (*log)->token((*log)->size() - 1).position);
    place.known = std::max(0, (job.continued != 0 ? place.position : prompt.known) - missing);
    return place;
}

void EngineThread::doAnswer(const AnswerJob& job, const std::stop_token& stop) {
    const auto refuse = [&](const std::string& sentence, bool would_fit_cut = false) {
        emit answerRefused(job.conversation, text(sentence), would_fit_cut);
    };
    if (!m_session) return refuse(tr("No model is loaded; choose one above.").toStdString());
    if (!m_history) {
        auto history = History::open(m_data_dir);
        while (history.status().code() == StatusCode::kBusy && !stop.stop_requested()) {
            history = History::open(m_data_dir);
        }
        if (!history.ok()) return refuse(history.status().message());
        m_history = std::move(*history);
        m_history->setPatience(kPatienceMs);
    }
    std::vector<MessageToken> continued_tokens;
    if (job.continued != 0) {
        auto tokens = m_history->tokens(job.continued);
        if (!tokens.ok()) return refuse(tokens.status().message());
        continued_tokens = std::move(*tokens);
    }
    const int context = m_session->context();
    const int reserve = reserveFor(context, job.settings.max_tokens);
    // The prompt begins where the one before it did, as long as it fits: then its start is computed already.
    std::size_t previous = 0;
    for (std::size_t i = 0;
         i < job.turns.size() && m_cut.first != 0 && job.settings.context_policy != ContextPolicy::kStop; ++i) {
        if (m_cut.conversation == job.conversation && m_cut.reserve == reserve && job.turns[i].id == m_cut.first) {
            previous = i;
        }
    }
    const bool may_drop = job.settings.context_policy == ContextPolicy::kDropOldest;
    const auto prompt = makePrompt(*m_model, job, continued_tokens, context, reserve, may_drop, previous);
    if (!prompt.ok()) {
        const bool fits = job.settings.context_policy == ContextPolicy::kAsk &&
                          makePrompt(*m_model, job, continued_tokens, context, reserve, true, previous).ok();
        return refuse(prompt.status().message(), fits);
    }
    // A cache that was computed under other rules must not be used.
    if (job.settings.rules != m_rules) {
        if (Status status = m_session->setRouterRules(job.settings.rules); !status.ok())
            return refuse(status.message());
        m_session->truncate(0);
        m_rules = job.settings.rules;
        m_last_answer = 0;
    }

    m_cut = {job.conversation, prompt->first_turn > 0 ? job.turns[prompt->first_turn].id : 0, reserve};

    Message answer;
    answer.conversation = job.conversation;
    answer.parent = job.turns.back().id;
    answer.author = Author::kAssistant;
    answer.model_name = modelName(*m_model);
    answer.settings = job.settings.toJson();
    if (prompt->first_turn > 0) answer.context_start = job.turns[prompt->first_turn].id;
    const RoutingShape shape = m_model->config().routingShape();
    const auto begin = [&] {
        return job.continued != 0 ? m_history->continueAnswer(job.continued, shape)
                                  : m_history->beginAnswer(answer, shape);
    };
    auto writer = begin();
    while (writer.status().code() == StatusCode::kBusy && !stop.stop_requested()) writer = begin();
    if (!writer.ok()) return refuse(writer.status().message());
    emit answerBegun(job.conversation, (*writer)->message(), job.turns.back().id, static_cast<int>(prompt->ids.size()),
                     answer.context_start.value_or(0));

    Answering answering(*this, **writer, job.conversation, shape, placeOf(job, *prompt, continued_tokens, shape),
                        job.continued != 0 ? &job.turns.back() : nullptr);
    GenerationOptions options;
    options.max_tokens = job.settings.max_tokens;
    options.sampling = job.settings.sampling();
    options.sink = &answering;
    options.stop = stop;
    options.on_piece = [&](const GeneratedPiece& piece) { answering.onPiece(piece); };
    options.on_prefill = [&](int done, int total) {
        if (done == total) return;  // the rest is sent with the first tokens: they need not wait for the window
        emit prefillProgress((*writer)->message(), done, total);
        answering.send();
    };
    const auto result = generate(*m_session, prompt->ids, options);
    answering.send();

    AnswerEnd end;
    end.conversation = job.conversation;
    end.message = (*writer)->message();
    end.context_used = m_session->position();
    m_last_answer = end.message;
    end.answer_tokens = answering.batch().answer_tokens;
    end.first_token_seconds = answering.batch().first_token_seconds;
    end.tokens_per_second = answering.batch().tokens_per_second;
    if (result.ok()) {
        end.finish = result->finish;
        if (job.continued == 0) {
            end.first_token_seconds = result->tokens.empty() ? -1 : result->first_token_seconds;
            end.tokens_per_second = result->tokensPerSecond();
        } else if (const double speed = result->tokensPerSecond(); speed > 0) {
            end.tokens_per_second = speed;  // what was measured before stays where there is nothing new
        }
    } else {
        end.finish = FinishReason::kError;
        end.error = text(result.status().message());
    }
    AnswerSummary summary;
    summary.prompt_tokens =
        job.continued != 0 ? job.turns.back().prompt_tokens : static_cast<std::int32_t>(prompt->ids.size());
    summary.first_token_seconds = std::max(0.0, end.first_token_seconds);
    summary.tokens_per_second = end.tokens_per_second;
    // A full disk may get room, and another program come to its end: then the window holds the text, and the history
    // what was saved.
    Status saved;
    const auto ended = Clock::now();
    for (int attempt = 0; attempt < 3; ++attempt) {
        saved = (*writer)->finish({end.finish, end.error.toStdString()}, summary);
        const bool held_up = saved.code() == StatusCode::kBusy;
        const auto patience = m_ending ? std::chrono::milliseconds(kLastPatienceAtEnd) : kLastPatience;
        if (held_up && Clock::now() - ended < patience) {
            attempt = -1;
            continue;
        }
        if (saved.ok() || stop.stop_requested()) break;
        emit saveFailed(text(saved.message()));
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
    if (!saved.ok()) emit saveFailed(text(saved.message()));
    emit answerEnded(end);
}

}  // namespace moescope
