#pragma once
// How a model is to be loaded, and whether it will fit, before it is.

#include <cstdint>

#include "engine/base/compute_choice.h"
#include "engine/engine.h"

namespace moescope {

/// What people choose about loading.
struct LoadChoices {
    DeviceChoice compute;
    std::uint64_t gpu_memory = 0;  ///< bytes of the GPU's memory that may be used; 0: what is free
    int threads = 0;               ///< of the CPU; 0: one for each core
    int context = 0;               ///< positions; 0: the model's own
    KvType kv_type = KvType::kF16;
    bool keep_packed = false;  ///< the packed weights of models that take long to pack stay on disk
    bool operator==(const LoadChoices&) const = default;
};

/// Bytes of memory that a model could get.
struct FreeMemory {
    std::uint64_t ram = 0, gpu = 0;
    std::uint64_t all() const { return ram + gpu; }
};

struct LoadPlan {
    ModelOptions model;
    SessionOptions session;
    int own_context = 0;                                  ///< positions: the model's own, which `session` may not have
    std::uint64_t weights = 0, cache = 0, workspace = 0;  ///< bytes that will be taken
    std::uint64_t available = 0;                          ///< bytes that the system and a GPU could give now
    std::uint64_t needed() const { return weights + cache + workspace; }
    bool fits() const { return needed() <= available; }
};

/// The shortest context that a plan makes of a model's own where memory has no room for that one.
inline constexpr int kShortestContext = 4096;

/// What is free now on this machine, as `choices` let it be used. Takes up to a second the first time (see
/// surveyCuda()): do not call it on the thread of a window.
FreeMemory freeMemory(const LoadChoices& choices);

/// For a model of which `file_bytes` are in its file. Where nobody chose a context and the model's own does not fit,
/// the plan has the largest power of two that does and leaves some memory to others, if there is one from
/// kShortestContext on.
LoadPlan planLoad(const ModelConfig& config, const ModelMatrices& matrices, std::uint64_t file_bytes,
                  const LoadChoices& choices, const FreeMemory& free);
/// For a file; needs no tokenizer of it.
LoadPlan planLoad(const ModelFile& file, const LoadChoices& choices, const FreeMemory& free);
inline LoadPlan planLoad(const ModelFile& file, const LoadChoices& choices) {
    return planLoad(file, choices, freeMemory(choices));
}

/// A session more of a model that is loaded: the weights are there, so it takes this only.
struct SessionPlan {
    SessionOptions session;
    SessionBytes bytes;           ///< that will be taken
    std::uint64_t available = 0;  ///< as in LoadPlan
    /// With some memory left to others.
    bool fits() const { return bytes.all() + available / 16 <= available; }
};

/// With the context of `like`, or, where that does not fit, the largest power of two that does, if there is one from
/// kShortestContext on. Prompts are read in short pieces, so that those beside it do not wait long.
SessionPlan planSession(const Model& model, const SessionOptions& like, const FreeMemory& free);

/// Bytes of memory that programs could get now (MemAvailable of /proc/meminfo); 0 if that is not known.
std::uint64_t availableMemory();

}  // namespace moescope
