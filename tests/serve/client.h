#pragma once
// A client of the server that sends what it is told to, byte by byte if need be: what libraries would not send too.

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace moescope::serve {

using Json = nlohmann::json;

struct HttpAnswer {
    int status = 0;  ///< 0: none came
    std::string head, body;

    Json json() const { return Json::parse(body, nullptr, false); }
    /// The objects of a stream's events, without "[DONE]", which must be the last.
    std::vector<Json> events() const {
        std::vector<Json> events;
        bool done = false;
        for (std::size_t at = 0; at < body.size();) {
            const std::size_t end = body.find("\n\n", at);
            REQUIRE(end != std::string::npos);
            REQUIRE(body.substr(at, 6) == "data: ");
            REQUIRE_FALSE(done);
            const std::string data = body.substr(at + 6, end - at - 6);
            done = data == "[DONE]";
            if (!done) events.push_back(Json::parse(data));
            at = end + 2;
        }
        CHECK(done);
        return events;
    }
    std::string header(const std::string& name) const {
        const std::size_t at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos) return {};
        const std::size_t begin = at + name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

class TestClient {
public:
    /// `room`: bytes that the system keeps until they are read; 0: as many as it likes.
    explicit TestClient(int port, int room = 0) : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (room > 0) setsockopt(m_socket, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        m_connected = connect(m_socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    ~TestClient() { hangUp(); }
    TestClient(const TestClient&) = delete;
    TestClient& operator=(const TestClient&) = delete;

    bool connected() const { return m_connected; }
    /// Whether all of it was sent.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    bool ask(std::string_view method, std::string_view path, std::string_view body = {},
             std::string_view headers = "Host: localhost\r\nContent-Type: application/json\r\n") {
        std::string request = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\n" + std::string(headers);
        if (method == "POST") request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        return send(request + "\r\n" + std::string(body));
    }
    /// Reads what there is within a time; "" at the end.
    std::string some(int within_ms = 60'000) {
        pollfd poll_for{m_socket, POLLIN, 0};
        if (poll(&poll_for, 1, within_ms) <= 0) return {};
        char bytes[4096];
        const ssize_t got = recv(m_socket, bytes, sizeof bytes, 0);
        return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : std::string();
    }
    HttpAnswer answer() {
        std::string all;
        for (std::string part = some(); !part.empty(); part = some()) all += part;
        HttpAnswer answer;
        const std::size_t end = all.find("\r\n\r\n");
        if (end == std::string::npos || !all.starts_with("HTTP/1.1 ")) return answer;
        answer.head = all.substr(0, end + 2);
        answer.body = all.substr(end + 4);
        answer.status = std::atoi(all.c_str() + 9);
        if (answer.header("Transfer-Encoding") == "chunked") answer.body = joined(answer.body);
        return answer;
    }
    void hangUp() {
        if (m_socket >= 0) close(m_socket);
        m_socket = -1;
    }

private:
    static std::string joined(const std::string& chunks) {
        std::string out;
        for (std::size_t at = 0; at < chunks.size();) {
            const std::size_t end = chunks.find("\r\n", at);
            if (end == std::string::npos) break;
            const std::size_t size = std::strtoul(chunks.c_str() + at, nullptr, 16);
            if (size == 0) break;
            out += chunks.substr(end + 2, size);
            at = end + 4 + size;
        }
        return out;
    }

    int m_socket;
    bool m_connected = false;
};

inline HttpAnswer get(int port, std::string_view path,
                      std::string_view headers = "Host: localhost\r\nContent-Type: application/json\r\n") {
    TestClient client(port);
    client.ask("GET", path, {}, headers);
    return client.answer();
}

inline HttpAnswer post(int port, std::string_view path, const Json& body,
                       std::string_view headers = "Host: localhost\r\nContent-Type: application/json\r\n") {
    TestClient client(port);
    client.ask("POST", path, body.is_string() ? body.get<std::string>() : body.dump(), headers);
    return client.answer();
}

}  // namespace moescope::serve
