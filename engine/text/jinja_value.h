#pragma once
// The values that a template computes with, and what a run may spend on them.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/text/jinja_text.h"

namespace moescope::jinja {

/// Thrown inside the interpreter; ends at its face (jinja.h), which makes a Status of it.
struct Error {
    std::string message;  ///< without a line, ends without a full stop
    int line = 0;         ///< 0: filled in by the expression or statement that was being run
    bool raised = false;  ///< by the template itself, with raise_exception()
};
[[noreturn]] void fail(std::string message);

/// How much a run may do. A template that asks for more fails.
struct Limits {
    std::uint64_t steps = 1'000'000;    ///< statements and expressions, and 256 bytes or 16 characters that are read
    std::uint64_t bytes = 64ull << 20;  ///< of all values at one time, and of the output
    int depth = 400;                    ///< of statements, expressions and calls within each other
};

/// What a run has spent. Outlives the run's values.
class Budget {
public:
    explicit Budget(const Limits& limits) : m_limits(limits) {}
    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;

    void step() { spend(1); }
    void look(std::size_t bytes) { spend(bytes / 256); }  ///< at so many bytes, as whole
    void read(std::size_t bytes) { spend(bytes / 16); }   ///< so many bytes, character by character
    /// So many bytes are about to be made beside what there is. To be asked before making them.
    void room(std::size_t bytes) const;

    /// Goes one level down for as long as it exists.
    class Level {
    public:
        explicit Level(Budget& budget);
        ~Level() { --m_budget.m_depth; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

    private:
        Budget& m_budget;
    };
    /// Bytes that a value holds for as long as it exists.
    class Held {
    public:
        Held() = default;
        Held(Budget* budget, std::size_t bytes);
        ~Held();
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;

    private:
        Budget* m_budget = nullptr;
        std::size_t m_bytes = 0;
    };

private:
    void spend(std::uint64_t steps);
    Limits m_limits;
    std::uint64_t m_steps = 0, m_bytes = 0;
    int m_depth = 0;
};

class Value;
struct List;
struct Dict;
struct Loop;
struct Namespace;
struct Callable;
struct Macro;
using Entries = std::vector<std::pair<Value, Value>>;

struct None {};
struct Undefined {
    std::string name;  ///< what is not defined, for messages
};

/// Immutable but for namespaces; cheap to copy.
class Value {
public:
    using Data = std::variant<Undefined, None, bool, std::int64_t, double, std::shared_ptr<const Text>,
                              std::shared_ptr<const List>, std::shared_ptr<const Dict>, std::shared_ptr<const Loop>,
                              Namespace*, std::shared_ptr<const Callable>>;
    Value() = default;  ///< undefined
    explicit Value(Data data) : m_data(std::move(data)) {}
    static Value undefined(std::string name) { return Value(Data(Undefined{std::move(name)})); }
    static Value none() { return Value(Data(None{})); }
    static Value boolean(bool b) { return Value(Data(b)); }
    static Value integer(std::int64_t i) { return Value(Data(i)); }
    static Value real(double d) { return Value(Data(d)); }
    /// Without a budget for the values that are given to a template.
    static Value text(Text text, Budget* budget = nullptr);
    static Value own(std::string_view text) { return Value::text(Text(std::string(text))); }
    static Value list(std::vector<Value> items, Budget* budget = nullptr, bool tuple = false);
    static Value dict(Entries entries, Budget* budget = nullptr);

    const Data& data() const { return m_data; }
    template <class T>
    const T* as() const {
        return std::get_if<T>(&m_data);
    }
    bool isUndefined() const { return as<Undefined>() != nullptr; }
    bool isNone() const { return as<None>() != nullptr; }
    const Text* asText() const;
    const List* asList() const;  ///< also a tuple
    const Dict* asDict() const;
    bool isNumber() const { return as<bool>() || as<std::int64_t>() || as<double>(); }
    std::string_view kindName() const;  ///< "a text", "a list", for messages

private:
    Data m_data;
};

struct List {
    List(std::vector<Value> list_items, bool is_tuple, Budget* budget);
    std::vector<Value> items;
    bool tuple;
    int depth;  ///< of lists and dicts within each other
    Budget::Held held;
};
/// In the order of insertion, as Python's.
struct Dict {
    Dict(Entries dict_entries, Budget* budget);
    Entries entries;
    int depth;
    Budget::Held held;
    const Value* find(std::string_view key) const;  ///< nullptr if it is not there
};
/// The variable `loop` of a for.
struct Loop {
    std::shared_ptr<const List> items;
    std::size_t index = 0;
};
/// namespace(...): the one kind of value that changes. Owned by the run.
struct Namespace {
    std::vector<std::pair<std::string, Value>> attributes;
    Value* find(std::string_view name);
};
/// Something that can be called: a macro, a function that the program gives, or a method of a value.
struct Callable {
    const Macro* macro = nullptr;
    Value self;        ///< whose method it is; undefined for a function
    std::string name;  ///< of the function or method
};

bool truth(const Value& value);
bool equal(const Value& a, const Value& b, Budget& budget);
/// Whether a comes before b. Error: kinds that have no order.
bool less(const Value& a, const Value& b, Budget& budget);
/// Python's str(): a text as it is.
Text toText(const Value& value, Budget& budget);
/// Python's repr(): a text in quotation marks.
Text toRepr(const Value& value, Budget& budget);
std::string realText(double value);  ///< as Python writes it: "1.0", "1e+16"
/// A number (also a bool) as an integer; error: "WHAT must be a whole number".
std::int64_t toInteger(const Value& value, std::string_view what);
double toReal(const Value& value);

}  // namespace moescope::jinja
