#include "app/serve/metrics.h"

#include <fmt/format.h>

namespace moescope::serve {

void Metrics::countRequest(const std::string& path, int status) {
    const std::lock_guard lock(m_mutex);
    ++m_requests[{path, status}];
}

void Metrics::countWork(const Work& work) {
    const std::lock_guard lock(m_mutex);
    m_work.prompt_tokens += work.prompt_tokens;
    m_work.cached_tokens += work.cached_tokens;
    m_work.generated_tokens += work.generated_tokens;
    m_work.prefill_seconds += work.prefill_seconds;
    m_work.decode_seconds += work.decode_seconds;
}

void Metrics::countAbort() {
    const std::lock_guard lock(m_mutex);
    ++m_aborted;
}

std::string Metrics::text(int running, int waiting) const {
    const std::lock_guard lock(m_mutex);
    std::string out;
    const auto metric = [&](const char* name, const char* type, const char* help, const auto& value) {
        out += fmt::format("# HELP moescope_{0} {1}\n# TYPE moescope_{0} {2}\nmoescope_{0} {3}\n", name, help, type,
                           value);
    };
    out += "# HELP moescope_requests_total Requests by path and status.\n# TYPE moescope_requests_total counter\n";
    for (const auto& [request, count] : m_requests) {
        out += fmt::format("moescope_requests_total{{path=\"{}\",status=\"{}\"}} {}\n", request.first, request.second,
                           count);
    }
    metric("requests_aborted_total", "counter", "Requests whose client disconnected.", m_aborted);
    metric("requests_running", "gauge", "Requests that are being answered.", running);
    metric("requests_waiting", "gauge", "Requests that wait for a session.", waiting);
    metric("prompt_tokens_total", "counter", "Tokens of prompts.", m_work.prompt_tokens);
    metric("cached_tokens_total", "counter", "Prompt tokens that had been computed before.", m_work.cached_tokens);
    metric("generated_tokens_total", "counter", "Tokens of answers.", m_work.generated_tokens);
    metric("prefill_seconds_total", "counter", "Time in which prompts were computed.", m_work.prefill_seconds);
    metric("decode_seconds_total", "counter", "Time in which answers were computed.", m_work.decode_seconds);
    return out;
}

}  // namespace moescope::serve
