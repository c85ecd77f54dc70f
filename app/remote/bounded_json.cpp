#include "app/remote/bounded_json.h"

#include <nlohmann/json.hpp>

#include "engine/base/utf8.h"

namespace moescope {
namespace {

/// Whether brackets and commas are few enough, looked at before anything is built of them.
bool isBounded(std::string_view text) {
    int depth = 0;
    std::size_t values = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            if (c == '"') quoted = false;
            continue;
        }
        if (c == '"') quoted = true;
        if (c == '[' || c == '{') {
            ++values;
            if (++depth > kMostJsonDepth) return false;
        }
        if (c == ']' || c == '}') --depth;
        if (c == ',') ++values;
    }
    return values <= kMostJsonValues;
}

std::string validUtf8(std::string_view text) {
    std::string valid;
    valid.reserve(text.size());
    while (!text.empty()) {
        const std::size_t good = validPrefix(text);
        valid += text.substr(0, good);
        text.remove_prefix(good);
        if (text.empty()) break;
        valid += "\xEF\xBF\xBD";
        text.remove_prefix(1);
    }
    return valid;
}

}  // namespace

std::optional<nlohmann::json> boundedJson(std::string_view text) {
    if (!isBounded(text)) return std::nullopt;
    nlohmann::json json = validPrefix(text) == text.size() ? nlohmann::json::parse(text, nullptr, false)
                                                           : nlohmann::json::parse(validUtf8(text), nullptr, false);
    if (json.is_discarded()) return std::nullopt;
    return json;
}

}  // namespace moescope
