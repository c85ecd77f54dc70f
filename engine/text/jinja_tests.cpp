// The tests: `value is name(arguments)`.

#include <fmt/format.h>

#include <map>

#include "engine/base/foreign_text.h"
#include "engine/text/jinja_library.h"
#include "engine/text/jinja_strings.h"

namespace moescope::jinja {
namespace {

using Test = bool (*)(const Value& input, const Arguments& arguments, const Context& context);

template <bool (*kTest)(const Value&)>
bool alone(const Value& input, const Arguments& arguments, const Context&) {
    arguments.bind<0>({});
    return kTest(input);
}

template <bool (*kTest)(const Value&, const Value&, const Context&)>
bool withOther(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [other] = arguments.bind<1>({"other"});
    if (!other) fail("a test needs something to compare with");
    return kTest(input, *other, context);
}

bool isDefined(const Value& v) {
    return !v.isUndefined();
}
bool isUndefined(const Value& v) {
    return v.isUndefined();
}
bool isNone(const Value& v) {
    return v.isNone();
}
bool isString(const Value& v) {
    return v.asText() != nullptr;
}
bool isMapping(const Value& v) {
    return v.asDict() != nullptr;
}
bool isSequence(const Value& v) {
    return v.asText() || v.asList() || v.asDict();
}
bool isIterable(const Value& v) {
    return isSequence(v) || v.isUndefined() || v.as<std::shared_ptr<const Loop>>();
}
bool isBoolean(const Value& v) {
    return v.as<bool>() != nullptr;
}
bool isTrue(const Value& v) {
    return v.as<bool>() && *v.as<bool>();
}
bool isFalse(const Value& v) {
    return v.as<bool>() && !*v.as<bool>();
}
bool isNumber(const Value& v) {
    return v.isNumber();
}
bool isInteger(const Value& v) {
    return v.as<std::int64_t>() != nullptr;
}
bool isFloat(const Value& v) {
    return v.as<double>() != nullptr;
}
bool isCallable(const Value& v) {
    return v.as<std::shared_ptr<const Callable>>() || v.isUndefined();  // Jinja's undefined can be called: it raises
}
bool isOdd(const Value& v) {
    return toInteger(v, "what is odd or even") % 2 != 0;
}
bool isEven(const Value& v) {
    return !isOdd(v);
}

bool isEqual(const Value& a, const Value& b, const Context& context) {
    return equal(a, b, context.budget);
}
bool isNotEqual(const Value& a, const Value& b, const Context& context) {
    return !equal(a, b, context.budget);
}
bool isLess(const Value& a, const Value& b, const Context& context) {
    return less(a, b, context.budget);
}
bool isAtMost(const Value& a, const Value& b, const Context& context) {
    return less(a, b, context.budget) || equal(a, b, context.budget);
}
bool isGreater(const Value& a, const Value& b, const Context& context) {
    return less(b, a, context.budget);
}
bool isAtLeast(const Value& a, const Value& b, const Context& context) {
    return less(b, a, context.budget) || equal(a, b, context.budget);
}
bool isIn(const Value& a, const Value& b, const Context& context) {
    return contains(b, a, context);
}
bool isSame(const Value& a, const Value& b, const Context& context) {
    return a.data().index() == b.data().index() && equal(a, b, context.budget);
}
bool isDivisible(const Value& a, const Value& b, const Context&) {
    const std::int64_t by = toInteger(b, "a divisor");
    if (by == 0) fail("a number is divided by zero");
    return by == -1 || toInteger(a, "what is divided") % by == 0;
}
bool isFilter(const Value& v) {
    return v.asText() && knowsFilter(v.asText()->view());
}
bool isTest(const Value& v) {
    return v.asText() && knowsTest(v.asText()->view());
}

template <CharacterClass kClass>
bool isInCase(const Value& input, const Arguments& arguments, const Context& context) {
    arguments.bind<0>({});
    const Text text = context.written(input);
    context.budget.read(text.size());
    return isAll(text.view(), kClass);
}

const std::map<std::string_view, Test>& tests() {
    static const std::map<std::string_view, Test> kTests = {
        {"defined", alone<isDefined>},
        {"undefined", alone<isUndefined>},
        {"none", alone<isNone>},
        {"string", alone<isString>},
        {"mapping", alone<isMapping>},
        {"sequence", alone<isSequence>},
        {"iterable", alone<isIterable>},
        {"boolean", alone<isBoolean>},
        {"true", alone<isTrue>},
        {"false", alone<isFalse>},
        {"number", alone<isNumber>},
        {"integer", alone<isInteger>},
        {"float", alone<isFloat>},
        {"callable", alone<isCallable>},
        {"odd", alone<isOdd>},
        {"even", alone<isEven>},
        {"filter", alone<isFilter>},
        {"test", alone<isTest>},
        {"upper", isInCase<CharacterClass::kUpper>},
        {"lower", isInCase<CharacterClass::kLower>},
        {"divisibleby", withOther<isDivisible>},
        {"eq", withOther<isEqual>},
        {"equalto", withOther<isEqual>},
        {"ne", withOther<isNotEqual>},
        {"lt", withOther<isLess>},
        {"lessthan", withOther<isLess>},
        {"le", withOther<isAtMost>},
        {"gt", withOther<isGreater>},
        {"greaterthan", withOther<isGreater>},
        {"ge", withOther<isAtLeast>},
        {"in", withOther<isIn>},
        {"sameas", withOther<isSame>},
    };
    return kTests;
}

}  // namespace

bool knowsTest(std::string_view name) {
    return tests().contains(name);
}

bool applyTest(std::string_view name, const Value& input, const Arguments& arguments, const Context& context) {
    const auto found = tests().find(name);
    if (found == tests().end()) fail(fmt::format("the test {} is not supported", quoted(name)));
    context.budget.step();
    return found->second(input, arguments, context);
}

}  // namespace moescope::jinja
