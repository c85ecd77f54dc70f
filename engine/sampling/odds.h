#pragma once
// What the model might have said: from logits.

#include <cstdint>
#include <span>

#include "engine/base/token_odds.h"

namespace moescope {

/// The odds at the place that `logits` (vocabulary) decide, where `chosen` was taken: their softmax before temperature,
/// penalties and cuts, within 1e-5 of double precision. NaN and -inf have no share. Not known where no logit is a
/// number, one is +inf, or `chosen` is outside of the vocabulary. Takes less than a millisecond for 100,000 logits.
TokenOdds oddsOf(std::span<const float> logits, std::int32_t chosen);

}  // namespace moescope
