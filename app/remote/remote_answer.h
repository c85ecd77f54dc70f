#pragma once
// One answer of a server while it comes: from the events of its stream to what an observer is told.

#include <chrono>
#include <future>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/chat/answerer.h"
#include "app/remote/probe.h"

namespace moescope {

class RemoteAnswer {
public:
    /// What is known before the stream begins.
    struct Start {
        std::vector<std::int32_t> prompt;  ///< ids; empty: the stream may tell them
        std::size_t first_turn = 0;
        int rows_from = 0;  ///< tokens whose rows are there already
        /// Ids of what was computed before, to be compared with the prompt; null: nothing.
        const std::vector<std::int32_t>* before = nullptr;
    };

    /// All outlive it.
    RemoteAnswer(const RemoteModel& model, const Server& server, const AnswerRequest& request, AnswerObserver& observer,
                 Start start);
    /// Ends what it may still be asking.
    ~RemoteAnswer();
    RemoteAnswer(const RemoteAnswer&) = delete;
    RemoteAnswer& operator=(const RemoteAnswer&) = delete;

    /// False: no more of them is wanted.
    bool onEvent(ChatEvent& event);
    /// Waits for the routing that is missing, unless it was stopped.
    AnswerEnd finish(const Result<Server::Ended>& ended, const std::stop_token& stop);

    bool begun() const { return m_begun; }
    std::int64_t id() const { return m_id; }
    /// Of prompt and answer, as far as the server says them.
    const std::vector<std::int32_t>& ids() const { return m_ids; }
    /// Tokens whose rows came.
    int rows() const { return m_next; }

private:
    using Clock = std::chrono::steady_clock;
    struct Rows {  // as they were asked for
        std::future<Result<nlohmann::json>> answer;
        int end = 0, start = 0;
    };

    bool begin();
    bool addText(const ChatEvent& event);
    void give(std::int32_t token, std::string_view text);
    bool readsAgain() const;
    void readOn();
    nlohmann::json rowsRequest(int end) const;
    void takeRows(const Result<nlohmann::json>& answer, int end, int start);
    void giveRows(const nlohmann::json& routed, int end, int start);
    void readRest(std::chrono::seconds patience, const std::stop_token& stop);
    AnswerEnd endOf(const Result<Server::Ended>& ended, const std::stop_token& stop);

    const RemoteModel& m_model;
    const Server& m_server;
    const AnswerRequest& m_request;
    AnswerObserver& m_observer;
    Start m_start;
    bool m_begun = false, m_wants_rows = false;
    Status m_refused;  // by the observer
    std::int64_t m_id = 0;
    std::vector<std::int32_t> m_ids;
    int m_prompt_tokens = 0;  // that are known by their ids
    int m_answer_tokens = 0, m_events = 0;
    std::size_t m_text_bytes = 0;
    bool m_in_thought = false;
    bool m_thoughts_apart = false;  // they come without tags, beside the text
    std::string m_finish, m_error, m_note;
    ChatEvent m_usage;
    int m_next = 0;   // the first token whose row has not come
    int m_asked = 0;  // tokens whose rows have been asked for
    std::optional<Rows> m_pending;
    std::stop_source m_stop_rows;
    Clock::time_point m_began = Clock::now(), m_first, m_last;
};

}  // namespace moescope
