#pragma once
// What the sessions of a model on a GPU share.

#include <memory>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/cpu/cpu_weights.h"
#include "engine/backend/cuda/cuda_weights.h"
#include "engine/backend/cuda/expert_cache.h"
#include "engine/backend/cuda/planner.h"
#include "engine/backend/thread_pool.h"
#include "kernels/cpu/cpu_kernels.h"
#include "kernels/cuda/blas.h"

namespace moescope {

struct CudaModel {
    CudaModel(const ModelConfig& c, const CpuBackendOptions& cpu)
        : config(c), pool(cpu.threads), kernels(cpuKernels(cpu.isa)) {}

    ModelConfig config;
    int device = 0;
    Placement placement;
    ThreadPool pool;
    CudaWeights weights;
    cuda::BlasNeeds blas_needs;        ///< empty where cuBLAS is not used
    std::unique_ptr<cuda::Blas> blas;  ///< null there

    // Where not all experts have a place on the GPU:
    const CpuKernels& kernels;
    CpuWeights experts;                  ///< all routed experts, in memory
    PinnedRegion pinned;                 ///< that memory, if the system let it be pinned
    std::unique_ptr<ExpertCache> cache;  ///< null if all have a place
};

}  // namespace moescope
