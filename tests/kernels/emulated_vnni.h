#pragma once
// The products of kernels_avxvnni.cpp with its one instruction made of others. For processors with AVX2.

#include <cstddef>

#include "kernels/cpu/cpu_kernels.h"

namespace moescope {

/// As CpuKernels::matmul.
void emulatedVnniMatmul(TensorType type, const unsigned char* groups, std::size_t n_groups, std::size_t columns,
                        const ActivationRow* rows, std::size_t n_rows, float* outputs, std::size_t stride);

}  // namespace moescope
