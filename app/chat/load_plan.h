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
    bool operator==(const LoadChoices&) const = default;
};

struct LoadPlan {
    ModelOptions model;
    SessionOptions session;
    std::uint64_t weights = 0, cache = 0, workspace = 0;  ///< bytes that will be taken
    std::uint64_t available = 0;                          ///< bytes that the system and a GPU could give now
    std::uint64_t needed() const { return weights + cache + workspace; }
    bool fits() const { return needed() <= available; }
};

/// Looks at the memory and the GPUs of this machine, which takes up to a second the first time (see surveyCuda()): do
/// not call it on the thread of a window.
LoadPlan planLoad(const ModelFile& file, const LoadChoices& choices);

/// Bytes of memory that programs could get now (MemAvailable of /proc/meminfo); 0 if that is not known.
std::uint64_t availableMemory();

}  // namespace moescope
