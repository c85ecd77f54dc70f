#pragma once
// Picks the next token from logits.

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/status.h"

namespace moescope {

/// Settings in the order in which they apply: logit bias, penalties, temperature, top-k, top-p, min-p.
struct SamplerSettings {
    float temperature = 0.7f;         ///< 0: greedy (the highest logit, ties to the lower id)
    int top_k = 40;                   ///< 0: off
    float top_p = 0.95f;              ///< 1: off
    float min_p = 0.05f;              ///< 0: off; share of the best probability
    float repetition_penalty = 1.0f;  ///< 1: off; divides positive and multiplies negative logits of recent tokens
    int repetition_window = 64;       ///< how many recent tokens the penalty looks at
    float presence_penalty = 0;       ///< taken off the logit of each token that the answer has; -2 to 2
    float frequency_penalty = 0;      ///< the same, as many times as the answer has it; -2 to 2
    /// Added to the logits of single tokens, each named once; -100 to 100. Ids that the logits do not have are passed
    /// over.
    std::vector<std::pair<std::int32_t, float>> logit_bias;
    std::uint64_t seed = 0;  ///< the same seed gives the same tokens

    /// Whether the choice needs more than the settings of the program's own dialogs: not every device can make it.
    bool adjustsLogits() const { return presence_penalty != 0 || frequency_penalty != 0 || !logit_bias.empty(); }
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
    /// The same of a token of the answer, which the presence and frequency penalties look at too.
    void acceptAnswer(std::int32_t token);

    /// The next token for `logits` (vocabulary). NaN logits are never chosen; an error if none is finite.
    Result<std::int32_t> sample(std::span<const float> logits);

    SamplerState state() const { return {m_settings, m_state, m_recent}; }

private:
    SamplerSettings m_settings;
    std::uint64_t m_state;
    std::vector<std::int32_t> m_recent;    // at most repetition_window, oldest first
    std::map<std::int32_t, int> m_answer;  // how often the answer has each token; empty without penalties
    struct Candidate {
        std::int32_t token;
        float value;  // logit, then probability
    };
    void adjust();                        // by bias and penalties
    std::vector<Candidate> m_candidates;  // by rising id at first; kept to avoid an allocation a token
};

}  // namespace moescope
