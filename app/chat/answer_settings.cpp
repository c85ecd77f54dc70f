#include "app/chat/answer_settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "engine/routing/rules_text.h"

namespace moescope {
namespace {

using json = nlohmann::ordered_json;

constexpr std::uint64_t kExactInDouble = 1ULL << 53;
constexpr const char* kRules = "rules";
constexpr const char* kStop = "stop";

json objectIn(std::string_view text) {
    json object = json::parse(text, nullptr, false);
    return object.is_object() ? object : json::object();
}

/// Texts may be others' and no UTF-8, which is passed on as U+FFFD.
std::string textOf(const json& object) {
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

const json* find(const json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

void read(const json& object, const char* key, double& value) {
    const json* found = find(object, key);
    if (found && found->is_number()) value = found->get<double>();
}

void read(const json& object, const char* key, int& value) {
    double number = value;
    read(object, key, number);
    constexpr double kLeast = std::numeric_limits<int>::min(), kMost = std::numeric_limits<int>::max();
    value = static_cast<int>(std::clamp(std::round(number), kLeast, kMost));
}

void readSeed(const json& object, std::uint64_t& seed) {
    const json* found = find(object, "seed");
    if (!found) return;
    if (found->is_string()) {
        const auto& text = found->get_ref<const std::string&>();
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc() && end == text.data() + text.size()) seed = value;
    } else if (found->is_number_unsigned()) {
        seed = found->get<std::uint64_t>();
    } else if (found->is_number()) {
        const double value = found->get<double>();
        constexpr double kPastAll = 18446744073709551616.0;
        if (value >= 0) seed = value < kPastAll ? static_cast<std::uint64_t>(value) : ~std::uint64_t{0};
    }
}

void readStop(const json& object, std::vector<std::string>& stop) {
    const json* found = find(object, kStop);
    if (!found || !found->is_array()) return;
    stop.clear();
    for (const json& text : *found) {
        if (text.is_string()) stop.push_back(text.get<std::string>());
    }
}

}  // namespace

SamplerSettings AnswerSettings::sampling() const {
    SamplerSettings s;
    s.temperature = static_cast<float>(temperature);
    s.top_k = top_k;
    s.top_p = static_cast<float>(top_p);
    s.min_p = static_cast<float>(min_p);
    s.repetition_penalty = static_cast<float>(repetition_penalty);
    s.seed = seed;
    return s;
}

std::string AnswerSettings::toJson() const {
    json object = {
        {"temperature", temperature},
        {"top_k", top_k},
        {"top_p", top_p},
        {"min_p", min_p},
        {"repetition_penalty", repetition_penalty},
        {"seed", seed},
        {"random_seed", random_seed},
        {"max_tokens", max_tokens},
        {"context_policy", contextPolicyName(context_policy)},
    };
    if (thinking) object["thinking"] = *thinking;
    if (seed > kExactInDouble) object["seed"] = std::to_string(seed);
    if (const std::string text = formatRules(rules); !text.empty()) object[kRules] = text;
    if (!stop.empty()) object[kStop] = stop;
    return textOf(object);
}

AnswerSettings AnswerSettings::fromJson(std::string_view text, const AnswerSettings& defaults) {
    const json object = objectIn(text);
    AnswerSettings s = defaults;
    read(object, "temperature", s.temperature);
    read(object, "top_k", s.top_k);
    read(object, "top_p", s.top_p);
    read(object, "min_p", s.min_p);
    read(object, "repetition_penalty", s.repetition_penalty);
    readSeed(object, s.seed);
    if (const json* found = find(object, "random_seed"); found && found->is_boolean())
        s.random_seed = found->get<bool>();
    read(object, "max_tokens", s.max_tokens);
    if (const json* found = find(object, "context_policy"); found && found->is_string()) {
        const auto policy = parseContextPolicy(found->get_ref<const std::string&>());
        s.context_policy = policy.value_or(s.context_policy);
    }
    readStop(object, s.stop);
    if (const json* found = find(object, "thinking"); found && found->is_boolean()) s.thinking = found->get<bool>();
    static_cast<GenerationSettings&>(s) = s.clamped();
    if (find(object, kRules)) s.rules = rulesIn(text);
    return s;
}

bool hasAnswerSettings(std::string_view text) {
    json object = objectIn(text);
    object.erase(kRules);
    return !object.empty();
}

bool hasSeed(std::string_view text) {
    return find(objectIn(text), "seed") != nullptr;
}

RouterRules rulesIn(std::string_view text) {
    const json object = objectIn(text);
    const json* found = find(object, kRules);
    if (!found || !found->is_string()) return {};
    const auto rules = parseRules(found->get_ref<const std::string&>());
    return rules.ok() ? *rules : RouterRules();
}

std::string withRules(std::string_view text, const RouterRules& rules) {
    json object = objectIn(text);
    object.erase(kRules);
    if (const std::string written = formatRules(rules); !written.empty()) object[kRules] = written;
    return textOf(object);
}

}  // namespace moescope
