#pragma once
// Rotary position embedding (RoFormer, arXiv 2104.09864).

#include <cstddef>
#include <span>

namespace moescope {

/// Fills cosines and sines (as many as frequencies) of the angles position * frequency, times `magnitude`, computed in
/// double precision.
void ropeAngles(int position, std::span<const double> frequencies, double magnitude, float* cosines, float* sines);

/// Rotates each neighboring pair (2i, 2i + 1) of the `dim` values of x by angle i, in place: the order of pairs that
/// matrices have when they come to the kernels.
void rotatePairs(float* x, std::size_t dim, const float* cosines, const float* sines);

}  // namespace moescope
