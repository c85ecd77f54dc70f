#include "storage/exchange/json_fields.h"

#include <fmt/format.h>

#include <limits>

namespace moescope {
namespace {

using nlohmann::json;

/// A short word for what stands there instead.
std::string found(const json& value) {
    constexpr std::size_t kShown = 40;
    if (value.is_structured() || value.is_string()) return std::string("a ") + value.type_name();
    return value.dump().substr(0, kShown);
}

}  // namespace

bool nestsAtMost(std::string_view text, int depth) {
    int open = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++open > depth) return false;
        } else if (c == ']' || c == '}') {
            --open;
        }
    }
    return true;
}

bool isModest(std::string_view text) {
    constexpr std::size_t kRoom = std::size_t{64} << 20, kFactor = 8;
    if (text.size() < kRoom / 112) return true;
    std::size_t bytes = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') in_string = !in_string;
        if (in_string) {
            if (c == '\\') ++i;
            continue;
        }
        // What the library allots for a list, an object, a member of it, and an element of a list.
        if (c == '[') bytes += 48;
        if (c == '{') bytes += 80;
        if (c == ':') bytes += 112;
        if (c == ',') bytes += 24;
    }
    return bytes <= kFactor * text.size() + kRoom;
}

json parseSettings(const std::string& settings) {
    if (!nestsAtMost(settings, kMaxSettingsDepth)) return json::object();
    json object = json::parse(settings, nullptr, false);
    return object.is_object() ? object : json::object();
}

std::optional<std::int64_t> jsonInteger(const json& value, std::int64_t lowest, std::int64_t highest) {
    if (!value.is_number_integer()) return {};
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) return {};
    const auto number = value.get<std::int64_t>();
    return number >= lowest && number <= highest ? std::optional(number) : std::nullopt;
}

std::optional<double> jsonReal(const json& value) {
    if (value.is_number()) return value.get<double>();
    if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (value == "inf") return std::numeric_limits<double>::infinity();
    if (value == "-inf") return -std::numeric_limits<double>::infinity();
    return {};
}

JsonFields::JsonFields(const json& object, std::string where, Status& status)
    : m_object(object), m_where(std::move(where)), m_status(status) {
    if (!object.is_object()) fail(fmt::format("expected an object, found {}", found(object)));
}

void JsonFields::fail(const std::string& what) const {
    if (m_status.ok()) m_status = invalid(fmt::format("The file cannot be imported: {}: {}.", m_where, what));
}

void JsonFields::fail(const char* key, const std::string& expected) const {
    const json* value = find(key);
    fail(fmt::format("\"{}\" should be {}, found {}", key, expected, value ? found(*value) : "nothing"));
}

const json* JsonFields::find(const char* key) const {
    if (!m_object.is_object()) return nullptr;
    const auto at = m_object.find(key);
    return at == m_object.end() || at->is_null() ? nullptr : &*at;
}

std::optional<std::int64_t> JsonFields::optionalInteger(const char* key, std::int64_t lowest,
                                                        std::int64_t highest) const {
    const json* value = find(key);
    if (!value) return {};
    const auto number = jsonInteger(*value, lowest, highest);
    if (!number) fail(key, fmt::format("a whole number from {} to {}", lowest, highest));
    return number;
}

std::int64_t JsonFields::integer(const char* key, std::int64_t lowest, std::int64_t highest,
                                 std::int64_t missing) const {
    return optionalInteger(key, lowest, highest).value_or(missing);
}

bool JsonFields::flag(const char* key, bool missing) const {
    const json* value = find(key);
    if (!value) return missing;
    if (!value->is_boolean()) fail(key, "true or false");
    return value->is_boolean() && value->get<bool>();
}

std::string JsonFields::text(const char* key) const {
    const json* value = find(key);
    if (!value) return "";
    if (!value->is_string()) fail(key, "a text");
    return value->is_string() ? value->get<std::string>() : "";
}

double JsonFields::real(const char* key) const {
    const json* value = find(key);
    if (!value) return 0;
    const auto number = jsonReal(*value);
    if (!number) fail(key, "a number");
    return number.value_or(0);
}

std::string JsonFields::settings(const char* key) const {
    const json* value = find(key);
    if (!value) return "{}";
    std::string text;
    if (value->is_object()) text = value->dump();
    if (text.empty() || !nestsAtMost(text, kMaxSettingsDepth)) {
        fail(key, fmt::format("an object of at most {} levels", kMaxSettingsDepth));
    }
    return text;
}

const json& JsonFields::list(const char* key) const {
    static const json none = json::array();
    const json* value = find(key);
    if (value && !value->is_array()) fail(key, "a list");
    return value && value->is_array() ? *value : none;
}

}  // namespace moescope
