// The filters `value | name(arguments)` for texts and numbers, and of all of them the way to call one.

#include "engine/text/jinja_filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/base/foreign_text.h"
#include "engine/text/jinja_strings.h"

namespace moescope::jinja {
namespace {

bool given(const Value* value) {
    return value && !value->isNone();
}

template <Case kCase>
Value caseFilter(const Value& input, const Arguments& arguments, const Context& context) {
    arguments.bind<0>({});
    const Text text = context.written(input);
    context.budget.read(text.size());
    context.budget.room(8 * text.size());
    return context.text(inCase(text, kCase));
}

/// Not as str.title(): a word begins after white space and - ( { [ < only.
Value titleFilter(const Value& input, const Arguments& arguments, const Context& context) {
    arguments.bind<0>({});
    const Text text = context.written(input);
    context.budget.read(text.size());
    context.budget.room(8 * text.size());
    Text out;
    std::size_t begin = 0;
    const auto word = [&](std::size_t end) {
        out.append(inCase(text.slice(begin, end), Case::kCapitalized));
        begin = end;
    };
    for (std::size_t at = 0; at < text.size();) {
        const Character c = characterAt(text.view().substr(at));
        const bool parts =
            isSpace(c.code) ||
            (c.code < 0x80 && std::string_view("-({[<").find(static_cast<char>(c.code)) != std::string_view::npos);
        if (parts) {
            word(at);
            out.appendSlice(text, at, at + c.bytes);
            begin = at + c.bytes;
        }
        at += c.bytes;
    }
    word(text.size());
    return context.text(std::move(out));
}

Value trimFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [characters] = arguments.bind<1>({"chars"});
    return callMethod(context.text(context.written(input)), "strip",
                      {given(characters) ? std::vector{*characters} : std::vector<Value>(), {}}, context);
}

Value replaceFilter(const Value& input, const Arguments& arguments, const Context& context) {
    return callMethod(context.text(context.written(input)), "replace", arguments, context);
}

Value lengthFilter(const Value& input, const Arguments& arguments, const Context& context) {
    arguments.bind<0>({});
    std::size_t length = 0;
    if (const Text* text = input.asText()) {
        context.budget.read(text->size());
        length = lengthOf(text->view());
    } else if (const List* list = input.asList()) {
        length = list->items.size();
    } else if (const Dict* dict = input.asDict()) {
        length = dict->entries.size();
    } else if (!input.isUndefined()) {
        fail(fmt::format("{} has no length", input.kindName()));
    }
    return Value::integer(static_cast<std::int64_t>(length));
}

Value defaultFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [otherwise, also_false] = arguments.bind<2>({"default_value", "boolean"});
    const bool missing = input.isUndefined() || (also_false && truth(*also_false) && !truth(input));
    if (!missing) return input;
    return otherwise ? *otherwise : context.text(Text());
}

Value stringFilter(const Value& input, const Arguments& arguments, const Context& context) {
    arguments.bind<0>({});
    return context.text(context.written(input));
}

/// A text as a number, if all of it is one.
std::optional<double> readReal(std::string_view text) {
    const Text stripped = strip(Text(std::string(text)), std::nullopt, true, true);
    std::string_view rest = stripped.view();
    if (rest.starts_with('+')) rest.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (rest.empty() || error != std::errc() || end != rest.data() + rest.size()) return std::nullopt;
    return value;
}

std::optional<double> asReal(const Value& input) {
    if (input.isNumber()) return toReal(input);
    return input.asText() ? readReal(input.asText()->view()) : std::nullopt;
}

Value intFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [otherwise, base] = arguments.bind<2>({"default", "base"});
    if (base && toInteger(*base, "a base") != 10) fail("whole numbers are read to base 10 only");
    const Value fallback = otherwise ? *otherwise : Value::integer(0);
    if (input.as<bool>() || input.as<std::int64_t>()) return Value::integer(toInteger(input, "it"));
    if (input.asText()) {
        context.budget.read(input.asText()->size());
        const Text stripped = strip(*input.asText(), std::nullopt, true, true);
        std::string_view rest = stripped.view();
        if (rest.starts_with('+')) rest.remove_prefix(1);
        std::int64_t whole = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), whole);
        if (!rest.empty() && error == std::errc() && end == rest.data() + rest.size()) return Value::integer(whole);
    }
    const std::optional<double> real = asReal(input);
    if (!real || !(std::fabs(*real) < 9e18)) return fallback;
    return Value::integer(static_cast<std::int64_t>(*real));
}

Value floatFilter(const Value& input, const Arguments& arguments, const Context&) {
    const auto [otherwise] = arguments.bind<1>({"default"});
    const std::optional<double> real = asReal(input);
    if (real) return Value::real(*real);
    return otherwise ? *otherwise : Value::real(0);
}

Value absFilter(const Value& input, const Arguments& arguments, const Context&) {
    arguments.bind<0>({});
    if (input.as<double>()) return Value::real(std::fabs(*input.as<double>()));
    const std::int64_t value = toInteger(input, "the input of abs");
    if (value == INT64_MIN) fail("a number is too large");
    return Value::integer(value < 0 ? -value : value);
}

Value roundFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [digits, method] = arguments.bind<2>({"precision", "method"});
    const std::int64_t places = digits ? toInteger(*digits, "a precision") : 0;
    if (places < 0 || places > 15) fail("a precision must be 0 to 15");
    const double value = toReal(input);
    const std::string how = method ? context.written(*method).bytes() : "common";
    const double scale = std::pow(10.0, static_cast<double>(places));
    if (how == "ceil") return Value::real(std::ceil(value * scale) / scale);
    if (how == "floor") return Value::real(std::floor(value * scale) / scale);
    if (how == "common" && !input.as<double>()) return Value::integer(toInteger(input, "what is rounded"));
    if (how != "common") fail(fmt::format("{} is not a rounding method", quoted(how)));
    // To the nearest decimal, and of two the even one: from the exact digits.
    double rounded = 0;
    const std::string text = fmt::format("{:.{}f}", value, places);
    std::from_chars(text.data(), text.data() + text.size(), rounded);
    return Value::real(rounded);
}

Value indentFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [width, first, blank] = arguments.bind<3>({"width", "first", "blank"});
    Text margin;
    if (width && width->asText()) {
        margin = *width->asText();
    } else {
        const std::int64_t blanks = width ? toInteger(*width, "a width") : 4;
        context.budget.room(blanks < 0 ? 0 : static_cast<std::size_t>(blanks));
        margin = Text(std::string(blanks < 0 ? 0 : static_cast<std::size_t>(blanks), ' '));
    }
    Text text = context.written(input);
    text.append("\n");  // so that a line end at the end counts
    const std::vector<Text> lines = splitLines(text, false, context.budget);
    Text out;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        context.budget.room(out.size() + margin.size() + lines[i].size());
        context.budget.look(margin.size() + lines[i].size());
        if (i > 0) out.append("\n");
        const bool wanted = i == 0 ? first && truth(*first) : !lines[i].empty() || (blank && truth(*blank));
        if (wanted) out.append(margin);
        out.append(lines[i]);
    }
    return context.text(std::move(out));
}

Value jsonFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [ascii, indent, separators, sort_keys] =
        arguments.bind<4>({"ensure_ascii", "indent", "separators", "sort_keys"});
    JsonStyle style;
    style.ascii = ascii && truth(*ascii);
    style.sort_keys = sort_keys && truth(*sort_keys);
    if (given(indent)) {
        const std::int64_t blanks = toInteger(*indent, "an indent");
        if (blanks > 100) fail("an indent is too wide");
        style.indent = static_cast<int>(std::max<std::int64_t>(blanks, 0));
        style.item_separator = ",";
    }
    if (given(separators)) {
        const List* pair = separators->asList();
        if (!pair || pair->items.size() != 2) fail("separators must be two texts");
        style.item_separator = context.written(pair->items[0]).bytes();
        style.key_separator = context.written(pair->items[1]).bytes();
        if (style.item_separator.size() + style.key_separator.size() > 100) fail("separators are too long");
    }
    return context.text(toJson(input, style, context));
}

Value attrFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [name] = arguments.bind<1>({"name"});
    if (!name) fail("attr needs a name");
    return attributeOf(input, context.written(*name).view());
}

Value asItIs(const Value& input, const Arguments& arguments, const Context&) {
    arguments.bind<0>({});
    return input;
}

const std::map<std::string_view, Filter>& filters() {
    static const std::map<std::string_view, Filter> kFilters = {
        {"abs", absFilter},
        {"attr", attrFilter},
        {"capitalize", caseFilter<Case::kCapitalized>},
        {"count", lengthFilter},
        {"d", defaultFilter},
        {"default", defaultFilter},
        {"float", floatFilter},
        {"indent", indentFilter},
        {"int", intFilter},
        {"length", lengthFilter},
        {"lower", caseFilter<Case::kLower>},
        {"replace", replaceFilter},
        {"round", roundFilter},
        {"safe", asItIs},
        {"string", stringFilter},
        {"title", titleFilter},
        {"tojson", jsonFilter},
        {"trim", trimFilter},
        {"upper", caseFilter<Case::kUpper>},
    };
    return kFilters;
}

}  // namespace

bool knowsFilter(std::string_view name) {
    return filters().contains(name) || listFilters().contains(name);
}

Value applyFilter(std::string_view name, const Value& input, const Arguments& arguments, const Context& context) {
    const auto& table = listFilters().contains(name) ? listFilters() : filters();
    const auto found = table.find(name);
    if (found == table.end()) fail(fmt::format("the filter {} is not supported", quoted(name)));
    context.budget.step();
    const Budget::Level level(context.budget);
    return found->second(input, arguments, context);
}

}  // namespace moescope::jinja
