// The filters for lists and dicts.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/text/jinja_filters.h"
#include "engine/text/jinja_strings.h"

namespace moescope::jinja {
namespace {

bool given(const Value* value) {
    return value && !value->isNone();
}

/// `item.a.b`, as map(attribute="a.b") and others take it; a number is an index.
Value attributePath(const Value& item, const Value& path, const Context& context) {
    if (!path.asText()) return itemOf(item, path, context);
    Value value = item;
    for (const Text& part : split(*path.asText(), ".", -1, false, context.budget)) {
        if (value.isUndefined()) failUndefined(value);
        const bool digits =
            !part.empty() && std::ranges::all_of(part.view(), [](char c) { return c >= '0' && c <= '9'; });
        std::int64_t index = 0;
        if (digits) std::from_chars(part.view().data(), part.view().data() + part.size(), index);
        value = itemOf(value, digits ? Value::integer(index) : context.text(part), context);
    }
    return value;
}

/// The rest of a filter's arguments, for the filter or test that its argument `from` - 1 names.
Arguments argumentsFrom(const Arguments& arguments, std::size_t from) {
    Arguments rest;
    for (std::size_t i = from; i < arguments.positional.size(); ++i) rest.positional.push_back(arguments.positional[i]);
    rest.named = arguments.named;
    return rest;
}

const Text& nameAt(const Arguments& arguments, std::size_t i, std::string_view what) {
    if (i >= arguments.positional.size() || !arguments.positional[i].asText()) fail(fmt::format("expected {}", what));
    return *arguments.positional[i].asText();
}

Value joinFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [separator, attribute] = arguments.bind<2>({"d", "attribute"});
    const Text between = separator ? context.written(*separator) : Text();
    Text out;
    bool first = true;
    for (const Value& item : itemsOf(input, context)) {
        const Text text = context.written(given(attribute) ? attributePath(item, *attribute, context) : item);
        context.budget.look(text.size() + between.size());
        context.budget.room(out.size() + text.size() + between.size());
        if (!first) out.append(between);
        out.append(text);
        first = false;
    }
    return context.text(std::move(out));
}

Value itemsFilter(const Value& input, const Arguments& arguments, const Context& context) {
    arguments.bind<0>({});
    if (input.isUndefined()) return context.list({});
    if (!input.asDict()) fail(fmt::format("{} is not a dict and has no items", input.kindName()));
    return callMethod(input, "items", {}, context);
}

Value mapFilter(const Value& input, const Arguments& arguments, const Context& context) {
    std::vector<Value> out;
    if (arguments.positional.empty()) {
        const auto [attribute, otherwise] = arguments.bind<2>({"attribute", "default"});
        if (!attribute) fail("map needs a filter or an attribute");
        for (const Value& item : itemsOf(input, context)) {
            Value value = attributePath(item, *attribute, context);
            out.push_back(value.isUndefined() && otherwise ? *otherwise : std::move(value));
        }
    } else {
        const std::string name = nameAt(arguments, 0, "the name of a filter").bytes();
        const Arguments rest = argumentsFrom(arguments, 1);
        for (const Value& item : itemsOf(input, context)) out.push_back(applyFilter(name, item, rest, context));
    }
    return context.list(std::move(out));
}

template <bool kByAttribute, bool kWanted>
Value selectFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const std::size_t at = kByAttribute ? 1 : 0;
    if (kByAttribute && arguments.positional.empty()) fail("expected the name of an attribute");
    const bool has_test = arguments.positional.size() > at;
    const std::string test = has_test ? nameAt(arguments, at, "the name of a test").bytes() : "";
    const Arguments rest = argumentsFrom(arguments, at + 1);
    std::vector<Value> out;
    for (const Value& item : itemsOf(input, context)) {
        const Value value = kByAttribute ? attributePath(item, arguments.positional[0], context) : item;
        if ((has_test ? applyTest(test, value, rest, context) : truth(value)) == kWanted) out.push_back(item);
    }
    return context.list(std::move(out));
}

Value listFilter(const Value& input, const Arguments& arguments, const Context& context) {
    arguments.bind<0>({});
    return context.list(itemsOf(input, context));
}

template <bool kLast>
Value endFilter(const Value& input, const Arguments& arguments, const Context& context) {
    arguments.bind<0>({});
    const std::vector<Value> items = itemsOf(input, context);
    if (items.empty()) return Value::undefined("an item of something empty");
    return kLast ? items.back() : items.front();
}

Value reverseFilter(const Value& input, const Arguments& arguments, const Context& context) {
    arguments.bind<0>({});
    std::vector<Value> items = itemsOf(input, context);
    std::ranges::reverse(items);
    if (!input.asText()) return context.list(std::move(items));
    Text out;
    for (const Value& item : items) out.append(*item.asText());
    return context.text(std::move(out));
}

/// What is compared: the item or its attribute, in small letters unless the case counts.
Value sortKey(const Value& item, const Value* attribute, bool with_case, const Context& context) {
    Value key = given(attribute) ? attributePath(item, *attribute, context) : item;
    if (with_case || !key.asText()) return key;
    return applyFilter("lower", key, {}, context);
}

std::vector<Value> sorted(std::vector<Value> items, std::vector<Value> keys, bool reverse, const Context& context) {
    std::vector<std::size_t> order(items.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        return reverse ? less(keys[b], keys[a], context.budget) : less(keys[a], keys[b], context.budget);
    });
    std::vector<Value> out;
    for (const std::size_t i : order) out.push_back(items[i]);
    return out;
}

Value sortFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [reverse, with_case, attribute] = arguments.bind<3>({"reverse", "case_sensitive", "attribute"});
    const std::vector<Value> items = itemsOf(input, context);
    std::vector<Value> keys;
    for (const Value& item : items) keys.push_back(sortKey(item, attribute, with_case && truth(*with_case), context));
    return context.list(sorted(items, keys, reverse && truth(*reverse), context));
}

Value dictSortFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [with_case, by, reverse] = arguments.bind<3>({"case_sensitive", "by", "reverse"});
    const std::size_t part = by && context.written(*by).view() == "value" ? 1 : 0;
    std::vector<Value> keys;
    const Value pairs = itemsFilter(input, {}, context);
    for (const Value& pair : pairs.asList()->items) {
        keys.push_back(sortKey(pair.asList()->items[part], nullptr, with_case && truth(*with_case), context));
    }
    return context.list(sorted(pairs.asList()->items, keys, reverse && truth(*reverse), context));
}

Value uniqueFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [with_case, attribute] = arguments.bind<2>({"case_sensitive", "attribute"});
    std::vector<Value> out, seen;
    for (const Value& item : itemsOf(input, context)) {
        Value key = sortKey(item, attribute, with_case && truth(*with_case), context);
        if (std::ranges::any_of(seen, [&](const Value& s) { return equal(s, key, context.budget); })) continue;
        seen.push_back(std::move(key));
        out.push_back(item);
    }
    return context.list(std::move(out));
}

template <bool kMost>
Value extremeFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [with_case, attribute] = arguments.bind<2>({"case_sensitive", "attribute"});
    const std::vector<Value> items = itemsOf(input, context);
    if (items.empty()) return Value::undefined("an item of something empty");
    std::size_t best = 0;
    Value best_key;
    for (std::size_t i = 0; i < items.size(); ++i) {
        Value key = sortKey(items[i], attribute, with_case && truth(*with_case), context);
        if (i == 0 || (kMost ? less(best_key, key, context.budget) : less(key, best_key, context.budget))) {
            best = i;
            best_key = std::move(key);
        }
    }
    return items[best];
}

Value sumFilter(const Value& input, const Arguments& arguments, const Context& context) {
    const auto [attribute, start] = arguments.bind<2>({"attribute", "start"});
    Value total = start ? *start : Value::integer(0);
    for (const Value& item : itemsOf(input, context)) {
        const Value value = given(attribute) ? attributePath(item, *attribute, context) : item;
        if (total.as<double>() || value.as<double>()) {
            total = Value::real(toReal(total) + toReal(value));
            continue;
        }
        std::int64_t sum = 0;
        if (__builtin_add_overflow(toInteger(total, "a sum"), toInteger(value, "what is summed"), &sum)) {
            fail("a number is too large");
        }
        total = Value::integer(sum);
    }
    return total;
}

}  // namespace

const std::map<std::string_view, Filter>& listFilters() {
    static const std::map<std::string_view, Filter> kFilters = {
        {"dictsort", dictSortFilter},
        {"first", endFilter<false>},
        {"items", itemsFilter},
        {"join", joinFilter},
        {"last", endFilter<true>},
        {"list", listFilter},
        {"map", mapFilter},
        {"max", extremeFilter<true>},
        {"min", extremeFilter<false>},
        {"reject", selectFilter<false, false>},
        {"rejectattr", selectFilter<true, false>},
        {"reverse", reverseFilter},
        {"select", selectFilter<false, true>},
        {"selectattr", selectFilter<true, true>},
        {"sort", sortFilter},
        {"sum", sumFilter},
        {"unique", uniqueFilter},
    };
    return kFilters;
}

}  // namespace moescope::jinja
