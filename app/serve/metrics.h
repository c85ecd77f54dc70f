#pragma once
// What the server has done since it started, for Prometheus.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace moescope::serve {

class Metrics {
public:
    struct Work {
        std::uint64_t prompt_tokens = 0, cached_tokens = 0, generated_tokens = 0;
        double prefill_seconds = 0, decode_seconds = 0;
    };

    void countRequest(const std::string& path, int status);
    void countWork(const Work& work);
    /// Answers that nobody waited for anymore.
    void countAbort();

    /// In the text format, version 0.0.4.
    std::string text(int running, int waiting) const;

private:
    mutable std::mutex m_mutex;
    std::map<std::pair<std::string, int>, std::uint64_t> m_requests;
    Work m_work;
    std::uint64_t m_aborted = 0;
};

}  // namespace moescope::serve
