#include "kernels/rope.h"

#include <cmath>

namespace moescope {

void ropeAngles(int position, std::size_t dim, double base, float* cosines, float* sines) {
    for (std::size_t i = 0; i < dim / 2; ++i) {
        const double frequency = std::pow(base, -2.0 * static_cast<double>(i) / static_cast<double>(dim));
        const double angle = position * frequency;
        cosines[i] = static_cast<float>(std::cos(angle));
        sines[i] = static_cast<float>(std::sin(angle));
    }
}

void rotatePairs(float* x, std::size_t dim, const float* cosines, const float* sines) {
    for (std::size_t i = 0; i < dim / 2; ++i) {
        const float a = x[2 * i], b = x[2 * i + 1];
        x[2 * i] = a * cosines[i] - b * sines[i];
        x[2 * i + 1] = b * cosines[i] + a * sines[i];
    }
}

}  // namespace moescope
