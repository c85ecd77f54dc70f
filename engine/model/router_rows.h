#pragma once
// What a router's weights say by themselves: how alike two experts are to it.

#include <vector>

#include "engine/model/matrices.h"

namespace moescope {

/// Cosines of the rows of a router, (experts, experts): 1 where two experts are chosen for the same states, 0 on the
/// diagonal of a row of zeros and beside it. `layer` counts all layers. Empty if it is a dense one or there is none.
/// Reads the model's file, which must still be mapped; N * N * hidden multiply-adds.
std::vector<double> routerCosines(const ModelMatrices& matrices, std::size_t layer);

}  // namespace moescope
