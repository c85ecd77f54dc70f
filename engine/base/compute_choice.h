#pragma once
// What people choose about where and how a model is computed, with the names that options and settings have for it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/kv_layout.h"

namespace moescope {

/// Where to compute. kAuto: on a GPU if one can be used, else on the CPU. kCuda: on a GPU, or loading fails.
enum class BackendChoice : std::uint8_t { kAuto, kCpu, kCuda };

/// A backend, and for GPUs which one.
struct DeviceChoice {
    BackendChoice backend = BackendChoice::kAuto;
    int device = -1;  ///< number of the GPU; -1: the usable one with the most free memory
    bool operator==(const DeviceChoice&) const = default;
};

/// "auto", "cpu", "cuda".
std::string_view backendChoiceName(BackendChoice backend);
std::optional<BackendChoice> parseBackendChoice(std::string_view name);

/// "auto", "cpu", "cuda", and with a number "cuda:0" to "cuda:999".
std::string deviceChoiceName(const DeviceChoice& choice);
std::optional<DeviceChoice> parseDeviceChoice(std::string_view name);

/// "f32", "f16", "q8_0".
std::string_view kvTypeName(KvType type);
std::optional<KvType> parseKvType(std::string_view name);

}  // namespace moescope
