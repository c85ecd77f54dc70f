#pragma once
// Requests over HTTP, by libcurl: redirects, proxies (https_proxy, http_proxy, all_proxy, no_proxy) and certificates
// are its matter. Nothing is opened, not even the library set up, before the first askHttp().

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
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
    std::optional<std::string> body;   ///< JSON that is posted; none: the address is got
    std::string ca_file;               ///< certificates to trust instead of the system's; empty: those
    bool follow = true;                ///< where it is sent on to; false: that is an answer as any other
    std::size_t error_bytes = 0;       ///< of the body of an answer of another kind than 2xx to be kept
};

/// What a server says before what it sends, after all redirects.
struct HttpHead {
    long status = 0;
    std::string host;  ///< that answered
    std::map<std::string, std::string> headers;
    std::string error;  ///< the body of an answer of another kind than 2xx, at most HttpRequest::error_bytes of it

    /// The value of a header, whose name is in small letters; empty without it.
    const std::string& header(const std::string& name) const;
};

struct HttpReceiver {
    /// Called once, before the first piece, and only for an answer of kind 2xx; false ends it.
    std::function<bool(const HttpHead&)> on_head;
    /// False ends it.
    std::function<bool(std::span<const std::byte>)> on_piece;
};

/// One request. An answer of another kind than 2xx is a head as well. Errors:
/// - kStopped: the stop (within a tenth of a second; the connection is closed), or on_head or on_piece returned false
/// - kBusy: the connection failed, or ended too early, or nothing came for `patience`; the same may work later
/// - kIo: it will not: certificates, redirects in circles or from https to http
/// A sentence names the host.
Result<HttpHead> askHttp(const HttpRequest& request, const HttpReceiver& receiver, std::chrono::seconds patience,
                         const std::stop_token& stop);

/// "huggingface.co", with its port if it has one; empty for what is not an http or https address.
std::string hostOf(const std::string& url);

}  // namespace moescope
