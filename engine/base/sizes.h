#pragma once
// Counts are int where they are computed with, and std::size_t where memory is addressed.

#include <cstddef>

namespace moescope {

/// A count that is not negative.
constexpr std::size_t asSize(int count) {
    return static_cast<std::size_t>(count);
}

}  // namespace moescope
