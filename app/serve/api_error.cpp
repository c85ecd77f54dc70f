#include "app/serve/api_error.h"

#include <nlohmann/json.hpp>

namespace moescope::serve {

std::string ApiError::toJson() const {
    using json = nlohmann::ordered_json;
    const auto orNull = [](const std::string& text) { return text.empty() ? json() : json(text); };
    const json error = {{"message", message}, {"type", type}, {"param", orNull(param)}, {"code", orNull(code)}};
    return json{{"error", error}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

ApiError badField(std::string field, std::string sentence) {
    ApiError error;
    error.message = std::move(sentence);
    error.param = std::move(field);
    return error;
}

ApiError errorOf(const Status& status) {
    ApiError error;
    error.message = status.message();
    switch (status.code()) {
        case StatusCode::kOutOfRange:
            error.code = "context_length_exceeded";
            break;
        case StatusCode::kStopped:
            error.status = 503;
            error.type = "server_error";
            error.code = "stopped";
            break;
        case StatusCode::kOutOfMemory:
            error.status = 503;
            error.type = "server_error";
            error.code = "out_of_memory";
            break;
        default:
            error.status = 500;
            error.type = "server_error";
    }
    return error;
}

}  // namespace moescope::serve
