#include "engine/base/compute_choice.h"

#include <charconv>

#include "engine/base/name_table.h"

namespace moescope {
namespace {

constexpr Named<BackendChoice> kBackends[] = {
    {BackendChoice::kAuto, "auto"},
    {BackendChoice::kCpu, "cpu"},
    {BackendChoice::kCuda, "cuda"},
};

constexpr Named<KvType> kKvTypes[] = {
    {KvType::kF32, "f32"},
    {KvType::kF16, "f16"},
    {KvType::kQ8_0, "q8_0"},
};

}  // namespace

std::string_view backendChoiceName(BackendChoice backend) {
    return nameIn(kBackends, backend);
}

std::optional<BackendChoice> parseBackendChoice(std::string_view name) {
    return valueIn(kBackends, name);
}

std::string deviceChoiceName(const DeviceChoice& choice) {
    std::string name(backendChoiceName(choice.backend));
    if (choice.backend == BackendChoice::kCuda && choice.device >= 0) name += ":" + std::to_string(choice.device);
    return name;
}

std::optional<DeviceChoice> parseDeviceChoice(std::string_view name) {
    if (const auto backend = parseBackendChoice(name)) return DeviceChoice{*backend, -1};
    constexpr std::string_view kCard = "cuda:";
    constexpr std::size_t kMostDigits = 3;
    if (!name.starts_with(kCard)) return std::nullopt;
    name.remove_prefix(kCard.size());
    DeviceChoice choice{BackendChoice::kCuda, 0};
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), choice.device);
    const bool whole = error == std::errc() && end == name.data() + name.size();
    if (!whole || choice.device < 0 || name.size() > kMostDigits) return std::nullopt;
    return choice;
}

std::string_view kvTypeName(KvType type) {
    return nameIn(kKvTypes, type);
}

std::optional<KvType> parseKvType(std::string_view name) {
    return valueIn(kKvTypes, name);
}

}  // namespace moescope
