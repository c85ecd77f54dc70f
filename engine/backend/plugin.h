#pragma once
// The boundary to a backend that is a shared library: the program loads `moescope-cuda.so` where it finds it, so that
// one package serves machines with and without a GPU, and a broken driver is a sentence.
//
// Both sides are built from one tree by one compiler: C++ types cross, and the fingerprint tells a library of another
// build apart before any of them does.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/backend/cpu/cpu_backend.h"
#include "engine/model/config.h"
#include "engine/model/model_source.h"

namespace moescope {

/// A GPU that CUDA sees.
struct CudaCard {
    int device = 0;  ///< its number, as --device takes it
    std::string name;
    int major = 0, minor = 0;        ///< compute capability
    std::uint64_t memory_bytes = 0;  ///< in all
    std::uint64_t free_bytes = 0;    ///< now
    std::string problem;             ///< one sentence why it cannot be used; empty if it can
};

/// What of CUDA this machine has.
struct CudaSurvey {
    /// Ok if a GPU can be used. kNotFound: there is nothing that could be (no plug-in, no GPU, a GPU without a
    /// driver); kUnsupported: there is, but too old; kIo: the driver refuses.
    Status status;
    std::string driver;  ///< the CUDA version that the driver speaks, such as "13.0"; empty without one
    std::vector<CudaCard> cards;
};

struct CudaBackendOptions {
    int device = -1;                 ///< number of a GPU; -1: the usable one with the most free memory
    std::uint64_t memory_limit = 0;  ///< bytes of its memory that may be used; 0: what is free
    BackendSessionOptions session;   ///< what is to fit beside the weights
    CpuBackendOptions cpu;           ///< computes the experts for which the GPU has no room
};

/// What the library's one exported function, `moescope_plugin`, points to. Lives as long as the process.
struct BackendPlugin {
    std::uint64_t fingerprint;  ///< pluginFingerprint() of its build
    const char* version;        ///< of its program, such as "0.1.0"
    CudaSurvey (*survey)();
    /// Lays a model out over the GPU and memory. Once loaded, nothing of the source is looked at.
    Result<std::unique_ptr<Backend>> (*load)(const ModelSource& source, const ModelConfig& config,
                                             const ModelMatrices& matrices, const CudaBackendOptions& options,
                                             const LoadControl& control);
};
using PluginEntry = const BackendPlugin* (*)();
inline constexpr const char* kPluginEntryName = "moescope_plugin";

/// Tells builds apart whose types may have different memory layouts. Raise the seed when what crosses changes its
/// meaning.
constexpr std::uint64_t pluginFingerprint() {
    std::uint64_t h = 2;  // the seed
    const auto mix = [&](std::uint64_t x) { h = (h ^ x) * 0x100000001b3ULL; };
    for (const char* c = __VERSION__; *c; ++c) mix(static_cast<unsigned char>(*c));
    for (const std::size_t size :
         {sizeof(BackendPlugin), sizeof(CudaSurvey), sizeof(CudaCard), sizeof(CudaBackendOptions),
          sizeof(ForwardRequest), sizeof(ForwardResult), sizeof(LayerRouting), sizeof(RouterRules), sizeof(LayerRules),
          sizeof(MatrixSource), sizeof(ModelConfig), sizeof(ModelMatrices), sizeof(LayerMatrices), sizeof(LoadControl),
          sizeof(Status)}) {
        mix(size);
    }
    return h;
}

}  // namespace moescope
