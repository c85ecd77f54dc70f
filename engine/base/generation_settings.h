#pragma once
// How an answer is made: what the sampler gets, how long it may be, and what happens when the context is full.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/context_policy.h"

namespace moescope {

struct GenerationSettings {
    double temperature = 0.7;         ///< 0 to 5; 0: always the likeliest token
    int top_k = 40;                   ///< 0 to 100000; 0: off
    double top_p = 0.95;              ///< 0 to 1; 1: off
    double min_p = 0.05;              ///< 0 to 1; 0: off
    double repetition_penalty = 1.0;  ///< 0.5 to 2; 1: off
    std::uint64_t seed = 0;           ///< the same seed gives the same text
    bool random_seed = true;          ///< a new seed for each answer; the caller puts it into `seed`
    int max_tokens = 1024;            ///< of an answer; 1 to 1048576
    ContextPolicy context_policy = ContextPolicy::kDropOldest;
    std::vector<std::string> stop;  ///< texts that end an answer and are not part of it (engine/text/stop_texts.h)
    /// Whether the model thinks before it answers, where its chat template has the choice; none: as that does it.
    std::optional<bool> thinking;

    static constexpr double kMaxTemperature = 5, kMinPenalty = 0.5, kMaxPenalty = 2;
    static constexpr int kMaxTopK = 100'000, kMaxAnswer = 1 << 20;
    static constexpr std::size_t kMaxStops = 16, kMaxStopBytes = 1024;  ///< of each

    bool operator==(const GenerationSettings&) const = default;

    /// A copy with every value in its range, and the default in place of NaN and infinity. Texts that end an answer are
    /// left out if they are empty, too long, or too many.
    GenerationSettings clamped() const;
};

inline GenerationSettings GenerationSettings::clamped() const {
    const auto within = [](double value, double lowest, double highest, double otherwise) {
        return std::isfinite(value) ? std::clamp(value, lowest, highest) : otherwise;
    };
    const GenerationSettings fresh;
    GenerationSettings s = *this;
    s.temperature = within(temperature, 0, kMaxTemperature, fresh.temperature);
    s.top_k = std::clamp(top_k, 0, kMaxTopK);
    s.top_p = within(top_p, 0, 1, fresh.top_p);
    s.min_p = within(min_p, 0, 1, fresh.min_p);
    s.repetition_penalty = within(repetition_penalty, kMinPenalty, kMaxPenalty, fresh.repetition_penalty);
    s.max_tokens = std::clamp(max_tokens, 1, kMaxAnswer);
    std::erase_if(s.stop, [](const std::string& text) { return text.empty() || text.size() > kMaxStopBytes; });
    if (s.stop.size() > kMaxStops) s.stop.resize(kMaxStops);
    return s;
}

}  // namespace moescope
