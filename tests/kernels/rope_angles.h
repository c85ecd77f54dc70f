#pragma once
// Angles of plain rotary embedding, for tests of what uses them.

#include <cmath>
#include <vector>

#include "kernels/rope.h"

namespace moescope {

/// Cosines and sines (dim / 2 each) of position * base^(-2i / dim).
inline void anglesOf(int position, std::size_t dim, double base, float* cosines, float* sines) {
    std::vector<double> frequencies;
    for (std::size_t i = 0; i < dim / 2; ++i) {
        frequencies.push_back(std::pow(base, -2.0 * static_cast<double>(i) / static_cast<double>(dim)));
    }
    ropeAngles(position, frequencies, 1, cosines, sines);
}

}  // namespace moescope
