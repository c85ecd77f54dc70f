#pragma once
// From tokens to a tree.

#include <string_view>

#include "engine/text/jinja_ast.h"
#include "engine/text/jinja_lexer.h"

namespace moescope::jinja {

/// A place in a template's tokens.
class TokenReader {
public:
    explicit TokenReader(std::vector<Token> tokens) : m_tokens(std::move(tokens)) {}
    const Token& current() const { return m_tokens[m_at]; }
    const Token& following() const { return m_tokens[std::min(m_at + 1, m_tokens.size() - 1)]; }
    Token next();
    bool skipName(std::string_view name);
    bool skipOperator(std::string_view op);
    Token expect(Token::Kind kind, std::string_view what);
    void expectOperator(std::string_view op);
    [[noreturn]] void unexpected() const;

private:
    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
};

/// Reads expressions. Throws Error with a line.
class ExpressionParser {
public:
    explicit ExpressionParser(TokenReader& in) : m_in(in) {}

    ExpressionPtr expression();
    /// One or several with commas between, which make a tuple.
    ExpressionPtr tuple(bool with_condition = true);
    ExpressionPtr filters(ExpressionPtr input, bool first_without_bar);

private:
    struct Nesting;
    ExpressionPtr withoutCondition();
    ExpressionPtr conjunction();
    ExpressionPtr negation();
    ExpressionPtr comparison();
    ExpressionPtr sum();
    ExpressionPtr concatenation();
    ExpressionPtr product();
    ExpressionPtr power();
    ExpressionPtr unary(bool with_filters);
    ExpressionPtr primary();
    ExpressionPtr parenthesis();
    ExpressionPtr list();
    ExpressionPtr dict();
    ExpressionPtr postfix(ExpressionPtr node);
    ExpressionPtr subscript(ExpressionPtr node);
    ExpressionPtr test(ExpressionPtr node);
    void arguments(Expression& call);
    ExpressionPtr make(Expression::Kind kind, int line, ExpressionPtr first = nullptr, ExpressionPtr second = nullptr,
                       ExpressionPtr third = nullptr) const;
    ExpressionPtr binary(Operator op, int line, ExpressionPtr left, ExpressionPtr right) const;
    ExpressionPtr literal(Value value, int line) const;

    TokenReader& m_in;
    int m_depth = 0;
};

/// Reads a whole template. Throws Error with a line.
Block parseTemplate(std::string_view source);

}  // namespace moescope::jinja
