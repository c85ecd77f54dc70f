#pragma once
// Rotary position embedding (RoFormer, arXiv 2104.09864).

#include <cstddef>

namespace moescope {

/// Fills cosines and sines (dim / 2 each) of the angles position * base^(-2i / dim), computed in double precision.
void ropeAngles(int position, std::size_t dim, double base, float* cosines, float* sines);

/// Rotates each neighbouring pair (2i, 2i + 1) of the `dim` values of x by angle i, in place: the order of pairs in
/// GGUF files of `deepseek` and `deepseek2`.
void rotatePairs(float* x, std::size_t dim, const float* cosines, const float* sines);

}  // namespace moescope
