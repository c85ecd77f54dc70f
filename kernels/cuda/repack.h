#pragma once
// From the processor's layout of weights to the card's, on the card: for experts that memory holds for the processor
// and that come to the card while it computes.

#include <cuda_runtime.h>

#include "kernels/cuda/weights.h"

namespace moescope::cuda {

/// Packs a matrix that lies on the card as the processor has it (kernels/packed_matrix.h) to `matrix`, packedBytes() of
/// memory on the card: the same bytes as packRows() makes. Queues work on the stream and returns.
void repack(TensorType type, int rows, int columns, const unsigned char* source, unsigned char* matrix,
            cudaStream_t stream);

}  // namespace moescope::cuda
