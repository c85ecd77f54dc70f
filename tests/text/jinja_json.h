#pragma once
// JSON as the variables of a template.

#include <nlohmann/json.hpp>

#include "engine/text/jinja.h"

namespace moescope {

inline jinja::Value jinjaValue(const nlohmann::ordered_json& json) {
    using jinja::Value;
    if (json.is_boolean()) return Value::boolean(json.get<bool>());
    if (json.is_number_integer()) return Value::integer(json.get<std::int64_t>());
    if (json.is_number()) return Value::real(json.get<double>());
    if (json.is_string()) return Value::own(json.get<std::string>());
    if (json.is_array()) {
        std::vector<Value> items;
        for (const auto& item : json) items.push_back(jinjaValue(item));
        return Value::list(std::move(items));
    }
    if (json.is_object()) {
        jinja::Entries entries;
        for (const auto& [key, value] : json.items()) entries.emplace_back(Value::own(key), jinjaValue(value));
        return Value::dict(std::move(entries));
    }
    return Value::none();
}

inline jinja::Variables jinjaVariables(const nlohmann::ordered_json& json) {
    jinja::Variables variables;
    for (const auto& [key, value] : json.items()) variables[key] = jinjaValue(value);
    return variables;
}

}  // namespace moescope
