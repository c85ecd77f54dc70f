#pragma once
// The CPU backend: fast kernels for AVX2, AVX-VNNI, AVX-512 VNNI and AMX chosen at run time, plain code elsewhere.

#include "engine/backend/backend.h"
#include "engine/model/model_source.h"
#include "kernels/cpu/cpu_kernels.h"

namespace moescope {

struct CpuBackendOptions {
    int threads = 0;  ///< 0: one for each processor
    Isa isa = bestIsa();
    std::string packed_folder;  ///< a PackedStore whose weights are used if it has them; empty: none
    bool keep_packed = false;   ///< and one that gets them, beside other work, if it has not
    std::string model_path;     ///< of the model, as the store will show it
};

/// Packs a model's weights, or maps them. Once loaded, nothing of the source is looked at.
Result<std::unique_ptr<Backend>> loadCpuBackend(const ModelSource& source, const ModelConfig& config,
                                                const ModelMatrices& matrices, const CpuBackendOptions& options,
                                                const LoadControl& control);

/// What keepPackedWeights() found.
struct PackedResult {
    bool were_there = false;
    std::uint64_t bytes = 0;
};
/// Packs a model's weights and keeps them in the folder that the options name, unless they are there already. Progress
/// goes from 0 to 1 twice: for packing, and for keeping. Errors: of loading, and of PackedStore::keep().
Result<PackedResult> keepPackedWeights(const ModelSource& source, const ModelConfig& config,
                                       const ModelMatrices& matrices, const CpuBackendOptions& options,
                                       const LoadControl& control);

/// What a model's weights take once they are loaded, known before.
std::uint64_t cpuWeightBytes(const ModelMatrices& matrices);
/// What a session takes, known before a model is loaded. `threads` as in CpuBackendOptions.
SessionBytes cpuSessionBytes(const ModelConfig& config, const BackendSessionOptions& options, int threads);

}  // namespace moescope
