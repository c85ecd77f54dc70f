#include "tests/remote/replay_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace moescope {

bool ReplayConnection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool ReplayConnection::sendInPieces(std::string_view bytes, std::size_t piece) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
        if (!send(bytes.substr(0, piece))) return false;
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    return true;
}

void ReplayConnection::reply(int status, std::string_view type, std::string_view body, std::string_view headers) {
    std::string head = "HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Type: ";
    head.append(type).append("\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n");
    head.append(headers).append("\r\n");
    if (send(head)) send(body);
}

bool ReplayConnection::beginStream() {
    return send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n");
}

void ReplayConnection::reset() {
    const linger now{1, 0};
    ::setsockopt(m_socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

bool ReplayConnection::waitUntilGone() {
    pollfd watched{m_socket, POLLIN | POLLRDHUP, 0};
    return ::poll(&watched, 1, 20'000) > 0;
}

ReplayServer::ReplayServer(Handler handle) : m_handle(std::move(handle)) {
    m_listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* where = reinterpret_cast<sockaddr*>(&address);
    if (::bind(m_listening, where, size) != 0 || ::listen(m_listening, 64) != 0 ||
        ::getsockname(m_listening, where, &size) != 0) {
        std::abort();
    }
    m_port = ntohs(address.sin_port);
    m_accepting = std::jthread([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd watched{m_listening, POLLIN, 0};
            if (::poll(&watched, 1, 50) <= 0) continue;
            const int socket = ::accept4(m_listening, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0) continue;
            const std::lock_guard lock(m_mutex);
            m_serving.emplace_back([this, socket] { serve(socket); });
        }
    });
}

ReplayServer::~ReplayServer() {
    m_accepting = {};
    std::vector<std::jthread> serving;
    {
        const std::lock_guard lock(m_mutex);
        serving.swap(m_serving);
    }
    serving.clear();
    ::close(m_listening);
}

std::string ReplayServer::url() const {
    return "http://127.0.0.1:" + std::to_string(m_port);
}

std::vector<ReplayRequest> ReplayServer::takeRequests() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_requests, {});
}

void ReplayServer::serve(int socket) {
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    std::string got;
    char buffer[1 << 14];
    const auto more = [&] {
        const ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
        if (count > 0) got.append(buffer, static_cast<std::size_t>(count));
        return count > 0;
    };
    std::size_t end = std::string::npos;
    while ((end = got.find("\r\n\r\n")) == std::string::npos && more()) {
    }
    if (end != std::string::npos) {
        ReplayRequest request;
        request.head = got.substr(0, end);
        request.method = request.head.substr(0, request.head.find(' '));
        request.path = request.head.substr(request.method.size() + 1);
        request.path.resize(request.path.find(' '));
        std::size_t length = 0;
        for (std::size_t at = 0; (at = request.head.find("\r\n", at)) != std::string::npos;) {
            at += 2;
            if (::strncasecmp(request.head.c_str() + at, "content-length:", 15) == 0) {
                length = std::strtoul(request.head.c_str() + at + 15, nullptr, 10);
            }
        }
        while (got.size() < end + 4 + length && more()) {
        }
        request.body = got.substr(end + 4);
        {
            const std::lock_guard lock(m_mutex);
            m_requests.push_back(request);
        }
        ReplayConnection connection(socket);
        m_handle(request, connection);
    }
    ::close(socket);
}

}  // namespace moescope
