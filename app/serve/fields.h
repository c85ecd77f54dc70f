#pragma once
// The fields of a request's JSON object, taken one after another. The first that is wrong is remembered; what nobody
// took is refused at the end.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "app/serve/api_error.h"

namespace moescope::serve {

class Fields {
public:
    using Json = nlohmann::json;

    /// `prefix` comes before names in sentences, as in "moescope.".
    explicit Fields(const Json& object, std::string prefix = {});

    /// A field's value, null as none; it counts as taken.
    const Json* take(const char* name);

    /// Sets `value` if the field is there. Wrong types, and numbers out of range, are errors.
    void boolean(const char* name, bool& value);
    void number(const char* name, float& value, double lowest, double highest);
    void integer(const char* name, std::optional<int>& value, int lowest, int highest);
    void text(const char* name, std::string& value);

    /// Fields that change nothing about an answer.
    void ignore(std::span<const char* const> names);
    /// A field that is not supported, except with a value that asks for nothing.
    void onlyAs(const char* name, const Json& neutral);

    void fail(ApiError error);
    void fail(const char* name, const std::string& expected);
    /// The first error; else one that names a field that nobody took.
    std::optional<ApiError> error() const;
    bool failed() const { return m_error.has_value(); }

private:
    const Json& m_object;
    std::string m_prefix;
    std::set<std::string, std::less<>> m_taken;
    std::optional<ApiError> m_error;
};

/// A body's object, or the error that says why there is none.
ApiResult<nlohmann::json> parseObject(std::string_view body);

}  // namespace moescope::serve
