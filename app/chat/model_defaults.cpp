#include "app/chat/model_defaults.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/engine.h"

namespace moescope {
namespace {

/// Such a file has a few hundred bytes.
constexpr std::size_t kMostBytes = 64 << 10;

SamplingAdvice adviceBeside(const std::string& model) {
    SamplingAdvice advice;
    std::ifstream file(std::filesystem::path(model).parent_path() / "generation_config.json", std::ios::binary);
    std::string text(kMostBytes, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return advice;
    const auto number = [&](const char* key) -> std::optional<double> {
        const auto found = json.find(key);
        return found != json.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
    };
    advice.temperature = number("temperature");
    advice.top_k = number("top_k");
    advice.top_p = number("top_p");
    advice.min_p = number("min_p");
    advice.repetition_penalty = number("repetition_penalty");
    if (const auto sample = json.find("do_sample"); sample != json.end() && *sample == false) advice.temperature = 0;
    return advice;
}

bool saysAnything(const SamplingAdvice& a) {
    return a.temperature || a.top_k || a.top_p || a.min_p || a.repetition_penalty;
}

}  // namespace

GenerationSettings modelDefaults(const Model& model) {
    SamplingAdvice advice = model.samplingAdvice();
    if (!saysAnything(advice)) advice = adviceBeside(model.path());
    GenerationSettings settings;
    if (!saysAnything(advice)) return settings;
    settings.temperature = advice.temperature.value_or(settings.temperature);
    // Who advises a temperature and a top-p wants no other filters.
    const double top_k = advice.top_k.value_or(0);
    settings.top_k = std::isfinite(top_k) ? static_cast<int>(std::clamp(top_k, 0.0, 1e5)) : 0;
    settings.top_p = advice.top_p.value_or(1);
    settings.min_p = advice.min_p.value_or(0);
    settings.repetition_penalty = advice.repetition_penalty.value_or(1);
    return settings.clamped();
}

}  // namespace moescope
