#pragma once
// What the blocks of quantized tensors stand for: the definition that every faster kernel is tested against.

#include <cstddef>

#include "kernels/tensor_type.h"

namespace moescope {

/// Writes the F32 values of `count` weights starting at `blocks`, which hold count / block_weights whole blocks.
/// Any type, any alignment. Within 1 ulp of the type's definition.
void dequantize(TensorType type, const std::byte* blocks, std::size_t count, float* values);

}  // namespace moescope
