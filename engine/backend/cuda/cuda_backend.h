#pragma once
// The CUDA backend: all of a model on a card, or what fits with the processor's help.

#include "engine/backend/plugin.h"

namespace moescope {

/// Chooses a card, plans, and loads. Errors, each a sentence: no card that can be used, too little memory, a stop.
Result<std::unique_ptr<Backend>> createCudaBackend(const ModelSource& source, const ModelConfig& config,
                                                   const ModelMatrices& matrices, const CudaBackendOptions& options,
                                                   const LoadControl& control);

}  // namespace moescope
