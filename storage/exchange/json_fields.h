#pragma once
// Reading JSON that nobody vouches for: limits before parsing, and typed look-ups that say what was wrong and where.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace moescope {

/// Deepest nesting that is read; the library's writer calls itself once a level.
inline constexpr int kMaxJsonDepth = 128;
/// The same for settings, which are inside a file.
inline constexpr int kMaxSettingsDepth = 64;
/// The largest whole number that every JSON reader keeps exactly: 2^53 - 1.
inline constexpr std::int64_t kMaxJsonInteger = 9007199254740991;

/// Whether brackets nest no deeper; looks at nothing else, so it may be asked of any bytes.
bool nestsAtMost(std::string_view json, int depth);
/// Whether the values of a text take no more memory than ten times the text, and 64 MiB: short ones in great numbers,
/// such as a million of "[]", take more than anything that an export holds.
bool isModest(std::string_view json);
/// A JSON object of the program's settings; an empty object if it is none.
nlohmann::json parseSettings(const std::string& settings);

/// The fields of one JSON object. What is missing has its default; what has the wrong type or is out of its range
/// fails. The first error of a file is kept in the Status that all its readers share; values after it mean nothing.
class JsonFields {
public:
    /// `where` names the object in errors: "conversation 2, message 5".
    JsonFields(const nlohmann::json& object, std::string where, Status& status);

    const std::string& where() const { return m_where; }
    bool ok() const { return m_status.ok(); }

    /// The value, or null if it is missing or null.
    const nlohmann::json* find(const char* key) const;
    std::int64_t integer(const char* key, std::int64_t lowest, std::int64_t highest, std::int64_t missing = 0) const;
    std::optional<std::int64_t> optionalInteger(const char* key, std::int64_t lowest, std::int64_t highest) const;
    bool flag(const char* key, bool missing) const;
    std::string text(const char* key) const;
    /// A number, or the text "nan", "inf" or "-inf".
    double real(const char* key) const;
    /// An object as text, "{}" if it is missing.
    std::string settings(const char* key) const;
    /// A list, empty if it is missing.
    const nlohmann::json& list(const char* key) const;

    /// Says that something of this object is wrong, unless an earlier error was kept.
    void fail(const std::string& what) const;
    void fail(const char* key, const std::string& expected) const;

private:
    const nlohmann::json& m_object;
    std::string m_where;
    Status& m_status;
};

/// Values apart from keys: empty if it is not such a number.
std::optional<std::int64_t> jsonInteger(const nlohmann::json& value, std::int64_t lowest, std::int64_t highest);
std::optional<double> jsonReal(const nlohmann::json& value);

}  // namespace moescope
