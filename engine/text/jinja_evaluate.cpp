#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/foreign_text.h"
#include "engine/text/jinja_interpreter.h"
#include "engine/text/jinja_strings.h"

namespace moescope::jinja {

Value Interpreter::evaluate(const Expression& expression, Scope& scope) {
    try {
        m_budget.step();
        const Budget::Level level(m_budget);
        return evaluateKnown(expression, scope);
    } catch (Error& error) {
        if (error.line == 0) error.line = expression.line;
        throw;
    }
}

Value Interpreter::evaluateKnown(const Expression& expression, Scope& scope) {
    const auto part = [&](std::size_t i) { return evaluate(*expression.parts[i], scope); };
    switch (expression.kind) {
        case Expression::Kind::kLiteral:
            return expression.value;
        case Expression::Kind::kName:
            return name(expression.name, scope);
        case Expression::Kind::kList:
        case Expression::Kind::kTuple: {
            std::vector<Value> items;
            for (std::size_t i = 0; i < expression.parts.size(); ++i) items.push_back(part(i));
            return m_context.list(std::move(items), expression.kind == Expression::Kind::kTuple);
        }
        case Expression::Kind::kDict:
            return dict(expression, scope);
        case Expression::Kind::kAttribute:
            return attributeOf(part(0), expression.name);
        case Expression::Kind::kItem: {
            const Value container = part(0);
            return itemOf(container, part(1), m_context);
        }
        case Expression::Kind::kSlice:
            return slice(expression, scope);
        case Expression::Kind::kCall:
            return call(expression, scope);
        case Expression::Kind::kFilter:
            return filtered(&expression, {}, scope);
        case Expression::Kind::kTest: {
            const Value input = part(0);
            return Value::boolean(applyTest(expression.name, input, arguments(expression, scope), m_context));
        }
        case Expression::Kind::kNegative: {
            const Value value = part(0);
            if (value.isUndefined()) failUndefined(value);
            if (const double* d = value.as<double>()) return Value::real(-*d);
            return arithmetic(Operator::kSubtract, Value::integer(0), value);
        }
        case Expression::Kind::kPositive: {
            const Value value = part(0);
            if (!value.isNumber()) fail(fmt::format("{} has no sign", value.kindName()));
            return value;
        }
        case Expression::Kind::kNot:
            return Value::boolean(!truth(part(0)));
        case Expression::Kind::kAnd: {
            Value left = part(0);
            return truth(left) ? part(1) : left;
        }
        case Expression::Kind::kOr: {
            Value left = part(0);
            return truth(left) ? left : part(1);
        }
        case Expression::Kind::kBinary: {
            const Value left = part(0);
            return binary(expression.operators[0], left, part(1));
        }
        case Expression::Kind::kCompare:
            return Value::boolean(compared(expression, scope));
        case Expression::Kind::kConcat:
            return concatenated(expression, scope);
        case Expression::Kind::kCondition:
            if (truth(part(0))) return part(1);
            return expression.parts.size() > 2 ? part(2) : Value::undefined("the value of an if without else");
    }
    return {};
}

Value Interpreter::name(const std::string& name, Scope& scope) {
    for (Scope* s = &scope; s; s = s->parent) {
        const auto found = s->variables.find(name);
        if (found != s->variables.end()) return found->second;
    }
    if (name == "namespace" || knowsFunction(name)) {
        return Value(Value::Data(std::make_shared<const Callable>(Callable{nullptr, {}, name})));
    }
    return Value::undefined(name);
}

Value Interpreter::dict(const Expression& expression, Scope& scope) {
    Entries entries;
    for (std::size_t i = 0; i + 1 < expression.parts.size(); i += 2) {
        const Value key = evaluate(*expression.parts[i], scope);
        if (key.asList() || key.asDict()) fail("a list or a dict cannot be a key of a dict");
        Value value = evaluate(*expression.parts[i + 1], scope);
        const auto same = std::ranges::find_if(entries, [&](const auto& e) { return equal(e.first, key, m_budget); });
        if (same != entries.end()) {
            same->second = std::move(value);
        } else {
            entries.emplace_back(key, std::move(value));
        }
    }
    return m_context.dict(std::move(entries));
}

Value Interpreter::slice(const Expression& expression, Scope& scope) {
    const Value value = evaluate(*expression.parts[0], scope);
    if (value.isUndefined()) failUndefined(value);
    const Text* text = value.asText();
    const List* list = value.asList();
    if (!text && !list) fail(fmt::format("{} has no parts", value.kindName()));
    std::vector<std::uint32_t> starts;
    if (text) starts = characterStarts(text->view(), m_budget);
    const auto count = static_cast<std::int64_t>(text ? starts.size() - 1 : list->items.size());
    std::int64_t bounds[3];
    bool given[3];
    for (std::size_t i = 0; i < 3; ++i) {
        const Value bound = expression.parts[i + 1] ? evaluate(*expression.parts[i + 1], scope) : Value::none();
        given[i] = !bound.isNone();
        bounds[i] = given[i] ? toInteger(bound, "where a slice begins or ends") : 0;
    }
    const std::int64_t step = given[2] ? std::clamp(bounds[2], -count - 1, count + 1) : 1;
    if (step == 0) fail("the step of a slice is zero");
    const std::int64_t lowest = step > 0 ? 0 : -1, highest = step > 0 ? count : count - 1;
    const auto place = [&](std::int64_t at) { return std::clamp(at < 0 ? at + count : at, lowest, highest); };
    const std::int64_t begin = given[0] ? place(bounds[0]) : step > 0 ? lowest : highest;
    const std::int64_t end = given[1] ? place(bounds[1]) : step > 0 ? highest : lowest;
    if (text && step == 1) {
        if (begin >= end) return m_context.text(Text());
        return m_context.text(
            text->slice(starts[static_cast<std::size_t>(begin)], starts[static_cast<std::size_t>(end)]));
    }
    Text out;
    std::vector<Value> items;
    for (std::int64_t i = begin; step > 0 ? i < end : i > end; i += step) {
        m_budget.step();
        const auto at = static_cast<std::size_t>(i);
        if (text) {
            out.appendSlice(*text, starts[at], starts[at + 1]);
        } else {
            items.push_back(list->items[at]);
        }
    }
    return text ? m_context.text(std::move(out)) : m_context.list(std::move(items), list->tuple);
}

Value Interpreter::concatenated(const Expression& expression, Scope& scope) {
    Text out;
    for (const auto& part : expression.parts) {
        const Text text = toText(evaluate(*part, scope), m_budget);
        m_budget.room(out.size() + text.size());
        out.append(text);
    }
    return m_context.text(std::move(out));
}

bool Interpreter::compared(const Expression& expression, Scope& scope) {
    Value left = evaluate(*expression.parts[0], scope);
    for (std::size_t i = 0; i < expression.operators.size(); ++i) {
        Value right = evaluate(*expression.parts[i + 1], scope);
        if (!truth(binary(expression.operators[i], left, right))) return false;
        left = std::move(right);
    }
    return true;
}

Value Interpreter::binary(Operator op, const Value& left, const Value& right) {
    const auto orEqual = [&](const Value& a, const Value& b) {
        // Not "not less", which would be true of what is no number.
        return less(a, b, m_budget) || equal(a, b, m_budget);
    };
    const bool order = op == Operator::kLess || op == Operator::kLessEqual || op == Operator::kGreater ||
                       op == Operator::kGreaterEqual;
    if (order && left.isUndefined()) failUndefined(left);
    if (order && right.isUndefined()) failUndefined(right);
    switch (op) {
        case Operator::kEqual:
            return Value::boolean(equal(left, right, m_budget));
        case Operator::kNotEqual:
            return Value::boolean(!equal(left, right, m_budget));
        case Operator::kLess:
            return Value::boolean(less(left, right, m_budget));
        case Operator::kGreater:
            return Value::boolean(less(right, left, m_budget));
        case Operator::kLessEqual:
            return Value::boolean(orEqual(left, right));
        case Operator::kGreaterEqual:
            return Value::boolean(orEqual(right, left));
        case Operator::kIn:
            return Value::boolean(contains(right, left, m_context));
        case Operator::kNotIn:
            return Value::boolean(!contains(right, left, m_context));
        default:
            return arithmetic(op, left, right);
    }
}

namespace {

std::int64_t wholeResult(Operator op, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    bool overflow = false;
    switch (op) {
        case Operator::kAdd:
            overflow = __builtin_add_overflow(a, b, &result);
            break;
        case Operator::kSubtract:
            overflow = __builtin_sub_overflow(a, b, &result);
            break;
        case Operator::kMultiply:
            overflow = __builtin_mul_overflow(a, b, &result);
            break;
        case Operator::kFloorDivide:
        case Operator::kModulo: {
            if (b == 0) fail("a number is divided by zero");
            overflow = b == -1 && a == INT64_MIN;
            if (overflow) break;
            const std::int64_t remainder = a % b;
            const bool down = remainder != 0 && (remainder < 0) != (b < 0);  // Python rounds down, C towards 0
            result = op == Operator::kModulo ? remainder + (down ? b : 0) : a / b - (down ? 1 : 0);
            break;
        }
        default:  // kPower
            result = 1;
            for (std::int64_t base = a; b > 0 && !overflow; b >>= 1) {
                if (b & 1) overflow = __builtin_mul_overflow(result, base, &result);
                if (b > 1) overflow = overflow || __builtin_mul_overflow(base, base, &base);
            }
    }
    if (overflow) fail("a number is too large");
    return result;
}

double realResult(Operator op, double a, double b) {
    if ((op == Operator::kDivide || op == Operator::kFloorDivide || op == Operator::kModulo) && b == 0) {
        fail("a number is divided by zero");
    }
    switch (op) {
        case Operator::kAdd:
            return a + b;
        case Operator::kSubtract:
            return a - b;
        case Operator::kMultiply:
            return a * b;
        case Operator::kDivide:
            return a / b;
        case Operator::kFloorDivide:
            return std::floor(a / b);
        case Operator::kModulo: {
            const double remainder = std::fmod(a, b);
            return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
        }
        default:
            return std::pow(a, b);
    }
}

}  // namespace

Value Interpreter::arithmetic(Operator op, const Value& left, const Value& right) {
    if (left.isUndefined()) failUndefined(left);
    if (right.isUndefined()) failUndefined(right);
    if (op == Operator::kAdd && left.asText() && right.asText()) {
        m_budget.room(left.asText()->size() + right.asText()->size());
        Text out = *left.asText();
        out.append(*right.asText());
        return m_context.text(std::move(out));
    }
    if (op == Operator::kAdd && left.asList() && right.asList() && left.asList()->tuple == right.asList()->tuple) {
        std::vector<Value> items = itemsOf(left, m_context);
        const std::vector<Value> more = itemsOf(right, m_context);
        items.insert(items.end(), more.begin(), more.end());
        return m_context.list(std::move(items), left.asList()->tuple);
    }
    if (op == Operator::kMultiply && (left.asText() || left.asList()) && right.as<std::int64_t>()) {
        return repeated(left, *right.as<std::int64_t>());
    }
    if (op == Operator::kMultiply && (right.asText() || right.asList()) && left.as<std::int64_t>()) {
        return repeated(right, *left.as<std::int64_t>());
    }
    if (op == Operator::kModulo && left.asText()) fail("a text is formatted with %, which is not supported");
    if (!left.isNumber() || !right.isNumber()) {
        fail(fmt::format("{} and {} cannot be computed with", left.kindName(), right.kindName()));
    }
    const bool whole = !left.as<double>() && !right.as<double>();
    const bool to_negative = op == Operator::kPower && whole && toInteger(right, "it") < 0;
    if (whole && op != Operator::kDivide && !to_negative) {
        return Value::integer(wholeResult(op, toInteger(left, "it"), toInteger(right, "it")));
    }
    return Value::real(realResult(op, toReal(left), toReal(right)));
}

Value Interpreter::repeated(const Value& what, std::int64_t times) {
    const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(times, 0));
    const std::size_t size = what.asText() ? what.asText()->size() : what.asList()->items.size() * sizeof(Value);
    constexpr std::uint64_t kMost = 1 << 30;
    if (size > 0 && count > kMost / size) fail("a string is repeated too often");
    m_budget.room(size * count);
    m_budget.look(size * count);
    m_budget.read(count);
    Text text;
    std::vector<Value> items;
    for (std::uint64_t i = 0; i < count && size > 0; ++i) {
        if (what.asText()) {
            text.append(*what.asText());
        } else {
            items.insert(items.end(), what.asList()->items.begin(), what.asList()->items.end());
        }
    }
    return what.asText() ? m_context.text(std::move(text)) : m_context.list(std::move(items), what.asList()->tuple);
}

Arguments Interpreter::arguments(const Expression& expression, Scope& scope) {
    Arguments out;
    for (std::size_t i = 1; i < expression.parts.size(); ++i) {
        out.positional.push_back(evaluate(*expression.parts[i], scope));
    }
    for (const auto& [name, value] : expression.named) out.named.emplace_back(name, evaluate(*value, scope));
    return out;
}

Value Interpreter::call(const Expression& expression, Scope& scope, const Value* caller) {
    const Expression& callee = *expression.parts[0];
    const Value function = evaluate(callee, scope);
    const auto* callable = function.as<std::shared_ptr<const Callable>>();
    if (!callable) {
        const bool named = callee.kind == Expression::Kind::kName || callee.kind == Expression::Kind::kAttribute;
        if (function.isUndefined() && named) {
            fail(fmt::format("the {} {} is not supported",
                             callee.kind == Expression::Kind::kName ? "function" : "method", quoted(callee.name)));
        }
        fail(fmt::format("{} cannot be called", function.kindName()));
    }
    const std::shared_ptr<const Callable> held = *callable;
    Arguments given = arguments(expression, scope);
    if (caller) given.named.emplace_back("caller", *caller);
    if (held->macro) return callMacro(*held->macro, given);
    if (!held->self.isUndefined()) return callMethod(held->self, held->name, given, m_context);
    if (held->name == "namespace") return makeNamespace(given);
    return callFunction(held->name, given, m_context);
}

Value Interpreter::makeNamespace(const Arguments& arguments) {
    Namespace space;
    for (const Value& value : arguments.positional) {
        if (!value.asDict()) fail("namespace() takes a dict or arguments with names");
        for (const auto& [key, attribute] : value.asDict()->entries) {
            space.attributes.emplace_back(m_context.written(key).bytes(), attribute);
        }
    }
    for (const auto& [key, attribute] : arguments.named) {
        if (Value* found = space.find(key)) {
            *found = attribute;
        } else {
            space.attributes.emplace_back(key, attribute);
        }
    }
    m_namespaces.push_back(std::move(space));
    return Value(Value::Data(&m_namespaces.back()));
}

Value Interpreter::filtered(const Expression* chain, const Value& block, Scope& scope) {
    if (!chain) return block;
    const Expression* before = chain->parts[0].get();
    const bool of_block = !before || (before->kind == Expression::Kind::kFilter && !block.isUndefined());
    const Value input = of_block ? filtered(before, block, scope) : evaluate(*before, scope);
    return applyFilter(chain->name, input, arguments(*chain, scope), m_context);
}

}  // namespace moescope::jinja
