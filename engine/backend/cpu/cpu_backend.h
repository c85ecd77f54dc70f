#pragma once
// The CPU backend: fast kernels for AVX2 and AVX-512 VNNI chosen at run time, plain code elsewhere.

#include "engine/backend/backend.h"
#include "engine/format/gguf.h"
#include "engine/model/tensors.h"
#include "kernels/cpu/cpu_kernels.h"

namespace moescope {

struct CpuBackendOptions {
    int threads = 0;  ///< 0: one for each processor
    Isa isa = bestIsa();
};

/// Packs a model's weights. `file` and what `tensors` points to must outlive the backend.
Result<std::unique_ptr<Backend>> loadCpuBackend(const GgufFile& file, const ModelConfig& config,
                                                const ModelTensors& tensors, const CpuBackendOptions& options,
                                                const LoadControl& control);

}  // namespace moescope
