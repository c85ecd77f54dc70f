#pragma once
// Listens on one address and port, and has what comes answered: a thread for each connection, up to a limit.

#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "app/serve/connection.h"
#include "app/serve/http_message.h"
#include "engine/base/status.h"

namespace moescope::serve {

struct ListenAddress {
    std::string host = "127.0.0.1";
    int port = 8033;  ///< 0: one that is free
};

/// A host's own address, as numbers: "localhost" is 127.0.0.1. Errors: a name that nobody knows.
Result<std::string> numericAddress(const std::string& host);

class Server {
public:
    static constexpr int kMostConnections = 256;

    /// Binds, and listens when it returns. `handler` outlives the server. Errors: an address that is not this
    /// machine's, a port that is taken or not allowed.
    static Result<std::unique_ptr<Server>> start(const ListenAddress& address, HttpHandler& handler,
                                                 const ConnectionLimits& limits = {});
    /// Ends all work and all connections.
    ~Server();

    int port() const { return m_port; }
    const std::string& address() const { return m_address; }  ///< numeric
    std::string url() const;                                  ///< "http://127.0.0.1:8033"

private:
    struct Client {
        std::atomic<bool> ended = false;
        std::jthread thread;
    };

    Server(int socket, std::string address, int port, HttpHandler& handler, const ConnectionLimits& limits);
    void acceptAll();
    void take(int socket);

    int m_socket;
    std::string m_address;
    int m_port;
    HttpHandler& m_handler;
    ConnectionLimits m_limits;
    std::stop_source m_stop;
    std::list<Client> m_clients;  // of the accepting thread
    std::jthread m_acceptor;
};

}  // namespace moescope::serve
