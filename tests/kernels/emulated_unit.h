#pragma once

#include "kernels/cpu/cpu_kernels.h"

namespace moescope {

/// As CpuKernels::matmul, for the quantised types: the code of AMX on a matrix unit in plain C++.
void emulatedUnitMatmul(TensorType type, const unsigned char* groups, std::size_t n_groups, std::size_t columns,
                        const ActivationRow* rows, std::size_t n_rows, float* outputs, std::size_t stride);

}  // namespace moescope
