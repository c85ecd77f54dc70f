#include "app/window/engine_thread.h"

#include <algorithm>
#include <chrono>

#include "app/window/prompt.h"
#include "storage/answer_writer.h"
#include "storage/history.h"

namespace moescope {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kBatchInterval = std::chrono::milliseconds(33);

QString text(const std::string& utf8) {
    return QString::fromStdString(utf8);
}

}  // namespace

/// Takes what one answer yields, and passes it to the history and, in batches, to the window.
class EngineThread::Answering : public RoutingSink {
public:
    Answering(EngineThread& thread, AnswerWriter& writer, qint64 conversation, const RoutingShape& shape, int position)
        : m_thread(thread), m_writer(writer), m_shape(shape), m_position(position), m_start(Clock::now()) {
        m_batch.conversation = conversation;
        m_batch.message = writer.message();
        m_last_sent = m_start;
    }

    void onToken(const TokenRouting& token) override {
        if (!m_batch.routing) m_batch.routing = std::make_shared<RoutingLog>(m_shape);
        m_batch.routing->onToken(token);
        m_batch.context_used = token.position + 1;
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
            const MessageToken token{piece.token, begin, end, m_position++};
            m_writer.appendToken(token);
            m_batch.tokens.push_back(token);
            if (m_batch.answer_tokens++ == 0) {
                m_batch.first_token_seconds = std::chrono::duration<double>(now - m_start).count();
                m_first = now;
            } else {
                m_batch.tokens_per_second =
                    (m_batch.answer_tokens - 1) / std::chrono::duration<double>(now - m_first).count();
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
        if (!saved.ok()) emit m_thread.saveFailed(text(saved.message()));
    }

    const AnswerBatch& batch() const { return m_batch; }

private:
    EngineThread& m_thread;
    AnswerWriter& m_writer;
    RoutingShape m_shape;
    AnswerBatch m_batch;
    int m_position;
    Clock::time_point m_start, m_first, m_last_sent;
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
    LoadedModel loaded_model;
    loaded_model.model = m_model;
    loaded_model.path = job.path;
    loaded_model.name = text(m_model->config().name);
    loaded_model.backend = text(m_model->backend().name());
    const Status& card = m_model->cardStatus();
    loaded_model.placement = text(card.ok() ? m_model->backend().placement() : card.message());
    if (!card.ok() && card.code() != StatusCode::kNotFound) loaded_model.card_problem = text(card.message());
    loaded_model.shape = m_model->config().routingShape();
    loaded_model.context = m_session->context();
    loaded_model.memory_bytes = m_model->backend().memoryBytes() + m_session->memoryBytes();
    emit loaded(loaded_model);
}

void EngineThread::doAnswer(const AnswerJob& job, const std::stop_token& stop) {
    const auto refuse = [&](const std::string& sentence, bool would_fit_cut = false) {
        emit answerRefused(job.conversation, text(sentence), would_fit_cut);
    };
    if (!m_session) return refuse(tr("No model is loaded; choose one above.").toStdString());
    if (!m_history) {
        auto history = History::open(m_data_dir);
        if (!history.ok()) return refuse(history.status().message());
        m_history = std::move(*history);
    }
    std::vector<MessageToken> continued_tokens;
    if (job.continued != 0) {
        auto tokens = m_history->tokens(job.continued);
        if (!tokens.ok()) return refuse(tokens.status().message());
        continued_tokens = std::move(*tokens);
    }
    const int context = m_session->context();
    const int reserve = std::min(job.max_tokens, std::max(16, context / 4));
    const auto prompt =
        makePrompt(*m_model, job, continued_tokens, context, reserve, job.policy == ContextPolicy::kDropOldest);
    if (!prompt.ok()) {
        const bool fits = job.policy == ContextPolicy::kAsk &&
                          makePrompt(*m_model, job, continued_tokens, context, reserve, true).ok();
        return refuse(prompt.status().message(), fits);
    }
    // A cache that was computed under other rules must not be used.
    if (job.rules != m_rules) {
        if (Status status = m_session->setRouterRules(job.rules); !status.ok()) return refuse(status.message());
        m_session->truncate(0);
        m_rules = job.rules;
    }

    Message answer;
    answer.conversation = job.conversation;
    answer.parent = job.turns.back().id;
    answer.author = Author::kAssistant;
    answer.model = m_model->config().name.empty() ? m_model->path() : m_model->config().name;
    answer.settings = job.settings;
    if (prompt->first_turn > 0) answer.context_start = job.turns[prompt->first_turn].id;
    const RoutingShape shape = m_model->config().routingShape();
    auto writer =
        job.continued != 0 ? m_history->continueAnswer(job.continued, shape) : m_history->beginAnswer(answer, shape);
    if (!writer.ok()) return refuse(writer.status().message());
    emit answerBegun(job.conversation, (*writer)->message(), job.turns.back().id, static_cast<int>(prompt->ids.size()),
                     answer.context_start.value_or(0));

    Answering answering(*this, **writer, job.conversation, shape, static_cast<int>(prompt->ids.size()));
    GenerationOptions options;
    options.max_tokens = job.max_tokens;
    options.sampling = job.sampling;
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
    end.answer_tokens = answering.batch().answer_tokens;
    end.first_token_seconds = answering.batch().first_token_seconds;
    end.tokens_per_second = answering.batch().tokens_per_second;
    if (result.ok()) {
        end.finish = QString::fromUtf8(finishReasonName(result->finish).data());
        end.first_token_seconds = result->tokens.empty() ? -1 : result->first_token_seconds;
        end.tokens_per_second = result->tokensPerSecond();
    } else {
        end.finish = end.error = text(result.status().message());
    }
    AnswerSummary summary;
    summary.prompt_tokens = static_cast<std::int32_t>(prompt->ids.size());
    summary.first_token_seconds = std::max(0.0, end.first_token_seconds);
    summary.tokens_per_second = end.tokens_per_second;
    // A full disk may get room: a few tries, and then the window holds the text, and the history what was saved.
    Status saved;
    for (int attempt = 0; attempt < 3; ++attempt) {
        saved = (*writer)->finish(end.finish.toStdString(), summary);
        if (saved.ok() || stop.stop_requested()) break;
        emit saveFailed(text(saved.message()));
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
    if (!saved.ok()) emit saveFailed(text(saved.message()));
    emit answerEnded(end);
}

}  // namespace moescope
