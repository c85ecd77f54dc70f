// Methods of texts, dicts and lists, and of the variable `loop`.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/base/foreign_text.h"
#include "engine/text/jinja_library.h"
#include "engine/text/jinja_strings.h"

namespace moescope::jinja {
namespace {

using TextMethod = Value (*)(const Text& self, const Arguments& arguments, const Context& context);

const Text& textArgument(const Value* value, std::string_view what) {
    if (value && value->isUndefined()) failUndefined(*value);
    if (!value || !value->asText()) {
        fail(fmt::format("{} must be a text{}", what, value ? fmt::format(", but is {}", value->kindName()) : ""));
    }
    return *value->asText();
}

/// A text to look for, or none where Python takes white space.
std::optional<std::string_view> maybeText(const Value* value, std::string_view what) {
    if (!value || value->isNone()) return std::nullopt;
    return textArgument(value, what).view();
}

template <bool kLeft, bool kRight>
Value stripMethod(const Text& self, const Arguments& arguments, const Context& context) {
    const auto [characters] = arguments.bind<1>({"chars"});
    context.budget.read(self.size());
    if (characters && characters->asText()) context.budget.read(characters->asText()->size());
    return context.text(strip(self, maybeText(characters, "what is stripped"), kLeft, kRight));
}

Value listOf(std::vector<Text> parts, const Context& context, bool tuple = false) {
    std::vector<Value> items;
    for (Text& part : parts) items.push_back(context.text(std::move(part)));
    return context.list(std::move(items), tuple);
}

template <bool kFromEnd>
Value splitMethod(const Text& self, const Arguments& arguments, const Context& context) {
    const auto [separator, most] = arguments.bind<2>({"sep", "maxsplit"});
    const auto at = maybeText(separator, "a separator");
    if (at && at->empty()) fail("a separator is empty");
    return listOf(split(self, at, most ? toInteger(*most, "maxsplit") : -1, kFromEnd, context.budget), context);
}

template <bool kFromEnd>
Value partitionMethod(const Text& self, const Arguments& arguments, const Context& context) {
    const auto [separator] = arguments.bind<1>({"sep"});
    const Text& at = textArgument(separator, "a separator");
    if (at.empty()) fail("a separator is empty");
    auto parts = split(self, at.view(), 1, kFromEnd, context.budget);
    if (parts.size() == 2) {
        parts.insert(parts.begin() + 1, at);
    } else {
        parts.insert(kFromEnd ? parts.begin() : parts.end(), {Text(), Text()});
    }
    return listOf(std::move(parts), context, true);
}

template <bool kAtEnd>
Value startsMethod(const Text& self, const Arguments& arguments, const Context& context) {
    const auto [wanted] = arguments.bind<1>({"prefix"});
    context.budget.step();
    const auto fits = [&](const Value& value) {
        const Text& part = textArgument(&value, "what is compared");
        return kAtEnd ? self.view().ends_with(part.view()) : self.view().starts_with(part.view());
    };
    if (wanted && wanted->asList()) return Value::boolean(std::ranges::any_of(wanted->asList()->items, fits));
    textArgument(wanted, "what is compared");
    return Value::boolean(fits(*wanted));
}

template <bool kAtEnd>
Value withoutMethod(const Text& self, const Arguments& arguments, const Context& context) {
    const auto [wanted] = arguments.bind<1>({"prefix"});
    const std::string_view part = textArgument(wanted, "what is removed").view();
    const bool there = kAtEnd ? self.view().ends_with(part) : self.view().starts_with(part);
    if (!there) return context.text(self);
    return context.text(kAtEnd ? self.slice(0, self.size() - part.size()) : self.slice(part.size(), self.size()));
}

template <bool kFromEnd, bool kMustBeThere>
Value findMethod(const Text& self, const Arguments& arguments, const Context& context) {
    const auto [wanted] = arguments.bind<1>({"sub"});
    const std::string_view part = textArgument(wanted, "what is looked for").view();
    const std::size_t at =
        kFromEnd ? findLast(self.view(), part, context.budget) : findFirst(self.view(), part, context.budget);
    if (at != std::string_view::npos) {
        context.budget.read(at);
        return Value::integer(static_cast<std::int64_t>(lengthOf(self.view().substr(0, at))));
    }
    if (kMustBeThere) fail("index() does not find its text");
    return Value::integer(-1);
}

Value countMethod(const Text& self, const Arguments& arguments, const Context& context) {
    const auto [wanted] = arguments.bind<1>({"sub"});
    const std::string_view part = textArgument(wanted, "what is counted").view();
    if (part.empty()) context.budget.read(self.size());
    if (part.empty()) return Value::integer(static_cast<std::int64_t>(lengthOf(self.view())) + 1);
    std::int64_t count = 0;
    for (std::string_view rest = self.view();; ++count) {
        const std::size_t at = findFirst(rest, part, context.budget);
        if (at == std::string_view::npos) return Value::integer(count);
        rest.remove_prefix(at + part.size());
    }
}

Value replaceMethod(const Text& self, const Arguments& arguments, const Context& context) {
    const auto [what, with, most] = arguments.bind<3>({"old", "new", "count"});
    return context.text(replace(self, textArgument(what, "what is replaced").view(),
                                textArgument(with, "what is put instead"), most ? toInteger(*most, "a count") : -1,
                                context.budget));
}

Value joinMethod(const Text& self, const Arguments& arguments, const Context& context) {
    const auto [parts] = arguments.bind<1>({"iterable"});
    if (!parts) fail("join() needs a list");
    Text out;
    bool first = true;
    for (const Value& part : itemsOf(*parts, context)) {
        const Text& text = textArgument(&part, "what is joined");
        context.budget.look(text.size() + self.size());
        context.budget.room(out.size() + text.size() + self.size());
        if (!first) out.append(self);
        out.append(text);
        first = false;
    }
    return context.text(std::move(out));
}

Value splitLinesMethod(const Text& self, const Arguments& arguments, const Context& context) {
    const auto [keep] = arguments.bind<1>({"keepends"});
    return listOf(splitLines(self, keep && truth(*keep), context.budget), context);
}

template <Case kCase>
Value caseMethod(const Text& self, const Arguments& arguments, const Context& context) {
    arguments.bind<0>({});
    context.budget.read(self.size());
    context.budget.room(8 * self.size());
    return context.text(inCase(self, kCase));
}

template <CharacterClass kClass>
Value isMethod(const Text& self, const Arguments& arguments, const Context& context) {
    arguments.bind<0>({});
    context.budget.read(self.size());
    return Value::boolean(isAll(self.view(), kClass));
}

const std::map<std::string_view, TextMethod>& textMethods() {
    static const std::map<std::string_view, TextMethod> kMethods = {
        {"strip", stripMethod<true, true>},
        {"lstrip", stripMethod<true, false>},
        {"rstrip", stripMethod<false, true>},
        {"split", splitMethod<false>},
        {"rsplit", splitMethod<true>},
        {"splitlines", splitLinesMethod},
        {"partition", partitionMethod<false>},
        {"rpartition", partitionMethod<true>},
        {"startswith", startsMethod<false>},
        {"endswith", startsMethod<true>},
        {"removeprefix", withoutMethod<false>},
        {"removesuffix", withoutMethod<true>},
        {"find", findMethod<false, false>},
        {"rfind", findMethod<true, false>},
        {"index", findMethod<false, true>},
        {"rindex", findMethod<true, true>},
        {"count", countMethod},
        {"replace", replaceMethod},
        {"join", joinMethod},
        {"upper", caseMethod<Case::kUpper>},
        {"lower", caseMethod<Case::kLower>},
        {"title", caseMethod<Case::kTitle>},
        {"capitalize", caseMethod<Case::kCapitalized>},
        {"isalpha", isMethod<CharacterClass::kAlphabetic>},
        {"isdigit", isMethod<CharacterClass::kDigits>},
        {"isalnum", isMethod<CharacterClass::kAlphanumeric>},
        {"isspace", isMethod<CharacterClass::kSpace>},
        {"isupper", isMethod<CharacterClass::kUpper>},
        {"islower", isMethod<CharacterClass::kLower>},
    };
    return kMethods;
}

Value callDictMethod(const Dict& self, std::string_view name, const Arguments& arguments, const Context& context) {
    if (name == "get") {
        const auto [key, otherwise] = arguments.bind<2>({"key", "default"});
        if (!key) fail("get() needs a key");
        for (const auto& [k, value] : self.entries) {
            if (equal(k, *key, context.budget)) return value;
        }
        return otherwise ? *otherwise : Value::none();
    }
    arguments.bind<0>({});
    context.budget.look(self.entries.size() * sizeof(Value));
    if (name == "copy") return context.dict(self.entries);
    std::vector<Value> items;
    for (const auto& [key, value] : self.entries) {
        items.push_back(name == "items" ? context.list({key, value}, true) : name == "keys" ? key : value);
    }
    return context.list(std::move(items));
}

Value callListMethod(const List& self, std::string_view name, const Arguments& arguments, const Context& context) {
    const auto [wanted] = arguments.bind<1>({"value"});
    if (!wanted) fail(fmt::format("{}() needs a value", name));
    const auto same = [&](const Value& item) { return equal(item, *wanted, context.budget); };
    if (name == "count") return Value::integer(std::ranges::count_if(self.items, same));
    const auto found = std::ranges::find_if(self.items, same);
    if (found == self.items.end()) fail("index() does not find its value");
    return Value::integer(found - self.items.begin());
}

bool isOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

bool hasMethod(const Value& self, std::string_view name) {
    if (self.asText()) return textMethods().contains(name);
    if (self.asDict()) return isOneOf(name, {"get", "items", "keys", "values", "copy"});
    if (self.asList()) return isOneOf(name, {"index", "count"});
    if (self.as<std::shared_ptr<const Loop>>()) return name == "cycle";
    return false;
}

Value callMethod(const Value& self, std::string_view name, const Arguments& arguments, const Context& context) {
    if (const Text* text = self.asText()) return textMethods().at(name)(*text, arguments, context);
    if (const Dict* dict = self.asDict()) return callDictMethod(*dict, name, arguments, context);
    if (const List* list = self.asList()) return callListMethod(*list, name, arguments, context);
    const auto* loop = self.as<std::shared_ptr<const Loop>>();
    if (!loop || arguments.positional.empty()) fail("loop.cycle() needs values");
    return arguments.positional[(*loop)->index % arguments.positional.size()];
}

}  // namespace moescope::jinja
