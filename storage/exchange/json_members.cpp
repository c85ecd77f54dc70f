#include "storage/exchange/json_members.h"

#include <nlohmann/json.hpp>

namespace moescope {
namespace {

bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Behind the string that begins at `at`; npos if it does not end.
std::size_t stringEnd(std::string_view text, std::size_t at) {
    for (++at; at < text.size(); ++at) {
        at = text.find_first_of("\"\\", at);
        if (at == std::string_view::npos) return at;
        if (text[at] == '"') return at + 1;
        ++at;
    }
    return std::string_view::npos;
}

/// Where the value that begins at `at` ends: at a comma or bracket outside of it, or at the end of the text.
std::size_t valueEnd(std::string_view text, std::size_t at) {
    std::size_t open = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"') {
            at = stringEnd(text, at);
            if (at == std::string_view::npos) return text.size();
            continue;
        }
        if (c == '{' || c == '[') ++open;
        if (open == 0 && (c == ',' || c == '}' || c == ']')) return at;
        if (c == '}' || c == ']') --open;
        ++at;
    }
    return text.size();
}

}  // namespace

std::string_view withoutMarks(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
    return text;
}

JsonMembers::JsonMembers(std::string_view text) : m_text(text) {
    if (!text.empty() && text[0] == '{') m_close = '}';
    if (!text.empty() && text[0] == '[') m_close = ']';
    m_at = m_close ? 1 : 0;
    if (!m_close) end(true);
}

void JsonMembers::skipBlanks() {
    while (m_at < m_text.size() && isBlank(m_text[m_at])) ++m_at;
}

bool JsonMembers::end(bool damaged) {
    m_damaged = damaged;
    m_ended = true;
    return false;
}

bool JsonMembers::readKey() {
    const std::size_t begin = m_at;
    if (begin >= m_text.size() || m_text[begin] != '"') return false;
    const std::size_t after = stringEnd(m_text, begin);
    if (after == std::string_view::npos) return false;
    m_key = m_text.substr(begin + 1, after - begin - 2);
    if (m_key.find('\\') != std::string::npos) {
        const auto text = nlohmann::json::parse(m_text.substr(begin, after - begin), nullptr, false);
        m_key = text.is_string() ? text.get<std::string>() : "";
    }
    m_at = after;
    skipBlanks();
    if (m_at >= m_text.size() || m_text[m_at] != ':') return false;
    ++m_at;
    skipBlanks();
    return true;
}

bool JsonMembers::next() {
    if (m_ended) return false;
    skipBlanks();
    if (m_at >= m_text.size()) return end(true);
    if (m_text[m_at] == m_close) {
        ++m_at;
        return end(false);
    }
    if (!m_first) {
        if (m_text[m_at] != ',') return end(true);
        ++m_at;
        skipBlanks();
    }
    m_first = false;
    if (m_close == '}' && !readKey()) return end(true);
    const std::size_t stop = valueEnd(m_text, m_at);
    std::size_t last = stop;
    while (last > m_at && isBlank(m_text[last - 1])) --last;
    m_value = m_text.substr(m_at, last - m_at);
    if (m_value.empty()) return end(true);
    m_at = stop;
    return true;
}

std::optional<std::string_view> jsonMember(std::string_view object, std::string_view key) {
    std::optional<std::string_view> found;
    if (!object.starts_with('{')) return found;
    for (JsonMembers members(object); members.next();) {
        if (members.key() == key) found = members.value();
    }
    return found;
}

}  // namespace moescope
