#pragma once
// Requests and replies, whatever library speaks HTTP.

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moescope::serve {

/// What is known of a request before its body is read.
struct HttpHead {
    std::string method, path;
    std::string host, origin, authorization, content_type;  ///< headers; "": none
};

struct HttpRequest {
    HttpHead head;
    std::string body;
    /// Watches the connection from now on: a stop is asked for when the client is gone, or the server ends.
    std::function<std::stop_token()> watch;
};

struct HttpReply {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    /// In place of a body: writes pieces as they come, until it returns. `write` is false where nobody reads anymore.
    std::function<void(const std::function<bool(std::string_view)>& write)> stream;
};

/// Answers requests; called by many threads at once.
class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    /// Looks at a request before its body is read. What is returned is sent in its place; none: go on.
    virtual std::optional<HttpReply> refuse(const HttpHead& head) = 0;
    virtual HttpReply answer(const HttpRequest& request) = 0;
    /// The body of a reply that was made below: too long, no HTTP, and the like.
    virtual HttpReply explain(int status) = 0;
};

}  // namespace moescope::serve
