#pragma once
// What templates find ready: filters, tests, functions and methods, as Jinja, Python and transformers define them.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text/jinja_value.h"

namespace moescope::jinja {

/// What a run gives to all that it calls.
struct Context {
    Budget& budget;
    std::int64_t now = 0;  ///< seconds since 1970, for strftime_now()

    Value text(Text text) const { return Value::text(std::move(text), &budget); }
    Value list(std::vector<Value> items, bool tuple = false) const {
        return Value::list(std::move(items), &budget, tuple);
    }
    Value dict(Entries entries) const { return Value::dict(std::move(entries), &budget); }
    Text written(const Value& value) const { return toText(value, budget); }
};

struct Arguments {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;

    /// The values of the parameters `names`; nullptr where one is not given. Error: more, or others, are given.
    template <std::size_t N>
    std::array<const Value*, N> bind(const std::array<std::string_view, N>& names) const {
        std::array<const Value*, N> out{};
        bind(names.data(), N, out.data());
        return out;
    }

private:
    void bind(const std::string_view* names, std::size_t count, const Value** out) const;
};

/// Error: no such filter, or arguments that it does not take.
Value applyFilter(std::string_view name, const Value& input, const Arguments& arguments, const Context& context);
bool applyTest(std::string_view name, const Value& input, const Arguments& arguments, const Context& context);
bool knowsFilter(std::string_view name);
bool knowsTest(std::string_view name);

/// range, dict, strftime_now, raise_exception; namespace() is the interpreter's.
bool knowsFunction(std::string_view name);
Value callFunction(std::string_view name, const Arguments& arguments, const Context& context);

/// Whether a value has a method of this name.
bool hasMethod(const Value& self, std::string_view name);
Value callMethod(const Value& self, std::string_view name, const Arguments& arguments, const Context& context);

/// What a for goes through: a list's items, a dict's keys, a text's characters. Error: no such thing.
std::vector<Value> itemsOf(const Value& value, const Context& context);
/// `value.name` and `value[key]`. What is not there is undefined. Error: `value` itself is undefined.
Value attributeOf(const Value& value, std::string_view name);
Value itemOf(const Value& value, const Value& key, const Context& context);
bool contains(const Value& container, const Value& value, const Context& context);
[[noreturn]] void failUndefined(const Value& value);

struct JsonStyle {
    bool ascii = false;
    int indent = -1;  ///< -1: on one line
    std::string item_separator = ", ", key_separator = ": ";
    bool sort_keys = false;
};
/// Python's json.dumps(). Of messages' texts it keeps that they are such, but not their places.
Text toJson(const Value& value, const JsonStyle& style, const Context& context);

/// In the time zone of the machine, in English. Error: a format of more than 200 characters.
std::string formatTime(std::string_view format, std::int64_t now);

}  // namespace moescope::jinja
