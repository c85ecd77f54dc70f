#pragma once
// Which form Multi-head Latent Attention is computed in on a GPU. Plain C++; no CUDA.

#include "engine/model/config.h"

namespace moescope {

/// Tokens that a batch must have for keys and values to be made from the latents of all positions; fewer are computed
/// in the absorbed form, as is everything where this is 0. From here on making them costs less than it saves; that is
/// counted in multiply-adds, and not measured on a GPU.
int expandFrom(const AttentionShape& shape);

}  // namespace moescope
