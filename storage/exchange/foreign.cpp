#include "storage/exchange/foreign.h"

#include <charconv>
#include <chrono>
#include <cmath>

namespace moescope {
namespace {

using nlohmann::json;

std::int64_t timeOfNumber(double value) {
    // Seconds until the year 5138; the same digits are of 1973 in milliseconds, and so on.
    constexpr double kLargestSeconds = 1e11;
    if (!(value > 0) || value >= kLargestSeconds * 1e9) return 0;
    double unit = 1000;
    for (double largest = kLargestSeconds; value >= largest; largest *= 1000) unit /= 1000;
    return std::llround(value * unit);
}

/// Takes a number of `digits` digits from the front; nothing if there is none.
std::optional<int> takeDigits(std::string_view& text, std::size_t digits) {
    int value = 0;
    if (text.size() < digits) return {};
    const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
    if (error != std::errc() || end != text.data() + digits || text[0] == '-') return {};
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

/// What "Z", "+08:00" or "+0800" says in minutes; nothing for what is neither.
std::optional<int> offsetOf(std::string_view text) {
    if (text.empty() || text == "Z" || text == "z") return 0;
    const int sign = text[0] == '-' ? -1 : 1;
    if (!take(text, "+-")) return {};
    const auto hours = takeDigits(text, 2);
    take(text, ":");
    const auto minutes = text.empty() ? std::optional(0) : takeDigits(text, 2);
    if (!hours || !minutes || !text.empty()) return {};
    return sign * (*hours * 60 + *minutes);
}

std::int64_t timeOfText(std::string_view text) {
    using namespace std::chrono;
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return timeOfNumber(number);

    const auto y = takeDigits(text, 4);
    const bool dash = take(text, "-");
    const auto m = takeDigits(text, 2);
    const bool second_dash = take(text, "-");
    const auto d = takeDigits(text, 2);
    if (!y || !m || !d || !dash || !second_dash) return 0;
    const year_month_day date(year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d)));
    if (!date.ok()) return 0;
    std::int64_t ms = duration_cast<milliseconds>(sys_days(date).time_since_epoch()).count();
    if (take(text, "Tt ")) {
        const auto hours = takeDigits(text, 2);
        const bool colon = take(text, ":");
        const auto minutes = takeDigits(text, 2);
        const auto seconds = take(text, ":") ? takeDigits(text, 2) : std::optional(0);
        if (!hours || !colon || !minutes || !seconds) return 0;
        if (*hours > 24 || *minutes > 59 || *seconds > 60) return 0;
        ms += ((*hours * 60 + *minutes) * 60 + *seconds) * 1000;
        if (take(text, ".,")) {
            for (int digit = 100; !text.empty() && text[0] >= '0' && text[0] <= '9'; digit /= 10) {
                ms += digit * (text[0] - '0');
                text.remove_prefix(1);
            }
        }
    }
    const auto offset = offsetOf(text);
    return offset ? std::max<std::int64_t>(0, ms - std::int64_t{*offset} * 60'000) : 0;
}

}  // namespace

const json& jsonAt(const json& object, std::initializer_list<const char*> keys) {
    static const json null;
    const json* value = &object;
    for (const char* key : keys) {
        if (!value->is_object()) return null;
        const auto found = value->find(key);
        if (found == value->end()) return null;
        value = &*found;
    }
    return *value;
}

std::string textOf(const json& value) {
    return value.is_string() ? value.get<std::string>() : "";
}

std::int64_t timeOf(const json& value) {
    if (value.is_number()) return timeOfNumber(value.get<double>());
    return value.is_string() ? timeOfText(value.get_ref<const std::string&>()) : 0;
}

}  // namespace moescope
