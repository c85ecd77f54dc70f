#include "app/serve/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace moescope::serve {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kLook = 50ms;  // how often a stop is looked for

}  // namespace

Connection::Connection(int socket, const ConnectionLimits& limits, std::stop_token server_stop)
    : m_socket(socket),
      m_limits(limits),
      m_server_stop(std::move(server_stop)),
      m_read_until(Clock::now() + limits.head_time),
      m_may_read(limits.head_bytes) {}

Connection::~Connection() {
    // To close with something unread would take back what was written: the rest is read for a moment.
    shutdown(m_socket, SHUT_WR);
    m_watcher = {};
    const auto until = Clock::now() + 500ms;
    char rest[4096];
    for (int i = 0; i < 256 && !m_server_stop.stop_requested(); ++i) {
        if (!waitFor(POLLIN, until) || recv(m_socket, rest, sizeof rest, MSG_DONTWAIT) <= 0) break;
    }
    close(m_socket);
}

bool Connection::waitFor(short events, Clock::time_point until) const {
    while (!m_server_stop.stop_requested()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
        if (left <= 0ms) return false;
        pollfd poll_for{m_socket, events, 0};
        const int ready =
            poll(&poll_for, 1, static_cast<int>(std::min<std::chrono::milliseconds>(left, kLook).count()));
        if (ready < 0 && errno != EINTR) return false;
        if (ready > 0) return true;
    }
    return false;
}

ssize_t Connection::read(char* data, std::size_t size) {
    if (m_taken == m_buffer.size()) {
        m_buffer.resize(16 << 10);
        m_taken = 0;
        ssize_t got = -1;
        do {
            if (!waitFor(POLLIN, m_read_until)) break;
            got = recv(m_socket, m_buffer.data(), m_buffer.size(), MSG_DONTWAIT);
        } while (got < 0 && (errno == EAGAIN || errno == EINTR));
        m_buffer.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        if (got <= 0) return got;
    }
    const std::size_t count = std::min({size, m_buffer.size() - m_taken, m_may_read});
    if (count == 0) return -1;
    std::memcpy(data, m_buffer.data() + m_taken, count);
    m_taken += count;
    m_may_read -= count;
    return static_cast<ssize_t>(count);
}

ssize_t Connection::write(const char* data, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
        if (!waitFor(POLLOUT, Clock::now() + m_limits.write_time)) return -1;
        const ssize_t sent = send(m_socket, data + done, size - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) return -1;
        if (sent > 0) done += static_cast<std::size_t>(sent);
    }
    return static_cast<ssize_t>(size);
}

void Connection::beginBody() {
    m_read_until = Clock::now() + m_limits.body_time;
    m_may_read = m_limits.body_bytes;
}

bool Connection::gone() const {
    pollfd poll_for{m_socket, POLLRDHUP, 0};
    return poll(&poll_for, 1, 0) > 0;  // also of errors and hang-ups, which are always told
}

std::stop_token Connection::watch() {
    if (!m_watcher.joinable()) {
        m_watcher = std::jthread([this](const std::stop_token& ended) {
            while (!ended.stop_requested()) {
                pollfd poll_for{m_socket, POLLRDHUP, 0};
                const int told = poll(&poll_for, 1, static_cast<int>(kLook.count()));
                if (told == 0 && !m_server_stop.stop_requested()) continue;
                if (told < 0 && errno == EINTR) continue;
                m_gone.request_stop();
                return;
            }
        });
    }
    return m_gone.get_token();
}

}  // namespace moescope::serve
