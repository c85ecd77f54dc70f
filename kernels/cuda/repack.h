#pragma once
// From the CPU's layout of weights to the GPU's, on the GPU: for experts that memory holds for the CPU
// and that come to the GPU while it computes.

#include <cuda_runtime.h>

#include "kernels/cuda/weights.h"

namespace moescope::cuda {

/// Packs a matrix that is on the GPU as the CPU has it (kernels/packed_matrix.h) to `matrix`, packedBytes() of
/// memory on the GPU: the same bytes as packRows() makes. Queues work on the stream and returns.
void repack(TensorType type, int rows, int columns, const unsigned char* source, unsigned char* matrix,
            cudaStream_t stream);

}  // namespace moescope::cuda
