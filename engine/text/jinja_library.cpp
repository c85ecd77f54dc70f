#include "engine/text/jinja_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <clocale>
#include <ctime>

#include "engine/base/foreign_text.h"
#include "engine/text/jinja_strings.h"

namespace moescope::jinja {

void Arguments::bind(const std::string_view* names, std::size_t count, const Value** out) const {
    if (positional.size() > count) {
        fail(fmt::format("{} arguments are given, but at most {} are taken", positional.size(), count));
    }
    for (std::size_t i = 0; i < positional.size(); ++i) out[i] = &positional[i];
    for (const auto& [name, value] : named) {
        const std::string_view* found = std::find(names, names + count, std::string_view(name));
        if (found == names + count) fail(fmt::format("the argument {} is not supported", quoted(name)));
        const auto i = static_cast<std::size_t>(found - names);
        if (out[i]) fail(fmt::format("the argument {} is given twice", quoted(name)));
        out[i] = &value;
    }
}

void failUndefined(const Value& value) {
    const auto* undefined = value.as<Undefined>();
    fail(undefined && !undefined->name.empty() ? fmt::format("{} is not defined", quoted(undefined->name))
                                               : "something that is not defined is used");
}

namespace {

Value loopAttribute(const Loop& loop, std::string_view name) {
    const auto number = [](std::size_t n) { return Value::integer(static_cast<std::int64_t>(n)); };
    const std::size_t count = loop.items->items.size();
    if (name == "index") return number(loop.index + 1);
    if (name == "index0") return number(loop.index);
    if (name == "revindex") return number(count - loop.index);
    if (name == "revindex0") return number(count - loop.index - 1);
    if (name == "first") return Value::boolean(loop.index == 0);
    if (name == "last") return Value::boolean(loop.index + 1 == count);
    if (name == "length") return number(count);
    if (name == "depth" || name == "depth0") return number(name == "depth");  // of recursive loops, which there are not
    if (name == "previtem" && loop.index > 0) return loop.items->items[loop.index - 1];
    if (name == "nextitem" && loop.index + 1 < count) return loop.items->items[loop.index + 1];
    if (name == "changed") fail("loop.changed() is not supported");
    return Value::undefined("loop." + std::string(name));
}

Value methodOf(const Value& self, std::string_view name) {
    return Value(Value::Data(std::make_shared<const Callable>(Callable{nullptr, self, std::string(name)})));
}

}  // namespace

Value attributeOf(const Value& value, std::string_view name) {
    if (value.isUndefined()) failUndefined(value);
    if (hasMethod(value, name)) return methodOf(value, name);
    if (const Dict* dict = value.asDict()) {
        if (const Value* found = dict->find(name)) return *found;
    }
    if (const auto* space = value.as<Namespace*>()) {
        if (const Value* found = (*space)->find(name)) return *found;
    }
    if (const auto* loop = value.as<std::shared_ptr<const Loop>>()) return loopAttribute(**loop, name);
    return Value::undefined(std::string(name));
}

Value itemOf(const Value& value, const Value& key, const Context& context) {
    if (value.isUndefined()) failUndefined(value);
    if (const Dict* dict = value.asDict()) {
        for (const auto& [k, v] : dict->entries) {
            if (equal(k, key, context.budget)) return v;
        }
    }
    const bool whole = key.as<std::int64_t>() || key.as<bool>();
    if (const List* list = value.asList(); list && whole) {
        const auto count = static_cast<std::int64_t>(list->items.size());
        std::int64_t index = toInteger(key, "an index");
        if (index < 0) index += count;
        if (index >= 0 && index < count) return list->items[static_cast<std::size_t>(index)];
    }
    if (const Text* text = value.asText(); text && whole) {
        const auto starts = characterStarts(text->view(), context.budget);
        const auto count = static_cast<std::int64_t>(starts.size()) - 1;
        std::int64_t index = toInteger(key, "an index");
        if (index < 0) index += count;
        if (index >= 0 && index < count) {
            const auto i = static_cast<std::size_t>(index);
            return context.text(text->slice(starts[i], starts[i + 1]));
        }
    }
    if (const Text* name = key.asText()) {
        if (value.asDict() && !hasMethod(value, name->view())) return Value::undefined(name->bytes());
        return attributeOf(value, name->view());
    }
    return Value::undefined("an item");
}

std::vector<Value> itemsOf(const Value& value, const Context& context) {
    if (value.isUndefined()) return {};
    if (const List* list = value.asList()) {
        context.budget.look(list->items.size() * sizeof(Value));
        return list->items;
    }
    std::vector<Value> items;
    if (const Dict* dict = value.asDict()) {
        for (const auto& [key, v] : dict->entries) items.push_back(key);
        return items;
    }
    if (const Text* text = value.asText()) {
        const auto starts = characterStarts(text->view(), context.budget);
        for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
            context.budget.step();
            items.push_back(context.text(text->slice(starts[i], starts[i + 1])));
        }
        return items;
    }
    fail(fmt::format("{} has no items to go through", value.kindName()));
}

bool contains(const Value& container, const Value& value, const Context& context) {
    const auto same = [&](const Value& item) { return equal(item, value, context.budget); };
    if (container.isUndefined()) return false;
    if (const Text* text = container.asText()) {
        const Text* part = value.asText();
        if (!part) fail(fmt::format("a text is searched for {}", value.kindName()));
        return findFirst(text->view(), part->view(), context.budget) != std::string_view::npos;
    }
    if (const List* list = container.asList()) return std::ranges::any_of(list->items, same);
    if (const Dict* dict = container.asDict()) {
        return std::ranges::any_of(dict->entries, [&](const auto& entry) { return same(entry.first); });
    }
    fail(fmt::format("{} cannot be searched", container.kindName()));
}

std::string formatTime(std::string_view format, std::int64_t now) {
    constexpr std::size_t kLongest = 200;
    if (format.size() > kLongest) fail("the format of a date is too long");
    const auto seconds = static_cast<std::time_t>(now);
    std::tm local{};
    localtime_r(&seconds, &local);
    char buffer[8 * kLongest] = {};
    // English whatever the program's language, as in Python.
    static const locale_t kEnglish = newlocale(LC_ALL_MASK, "C", nullptr);
    const std::size_t size = strftime_l(buffer, sizeof buffer, std::string(format).c_str(), &local, kEnglish);
    return {buffer, size};
}

bool knowsFunction(std::string_view name) {
    return name == "range" || name == "dict" || name == "strftime_now" || name == "raise_exception";
}

Value callFunction(std::string_view name, const Arguments& arguments, const Context& context) {
    if (name == "raise_exception") {
        const auto [message] = arguments.bind<1>({"message"});
        Error error{message ? context.written(*message).bytes() : "no reason is given"};
        error.raised = true;
        throw error;
    }
    if (name == "strftime_now") {
        const auto [format] = arguments.bind<1>({"format"});
        if (!format || !format->asText()) fail("strftime_now() needs a format");
        return context.text(Text(formatTime(format->asText()->view(), context.now)));
    }
    if (name == "dict") {
        Entries entries;
        for (const auto& [key, value] : arguments.named) entries.emplace_back(context.text(Text(key)), value);
        if (!arguments.positional.empty()) fail("dict() takes arguments with names only");
        return context.dict(std::move(entries));
    }
    const auto [first, second, third] = arguments.bind<3>({"start", "stop", "step"});
    if (!first) fail("range() needs a number");
    const std::int64_t start = second ? toInteger(*first, "the start of a range") : 0;
    const std::int64_t stop = toInteger(second ? *second : *first, "the end of a range");
    const std::int64_t step = third ? toInteger(*third, "the step of a range") : 1;
    if (step == 0) fail("the step of a range is zero");
    constexpr std::int64_t kFarthest = 1'000'000'000, kLongest = 100'000;  // Jinja's own limit
    std::vector<Value> items;
    for (const std::int64_t number : {start, stop, step}) {
        if (number > kFarthest || number < -kFarthest) fail("a range is too long");
    }
    for (std::int64_t i = start; step > 0 ? i < stop : i > stop; i += step) {
        context.budget.step();
        if (items.size() >= kLongest) fail("a range is too long");
        items.push_back(Value::integer(i));
    }
    return context.list(std::move(items));
}

}  // namespace moescope::jinja
