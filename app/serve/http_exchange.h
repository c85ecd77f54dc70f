#pragma once
// HTTP/1.1 on a connection, by cpp-httplib: one request, one reply.

#include "app/serve/connection.h"
#include "app/serve/http_message.h"

namespace moescope::serve {

/// Reads a request, has it answered, and returns when its reply has been written, or cannot be.
void exchange(Connection& connection, HttpHandler& handler);

}  // namespace moescope::serve
