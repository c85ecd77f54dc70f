#include "kernels/rope.h"

#include <cmath>

namespace moescope {

void ropeAngles(int position, std::span<const double> frequencies, double magnitude, float* cosines, float* sines) {
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const double angle = position * frequencies[i];
        cosines[i] = static_cast<float>(std::cos(angle) * magnitude);
        sines[i] = static_cast<float>(std::sin(angle) * magnitude);
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
