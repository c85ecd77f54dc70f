#include "engine/text/jinja_lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/base/foreign_text.h"
#include "engine/base/utf8.h"
#include "engine/text/jinja_strings.h"

namespace moescope::jinja {
namespace {

/// Line ends as "\n", and without the last one.
std::string normalized(std::string_view source) {
    std::string out;
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] != '\r') {
            out += source[i];
        } else if (i + 1 >= source.size() || source[i + 1] != '\n') {
            out += '\n';
        }
    }
    if (out.ends_with('\n')) out.pop_back();
    return out;
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isNameByte(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

class Lexer {
public:
    explicit Lexer(std::string_view source) : m_source(normalized(source)) {}

    std::vector<Token> run() {
        while (m_at < m_source.size()) data();
        add(Token::Kind::kEnd, "");
        return std::move(m_tokens);
    }

private:
    [[noreturn]] void failHere(std::string message) const { throw Error{std::move(message), m_line}; }
    std::string_view rest() const { return std::string_view(m_source).substr(m_at); }
    bool at(std::string_view what) const { return rest().starts_with(what); }

    void advance(std::size_t bytes) {
        m_line += static_cast<int>(std::count(m_source.begin() + static_cast<std::ptrdiff_t>(m_at),
                                              m_source.begin() + static_cast<std::ptrdiff_t>(m_at + bytes), '\n'));
        m_at += bytes;
    }
    void skipSpace() {
        while (m_at < m_source.size()) {
            const Character c = characterAt(rest());
            if (!isSpace(c.code)) return;
            advance(c.bytes);
        }
    }
    Token& add(Token::Kind kind, std::string text) {
        m_tokens.push_back({kind, m_line, std::move(text), 0, 0});
        return m_tokens.back();
    }

    /// What follows `-` after a tag's end is trimmed, and one line end after a block or comment.
    void tagEnds(std::size_t bytes, bool minus, bool plus, bool variable) {
        advance(bytes);
        if (minus) {
            skipSpace();
        } else if (!plus && !variable && at("\n")) {
            advance(1);
        }
        m_line_starts = m_at > 0 && m_source[m_at - 1] == '\n';
    }

    /// Text up to a tag, of which `sign` and `variable` say how it is trimmed.
    void addData(std::string_view text, char sign, bool variable) {
        if (sign == '-') {
            while (!text.empty()) {
                const Character c = characterBefore(text);
                if (!isSpace(c.code)) break;
                text.remove_suffix(c.bytes);
            }
        } else if (sign != '+' && !variable) {
            const std::size_t newline = text.rfind('\n');
            const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
            std::string_view last = text.substr(start);
            const bool blank = strip(Text(std::string(last)), std::nullopt, true, false).empty();
            if (blank && (start > 0 || m_line_starts)) text = text.substr(0, start);
        }
        if (!text.empty()) add(Token::Kind::kData, std::string(text));
    }

    void data() {
        std::size_t tag = m_source.find('{', m_at);
        while (tag != std::string::npos && tag + 1 < m_source.size() &&
               std::string_view("{%#").find(m_source[tag + 1]) == std::string_view::npos) {
            tag = m_source.find('{', tag + 1);
        }
        if (tag == std::string::npos || tag + 1 >= m_source.size()) {
            add(Token::Kind::kData, std::string(rest()));
            m_at = m_source.size();
            return;
        }
        const char kind = m_source[tag + 1];
        const char sign = tag + 2 < m_source.size() ? m_source[tag + 2] : ' ';
        const bool signed_tag = sign == '-' || sign == '+';
        addData(rest().substr(0, tag - m_at), sign, kind == '{');
        advance(tag - m_at + (signed_tag ? 3 : 2));
        m_line_starts = false;
        if (kind == '#') {
            comment();
        } else if (kind == '%' && rawBegins()) {
            raw();
        } else {
            code(kind == '{');
        }
    }

    void comment() {
        const std::size_t end = m_source.find("#}", m_at);
        if (end == std::string::npos) failHere("a comment is not closed");
        const char before = end > m_at ? m_source[end - 1] : ' ';
        tagEnds(end + 2 - m_at, before == '-', before == '+', false);
    }

    /// Whether the block that was opened is `raw`; if so it is read to its end.
    bool rawBegins() {
        const std::size_t at_begin = m_at;
        const int line = m_line;
        skipSpace();
        if (at("raw")) {
            advance(3);
            skipSpace();
            const bool minus = at("-%}");
            if (minus || at("%}")) {
                advance(minus ? 3 : 2);
                if (minus) skipSpace();
                m_line_starts = m_source[m_at - 1] == '\n';
                return true;
            }
        }
        m_at = at_begin;
        m_line = line;
        return false;
    }

    void raw() {
        for (std::size_t tag = m_source.find("{%", m_at); tag != std::string::npos;
             tag = m_source.find("{%", tag + 2)) {
            std::string_view after = std::string_view(m_source).substr(tag + 2);
            const char sign = after.empty() ? ' ' : after.front();
            if (sign == '-' || sign == '+') after.remove_prefix(1);
            const auto skip = [&] {
                while (!after.empty() && isSpace(characterAt(after).code))
                    after.remove_prefix(characterAt(after).bytes);
            };
            skip();
            if (!after.starts_with("endraw")) continue;
            after.remove_prefix(6);
            skip();
            const bool minus = after.starts_with("-%}"), plus = after.starts_with("+%}");
            if (!minus && !plus && !after.starts_with("%}")) continue;
            addData(rest().substr(0, tag - m_at), sign, false);
            const std::size_t end = m_source.size() - after.size() + (minus || plus ? 3 : 2);
            tagEnds(end - m_at, minus, plus, false);
            return;
        }
        failHere("a raw block is not closed");
    }

    void code(bool variable) {
        add(variable ? Token::Kind::kVariableBegin : Token::Kind::kBlockBegin, "");
        const std::string_view end = variable ? "}}" : "%}";
        std::string open;  // the brackets that are to be closed
        for (;;) {
            skipSpace();
            if (m_at >= m_source.size()) failHere("a tag is not closed");
            if (open.empty()) {
                const bool minus = rest()[0] == '-' && rest().substr(1).starts_with(end);
                const bool plus = !variable && rest()[0] == '+' && rest().substr(1).starts_with(end);
                if (minus || plus || at(end)) {
                    add(variable ? Token::Kind::kVariableEnd : Token::Kind::kBlockEnd, "");
                    return tagEnds(minus || plus ? 3 : 2, minus, plus, variable);
                }
            }
            token(open);
        }
    }

    void token(std::string& open) {
        const char c = rest()[0];
        if (isDigit(c)) return number();
        if (isNameByte(c)) {
            std::size_t length = 0;
            while (length < rest().size() && isNameByte(rest()[length])) ++length;
            add(Token::Kind::kName, std::string(rest().substr(0, length)));
            return advance(length);
        }
        if (c == '\'' || c == '"') return string(c);
        for (const std::string_view two : {"//", "**", "==", "!=", ">=", "<="}) {
            if (!at(two)) continue;
            add(Token::Kind::kOperator, std::string(two));
            return advance(2);
        }
        if (std::string_view("+-/*%~[](){}><=.:|,;").find(c) == std::string_view::npos) {
            failHere(fmt::format("{} is not expected here", quoted(rest().substr(0, characterAt(rest()).bytes))));
        }
        if (c == '(') open += ')';
        if (c == '[') open += ']';
        if (c == '{') open += '}';
        if (c == ')' || c == ']' || c == '}') {
            if (open.empty() || open.back() != c) failHere(fmt::format("'{}' closes nothing", c));
            open.pop_back();
        }
        add(Token::Kind::kOperator, std::string(1, c));
        advance(1);
    }

    void number() {
        std::string digits;
        std::size_t length = 0;
        bool real = false;
        const auto take = [&] {
            while (length < rest().size() && (isDigit(rest()[length]) || rest()[length] == '_')) {
                if (rest()[length] != '_') digits += rest()[length];
                ++length;
            }
        };
        const auto digitAt = [&](std::size_t i) { return i < rest().size() && isDigit(rest()[i]); };
        take();
        const bool after_dot = !m_tokens.empty() && m_tokens.back().isOperator(".");
        if (!after_dot && length < rest().size() && rest()[length] == '.' && digitAt(length + 1)) {
            real = true;
            digits += '.';
            ++length;
            take();
        }
        if (!after_dot && length < rest().size() && (rest()[length] == 'e' || rest()[length] == 'E')) {
            const std::size_t sign =
                length + 1 < rest().size() && (rest()[length + 1] == '-' || rest()[length + 1] == '+');
            if (digitAt(length + 1 + sign)) {
                real = true;
                digits += 'e';
                if (sign && rest()[length + 1] == '-') digits += '-';
                length += 1 + sign;
                take();
            }
        }
        if (length < rest().size() && isNameByte(rest()[length])) failHere("a number is followed by letters");
        Token& token = add(real ? Token::Kind::kFloat : Token::Kind::kInteger, "");
        const char* end = digits.data() + digits.size();
        const auto read =
            real ? std::from_chars(digits.data(), end, token.real) : std::from_chars(digits.data(), end, token.integer);
        if (read.ec != std::errc() || read.ptr != end) failHere("a number is too large");
        advance(length);
    }

    void string(char mark) {
        std::size_t end = m_at + 1;
        while (end < m_source.size() && m_source[end] != mark) end += m_source[end] == '\\' ? 2 : 1;
        if (end >= m_source.size()) failHere("a string is not closed");
        const std::string_view inside = std::string_view(m_source).substr(m_at + 1, end - m_at - 1);
        add(Token::Kind::kString, unescaped(inside));
        advance(end + 1 - m_at);
    }

    /// Of `digits` hexadecimal digits at `at`.
    std::uint32_t hexadecimal(std::string_view text, std::size_t at, std::size_t digits) const {
        std::uint32_t code = 0;
        const std::string_view part = at <= text.size() ? text.substr(at, digits) : std::string_view();
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), code, 16);
        if (part.size() != digits || error != std::errc() || end != part.data() + part.size()) {
            failHere("an escape in a string is incomplete");
        }
        return code;
    }

    std::string unescaped(std::string_view text) const {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '\\' || i + 1 >= text.size()) {
                out += text[i];
                continue;
            }
            const char c = text[++i];
            constexpr std::string_view kLetters = "nrtabfv\\'\"", kMeaning = "\n\r\t\a\b\f\v\\'\"";
            if (const std::size_t known = kLetters.find(c); known != std::string_view::npos) {
                out += kMeaning[known];
            } else if (c == '\n') {
                continue;
            } else if (c == 'x' || c == 'u' || c == 'U') {
                const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
                const std::uint32_t code = hexadecimal(text, i + 1, digits);
                if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
                    failHere("an escape in a string is not a character");
                appendCodePoint(&out, code);
                i += digits;
            } else if (c >= '0' && c <= '7') {
                std::uint32_t code = 0;
                std::size_t digits = 0;
                while (digits < 3 && i + digits < text.size() && text[i + digits] >= '0' && text[i + digits] <= '7') {
                    code = code * 8 + static_cast<std::uint32_t>(text[i + digits++] - '0');
                }
                appendCodePoint(&out, code);
                i += digits - 1;
            } else if (c == 'N') {
                failHere("characters by name (\\N) are not supported");
            } else {
                out += {'\\', c};
            }
        }
        return out;
    }

    std::string m_source;
    std::size_t m_at = 0;
    int m_line = 1;
    bool m_line_starts = true;  // what follows is at the start of a line
    std::vector<Token> m_tokens;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) {
    return Lexer(source).run();
}

}  // namespace moescope::jinja
