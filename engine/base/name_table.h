#pragma once
// The names that the values of an enumeration have in files, options and settings, as one table for both directions.

#include <cstddef>
#include <optional>
#include <string_view>

namespace moescope {

template <class T>
struct Named {
    T value;
    std::string_view name;
};

/// "" for a value that the table does not have.
template <class T, std::size_t N>
constexpr std::string_view nameIn(const Named<T> (&table)[N], T value) {
    for (const Named<T>& entry : table) {
        if (entry.value == value) return entry.name;
    }
    return {};
}

template <class T, std::size_t N>
constexpr std::optional<T> valueIn(const Named<T> (&table)[N], std::string_view name) {
    for (const Named<T>& entry : table) {
        if (entry.name == name) return entry.value;
    }
    return std::nullopt;
}

}  // namespace moescope
