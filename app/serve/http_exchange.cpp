#include "app/serve/http_exchange.h"

// cpp-httplib is used for what it knows of HTTP: sockets and their limits are ours (connection.h), which its own server
// does not have, and which tells us nothing of a client that went away. Versions 0.11 to 0.29 differ in the members
// that are called here where it says so.
#include <httplib.h>

#include <charconv>
#include <cstdint>

namespace moescope::serve {
namespace {

class ConnectionStream : public httplib::Stream {
public:
    explicit ConnectionStream(Connection& connection) : m_connection(connection) {}

    // None says `override`: each version has some of these. Waiting is done where bytes are read and written.
    virtual bool is_readable() const { return true; }
    virtual bool is_writable() const { return !m_connection.gone(); }
    virtual bool wait_readable() const { return true; }
    virtual bool wait_writable() const { return !m_connection.gone(); }
    virtual time_t duration() const { return 0; }

    using httplib::Stream::write;
    virtual ssize_t read(char* data, std::size_t size) { return m_connection.read(data, size); }
    virtual ssize_t write(const char* data, std::size_t size) { return m_connection.write(data, size); }
    // Who asks is of no interest, and not told to anybody.
    virtual void get_remote_ip_and_port(std::string&, int&) const {}
    virtual void get_local_ip_and_port(std::string&, int&) const {}
    virtual socket_t socket() const { return m_connection.socket(); }

private:
    Connection& m_connection;
};

HttpHead headOf(const httplib::Request& request) {
    return {request.method,
            request.path,
            request.get_header_value("Host"),
            request.get_header_value("Origin"),
            request.get_header_value("Authorization"),
            request.get_header_value("Content-Type")};
}

/// A server for one request: so its handlers know the connection.
class Exchange : public httplib::Server {
public:
    Exchange(Connection& connection, HttpHandler& handler) : m_connection(connection), m_handler(handler) {
        set_payload_max_length(connection.limits().body_bytes);
        set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
            const auto refusal = refuse(request);
            if (!refusal) return HandlerResponse::Unhandled;
            send(*refusal, response);
            return HandlerResponse::Handled;
        });
        const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
            send(m_handler.answer({headOf(request), request.body, [this] { return m_connection.watch(); }}), response);
        };
        // Paths that are not served do not come so far.
        Get(".*", answer);
        Post(".*", answer);
        Options(".*", answer);
        set_error_handler([this](const httplib::Request&, httplib::Response& response) {
            if (response.body.empty()) send(m_handler.explain(response.status), response);
        });
        set_exception_handler([this](const httplib::Request&, httplib::Response& response, auto&&) {
            send(m_handler.explain(500), response);
        });
    }

    void run() {
        ConnectionStream stream(m_connection);
        svr_sock_ = m_connection.socket();  // as long as there is one, streams are written
        bool closed = true;
        process(*this, stream, closed);
        svr_sock_ = INVALID_SOCKET;
    }

private:
    /// A template, as only one of the calls compiles: 0.16 added the addresses.
    template <class Self>
    static void process(Self& self, httplib::Stream& stream, bool& closed) {
        const auto setup = [&self](httplib::Request& request) {
            request.ranges.clear();                    // nothing here has parts
            request.headers.erase("Accept-Encoding");  // what is sent a token at a time is not worth it
            self.m_connection.beginBody();
        };
        if constexpr (requires { self.process_request(stream, true, closed, setup); }) {
            self.process_request(stream, true, closed, setup);
        } else {
            self.process_request(stream, std::string(), 0, std::string(), 0, true, closed, setup);
        }
    }

    std::optional<HttpReply> refuse(const httplib::Request& request) {
        if (request.method == "POST") {
            // Bodies of unknown or doubtful length, and those that grow.
            if (request.has_header("Transfer-Encoding") || request.get_header_value_count("Content-Length") != 1) {
                return m_handler.explain(411);
            }
            const std::string text = request.get_header_value("Content-Length");
            std::uint64_t length = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
            if (end != text.data() + text.size()) return m_handler.explain(400);
            if (error != std::errc() || length > m_connection.limits().body_bytes) return m_handler.explain(413);
            if (request.has_header("Content-Encoding")) return m_handler.explain(415);
        }
        return m_handler.refuse(headOf(request));
    }

    void send(HttpReply reply, httplib::Response& response) {
        response.status = reply.status;
        for (const auto& [name, value] : reply.headers) response.set_header(name, value);
        if (!reply.stream) return response.set_content(reply.body, reply.content_type);
        response.set_chunked_content_provider(
            reply.content_type, [stream = std::move(reply.stream)](std::size_t, httplib::DataSink& sink) {
                bool reads = true;
                stream([&](std::string_view piece) {
                    // An older version's sink says nothing of what it could not write.
                    reads = reads && sink.is_writable() && sink.write(piece.data(), piece.size());
                    return reads;
                });
                if (reads) sink.done();
                return reads;
            });
    }

    Connection& m_connection;
    HttpHandler& m_handler;
};

}  // namespace

void exchange(Connection& connection, HttpHandler& handler) {
    Exchange(connection, handler).run();
}

}  // namespace moescope::serve
