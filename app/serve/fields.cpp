#include "app/serve/fields.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/base/foreign_text.h"

namespace moescope::serve {

Fields::Fields(const Json& object, std::string prefix) : m_object(object), m_prefix(std::move(prefix)) {}

const Fields::Json* Fields::take(const char* name) {
    m_taken.insert(name);
    const auto found = m_object.find(name);
    return found == m_object.end() || found->is_null() ? nullptr : &*found;
}

void Fields::boolean(const char* name, bool& value) {
    const Json* found = take(name);
    if (!found) return;
    if (!found->is_boolean()) return fail(name, "true or false");
    value = found->get<bool>();
}

void Fields::number(const char* name, float& value, double lowest, double highest) {
    const Json* found = take(name);
    if (!found) return;
    const double given = found->is_number() ? found->get<double>() : NAN;
    if (!(given >= lowest && given <= highest))
        return fail(name, fmt::format("a number from {} to {}", lowest, highest));
    value = static_cast<float>(given);
}

void Fields::integer(const char* name, std::optional<int>& value, int lowest, int highest) {
    const Json* found = take(name);
    if (!found) return;
    // As some clients write them: 16.0.
    const double given = found->is_number() ? found->get<double>() : NAN;
    if (!(given >= lowest && given <= highest) || given != std::floor(given)) {
        return fail(name, fmt::format("a whole number from {} to {}", lowest, highest));
    }
    value = static_cast<int>(given);
}

void Fields::text(const char* name, std::string& value) {
    const Json* found = take(name);
    if (!found) return;
    if (!found->is_string()) return fail(name, "a text");
    value = found->get<std::string>();
}

void Fields::ignore(std::span<const char* const> names) {
    for (const char* name : names) m_taken.insert(name);
}

void Fields::onlyAs(const char* name, const Json& neutral) {
    const Json* found = take(name);
    if (!found || *found == neutral) return;
    fail(badField(m_prefix + name, fmt::format("{} is not supported; leave it out.", quoted(m_prefix + name))));
}

void Fields::fail(ApiError error) {
    if (!m_error) m_error = std::move(error);
}

void Fields::fail(const char* name, const std::string& expected) {
    fail(badField(m_prefix + name, fmt::format("{} is invalid; expected {}.", quoted(m_prefix + name), expected)));
}

std::optional<ApiError> Fields::error() const {
    if (m_error) return m_error;
    for (const auto& [name, value] : m_object.items()) {
        if (value.is_null() || m_taken.contains(name)) continue;
        return badField(shortened(m_prefix + name),
                        fmt::format("{} is not supported; leave it out.", quoted(m_prefix + name)));
    }
    return std::nullopt;
}

ApiResult<nlohmann::json> parseObject(std::string_view body) {
    // What is nested needs many times its size: nothing that is understood is as deep.
    constexpr int kMaxDepth = 16;
    bool too_deep = false;
    const auto shallow = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
        too_deep |= depth > kMaxDepth;
        return !too_deep;
    };
    nlohmann::json object = nlohmann::json::parse(body, shallow, false);
    if (object.is_object() && !too_deep) return object;
    ApiError error;
    error.message = too_deep                ? "The request's JSON is nested too deeply."
                    : object.is_discarded() ? "The request's body is not JSON; expected an object."
                                            : "The request's body is JSON, but not an object.";
    return error;
}

}  // namespace moescope::serve
