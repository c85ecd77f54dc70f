#pragma once
// Picks the next token from logits.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/status.h"

namespace moescope {

/// Settings in the order in which they apply: repetition penalty, temperature, top-k, top-p, min-p.
struct SamplerSettings {
    float temperature = 0.7f;         ///< 0: greedy (the highest logit, ties to the lower id)
    int top_k = 40;                   ///< 0: off
    float top_p = 0.95f;              ///< 1: off
    float min_p = 0.05f;              ///< 0: off; share of the best probability
    float repetition_penalty = 1.0f;  ///< 1: off; divides positive and multiplies negative logits of recent tokens
    int repetition_window = 64;       ///< how many recent tokens the penalty looks at
    std::uint64_t seed = 0;           ///< the same seed gives the same tokens
};

/// One sentence for a setting outside its range.
Status validate(const SamplerSettings& settings);

/// All that decides the next token beside its logits: what another sampler needs to go on from here.
struct SamplerState {
    SamplerSettings settings;
    std::uint64_t random = 0;          ///< SplitMix64's
    std::vector<std::int32_t> recent;  ///< at most settings.repetition_window tokens, oldest first
};

/// Owns the random state and the recent tokens. One thread at a time. Deterministic: the same seed and the same
/// logits give the same tokens on every machine (its own generator and integer-to-real rule, not the library's).
class Sampler {
public:
    explicit Sampler(const SamplerSettings& settings);

    /// Remembers a token of the context for the repetition penalty, prompt and answer alike.
    void accept(std::int32_t token);

    /// The next token for `logits` (vocabulary). NaN logits are never chosen; an error if none is finite.
    Result<std::int32_t> sample(std::span<const float> logits);

    SamplerState state() const { return {m_settings, m_state, m_recent}; }

private:
    SamplerSettings m_settings;
    std::uint64_t m_state;
    std::vector<std::int32_t> m_recent;  // at most repetition_window, oldest first
    struct Candidate {
        std::int32_t token;
        float value;  // logit, then probability
    };
    std::vector<Candidate> m_candidates;  // kept to avoid an allocation a token
};

}  // namespace moescope
