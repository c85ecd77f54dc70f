#pragma once
// Lines and numbers of text files that may be hostile.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moescope {

/// Gives a text line by line, without line ends (LF or CR LF).
class LineReader {
public:
    explicit LineReader(std::string_view text) : m_rest(text) {}

    bool next(std::string_view& line) {
        if (m_rest.empty()) return false;
        const std::size_t end = m_rest.find('\n');
        line = m_rest.substr(0, end);
        m_rest.remove_prefix(end == std::string_view::npos ? m_rest.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        ++m_number;
        return true;
    }
    std::size_t number() const { return m_number; }  ///< of the line that was given last, from 1

private:
    std::string_view m_rest;
    std::size_t m_number = 0;
};

/// Takes what comes before a separator, or the rest; the separator goes.
inline std::string_view takeField(std::string_view& rest, char separator) {
    const std::size_t end = rest.find(separator);
    const std::string_view field = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return field;
}

inline std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// A whole field as a number from `lowest` to `highest`.
inline std::optional<std::int64_t> integerField(std::string_view field, std::int64_t lowest, std::int64_t highest) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc{} || end != field.data() + field.size() || value < lowest || value > highest) return {};
    return value;
}

/// A whole field as a float; "nan" is one, and numbers that are too large or too small are infinite or 0.
inline std::optional<float> floatField(std::string_view field) {
    float value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (end != field.data() + field.size() || field.empty()) return {};
    if (error == std::errc::result_out_of_range) {
        double wide = 0;  // too small for a float, or too large
        if (std::from_chars(field.data(), end, wide).ec != std::errc{}) return {};
        return static_cast<float>(wide);
    }
    if (error != std::errc{}) return {};
    return value;
}

/// The start of a field, fit for a sentence.
inline std::string shown(std::string_view field) {
    constexpr std::size_t kShown = 24;
    std::string text(field.substr(0, kShown));
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
    }
    return field.size() > kShown ? text + "..." : text;
}

}  // namespace moescope
