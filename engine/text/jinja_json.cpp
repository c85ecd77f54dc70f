#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja_library.h"
#include "engine/text/jinja_strings.h"

namespace moescope::jinja {
namespace {

class JsonWriter {
public:
    JsonWriter(const JsonStyle& style, const Context& context) : m_style(style), m_context(context) {}

    void write(const Value& value, int level) {
        m_context.budget.step();
        m_context.budget.room(m_out.size());
        if (const Text* text = value.asText()) {
            string(*text);
        } else if (const List* list = value.asList()) {
            sequence('[', ']', list->items, level, [&](const Value& item) { write(item, level + 1); });
        } else if (const Dict* dict = value.asDict()) {
            Entries entries = dict->entries;
            if (m_style.sort_keys) {
                std::ranges::stable_sort(
                    entries, [&](const auto& a, const auto& b) { return less(a.first, b.first, m_context.budget); });
            }
            sequence('{', '}', entries, level, [&](const auto& entry) {
                key(entry.first);
                m_out += m_style.key_separator;
                write(entry.second, level + 1);
            });
        } else if (value.isNone()) {
            m_out += "null";
        } else if (const bool* b = value.as<bool>()) {
            m_out += *b ? "true" : "false";
        } else if (const std::int64_t* i = value.as<std::int64_t>()) {
            m_out += std::to_string(*i);
        } else if (const double* d = value.as<double>()) {
            const std::string number = realText(*d);
            m_out += number == "nan" ? "NaN" : number == "inf" ? "Infinity" : number == "-inf" ? "-Infinity" : number;
        } else if (value.isUndefined()) {
            failUndefined(value);
        } else {
            fail(fmt::format("{} cannot be written as JSON", value.kindName()));
        }
    }
    Text take() { return m_own ? Text(std::move(m_out)) : Text::placeless(std::move(m_out)); }

private:
    template <class Items, class Write>
    void sequence(char open, char close, const Items& items, int level, const Write& write_item) {
        m_out += open;
        bool first = true;
        for (const auto& item : items) {
            if (!first) m_out += m_style.item_separator;
            first = false;
            newLine(level + 1);
            write_item(item);
        }
        if (!first) newLine(level);
        m_out += close;
    }
    void newLine(int level) {
        if (m_style.indent < 0) return;
        const auto blanks = static_cast<std::size_t>(m_style.indent) * static_cast<std::size_t>(level);
        m_context.budget.look(blanks);
        m_context.budget.room(m_out.size() + blanks);
        m_out += '\n';
        m_out.append(blanks, ' ');
    }
    void key(const Value& value) {
        if (value.asText()) return string(*value.asText());
        if (value.asList() || value.asDict()) fail("a key of a dict cannot be written as JSON");
        m_out += '"';
        write(value, 0);
        m_out += '"';
    }
    void string(const Text& text) {
        m_context.budget.read(text.size());
        m_context.budget.room(m_out.size() + 6 * text.size());
        m_own = m_own && text.ownOnly();
        m_out += '"';
        for (std::string_view rest = text.view(); !rest.empty();) {
            const Character c = characterAt(rest);
            character(c.code, rest.substr(0, c.bytes));
            rest.remove_prefix(c.bytes);
        }
        m_out += '"';
    }
    void character(char32_t code, std::string_view bytes) {
        constexpr std::string_view kSpecial = "\"\\\n\r\t\f\b", kLetters = "\"\\nrtfb";
        const std::size_t special = code < 0x80 ? kSpecial.find(static_cast<char>(code)) : std::string_view::npos;
        if (special != std::string_view::npos) {
            m_out += {'\\', kLetters[special]};
        } else if (code < 0x20 || (m_style.ascii && code > 0x7e && code < 0x10000)) {
            m_out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code));
        } else if (m_style.ascii && code >= 0x10000) {
            const std::uint32_t above = static_cast<std::uint32_t>(code) - 0x10000;
            m_out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (above >> 10), 0xdc00 + (above & 0x3ff));
        } else if (code == 0xfffd) {
            m_out += "\xef\xbf\xbd";  // also for a byte that is not UTF-8
        } else {
            m_out += bytes;
        }
    }

    const JsonStyle& m_style;
    const Context& m_context;
    std::string m_out;
    bool m_own = true;
};

}  // namespace

Text toJson(const Value& value, const JsonStyle& style, const Context& context) {
    JsonWriter writer(style, context);
    writer.write(value, 0);
    return writer.take();
}

}  // namespace moescope::jinja
