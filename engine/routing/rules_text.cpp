#include "engine/routing/rules_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/base/utf8.h"

namespace moescope {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

std::string quoted(std::string_view text) {
    constexpr std::size_t kLongest = 24;
    const std::string_view out = text.substr(0, wholeCharacters(text, kLongest));
    return fmt::format("“{}{}”", out, text.size() > kLongest ? "…" : "");
}

std::optional<int> wholeNumber(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Numbers parted by blanks or commas; nullopt with the part that is none in `wrong`.
std::optional<std::vector<std::int32_t>> numbers(std::string_view text, std::string_view& wrong) {
    std::vector<std::int32_t> out;
    constexpr std::string_view kSeparators = " \t\r,";
    while (true) {
        const auto begin = text.find_first_not_of(kSeparators);
        if (begin == std::string_view::npos) return out;
        text.remove_prefix(begin);
        const std::string_view part = text.substr(0, text.find_first_of(kSeparators));
        const auto number = wholeNumber(part);
        if (!number) {
            wrong = part;
            return std::nullopt;
        }
        out.push_back(*number);
        text.remove_prefix(part.size());
    }
}

/// A statement for all layers or one, not yet applied.
struct LayerStatement {
    std::string word;
    std::optional<int> layer;
    std::vector<std::int32_t> values;  ///< empty: none
};

Status readLayerStatement(const std::string& word, std::string_view rest, std::vector<LayerStatement>& statements) {
    LayerStatement statement{word, {}, {}};
    if (const auto colon = rest.find(':'); colon != std::string_view::npos) {
        statement.layer = wholeNumber(trimmed(rest.substr(0, colon)));
        if (!statement.layer || *statement.layer < 0) {
            return invalid(
                fmt::format("Rules: {} is not the number of a layer.", quoted(trimmed(rest.substr(0, colon)))));
        }
        rest = trimmed(rest.substr(colon + 1));
    }
    if (lowered(rest) != "none") {
        std::string_view wrong;
        auto values = numbers(rest, wrong);
        if (!values) return invalid(fmt::format("Rules: {} is not a whole number.", quoted(wrong)));
        if (values->empty()) return invalid(fmt::format("Rules: a number is missing after {}.", quoted(word)));
        const bool one = word == "k" || word == "mask-top";
        if (one && values->size() > 1) {
            return invalid(fmt::format("Rules: expected one number after {}, found {}.", quoted(word), quoted(rest)));
        }
        statement.values = std::move(*values);
        if (!one) {
            std::ranges::sort(statement.values);
            statement.values.erase(std::unique(statement.values.begin(), statement.values.end()),
                                   statement.values.end());
        }
    }
    statements.push_back(std::move(statement));
    return {};
}

void apply(const LayerStatement& s, LayerRules& rules) {
    if (s.word == "k") rules.experts_used = s.values.empty() ? std::nullopt : std::optional<int>(s.values[0]);
    if (s.word == "mask") rules.masked = s.values;
    if (s.word == "force") rules.forced = s.values;
    if (s.word == "mask-top") rules.masked_top = s.values.empty() ? 0 : s.values[0];
}

std::optional<bool> onOrOff(std::string_view text) {
    const std::string word = lowered(text);
    if (word == "on") return true;
    if (word == "off") return false;
    return std::nullopt;
}

std::string join(const std::vector<std::int32_t>& values) {
    return values.empty() ? "none" : fmt::format("{}", fmt::join(values, " "));
}

/// A layer's value of a word, as the text has it.
std::string valueOf(const LayerRules& rules, std::string_view word) {
    if (word == "k") return rules.experts_used ? std::to_string(*rules.experts_used) : "none";
    if (word == "mask") return join(rules.masked);
    if (word == "force") return join(rules.forced);
    return rules.masked_top == 0 ? "none" : std::to_string(rules.masked_top);
}

constexpr std::string_view kLayerWords[] = {"k", "mask", "force", "mask-top"};

}  // namespace

Result<RouterRules> parseRules(std::string_view text) {
    RouterRules rules;
    std::vector<LayerStatement> statements;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(";\n"), text.size());
        const std::string_view statement = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (statement.empty()) continue;
        const auto word_end = std::min(statement.find_first_of(kBlanks), statement.size());
        const std::string word = lowered(statement.substr(0, word_end));
        const std::string_view rest = trimmed(statement.substr(word_end));
        if (std::ranges::find(kLayerWords, word) != std::end(kLayerWords)) {
            if (Status status = readLayerStatement(word, rest, statements); !status.ok()) return status;
        } else if (word == "shared" || word == "renormalise" || word == "renormalize") {
            const auto on = onOrOff(rest);
            if (!on) {
                return invalid(
                    fmt::format("Rules: expected on or off after {}, found {}.", quoted(word), quoted(rest)));
            }
            if (word == "shared") {
                rules.shared_experts = *on;
            } else {
                rules.renormalise = on;
            }
        } else if (word == "scale") {
            float scale = 0;
            const auto [last, error] = std::from_chars(rest.data(), rest.data() + rest.size(), scale);
            if (error != std::errc{} || last != rest.data() + rest.size() || !std::isfinite(scale)) {
                return invalid(fmt::format("Rules: expected a number after “scale”, found {}.", quoted(rest)));
            }
            rules.scale = scale;
        } else {
            return invalid(
                fmt::format("Rules: {} is not known; expected k, mask, force, mask-top, shared, renormalise or scale.",
                            quoted(statement.substr(0, word_end))));
        }
    }
    // Those for all layers first, wherever they stand: a layer begins with them.
    for (const LayerStatement& s : statements) {
        if (!s.layer) apply(s, rules.all);
    }
    for (const LayerStatement& s : statements) {
        if (s.layer) apply(s, rules.layers.try_emplace(*s.layer, rules.all).first->second);
    }
    return rules;
}

std::string formatRules(const RouterRules& rules, std::string_view word) {
    std::string out;
    if (const std::string all = valueOf(rules.all, word); all != "none") out = all;
    for (const auto& [layer, own] : rules.layers) {
        const std::string value = valueOf(own, word);
        if (value == valueOf(rules.all, word)) continue;
        out += fmt::format("{}{}: {}", out.empty() ? "" : "; ", layer, value);
    }
    return out;
}

std::string formatRules(const RouterRules& rules) {
    std::string out;
    const auto add = [&](const std::string& statement) { out += (out.empty() ? "" : "; ") + statement; };
    for (const std::string_view word : kLayerWords) {
        if (const std::string all = valueOf(rules.all, word); all != "none") add(fmt::format("{} {}", word, all));
        for (const auto& [layer, own] : rules.layers) {
            const std::string value = valueOf(own, word);
            if (value != valueOf(rules.all, word)) add(fmt::format("{} {}: {}", word, layer, value));
        }
    }
    if (!rules.shared_experts) add("shared off");
    if (rules.renormalise) add(*rules.renormalise ? "renormalise on" : "renormalise off");
    if (rules.scale) add(fmt::format("scale {}", *rules.scale));
    return out;
}

}  // namespace moescope
