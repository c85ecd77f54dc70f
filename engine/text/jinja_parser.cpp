#include "engine/text/jinja_parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/foreign_text.h"

namespace moescope::jinja {
namespace {

constexpr int kDeepestBlock = 60;

[[noreturn]] void failAt(int line, std::string message) {
    throw Error{std::move(message), line};
}

class Parser {
public:
    explicit Parser(std::string_view source) : m_in(tokenize(source)), m_expressions(m_in) {}

    Block whole() { return block({}); }

private:
    /// Statements up to a tag that begins with one of `ends`; that word is the next token then.
    Block block(std::initializer_list<std::string_view> ends) {
        const int line = m_in.current().line;
        if (++m_depth > kDeepestBlock)
            failAt(line, fmt::format("blocks are nested more than {} levels deep", kDeepestBlock));
        Block out;
        for (;;) {
            const Token& token = m_in.current();
            if (token.kind == Token::Kind::kEnd) {
                if (ends.size() > 0) failAt(line, fmt::format("expected {}, found the end", quoted(*(ends.end() - 1))));
                break;
            }
            if (token.kind == Token::Kind::kData) {
                auto text = make(Statement::Kind::kText);
                text->literal = Value::own(m_in.next().text);
                out.push_back(std::move(text));
            } else if (token.kind == Token::Kind::kVariableBegin) {
                auto output = make(Statement::Kind::kOutput);
                m_in.next();
                output->expression = m_expressions.tuple();
                m_in.expect(Token::Kind::kVariableEnd, "}}");
                out.push_back(std::move(output));
            } else {
                m_in.expect(Token::Kind::kBlockBegin, "a tag");
                if (std::ranges::find(ends, std::string_view(m_in.current().text)) != ends.end()) break;
                out.push_back(statement());
            }
        }
        --m_depth;
        return out;
    }

    std::unique_ptr<Statement> make(Statement::Kind kind) const {
        auto out = std::make_unique<Statement>();
        out->kind = kind;
        out->line = m_in.current().line;
        return out;
    }

    void endOfTag() { m_in.expect(Token::Kind::kBlockEnd, "%}"); }
    Block bodyUntil(std::string_view end) {
        endOfTag();
        Block out = block({end});
        m_in.next();
        endOfTag();
        return out;
    }

    std::unique_ptr<Statement> statement() {
        const Token& token = m_in.current();
        if (token.kind != Token::Kind::kName) m_in.unexpected();
        const std::string word = token.text;
        if (word == "if") return ifStatement();
        if (word == "for") return forStatement();
        if (word == "set") return setStatement();
        if (word == "macro") return macroStatement();
        if (word == "call") return callBlock();
        if (word == "filter") return filterBlock();
        if (word == "with") return withStatement();
        if (word == "generation") {
            auto out = make(Statement::Kind::kBlock);
            m_in.next();
            out->blocks.push_back(bodyUntil("endgeneration"));
            return out;
        }
        if (word == "break" || word == "continue") {
            if (m_loops == 0) failAt(token.line, fmt::format("'{}' is not inside a loop", word));
            auto out = make(word == "break" ? Statement::Kind::kBreak : Statement::Kind::kContinue);
            m_in.next();
            endOfTag();
            return out;
        }
        failAt(token.line, fmt::format("the tag {} is not supported", quoted(word)));
    }

    std::unique_ptr<Statement> ifStatement() {
        auto out = make(Statement::Kind::kIf);
        m_in.next();
        out->tests.push_back(m_expressions.tuple(false));
        for (;;) {
            endOfTag();
            const bool after_else = out->blocks.size() == out->tests.size();
            out->blocks.push_back(after_else ? block({"endif"}) : block({"elif", "else", "endif"}));
            const std::string word = m_in.next().text;
            if (word == "endif") break;
            if (word == "elif") out->tests.push_back(m_expressions.tuple(false));
        }
        endOfTag();
        return out;
    }

    std::unique_ptr<Statement> forStatement() {
        auto out = make(Statement::Kind::kFor);
        m_in.next();
        out->targets.push_back(targets(false));
        if (!m_in.skipName("in")) failAt(m_in.current().line, "expected 'in' in a for");
        out->expression = m_expressions.tuple(false);
        if (m_in.skipName("if")) out->condition = m_expressions.expression();
        if (m_in.current().isName("recursive")) failAt(m_in.current().line, "recursive loops are not supported");
        endOfTag();
        ++m_loops;
        out->blocks.push_back(block({"else", "endfor"}));
        --m_loops;
        if (m_in.next().text == "else") {
            endOfTag();
            out->blocks.push_back(block({"endfor"}));
            m_in.next();
        }
        endOfTag();
        return out;
    }

    Target target(bool namespaces) {
        Target out;
        if (m_in.skipOperator("(")) {
            out = targets(namespaces);
            m_in.expectOperator(")");
            return out;
        }
        out.name = variableName();
        if (namespaces && m_in.skipOperator(".")) out.attribute = m_in.expect(Token::Kind::kName, "a name").text;
        return out;
    }
    Target targets(bool namespaces) {
        const int line = m_in.current().line;
        if (++m_depth > kDeepestBlock) failAt(line, "names are nested too deeply");
        Target first = target(namespaces);
        --m_depth;
        if (!m_in.current().isOperator(",")) return first;
        Target all;
        all.parts.push_back(std::move(first));
        while (m_in.skipOperator(",")) {
            const Token& token = m_in.current();
            if (token.kind != Token::Kind::kName && !token.isOperator("(")) break;
            if (token.isName("in")) break;
            all.parts.push_back(target(namespaces));
        }
        return all;
    }
    std::string variableName() {
        const Token token = m_in.expect(Token::Kind::kName, "a name");
        for (const std::string_view word : {"true", "True", "false", "False", "none", "None"}) {
            if (token.text == word) failAt(token.line, fmt::format("'{}' cannot be set", word));
        }
        return token.text;
    }

    std::unique_ptr<Statement> setStatement() {
        auto out = make(Statement::Kind::kSet);
        m_in.next();
        out->targets.push_back(targets(true));
        if (m_in.skipOperator("=")) {
            out->expression = m_expressions.tuple();
            endOfTag();
            return out;
        }
        out->kind = Statement::Kind::kSetBlock;
        if (m_in.current().isOperator("|")) out->expression = m_expressions.filters(nullptr, false);
        out->blocks.push_back(bodyUntil("endset"));
        return out;
    }

    std::vector<Parameter> parameters() {
        std::vector<Parameter> out;
        m_in.expectOperator("(");
        while (!m_in.skipOperator(")")) {
            if (!out.empty()) m_in.expectOperator(",");
            if (m_in.skipOperator(")")) break;
            Parameter parameter;
            const int line = m_in.current().line;
            parameter.name = variableName();
            if (m_in.skipOperator("=")) {
                parameter.fallback = m_expressions.expression();
            } else if (!out.empty() && out.back().fallback) {
                failAt(line, "a parameter without a default follows one with a default");
            }
            out.push_back(std::move(parameter));
        }
        return out;
    }

    std::unique_ptr<Statement> macroStatement() {
        auto out = make(Statement::Kind::kMacro);
        m_in.next();
        out->name = variableName();
        out->parameters = parameters();
        outsideLoops([&] { out->blocks.push_back(bodyUntil("endmacro")); });
        return out;
    }

    std::unique_ptr<Statement> callBlock() {
        auto out = make(Statement::Kind::kCallBlock);
        m_in.next();
        out->name = "caller";
        if (m_in.current().isOperator("(")) out->parameters = parameters();
        out->expression = m_expressions.expression();
        if (out->expression->kind != Expression::Kind::kCall) failAt(out->line, "expected a call after 'call'");
        outsideLoops([&] { out->blocks.push_back(bodyUntil("endcall")); });
        return out;
    }

    std::unique_ptr<Statement> filterBlock() {
        auto out = make(Statement::Kind::kFilterBlock);
        m_in.next();
        out->expression = m_expressions.filters(nullptr, true);
        out->blocks.push_back(bodyUntil("endfilter"));
        return out;
    }

    std::unique_ptr<Statement> withStatement() {
        auto out = make(Statement::Kind::kWith);
        m_in.next();
        while (m_in.current().kind != Token::Kind::kBlockEnd) {
            if (!out->targets.empty()) m_in.expectOperator(",");
            out->targets.push_back(target(false));
            m_in.expectOperator("=");
            out->tests.push_back(m_expressions.expression());
        }
        out->blocks.push_back(bodyUntil("endwith"));
        return out;
    }

    /// A macro's body is not part of the loop that it stands in.
    template <class F>
    void outsideLoops(const F& parse) {
        const int loops = std::exchange(m_loops, 0);
        parse();
        m_loops = loops;
    }

    TokenReader m_in;
    ExpressionParser m_expressions;
    int m_depth = 0;
    int m_loops = 0;
};

}  // namespace

Block parseTemplate(std::string_view source) {
    return Parser(source).whole();
}

}  // namespace moescope::jinja
