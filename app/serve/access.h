#pragma once
// Who may ask. A page in a browser can send requests to a server on the same machine: by another site's script, whose
// Origin tells, or by a name that its owner lets point here (DNS rebinding), which the Host header tells.

#include <optional>
#include <string>
#include <string_view>

#include "app/serve/api_error.h"
#include "app/serve/http_message.h"

namespace moescope::serve {

struct Access {
    std::string key;      ///< that every request has as "Authorization: Bearer KEY"; "": none is needed
    std::string address;  ///< numeric, that the server listens on
};

/// "127.0.0.1:8033" and "[::1]:8033" without port and brackets, in lower case.
std::string hostOf(std::string_view authority);
/// "localhost", names below it, and addresses of this machine's own loopback.
bool isLoopback(std::string_view host);
/// Takes as long for any two texts of one length.
bool sameKey(std::string_view given, std::string_view key);

/// Why a request is refused; none if it may be answered. /health and preflights need no key.
std::optional<ApiError> refusalFor(const HttpHead& head, const Access& access);

}  // namespace moescope::serve
