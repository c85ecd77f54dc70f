#pragma once
// How an answer is made: what the sampler gets, how long it may be, what happens when the context is full, and the
// router's rules. Kept as JSON with conversations, with answers and in the program's settings, in this form only:
//
//   {"temperature": 0.7, "top_k": 40, "top_p": 0.95, "min_p": 0.05, "repetition_penalty": 1.0, "seed": 0,
//    "random_seed": true, "max_tokens": 1024, "context_policy": "drop_oldest", "thinking": true,
//    "rules": "k 4; mask 12: 3 5", "stop": ["\n\n"]}

#include <string>
#include <string_view>

#include "engine/base/generation_settings.h"
#include "engine/routing/router_rules.h"
#include "engine/sampling/sampler.h"

namespace moescope {

struct AnswerSettings : GenerationSettings {
    RouterRules rules;

    bool operator==(const AnswerSettings&) const = default;

    SamplerSettings sampling() const;

    /// An object with all keys; "thinking", "rules" and "stop" only if there are any. A seed above 2^53 is a text, as
    /// many readers would lose digits of the number.
    std::string toJson() const;

    /// Takes what it knows from an object. What is missing or of the wrong type is as in `defaults`, what is out of
    /// range is clamped, unknown keys and rules that are not understood (of a newer program) are passed over. A text
    /// that is not a JSON object gives `defaults`.
    static AnswerSettings fromJson(std::string_view json, const AnswerSettings& defaults);
    static AnswerSettings fromJson(std::string_view json) { return fromJson(json, AnswerSettings()); }
};

/// Whether an object says anything beside the rules: a conversation of which nobody changed the settings does not.
bool hasAnswerSettings(std::string_view json);
/// Whether it names a seed: imported answers do not.
bool hasSeed(std::string_view json);

/// Only the rules of an object; none if there are none, or they are not understood.
RouterRules rulesIn(std::string_view json);
/// The object with other rules; the rest stays as it is.
std::string withRules(std::string_view json, const RouterRules& rules);

}  // namespace moescope
