#pragma once
// The reader of formulas; for the files of this folder. Recursive descent over the bytes of the source, at most
// kDeepest groups deep. What is not well-formed makes it fail once and for all: every loop ends then.

#include <optional>
#include <string>
#include <string_view>

#include "engine/math/formula.h"

namespace moescope::math {

class Parser {
public:
    Parser(std::string_view source, Marks marks) : m_source(source), m_at(marks.begin), m_end(marks.end) {}

    /// Reads all of it.
    Formula formula();

private:
    // Characters (parser.cpp).
    bool failed() const { return !m_problem.empty(); }
    void fail(std::string problem);
    bool atEnd() const { return m_at >= m_end || failed(); }
    char peek() const { return m_at < m_end ? m_source[m_at] : '\0'; }
    std::string_view rest() const { return m_source.substr(m_at, m_end - m_at); }
    void skipBlanks();
    bool commentHere() const;
    char32_t takeCharacter();
    /// The name of the command at "\", letters or one character; stays before it.
    std::string_view commandHere() const;
    bool atCommand(std::string_view name) const { return peek() == '\\' && commandHere() == name; }
    bool takeCommand(std::string_view name);
    /// What "{...}" holds, as it is written.
    std::string_view rawArgument();
    /// The same of "[...]", if it is there.
    std::optional<std::string_view> rawOption();

    // Lists and atoms (parser.cpp).
    /// Until "}", "]" if `in_brackets`, "$", or what ends a cell, a row, an environment or a \left, and stays before
    /// it.
    Node list(bool in_brackets = false);
    void listInto(Node* row, bool in_brackets);
    bool endsHere(bool in_brackets) const;
    void element(Node* row);
    std::optional<Node> nucleus(Node* row);
    std::optional<Node> character();
    Node raisedOrLowered(char32_t first, std::size_t begin);
    void scripts(Node* row, Node base);
    /// "{...}", one command with its arguments, or one character.
    Node argument();
    std::optional<Node> option();
    Node group();
    Node infixFraction(Node above, bool in_brackets);
    /// A node of the bytes from `begin` up to here.
    Node node(Kind kind, std::size_t begin) const;
    Node symbol(char32_t code, Atom atom, bool letter, std::size_t begin) const;
    Node space(double em, std::size_t begin) const;

    // Commands (commands.cpp); `begin` is where their name begins.
    std::optional<Node> command(Node* row);
    Node name(std::string_view name, Limits limits, std::size_t begin) const;
    Node fraction(std::string_view name, std::size_t begin);
    Node generalFraction(std::size_t begin);
    Node radical(std::size_t begin);
    Node withLetters(Letters letters);
    Node fenced(std::size_t begin);
    Node sized(std::string_view name, std::size_t begin);
    Node stacked(std::string_view name, std::size_t begin);
    Node longArrow(char32_t code, std::size_t begin);
    Node parenthesized(std::string_view name, std::size_t begin);
    Node negation(std::size_t begin);
    Node dots(std::size_t begin);
    Node operatorName(std::size_t begin);
    Node bracket(std::string_view name, std::size_t begin);
    void tag(std::size_t begin);
    char32_t delimiter();
    std::optional<Node> colored(std::string_view name, std::size_t begin, Node* row);
    Node givenSpace(std::string_view name, std::size_t begin);

    // Environments (environments.cpp).
    Node environment(std::size_t begin);
    Node substack(std::size_t begin);
    Node tableNamed(std::string_view name, std::size_t begin);
    void columnsOf(std::string_view letters, Table* table);
    void rows(Table* table, Node first);
    void rowMarks(int* lines);
    /// Rows without an environment around them, of which the first cell is read.
    Node bareTable(Node first);

    // Words (words.cpp).
    Node words(Letters letters);
    void wordsInto(Node* row, Letters letters);

    class Deeper {
    public:
        explicit Deeper(Parser* parser) : m_parser(parser) {
            if (++m_parser->m_depth > kDeepest) m_parser->fail("it is nested too deeply");
        }
        ~Deeper() { --m_parser->m_depth; }
        Deeper(const Deeper&) = delete;
        Deeper& operator=(const Deeper&) = delete;

    private:
        Parser* m_parser;
    };

    std::string_view m_source;
    std::size_t m_at, m_end;
    int m_depth = 0;
    std::string m_problem;
    Letters m_letters = Letters::kItalic;
    Node m_tag;
};

/// "2em", "-3mu", "10 pt" in em, of a font of 10 points; nothing if it is no length.
std::optional<double> lengthOf(std::string_view text);

inline bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}
inline bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace moescope::math
