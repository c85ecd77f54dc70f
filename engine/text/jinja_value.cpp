#include "engine/text/jinja_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace moescope::jinja {
namespace {

constexpr int kDeepestValue = 100;

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

int depthOf(const Value& value) {
    if (const List* list = value.asList()) return list->depth;
    if (const Dict* dict = value.asDict()) return dict->depth;
    return 0;
}

int oneDeeper(int depth) {
    if (depth >= kDeepestValue) fail(fmt::format("lists are nested more than {} levels deep", kDeepestValue));
    return depth + 1;
}

struct WithHeld {
    Text text;
    Budget::Held held;
    WithHeld(Text t, Budget* budget)
        : text(std::move(t)),
          held(budget, text.size() + text.pieces().size() * sizeof(Text::Piece) + sizeof(WithHeld)) {}
};

/// A text in Python's quotation marks, with its provenance.
Text quotedText(const Text& text) {
    const bool doubled =
        text.view().find('\'') != std::string_view::npos && text.view().find('"') == std::string_view::npos;
    const char mark = doubled ? '"' : '\'';
    Text out{std::string(1, mark)};
    std::size_t plain = 0;  // where what is copied as it is begins
    const auto replace = [&](std::size_t at, std::size_t bytes, const std::string& with) {
        out.appendSlice(text, plain, at);
        out.append(text.ownOnly() ? Text(with) : Text::placeless(with));
        plain = at + bytes;
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text.bytes()[at];
        const auto code = static_cast<unsigned char>(c);
        if (c == mark || c == '\\') {
            replace(at, 1, {'\\', c});
        } else if (c == '\n' || c == '\r' || c == '\t') {
            replace(at, 1, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
        } else if (code < 0x20 || code == 0x7f) {
            replace(at, 1, fmt::format("\\x{:02x}", code));
        }
    }
    out.appendSlice(text, plain, text.size());
    out.append(std::string_view(&mark, 1));
    return out;
}

int compareNumbers(const Value& a, const Value& b) {
    const auto* x = a.as<double>();
    const auto* y = b.as<double>();
    if (x || y) {
        const double l = toReal(a), r = toReal(b);
        return l < r ? -1 : l > r ? 1 : l == r ? 0 : 2;  // 2: not a number
    }
    const std::int64_t l = toInteger(a, "it"), r = toInteger(b, "it");
    return l < r ? -1 : l > r;
}

}  // namespace

void fail(std::string message) {
    throw Error{std::move(message)};
}

void Budget::spend(std::uint64_t steps) {
    m_steps += steps;
    if (m_steps > m_limits.steps) fail(fmt::format("it takes more than {} steps", m_limits.steps));
}

void Budget::room(std::size_t bytes) const {
    if (bytes > m_limits.bytes - std::min(m_limits.bytes, m_bytes)) {
        fail(fmt::format("it makes more than {} MiB of text", m_limits.bytes >> 20));
    }
}

Budget::Level::Level(Budget& budget) : m_budget(budget) {
    if (budget.m_depth >= budget.m_limits.depth) {
        fail(fmt::format("calls and expressions are nested more than {} levels deep", budget.m_limits.depth));
    }
    ++budget.m_depth;
}

Budget::Held::Held(Budget* budget, std::size_t bytes) : m_budget(budget), m_bytes(bytes) {
    if (!budget) return;
    budget->room(bytes);
    budget->look(bytes);
    budget->m_bytes += bytes;
}

Budget::Held::~Held() {
    if (m_budget) m_budget->m_bytes -= m_bytes;
}

Value Value::text(Text text, Budget* budget) {
    auto body = std::make_shared<WithHeld>(std::move(text), budget);
    return Value(Data(std::shared_ptr<const Text>(body, &body->text)));
}

Value Value::list(std::vector<Value> items, Budget* budget, bool tuple) {
    return Value(Data(std::make_shared<const List>(std::move(items), tuple, budget)));
}

Value Value::dict(Entries entries, Budget* budget) {
    return Value(Data(std::make_shared<const Dict>(std::move(entries), budget)));
}

List::List(std::vector<Value> list_items, bool is_tuple, Budget* budget)
    : items(std::move(list_items)),
      tuple(is_tuple),
      depth(0),
      held(budget, sizeof(List) + items.size() * sizeof(Value)) {
    for (const Value& item : items) depth = std::max(depth, depthOf(item));
    depth = oneDeeper(depth);
}

Dict::Dict(Entries dict_entries, Budget* budget)
    : entries(std::move(dict_entries)), depth(0), held(budget, sizeof(Dict) + entries.size() * 2 * sizeof(Value)) {
    for (const auto& [key, value] : entries) depth = std::max({depth, depthOf(key), depthOf(value)});
    depth = oneDeeper(depth);
}

const Text* Value::asText() const {
    const auto* text = as<std::shared_ptr<const Text>>();
    return text ? text->get() : nullptr;
}
const List* Value::asList() const {
    const auto* list = as<std::shared_ptr<const List>>();
    return list ? list->get() : nullptr;
}
const Dict* Value::asDict() const {
    const auto* dict = as<std::shared_ptr<const Dict>>();
    return dict ? dict->get() : nullptr;
}

std::string_view Value::kindName() const {
    constexpr std::string_view kNames[] = {"something undefined",
                                           "none",
                                           "a boolean",
                                           "a whole number",
                                           "a number",
                                           "a text",
                                           "a list",
                                           "a dict",
                                           "a loop",
                                           "a namespace",
                                           "a function"};
    static_assert(std::size(kNames) == std::variant_size_v<Data>);
    return kNames[m_data.index()];
}

const Value* Dict::find(std::string_view key) const {
    for (const auto& [k, value] : entries) {
        if (const Text* text = k.asText(); text && text->view() == key) return &value;
    }
    return nullptr;
}

Value* Namespace::find(std::string_view name) {
    for (auto& [key, value] : attributes) {
        if (key == name) return &value;
    }
    return nullptr;
}

bool truth(const Value& value) {
    return std::visit(
        Overloaded{[](const Undefined&) { return false; }, [](None) { return false; }, [](bool b) { return b; },
                   [](std::int64_t i) { return i != 0; }, [](double d) { return d != 0; },
                   [](const std::shared_ptr<const Text>& t) { return !t->empty(); },
                   [](const std::shared_ptr<const List>& l) { return !l->items.empty(); },
                   [](const std::shared_ptr<const Dict>& d) { return !d->entries.empty(); },
                   [](const auto&) { return true; }},
        value.data());
}

bool equal(const Value& a, const Value& b, Budget& budget) {
    budget.step();
    if (a.isNumber() && b.isNumber()) return compareNumbers(a, b) == 0;
    if (a.data().index() != b.data().index()) return false;
    if (const Text* text = a.asText()) {
        budget.look(text->size());
        return text->view() == b.asText()->view();
    }
    const auto same = [&](const Value& x, const Value& y) { return equal(x, y, budget); };
    if (const List* list = a.asList()) {
        return list->tuple == b.asList()->tuple && std::ranges::equal(list->items, b.asList()->items, same);
    }
    if (const Dict* dict = a.asDict()) {
        const Dict* other = b.asDict();
        if (dict->entries.size() != other->entries.size()) return false;
        return std::ranges::all_of(dict->entries, [&](const auto& entry) {
            return std::ranges::any_of(other->entries, [&](const auto& theirs) {
                return same(entry.first, theirs.first) && same(entry.second, theirs.second);
            });
        });
    }
    if (const auto* space = a.as<Namespace*>()) return *space == *b.as<Namespace*>();
    if (const auto* loop = a.as<std::shared_ptr<const Loop>>()) return *loop == *b.as<std::shared_ptr<const Loop>>();
    if (const auto* f = a.as<std::shared_ptr<const Callable>>()) return *f == *b.as<std::shared_ptr<const Callable>>();
    return true;  // none, undefined
}

bool less(const Value& a, const Value& b, Budget& budget) {
    budget.step();
    if (a.isNumber() && b.isNumber()) return compareNumbers(a, b) == -1;
    if (a.asText() && b.asText()) {
        budget.look(a.asText()->size());
        return a.asText()->view() < b.asText()->view();  // UTF-8's bytes have the order of the code points
    }
    if (a.asList() && b.asList()) {
        const auto before = [&](const Value& x, const Value& y) { return less(x, y, budget); };
        return std::ranges::lexicographical_compare(a.asList()->items, b.asList()->items, before);
    }
    fail(fmt::format("{} and {} have no order", a.kindName(), b.kindName()));
}

std::string realText(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    char buffer[64];
    const double size = std::fabs(value);
    const bool exponent = size != 0 && (size < 1e-4 || size >= 1e16);
    const auto format = exponent ? std::chars_format::scientific : std::chars_format::fixed;
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr;
    std::string text(buffer, end);
    if (!exponent && text.find('.') == std::string::npos) text += ".0";
    return text;
}

Text toRepr(const Value& value, Budget& budget) {
    budget.step();
    if (const Text* text = value.asText()) {
        budget.read(text->size());
        budget.room(4 * text->size());
        return quotedText(*text);
    }
    if (const List* list = value.asList()) {
        Text out(list->tuple ? "(" : "[");
        for (std::size_t i = 0; i < list->items.size(); ++i) {
            if (i > 0) out.append(", ");
            out.append(toRepr(list->items[i], budget));
            budget.room(out.size());
        }
        if (list->tuple && list->items.size() == 1) out.append(",");
        out.append(list->tuple ? ")" : "]");
        return out;
    }
    if (const Dict* dict = value.asDict()) {
        Text out("{");
        for (std::size_t i = 0; i < dict->entries.size(); ++i) {
            if (i > 0) out.append(", ");
            out.append(toRepr(dict->entries[i].first, budget));
            out.append(": ");
            out.append(toRepr(dict->entries[i].second, budget));
            budget.room(out.size());
        }
        out.append("}");
        return out;
    }
    return toText(value, budget);
}

Text toText(const Value& value, Budget& budget) {
    if (const Text* text = value.asText()) return *text;
    if (value.isUndefined()) return {};
    if (value.isNone()) return Text("None");
    if (const bool* b = value.as<bool>()) return Text(*b ? "True" : "False");
    if (const std::int64_t* i = value.as<std::int64_t>()) return Text(std::to_string(*i));
    if (const double* d = value.as<double>()) return Text(realText(*d));
    if (value.asList() || value.asDict()) return toRepr(value, budget);
    fail(fmt::format("{} has no written form", value.kindName()));
}

std::int64_t toInteger(const Value& value, std::string_view what) {
    if (const bool* b = value.as<bool>()) return *b;
    if (const std::int64_t* i = value.as<std::int64_t>()) return *i;
    fail(fmt::format("{} must be a whole number, but is {}", what, value.kindName()));
}

double toReal(const Value& value) {
    if (const double* d = value.as<double>()) return *d;
    return static_cast<double>(toInteger(value, "it"));
}

}  // namespace moescope::jinja
