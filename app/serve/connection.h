#pragma once
// A client's socket, with limits: how long its request may take and how long it may be, and how long it may leave an
// answer unread.

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <thread>

namespace moescope::serve {

struct ConnectionLimits {
    std::size_t head_bytes = 32 << 10;            ///< request line and headers
    std::size_t body_bytes = 4 << 20;             ///< more than any context's worth of text
    std::chrono::milliseconds head_time{10'000};  ///< from the connection to the end of the headers
    std::chrono::milliseconds body_time{30'000};
    std::chrono::milliseconds write_time{10'000};  ///< that nothing is read of an answer
};

class Connection {
public:
    /// Owns the socket. A stop of the server ends all waiting.
    Connection(int socket, const ConnectionLimits& limits, std::stop_token server_stop);
    /// Lets what was written arrive, and closes.
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int socket() const { return m_socket; }
    const ConnectionLimits& limits() const { return m_limits; }

    /// Bytes of the request; 0 at its end, -1 where a limit was passed or the connection broke.
    ssize_t read(char* data, std::size_t size);
    /// Everything or -1.
    ssize_t write(const char* data, std::size_t size);
    /// The headers are through: from now on the body's limits hold.
    void beginBody();
    bool gone() const;

    /// As HttpRequest::watch.
    std::stop_token watch();

private:
    bool waitFor(short events, std::chrono::steady_clock::time_point until) const;

    int m_socket;
    ConnectionLimits m_limits;
    std::stop_token m_server_stop;
    std::chrono::steady_clock::time_point m_read_until;
    std::size_t m_may_read;
    std::string m_buffer;  // read and not taken
    std::size_t m_taken = 0;
    std::stop_source m_gone;
    std::jthread m_watcher;
};

}  // namespace moescope::serve
