#include "app/remote/remote_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "engine/base/foreign_text.h"
#include "engine/markdown/thinking.h"

namespace moescope {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t kMostText = 16 << 20;  // bytes
constexpr int kMostTokens = 4 << 20;
constexpr int kRowsEvery = 8;                 // tokens
constexpr std::size_t kMostRows = 512 << 20;  // bytes
constexpr auto kRowsPatience = 120s;
constexpr auto kLastPatience = 3s;  // for a server that was just lost

}  // namespace

RemoteAnswer::RemoteAnswer(const RemoteModel& model, const Server& server, const AnswerRequest& request,
                           AnswerObserver& observer, Start start)
    : m_model(model), m_server(server), m_request(request), m_observer(observer), m_start(std::move(start)) {
    m_ids = m_start.prompt;
    m_prompt_tokens = static_cast<int>(m_ids.size());
    if (request.continued == 0) return;
    const std::string& so_far = request.turns.back().text;
    m_text_bytes = so_far.size();
    const auto thought = markdown::thinkingOf(so_far);
    m_in_thought = thought && !thought->closed;
}

RemoteAnswer::~RemoteAnswer() {
    m_stop_rows.request_stop();  // and the future waits for its end
}

bool RemoteAnswer::onEvent(ChatEvent& event) {
    if (!event.error.empty()) {
        m_error = fmt::format("{} ended the answer: {}", m_model.address.host(), event.error);
        if (!m_error.ends_with('.')) m_error += '.';
        return false;
    }
    if (!m_begun && m_model.token_ids && !event.prompt_ids.empty()) {
        m_ids = std::move(event.prompt_ids);
        m_prompt_tokens = static_cast<int>(m_ids.size());
    }
    if (!begin()) return false;
    if (!addText(event)) return false;
    if (!event.finish.empty()) m_finish = event.finish;
    if (event.prompt_tokens) m_usage.prompt_tokens = event.prompt_tokens;
    if (event.answer_tokens) m_usage.answer_tokens = event.answer_tokens;
    if (event.cached_tokens) m_usage.cached_tokens = event.cached_tokens;
    // The token that was sampled last has not been through the model.
    if (!event.routed.is_null()) giveRows(event.routed, static_cast<int>(m_ids.size()) - 1, m_start.rows_from);
    readOn();
    return true;
}

bool RemoteAnswer::begin() {
    if (std::exchange(m_begun, true)) return m_refused.ok();
    AnswerBegin begin;
    begin.prompt_tokens = m_prompt_tokens;
    begin.first_turn = m_start.first_turn;
    if (m_start.before) {
        const std::vector<std::int32_t>& before = *m_start.before;
        const auto [mine, theirs] = std::ranges::mismatch(m_ids, before);
        begin.known = static_cast<int>(mine - m_ids.begin());
        m_start.rows_from = std::min(begin.known, m_start.rows_from);
    } else {
        m_start.rows_from = 0;
    }
    if (m_request.continued != 0 && !m_request.continued_tokens.empty()) {
        begin.continued = std::max(0, m_prompt_tokens - m_request.continued_tokens.front().position);
    }
    m_next = m_asked = m_start.rows_from;
    const auto id = m_observer.onBegin(begin);
    m_refused = id.status();
    if (!id.ok()) return false;
    m_id = *id;
    m_wants_rows = m_model.rows && m_prompt_tokens > 0 && m_observer.wantsRouting();
    return true;
}

void RemoteAnswer::give(std::int32_t token, std::string_view text) {
    AnswerPiece piece;
    piece.text = text;
    piece.begin = static_cast<std::uint32_t>(m_text_bytes);
    m_text_bytes += text.size();
    piece.end = static_cast<std::uint32_t>(m_text_bytes);
    if (token >= 0) {
        piece.token = token;
        piece.position = static_cast<std::int32_t>(m_ids.size());
        m_ids.push_back(token);
        ++m_answer_tokens;
    }
    m_observer.onPiece(piece);
}

bool RemoteAnswer::addText(const ChatEvent& event) {
    std::string text;
    if (!event.thought.empty()) {
        m_thoughts_apart = true;
        if (!std::exchange(m_in_thought, true)) text += "<think>\n";
        text += event.thought;
    }
    if (!event.text.empty()) {
        // One that was read as text has its own end.
        if (std::exchange(m_in_thought, false) && m_thoughts_apart) text += "\n</think>\n\n";
        text += event.text;
    }
    if (m_text_bytes + text.size() > kMostText || m_answer_tokens > kMostTokens) {
        m_error = fmt::format("{} sent more than an answer can hold ({} MB of text); it ends there.",
                              m_model.address.host(), kMostText >> 20);
        return false;
    }
    // What came together became complete with its last token.
    const bool places = m_prompt_tokens > 0 && !event.tokens.empty();
    for (std::size_t i = 0; places && i + 1 < event.tokens.size(); ++i) give(event.tokens[i], {});
    if (places || !text.empty()) give(places ? event.tokens.back() : -1, text);
    if (!places && text.empty()) return true;
    m_last = Clock::now();
    if (m_events++ == 0) m_first = m_last;
    return true;
}

bool RemoteAnswer::readsAgain() const {
    return m_wants_rows && m_model.kind == ServerKind::kVllm;
}

json RemoteAnswer::rowsRequest(int end) const {
    return {{"model", m_model.model.id},
            {"prompt", std::vector<std::int32_t>(m_ids.begin(), m_ids.begin() + end)},
            {"max_tokens", 1},
            {"temperature", 0},
            {"routed_experts_prompt_start", m_next}};
}

/// While an answer comes: one request at a time, for what is new.
void RemoteAnswer::readOn() {
    if (!readsAgain()) return;
    if (m_pending) {
        if (m_pending->answer.wait_for(0s) != std::future_status::ready) return;
        Rows rows = std::move(*m_pending);
        m_pending.reset();
        takeRows(rows.answer.get(), rows.end, rows.start);
    }
    const int there = static_cast<int>(m_ids.size());
    const bool due = m_answer_tokens > 0 && (m_asked <= m_prompt_tokens || there - m_asked >= kRowsEvery);
    if (!due || !m_note.empty() || (m_model.model.context > 0 && there >= m_model.model.context)) return;
    try {
        auto answer = std::async(
            std::launch::async,
            [server = m_server, body = rowsRequest(there), stop = m_stop_rows.get_token()]() -> Result<json> {
                try {
                    return server.ask("/v1/completions", &body, kMostRows, kRowsPatience, stop);
                } catch (const std::bad_alloc&) {
                    return outOfMemory("There is not enough memory for the routing of the answer.");
                }
            });
        m_pending = Rows{std::move(answer), there, m_next};
        m_asked = there;
    } catch (const std::system_error&) {
        m_asked = there;  // no thread is to be had now
    }
}

void RemoteAnswer::takeRows(const Result<json>& answer, int end, int start) {
    if (!answer.ok()) {
        if (answer.status().code() != StatusCode::kStopped) m_note = answer.status().message();
        return;
    }
    const ChatEvent event = readChatEvent(*answer);
    if (!event.routed.is_null()) return giveRows(event.routed, end, start);
    m_note =
        event.error.empty() ? fmt::format("{} did not report which experts ran.", m_model.address.host()) : event.error;
}

void RemoteAnswer::giveRows(const json& routed, int end, int start) {
    if (!m_wants_rows) return;
    const RowsOf tokens{m_ids, m_prompt_tokens, end, start};
    if (const Status status = moescope::giveRows(routed, *m_model.rows, tokens, m_next, m_observer); !status.ok()) {
        m_note = status.message();
    }
}

void RemoteAnswer::readRest(std::chrono::seconds patience, const std::stop_token& stop) {
    // A prompt that fills the context leaves no room for the one token that it costs.
    const int room = m_model.model.context > 0 ? m_model.model.context - 1 : static_cast<int>(m_ids.size());
    const int end = std::min(room, static_cast<int>(m_ids.size()));
    if (!readsAgain() || end <= m_next) return;
    m_note.clear();
    const json body = rowsRequest(end);
    takeRows(m_server.ask("/v1/completions", &body, kMostRows, patience, stop), end, m_next);
}

AnswerEnd RemoteAnswer::finish(const Result<Server::Ended>& ended, const std::stop_token& stop) {
    const bool stopped_by_user = stop.stop_requested();
    if (stopped_by_user && m_refused.ok()) begin();
    const bool lost = !ended.ok() || ended->end == Server::StreamEnd::kBroken;
    if (m_pending) {
        if (stopped_by_user || lost) m_stop_rows.request_stop();
        Rows rows = std::move(*m_pending);
        m_pending.reset();
        takeRows(rows.answer.get(), rows.end, rows.start);
    }
    if (m_begun && m_refused.ok() && !stopped_by_user) readRest(lost ? kLastPatience : kRowsPatience, stop);
    return endOf(ended, stop);
}

AnswerEnd RemoteAnswer::endOf(const Result<Server::Ended>& ended, const std::stop_token& stop) {
    AnswerEnd end;
    end.begun = m_begun && m_refused.ok();
    end.prompt_tokens = m_prompt_tokens > 0 ? m_prompt_tokens : m_usage.prompt_tokens.value_or(0);
    end.reused_tokens = m_usage.cached_tokens.value_or(0);
    end.answer_tokens = m_answer_tokens > 0 ? m_answer_tokens : m_usage.answer_tokens.value_or(m_events);
    end.context_used = end.prompt_tokens + end.answer_tokens;
    if (m_events > 0) end.first_token_seconds = std::chrono::duration<double>(m_first - m_began).count();
    if (m_events > 1 && end.answer_tokens > 1) {
        end.tokens_per_second = (end.answer_tokens - 1) / std::chrono::duration<double>(m_last - m_first).count();
    }
    const auto fail = [&](const Status& status) {
        end.error = status.message();
        end.code = status.code();
        return end;
    };
    const std::string host = m_model.address.host();
    if (!m_refused.ok()) return fail(m_refused);
    if (stop.stop_requested()) {
        end.finish = FinishReason::kStopped;
        return end;
    }
    if (!ended.ok()) return fail(ended.status());
    if (!m_error.empty()) return fail(ioError(m_error));
    if (!m_begun) return fail(ioError(fmt::format("{} sent no answer.", host)));
    const bool whole = ended->end == Server::StreamEnd::kDone || !m_finish.empty();
    if (!whole) {
        end.finish = FinishReason::kConnectionLost;
        end.note = ended->why.empty() ? fmt::format("{} closed the connection before the end of the answer.", host)
                                      : ended->why;
        return end;
    }
    if (m_finish == "length") {
        const int context = m_model.model.context;
        end.finish = context > 0 && end.context_used >= context ? FinishReason::kContextFull : FinishReason::kLength;
    } else if (m_finish == "abort" || m_finish == "error" || m_finish == "content_filter") {
        return fail(ioError(fmt::format("{} ended the answer: {}.", host, m_finish)));
    } else {
        end.finish = FinishReason::kEndOfText;
    }
    if (!m_note.empty()) end.note = fmt::format("Some experts of this answer are not known: {}", m_note);
    return end;
}

}  // namespace moescope
