#include <fmt/format.h>

#include <algorithm>

#include "engine/base/foreign_text.h"
#include "engine/text/jinja_parser.h"

namespace moescope::jinja {
namespace {

constexpr int kDeepest = 150;

[[noreturn]] void failAt(int line, std::string message) {
    throw Error{std::move(message), line};
}

int deeper(int depth, int line) {
    if (depth > kDeepest) failAt(line, fmt::format("an expression is nested more than {} levels deep", kDeepest));
    return depth;
}

void adopt(Expression& parent, ExpressionPtr child) {
    if (child) parent.depth = deeper(std::max(parent.depth, child->depth + 1), parent.line);
    parent.parts.push_back(std::move(child));
}

std::string_view describe(const Token& token) {
    switch (token.kind) {
        case Token::Kind::kBlockEnd:
            return "%}";
        case Token::Kind::kVariableEnd:
            return "}}";
        case Token::Kind::kEnd:
            return "the end";
        case Token::Kind::kString:
            return "a text";
        case Token::Kind::kInteger:
        case Token::Kind::kFloat:
            return "a number";
        default:
            return token.text;
    }
}

}  // namespace

Token TokenReader::next() {
    Token token = current();
    if (m_at + 1 < m_tokens.size()) ++m_at;
    return token;
}

bool TokenReader::skipName(std::string_view name) {
    const bool there = current().isName(name);
    if (there) next();
    return there;
}

bool TokenReader::skipOperator(std::string_view op) {
    const bool there = current().isOperator(op);
    if (there) next();
    return there;
}

Token TokenReader::expect(Token::Kind kind, std::string_view what) {
    if (current().kind != kind) {
        failAt(current().line, fmt::format("expected {}, found {}", what, quoted(describe(current()))));
    }
    return next();
}

void TokenReader::expectOperator(std::string_view op) {
    if (!skipOperator(op))
        failAt(current().line, fmt::format("expected '{}', found {}", op, quoted(describe(current()))));
}

void TokenReader::unexpected() const {
    failAt(current().line, fmt::format("{} is not expected here", quoted(describe(current()))));
}

struct ExpressionParser::Nesting {
    explicit Nesting(ExpressionParser& parser) : p(parser) { deeper(++p.m_depth, p.m_in.current().line); }
    ~Nesting() { --p.m_depth; }
    ExpressionParser& p;
};

ExpressionPtr ExpressionParser::make(Expression::Kind kind, int line, ExpressionPtr first, ExpressionPtr second,
                                     ExpressionPtr third) const {
    auto node = std::make_unique<Expression>();
    node->kind = kind;
    node->line = line;
    if (first) adopt(*node, std::move(first));
    if (second) adopt(*node, std::move(second));
    if (third) adopt(*node, std::move(third));
    return node;
}

ExpressionPtr ExpressionParser::binary(Operator op, int line, ExpressionPtr left, ExpressionPtr right) const {
    auto node = make(Expression::Kind::kBinary, line, std::move(left), std::move(right));
    node->operators.push_back(op);
    return node;
}

ExpressionPtr ExpressionParser::literal(Value value, int line) const {
    auto node = make(Expression::Kind::kLiteral, line);
    node->value = std::move(value);
    return node;
}

ExpressionPtr ExpressionParser::expression() {
    const Nesting nesting(*this);
    auto node = withoutCondition();
    while (m_in.current().isName("if")) {
        const int line = m_in.next().line;
        auto test = withoutCondition();
        auto otherwise = m_in.skipName("else") ? expression() : nullptr;
        node = make(Expression::Kind::kCondition, line, std::move(test), std::move(node), std::move(otherwise));
    }
    return node;
}

ExpressionPtr ExpressionParser::tuple(bool with_condition) {
    const int line = m_in.current().line;
    auto node = with_condition ? expression() : withoutCondition();
    if (!m_in.current().isOperator(",")) return node;
    auto all = make(Expression::Kind::kTuple, line, std::move(node));
    while (m_in.skipOperator(",")) {
        const Token& token = m_in.current();
        const bool ends =
            token.kind == Token::Kind::kBlockEnd || token.kind == Token::Kind::kVariableEnd || token.isOperator(")");
        if (ends) break;
        adopt(*all, with_condition ? expression() : withoutCondition());
    }
    return all;
}

ExpressionPtr ExpressionParser::withoutCondition() {
    auto node = conjunction();
    while (m_in.current().isName("or")) {
        const int line = m_in.next().line;
        node = make(Expression::Kind::kOr, line, std::move(node), conjunction());
    }
    return node;
}

ExpressionPtr ExpressionParser::conjunction() {
    auto node = negation();
    while (m_in.current().isName("and")) {
        const int line = m_in.next().line;
        node = make(Expression::Kind::kAnd, line, std::move(node), negation());
    }
    return node;
}

ExpressionPtr ExpressionParser::negation() {
    if (!m_in.current().isName("not")) return comparison();
    const Nesting nesting(*this);
    const int line = m_in.next().line;
    return make(Expression::Kind::kNot, line, negation());
}

ExpressionPtr ExpressionParser::comparison() {
    constexpr std::pair<std::string_view, Operator> kOperators[] = {
        {"==", Operator::kEqual},     {"!=", Operator::kNotEqual}, {"<", Operator::kLess},
        {"<=", Operator::kLessEqual}, {">", Operator::kGreater},   {">=", Operator::kGreaterEqual}};
    auto node = sum();
    ExpressionPtr all;
    for (;;) {
        const Token& token = m_in.current();
        const int line = token.line;
        const auto known = std::ranges::find_if(kOperators, [&](const auto& o) { return token.isOperator(o.first); });
        Operator op{};
        if (known != std::end(kOperators)) {
            op = known->second;
        } else if (token.isName("in")) {
            op = Operator::kIn;
        } else if (token.isName("not") && m_in.following().isName("in")) {
            op = Operator::kNotIn;
            m_in.next();
        } else {
            return all ? std::move(all) : std::move(node);
        }
        m_in.next();
        if (!all) all = make(Expression::Kind::kCompare, line, std::move(node));
        all->operators.push_back(op);
        adopt(*all, sum());
    }
}

ExpressionPtr ExpressionParser::sum() {
    auto node = concatenation();
    for (;;) {
        const int line = m_in.current().line;
        if (m_in.skipOperator("+")) {
            node = binary(Operator::kAdd, line, std::move(node), concatenation());
        } else if (m_in.skipOperator("-")) {
            node = binary(Operator::kSubtract, line, std::move(node), concatenation());
        } else {
            return node;
        }
    }
}

ExpressionPtr ExpressionParser::concatenation() {
    auto node = product();
    if (!m_in.current().isOperator("~")) return node;
    auto all = make(Expression::Kind::kConcat, m_in.current().line, std::move(node));
    while (m_in.skipOperator("~")) adopt(*all, product());
    return all;
}

ExpressionPtr ExpressionParser::product() {
    auto node = power();
    for (;;) {
        const int line = m_in.current().line;
        if (m_in.skipOperator("*")) {
            node = binary(Operator::kMultiply, line, std::move(node), power());
        } else if (m_in.skipOperator("/")) {
            node = binary(Operator::kDivide, line, std::move(node), power());
        } else if (m_in.skipOperator("//")) {
            node = binary(Operator::kFloorDivide, line, std::move(node), power());
        } else if (m_in.skipOperator("%")) {
            node = binary(Operator::kModulo, line, std::move(node), power());
        } else {
            return node;
        }
    }
}

ExpressionPtr ExpressionParser::power() {
    auto node = unary(true);
    while (m_in.current().isOperator("**")) {
        const int line = m_in.next().line;
        node = binary(Operator::kPower, line, std::move(node), unary(true));
    }
    return node;
}

ExpressionPtr ExpressionParser::unary(bool with_filters) {
    const Nesting nesting(*this);
    const int line = m_in.current().line;
    ExpressionPtr node;
    if (m_in.skipOperator("-")) {
        node = make(Expression::Kind::kNegative, line, unary(false));
    } else if (m_in.skipOperator("+")) {
        node = make(Expression::Kind::kPositive, line, unary(false));
    } else {
        node = primary();
    }
    node = postfix(std::move(node));
    if (!with_filters) return node;
    for (;;) {
        const Token& token = m_in.current();
        if (token.isOperator("|")) {
            node = filters(std::move(node), false);
        } else if (token.isName("is")) {
            node = test(std::move(node));
        } else if (token.isOperator("(")) {
            auto call = make(Expression::Kind::kCall, token.line, std::move(node));
            arguments(*call);
            node = std::move(call);
        } else {
            return node;
        }
    }
}

ExpressionPtr ExpressionParser::primary() {
    const Token& token = m_in.current();
    const int line = token.line;
    switch (token.kind) {
        case Token::Kind::kName: {
            const std::string name = m_in.next().text;
            if (name == "true" || name == "True") return literal(Value::boolean(true), line);
            if (name == "false" || name == "False") return literal(Value::boolean(false), line);
            if (name == "none" || name == "None") return literal(Value::none(), line);
            auto node = make(Expression::Kind::kName, line);
            node->name = name;
            return node;
        }
        case Token::Kind::kString: {
            std::string text;
            while (m_in.current().kind == Token::Kind::kString) text += m_in.next().text;
            return literal(Value::own(text), line);
        }
        case Token::Kind::kInteger:
            return literal(Value::integer(m_in.next().integer), line);
        case Token::Kind::kFloat:
            return literal(Value::real(m_in.next().real), line);
        case Token::Kind::kOperator:
            if (token.text == "(") return parenthesis();
            if (token.text == "[") return list();
            if (token.text == "{") return dict();
            [[fallthrough]];
        default:
            m_in.unexpected();
    }
}

ExpressionPtr ExpressionParser::parenthesis() {
    const int line = m_in.next().line;
    if (m_in.skipOperator(")")) return make(Expression::Kind::kTuple, line);
    auto node = tuple();
    m_in.expectOperator(")");
    return node;
}

ExpressionPtr ExpressionParser::list() {
    auto node = make(Expression::Kind::kList, m_in.next().line);
    while (!m_in.skipOperator("]")) {
        if (!node->parts.empty()) m_in.expectOperator(",");
        if (m_in.skipOperator("]")) break;
        adopt(*node, expression());
    }
    return node;
}

ExpressionPtr ExpressionParser::dict() {
    auto node = make(Expression::Kind::kDict, m_in.next().line);
    while (!m_in.skipOperator("}")) {
        if (!node->parts.empty()) m_in.expectOperator(",");
        if (m_in.skipOperator("}")) break;
        adopt(*node, expression());
        m_in.expectOperator(":");
        adopt(*node, expression());
    }
    return node;
}

ExpressionPtr ExpressionParser::postfix(ExpressionPtr node) {
    for (;;) {
        const Token& token = m_in.current();
        const int line = token.line;
        if (token.isOperator(".")) {
            m_in.next();
            const Token name = m_in.next();
            if (name.kind == Token::Kind::kInteger) {
                node =
                    make(Expression::Kind::kItem, line, std::move(node), literal(Value::integer(name.integer), line));
            } else if (name.kind == Token::Kind::kName) {
                node = make(Expression::Kind::kAttribute, line, std::move(node));
                node->name = name.text;
            } else {
                failAt(line, "expected a name after '.'");
            }
        } else if (token.isOperator("[")) {
            node = subscript(std::move(node));
        } else if (token.isOperator("(")) {
            auto call = make(Expression::Kind::kCall, line, std::move(node));
            arguments(*call);
            node = std::move(call);
        } else {
            return node;
        }
    }
}

ExpressionPtr ExpressionParser::subscript(ExpressionPtr node) {
    const int line = m_in.next().line;
    auto first = m_in.current().isOperator(":") ? nullptr : expression();
    if (!m_in.current().isOperator(":")) {
        m_in.expectOperator("]");
        return make(Expression::Kind::kItem, line, std::move(node), std::move(first));
    }
    auto slice = make(Expression::Kind::kSlice, line, std::move(node));
    adopt(*slice, std::move(first));
    for (int i = 0; i < 2; ++i) {
        const bool there = m_in.skipOperator(":");
        const bool empty = m_in.current().isOperator(":") || m_in.current().isOperator("]");
        adopt(*slice, there && !empty ? expression() : nullptr);
    }
    m_in.expectOperator("]");
    return slice;
}

void ExpressionParser::arguments(Expression& call) {
    m_in.expectOperator("(");
    bool first = true;
    while (!m_in.skipOperator(")")) {
        if (!first) m_in.expectOperator(",");
        if (m_in.skipOperator(")")) break;
        first = false;
        const Token& token = m_in.current();
        if (token.isOperator("*") || token.isOperator("**")) {
            failAt(token.line, "arguments with * are not supported");
        } else if (token.kind == Token::Kind::kName && m_in.following().isOperator("=")) {
            std::string name = m_in.next().text;
            m_in.next();
            auto value = expression();
            call.depth = deeper(std::max(call.depth, value->depth + 1), call.line);
            call.named.emplace_back(std::move(name), std::move(value));
        } else if (!call.named.empty()) {
            failAt(token.line, "an argument without a name follows one with a name");
        } else {
            adopt(call, expression());
        }
    }
}

ExpressionPtr ExpressionParser::filters(ExpressionPtr input, bool first_without_bar) {
    while (first_without_bar || m_in.skipOperator("|")) {
        first_without_bar = false;
        const Token name = m_in.expect(Token::Kind::kName, "the name of a filter");
        auto node = make(Expression::Kind::kFilter, name.line);
        adopt(*node, std::move(input));
        node->name = name.text;
        if (m_in.current().isOperator("(")) arguments(*node);
        input = std::move(node);
    }
    return input;
}

ExpressionPtr ExpressionParser::test(ExpressionPtr node) {
    const int line = m_in.next().line;
    const bool negated = m_in.skipName("not");
    const Token name = m_in.expect(Token::Kind::kName, "the name of a test");
    auto all = make(Expression::Kind::kTest, line, std::move(node));
    all->name = name.text;
    const Token& token = m_in.current();
    const bool word = token.kind == Token::Kind::kName;
    if (token.isOperator("(")) {
        arguments(*all);
    } else if (word && token.text == "is") {
        failAt(token.line, "tests with 'is' cannot follow each other");
    } else if ((word && token.text != "else" && token.text != "or" && token.text != "and") ||
               token.kind == Token::Kind::kString || token.kind == Token::Kind::kInteger ||
               token.kind == Token::Kind::kFloat || token.isOperator("[") || token.isOperator("{")) {
        adopt(*all, postfix(primary()));
    }
    return negated ? make(Expression::Kind::kNot, line, std::move(all)) : std::move(all);
}

}  // namespace moescope::jinja
