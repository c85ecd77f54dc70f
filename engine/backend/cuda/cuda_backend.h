#pragma once
// The CUDA backend: all of a model on a GPU, or what fits with the CPU's help.

#include "engine/backend/plugin.h"

namespace moescope {

/// Chooses a GPU, plans, and loads. Errors, each a sentence: no GPU that can be used, too little memory, a stop.
Result<std::unique_ptr<Backend>> createCudaBackend(const ModelSource& source, const ModelConfig& config,
                                                   const ModelMatrices& matrices, const CudaBackendOptions& options,
                                                   const LoadControl& control);

}  // namespace moescope
