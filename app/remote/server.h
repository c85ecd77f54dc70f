#pragma once
// An OpenAI-compatible server of others: where it is, and one request to it. Nothing is sent before a call, and nothing
// to another address: where the server sends on elsewhere, that is an error that says so.

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/http/http.h"
#include "app/remote/chat_event.h"

namespace moescope {

struct ServerAddress {
    std::string url;      ///< "http://127.0.0.1:8000", with or without "/v1" at its end
    std::string key;      ///< API key; empty: none
    std::string ca_file;  ///< certificates to trust instead of the system's; empty: those

    bool operator==(const ServerAddress&) const = default;
    /// "127.0.0.1:8000", for sentences.
    std::string host() const { return hostOf(url); }
    /// Whether others on the way could read what is sent: plain http, and not to this machine.
    bool isOpen() const;
};

/// An error for what is not an address of a server.
Status checkAddress(const std::string& url);
/// The address without blanks, "/v1" and slashes at its end.
std::string withoutVersion(std::string url);

/// Not answering a request is kBusy for what may work later, kNotFound for 404 (what is asked for, or the way to ask
/// for it, is not known there), kInvalid for other requests that the server does not take, kIo for all else.
class Server {
public:
    explicit Server(ServerAddress address) : m_address(std::move(address)) {}
    const ServerAddress& address() const { return m_address; }

    /// Gets, or posts `body` to, "/v1/models" and the like. The answer has at most `most_bytes`.
    Result<nlohmann::json> ask(const std::string& path, const nlohmann::json* body, std::size_t most_bytes,
                               std::chrono::seconds patience, const std::stop_token& stop) const;

    /// How a stream ended, if it began.
    enum class StreamEnd {
        kDone,    ///< by "[DONE]", or on_event() returned false
        kClosed,  ///< the connection was closed in order
        kBroken,  ///< it was lost
    };
    struct Ended {
        StreamEnd end = StreamEnd::kDone;
        std::string why;  ///< of kBroken, a sentence
    };
    /// Posts `body` and gives the events of the stream as they come; a server that answers at once has one event.
    /// Errors are those of a stream that did not begin, and a server that sends something else, or too much at once.
    Result<Ended> stream(const std::string& path, const nlohmann::json& body, std::size_t most_event_bytes,
                         const std::function<bool(ChatEvent&)>& on_event, const std::stop_token& stop) const;

private:
    HttpRequest request(const std::string& path, const nlohmann::json* body) const;
    Status refusal(const HttpHead& head) const;
    Status failure(const Status& status) const;

    ServerAddress m_address;
};

}  // namespace moescope
