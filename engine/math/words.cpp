// Words of texts: \text{...} and its like, with formulas in it.

#include <algorithm>
#include <array>

#include "engine/base/utf8.h"
#include "engine/math/alphabets.h"
#include "engine/math/command_table.h"
#include "engine/math/parser.h"

namespace moescope::math {

Node Parser::words(Letters letters) {
    skipBlanks();
    Node row = node(Kind::kRow, m_at);
    if (atEnd() || peek() != '{') {
        fail("a brace is expected");
        return row;
    }
    ++m_at;
    wordsInto(&row, letters);
    if (!failed() && peek() != '}') fail("a brace is not closed");
    ++m_at;
    row.end = static_cast<std::uint32_t>(m_at);
    return row;
}

/// Until "}". A word is a node, and the blank behind it is its last character.
void Parser::wordsInto(Node* row, Letters letters) {
    const Deeper deeper(this);
    Node word;
    const auto finish = [&] {
        if (!word.text.empty()) row->children.push_back(std::move(word));
        word = {};
    };
    const auto add = [&](std::string_view text, std::size_t begin) {
        if (word.text.empty()) {
            word = node(Kind::kWord, begin);
            word.letters = letters;
        }
        word.text += text;
        word.end = static_cast<std::uint32_t>(m_at);
    };
    const auto blank = [&](std::size_t begin) {
        if (!word.text.ends_with(' ')) add(" ", begin);
        finish();
    };
    while (!atEnd() && peek() != '}') {
        const std::size_t begin = m_at;
        const char c = peek();
        if (isBlank(c) || c == '~') {
            while (!atEnd() && (isBlank(peek()) || peek() == '~')) ++m_at;
            blank(begin);
        } else if (c == '{') {
            finish();
            ++m_at;
            wordsInto(row, letters);
            if (!failed() && peek() != '}') fail("a brace is not closed");
            ++m_at;
        } else if (c == '$' || rest().starts_with("\\(")) {
            finish();
            m_at += c == '$' ? 1 : 2;
            Node inside = node(Kind::kRow, m_at);
            if (c == '$') {
                inside = list();
                if (!failed() && peek() != '$') fail("a dollar is not closed");
            } else {
                while (!atEnd() && !endsHere(false) && !atCommand(")")) {
                    element(&inside);
                    skipBlanks();
                }
                if (!failed() && !atCommand(")")) fail("a parenthesis is not closed");
            }
            m_at += c == '$' ? 1 : 2;
            row->children.push_back(std::move(inside));
        } else if (c == '\\') {
            const std::string_view name = commandHere();
            constexpr std::string_view kCharacters = "%$#&_{}";
            if (name.size() == 1 && kCharacters.find(name.front()) != std::string_view::npos) {
                m_at += 2;
                add(name, begin);
            } else if (name == " " || name == "," || name == "\\" || name == "newline") {
                m_at += 1 + name.size();
                blank(begin);
            } else {
                const Command* known = commandNamed(name);
                if (known && known->what == Command::What::kLettersFrom) {  // "{\bf x}"
                    m_at += 1 + name.size();
                    while (!atEnd() && isBlank(peek())) ++m_at;
                    finish();
                    letters = known->letters;
                    continue;
                }
                finish();
                // \textbf and other commands, as in a formula.
                Node around = node(Kind::kRow, begin);
                if (endsHere(false)) return fail("a brace is not closed");
                if (std::optional<Node> made = command(&around)) around.children.push_back(std::move(*made));
                around.open = true;
                row->children.push_back(std::move(around));
                // TeX takes the blanks behind a name for its end.
                if (isLetter(name.front())) {
                    while (!atEnd() && isBlank(peek())) ++m_at;
                }
            }
        } else if (rest().starts_with("``") || rest().starts_with("''")) {
            m_at += 2;
            add(c == '`' ? "“" : "”", begin);
        } else if (c == '`' || c == '\'') {
            ++m_at;
            add(c == '`' ? "‘" : "’", begin);
        } else if (rest().starts_with("---") || rest().starts_with("--")) {
            m_at += rest().starts_with("---") ? 3 : 2;
            add(m_at - begin == 3 ? "—" : "–", begin);
        } else {
            std::string text;
            const char32_t code = takeCharacter();
            if (failed()) return;
            appendCodePoint(&text, code);
            add(code < 0x20 || code == 0x7F ? " " : std::string_view(text), begin);
        }
    }
    finish();
}

}  // namespace moescope::math
