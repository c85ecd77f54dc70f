#pragma once
// An HTTP server on this machine that says, byte by byte, what a test wants it to say.

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace moescope {

struct ReplayRequest {
    std::string method, path, head, body;
};

/// The connection that a request came by. It is closed when the handler returns.
class ReplayConnection {
public:
    explicit ReplayConnection(int socket) : m_socket(socket) {}

    /// False: the other side has gone.
    bool send(std::string_view bytes);
    /// In pieces of so many bytes, each of which arrives by itself.
    bool sendInPieces(std::string_view bytes, std::size_t piece);
    /// A whole answer.
    void reply(int status, std::string_view type, std::string_view body, std::string_view headers = {});
    /// The head of a stream.
    bool beginStream();
    /// The connection is reset when it is closed.
    void reset();
    /// Until the other side has gone; false after 20 s.
    bool waitUntilGone();

private:
    int m_socket;
};

class ReplayServer {
public:
    using Handler = std::function<void(const ReplayRequest&, ReplayConnection&)>;

    /// `handle` is called on a thread of its own for each request, until this ends.
    explicit ReplayServer(Handler handle);
    ~ReplayServer();

    std::string url() const;
    /// Those that came since the last call.
    std::vector<ReplayRequest> takeRequests();

private:
    void serve(int socket);

    Handler m_handle;
    int m_listening = -1, m_port = 0;
    std::mutex m_mutex;
    std::vector<ReplayRequest> m_requests;  // guarded by m_mutex
    std::vector<std::jthread> m_serving;    // guarded by m_mutex
    std::jthread m_accepting;
};

}  // namespace moescope
