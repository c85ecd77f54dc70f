#pragma once
// Matrices the other way than their file has them.

#include <vector>

#include "engine/format/matrix_source.h"

namespace moescope {

/// The type that a matrix has once it is transposed: a quantized one becomes one of halves, since its blocks run along
/// the other side.
TensorType transposedType(TensorType type);

/// Matrix `index` of a source as `columns` rows of `rows` values of transposedType().
std::vector<std::byte> transposed(const MatrixSource& source, std::size_t index);

}  // namespace moescope
