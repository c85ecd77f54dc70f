// Answers on the engine's thread: from the answerer to the history and, in batches, to the window.

#include <chrono>
#include <optional>

#include "app/chat/answer_recorder.h"
#include "app/window/answer_words.h"
#include "app/window/crash_note.h"
#include "app/window/engine_thread.h"
#include "app/window/report_clock.h"
#include "storage/history.h"

namespace moescope {
namespace {

using Clock = std::chrono::steady_clock;
/// Of the history, for one attempt: computing does not wait for another program that writes.
constexpr int kPatienceMs = 50;
/// How long the text of an answer may wait for such a program before the user is told.
constexpr auto kQuietly = std::chrono::seconds(5);
/// And its end so long, before only the window has it.
constexpr auto kLastPatience = std::chrono::minutes(5);
constexpr auto kLastPatienceAtEnd = std::chrono::seconds(15);  // when the program closes

QString text(const std::string& utf8) {
    return QString::fromStdString(utf8);
}

}  // namespace

class EngineThread::Answering : public AnswerObserver {
public:
    Answering(EngineThread& thread, int column, const AnswererInfo& by, History& history, const AnswerRequest& request,
              const std::stop_token& stop)
        : m_thread(thread), m_column(column), m_by(by), m_history(history), m_request(request), m_stop(stop) {
        m_batch.conversation = request.conversation;
        if (request.continued == 0) return;
        const Message& so_far = request.turns.back();
        m_batch.answer_tokens = so_far.answer_tokens;
        m_batch.first_token_seconds = so_far.first_token_seconds > 0 ? so_far.first_token_seconds : -1;
        m_batch.tokens_per_second = so_far.tokens_per_second;
    }

    Result<std::int64_t> onBegin(const AnswerBegin& begin) override {
        const auto attempt = [&] { return AnswerRecorder::begin(m_history, m_by, m_request, begin); };
        auto recorder = attempt();
        while (recorder.status().code() == StatusCode::kBusy && !m_stop.stop_requested()) recorder = attempt();
        if (!recorder.ok()) return recorder.status();
        m_recorder = std::move(*recorder);
        m_batch.thinking_tokens = m_recorder->thinkingTokens();
        m_batch.thinking_tokens_per_second = m_recorder->thinkingTokensPerSecond();
        m_batch.message = m_recorder->message();
        if (m_column == 0) {
            emit m_thread.answerBegun(m_batch.conversation, m_batch.message);
        } else {
            emit m_thread.columnBegun(m_column, m_batch.conversation, m_batch.message);
        }
        if (!begin.note.empty()) emit m_thread.answerNoted(m_batch.conversation, text(begin.note));
        m_start = m_last_sent = Clock::now();
        return m_batch.message;
    }

    void onToken(const TokenRouting& token) override {
        m_batch.context_used = token.position + 1;
        const auto kept = m_recorder->add(token);
        if (!kept) return;
        if (!m_batch.routing) m_batch.routing = std::make_shared<RoutingLog>(m_by.shape);
        m_batch.routing->onToken(*kept);
    }

    void onPiece(const AnswerPiece& piece) override {
        const auto now = Clock::now();
        const AnswerRecorder::Kept kept = m_recorder->add(piece);
        m_batch.text += kept.text;
        if (kept.token) {
            m_batch.tokens.push_back(*kept.token);
            m_batch.odds.push_back(piece.odds ? *piece.odds : TokenOdds());
            m_batch.thinking_tokens = m_recorder->thinkingTokens();
            m_batch.thinking_tokens_per_second = m_recorder->thinkingTokensPerSecond();
            ++m_batch.answer_tokens;
            if (m_new_tokens++ == 0) {
                const double seconds = std::chrono::duration<double>(now - m_start).count();
                if (m_request.continued == 0) m_batch.first_token_seconds = seconds;
                m_first = now;
            } else {
                m_batch.tokens_per_second = (m_new_tokens - 1) / std::chrono::duration<double>(now - m_first).count();
            }
        }
        if (now - m_last_sent >= kReportInterval) send(now);
    }

    void onPrefill(int done, int total) override {
        if (done == total) return;  // the rest is sent with the first tokens: they need not wait for the window
        if (m_column == 0) {
            emit m_thread.prefillProgress(m_batch.message, done, total);
        } else {
            emit m_thread.columnReading(m_column, done, total);
        }
        send(Clock::now());
    }

    void send(Clock::time_point now) {
        m_last_sent = now;
        if (!m_batch.text.empty() || !m_batch.tokens.empty() || m_batch.routing) {
            if (m_column == 0) {
                emit m_thread.answerBatch(m_batch);
            } else {
                emit m_thread.columnBatch(m_column, m_batch);
            }
            m_batch.text.clear();
            m_batch.tokens.clear();
            m_batch.odds.clear();
            m_batch.routing.reset();
        }
        const Status saved = m_recorder->commitIfDue();
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

    AnswerRecorder& recorder() { return *m_recorder; }

    /// How it ended, with the tokens and figures of what it goes on from.
    AnswerEnded ended(const AnswerEnd& end) const {
        AnswerEnded all;
        all.conversation = m_batch.conversation;
        all.message = m_batch.message;
        all.finish = end.finish;
        all.error = text(end.error);
        all.context_used = end.context_used;
        all.answer_tokens = m_new_tokens > 0 ? m_batch.answer_tokens : m_batch.answer_tokens + end.answer_tokens;
        all.thinking_tokens = m_batch.thinking_tokens;
        all.thinking_tokens_per_second = m_batch.thinking_tokens_per_second;
        const bool goes_on = m_request.continued != 0;
        all.first_token_seconds = goes_on ? m_batch.first_token_seconds : end.first_token_seconds;
        // What was measured before stays where there is nothing new.
        all.tokens_per_second =
            goes_on && end.tokens_per_second <= 0 ? m_request.turns.back().tokens_per_second : end.tokens_per_second;
        return all;
    }

private:
    EngineThread& m_thread;
    int m_column;  // 0: the chat's
    const AnswererInfo& m_by;
    History& m_history;
    const AnswerRequest& m_request;
    std::stop_token m_stop;
    std::unique_ptr<AnswerRecorder> m_recorder;
    AnswerBatch m_batch;
    int m_new_tokens = 0;
    Clock::time_point m_start, m_first, m_last_sent;
    std::optional<Clock::time_point> m_waits_since;  // for another program
};

Result<std::unique_ptr<History>> EngineThread::openedHistory(const std::stop_token& stop) {
    auto history = History::open(m_data_dir);
    while (history.status().code() == StatusCode::kBusy && !stop.stop_requested()) history = History::open(m_data_dir);
    if (history.ok()) (*history)->setPatience(kPatienceMs);
    return history;
}

Status EngineThread::openHistory(const std::stop_token& stop) {
    if (m_history) return {};
    auto history = openedHistory(stop);
    if (!history.ok()) return history.status();
    m_history = std::move(*history);
    return {};
}

void EngineThread::doAnswer(AnswerRequest request, const std::stop_token& stop) {
    const auto refuse = [&](const QString& sentence) { emit answerRefused(request.conversation, sentence, false); };
    if (!m_answerer) return refuse(tr("No model is loaded; choose one above."));
    nowDoing("answering");
    if (const Status opened = openHistory(stop); !opened.ok()) return refuse(text(opened.message()));
    answerIn(0, *m_answerer, *m_history, std::move(request), stop);
}

void EngineThread::answerIn(int column, Answerer& by, History& history, AnswerRequest request,
                            const std::stop_token& stop) {
    const auto refuse = [&](const QString& sentence, bool would_fit_cut = false) {
        if (column == 0) {
            emit answerRefused(request.conversation, sentence, would_fit_cut);
        } else {
            emit columnRefused(column, sentence);
        }
    };
    if (!by.info().abilities.rules) request.settings.rules = {};  // an answer is not said to follow them
    if (request.continued != 0) {
        auto tokens = history.tokens(request.continued);
        if (!tokens.ok()) return refuse(text(tokens.status().message()));
        request.continued_tokens = std::move(*tokens);
    }
    Answering answering(*this, column, by.info(), history, request, stop);
    const AnswerEnd end = by.answer(request, answering, stop);
    if (!end.begun) {
        return refuse(end.overflow ? overflowText(*end.overflow) : text(end.error),
                      end.overflow && end.overflow->fits_cut);
    }
    answering.send(Clock::now());
    if (!end.note.empty()) emit answerNoted(request.conversation, text(end.note));
    if (const Status saved = save(answering.recorder(), end, stop); !saved.ok()) emit saveFailed(text(saved.message()));
    const AnswerEnded ended = answering.ended(end);
    if (column == 0) {
        emit answerEnded(ended);
    } else {
        emit columnEnded(column, ended);
    }
}

/// A full disk may get room, and another program come to its end: then the window holds the text, and the history what
/// was saved.
Status EngineThread::save(AnswerRecorder& recorder, const AnswerEnd& end, const std::stop_token& stop) {
    Status saved;
    const auto ended = Clock::now();
    for (int attempt = 0; attempt < 3; ++attempt) {
        saved = recorder.finish(end);
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
    return saved;
}

}  // namespace moescope
