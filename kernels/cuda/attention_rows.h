#pragma once
// Attention of several tokens: what attention() does where there is more than one.

#include "kernels/cuda/attention.h"

namespace moescope::cuda {

/// Tiles of queries against tiles of keys (flash attention).
void attendRows(const AttentionTask& task, cudaStream_t stream);

}  // namespace moescope::cuda
