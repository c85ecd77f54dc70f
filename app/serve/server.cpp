#include "app/serve/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "app/serve/http_exchange.h"
#include "engine/base/foreign_text.h"

namespace moescope::serve {
namespace {

struct Found {
    sockaddr_storage address{};
    socklen_t size = 0;
    int family = AF_INET;
};

Result<Found> resolve(const std::string& host, int port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const std::string service = std::to_string(port);
    if (const int failed = getaddrinfo(host.c_str(), service.c_str(), &wanted, &list); failed != 0) {
        return notFound(fmt::format("--host {}: {}.", quoted(host), gai_strerror(failed)));
    }
    // One address only: of a name with several, that of IPv4.
    const addrinfo* chosen = list;
    for (const addrinfo* a = list; a; a = a->ai_next) {
        if (a->ai_family != AF_INET) continue;
        chosen = a;
        break;
    }
    Found found;
    std::memcpy(&found.address, chosen->ai_addr, chosen->ai_addrlen);
    found.size = chosen->ai_addrlen;
    found.family = chosen->ai_family;
    freeaddrinfo(list);
    return found;
}

std::string numbersOf(const sockaddr_storage& address, socklen_t size, int* port) {
    char host[NI_MAXHOST] = "", service[NI_MAXSERV] = "";
    getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, service, sizeof service,
                NI_NUMERICHOST | NI_NUMERICSERV);
    if (port) *port = std::atoi(service);
    return host;
}

}  // namespace

Result<std::string> numericAddress(const std::string& host) {
    const auto found = resolve(host, 0);
    if (!found.ok()) return found.status();
    return numbersOf(found->address, found->size, nullptr);
}

Result<std::unique_ptr<Server>> Server::start(const ListenAddress& address, HttpHandler& handler,
                                              const ConnectionLimits& limits) {
    const auto found = resolve(address.host, address.port);
    if (!found.ok()) return found.status();
    const int socket = ::socket(found->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    // A port of a server that has just ended may be taken; IPv6 is not IPv4 too.
    const bool listens =
        socket >= 0 && setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        (found->family != AF_INET6 || setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
        bind(socket, reinterpret_cast<const sockaddr*>(&found->address), found->size) == 0 && listen(socket, 128) == 0;
    if (!listens) {
        const int reason = errno;
        if (socket >= 0) close(socket);
        const std::string advice = reason == EADDRINUSE      ? " Another program listens there; choose another --port."
                                   : reason == EADDRNOTAVAIL ? " --host is not an address of this machine."
                                   : reason == EACCES
                                       ? " Ports below 1024 are reserved for the system; choose another --port."
                                       : "";
        return ioError(fmt::format("Cannot listen on port {} of {}: {}.{}", address.port, quoted(address.host),
                                   std::strerror(reason), advice));
    }
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
    int port = 0;
    std::string numbers = numbersOf(bound, size, &port);
    return std::unique_ptr<Server>(new Server(socket, std::move(numbers), port, handler, limits));
}

Server::Server(int socket, std::string address, int port, HttpHandler& handler, const ConnectionLimits& limits)
    : m_socket(socket), m_address(std::move(address)), m_port(port), m_handler(handler), m_limits(limits) {
    m_acceptor = std::jthread([this] { acceptAll(); });
}

Server::~Server() {
    m_stop.request_stop();
    if (m_acceptor.joinable()) m_acceptor.join();
    m_clients.clear();  // waits for them
    close(m_socket);
}

std::string Server::url() const {
    const bool six = m_address.find(':') != std::string::npos;
    return fmt::format("http://{}{}{}:{}", six ? "[" : "", m_address, six ? "]" : "", m_port);
}

void Server::acceptAll() {
    while (!m_stop.stop_requested()) {
        pollfd poll_for{m_socket, POLLIN, 0};
        poll(&poll_for, 1, 50);
        m_clients.remove_if([](const Client& client) { return client.ended.load(); });
        if (!(poll_for.revents & POLLIN)) continue;
        // More wait in the system's line until one has ended.
        if (m_clients.size() >= kMostConnections) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            continue;
        }
        const int socket = accept4(m_socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (socket >= 0) {
            take(socket);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));  // until others have closed theirs
        }
    }
}

void Server::take(int socket) {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // a token is sent when it is there
    // The system's own would take thousands of tokens for a client that reads none.
    const int kept_bytes = 128 << 10;
    setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &kept_bytes, sizeof kept_bytes);
    Client& client = m_clients.emplace_back();
    try {
        client.thread = std::jthread([this, &client, socket] {
            try {
                Connection connection(socket, m_limits, m_stop.get_token());
                exchange(connection, m_handler);
            } catch (const std::exception&) {  // memory ran out: this client gets nothing, others go on
            }
            client.ended = true;
        });
    } catch (const std::system_error&) {  // no thread
        close(socket);
        m_clients.pop_back();
    }
}

}  // namespace moescope::serve
