#pragma once
// Answers as the vLLM and the SGLang did that were recorded (tests/data/servers): a chat of 26 tokens, and 6 or 4 of
// the answer, by a model of 4 layers, the first of them dense, with 8 experts, 3 of which run.

#include <atomic>
#include <string>

#include "tests/remote/replay_server.h"

namespace moescope {

std::string recorded(const std::string& name);  ///< "vllm/chat-stream-ids.sse"

/// vLLM, which gives the rows of whatever beginning of the recorded conversation it is asked for.
class RecordedVllm {
public:
    std::atomic<bool> routing = true;          ///< as with --enable-return-routed-experts
    std::atomic<bool> knows_start = true;      ///< versions before 0.28 give all rows
    std::atomic<std::size_t> piece = 1 << 16;  ///< of what is sent, in bytes
    std::atomic<int> cut = -1;                 ///< bytes of the stream after which the connection is lost
    std::atomic<bool> reset = false;           ///< so, instead of in order
    std::atomic<int> event_pause_ms = 0;

    std::string url() const { return m_server.url(); }
    std::vector<ReplayRequest> takeRequests() { return m_server.takeRequests(); }

private:
    void answer(const ReplayRequest& request, ReplayConnection& to);
    void stream(ReplayConnection& to, std::string_view events) const;

    ReplayServer m_server{[this](const ReplayRequest& request, ReplayConnection& to) { answer(request, to); }};
};

/// SGLang.
class RecordedSglang {
public:
    std::atomic<std::size_t> piece = 1 << 16;
    std::string url() const { return m_server.url(); }
    std::vector<ReplayRequest> takeRequests() { return m_server.takeRequests(); }

private:
    void answer(const ReplayRequest& request, ReplayConnection& to) const;

    ReplayServer m_server{[this](const ReplayRequest& request, ReplayConnection& to) { answer(request, to); }};
};

}  // namespace moescope
