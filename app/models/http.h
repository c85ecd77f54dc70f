#pragma once
// Getting things over HTTP, by libcurl: redirects, proxies (https_proxy, http_proxy, all_proxy, no_proxy) and
// certificates are its matter. Nothing is opened, not even the library set up, before the first get().

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace moescope {

struct HttpRequest {
    std::string url;
    std::vector<std::string> headers;  ///< "Range: bytes=5-"
    std::string token;                 ///< for the host of `url` and for no other that it may send on to; empty: none
};

/// What a server says before what it sends, after all redirects.
struct HttpHead {
    long status = 0;
    std::string host;  ///< that answered
    std::map<std::string, std::string> headers;

    /// The value of a header, whose name is in small letters; empty without it.
    const std::string& header(const std::string& name) const;
};

struct HttpReceiver {
    /// Called once, before the first piece, and only for an answer of kind 2xx; false ends it.
    std::function<bool(const HttpHead&)> on_head;
    /// False ends it.
    std::function<bool(std::span<const std::byte>)> on_piece;
};

/// One request. An answer of another kind than 2xx is a head as well; nothing of its body is received. Errors:
/// - kStopped: the stop (within a second), or on_head or on_piece returned false
/// - kBusy: the connection failed, or ended too early, or nothing came for `patience`; the same may work later
/// - kIo: it will not: certificates, redirects in circles or from https to http
/// A sentence names the host.
Result<HttpHead> httpGet(const HttpRequest& request, const HttpReceiver& receiver, std::chrono::seconds patience,
                         const std::stop_token& stop);

/// "huggingface.co", with its port if it has one; empty for what is no http or https address.
std::string hostOf(const std::string& url);

}  // namespace moescope
