#pragma once
// What a model might have said in a token's place: the likeliest tokens with their probabilities, before temperature,
// penalties and cuts of the sampler.

#include <array>
#include <cstdint>
#include <optional>

namespace moescope {

struct TokenOdds {
    static constexpr int kMost = 5;

    int count = 0;                             ///< entries; 0: nothing is known of this token
    std::array<std::int32_t, kMost> tokens{};  ///< ids, the likeliest first; of equal ones the lower id
    std::array<float, kMost> probabilities{};  ///< softmax over the whole vocabulary
    float entropy = 0;                         ///< of that softmax, bits
    std::int32_t rank = 0;                     ///< of the token that was chosen: how many come before it
    float probability = 0;                     ///< of the token that was chosen

    bool known() const { return count > 0; }
    bool operator==(const TokenOdds&) const = default;
};

/// Whether what answers tells the odds of its tokens.
enum class OddsWanted : std::uint8_t {
    kNever,
    kWhereFree,  ///< not where they would slow the answer down: on GPUs, which choose tokens themselves
    kAlways,
};

/// The odds of the same place with another of its tokens chosen; nothing if `token` is not among them.
inline std::optional<TokenOdds> withChoice(const TokenOdds& odds, std::int32_t token) {
    for (int i = 0; i < odds.count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (odds.tokens[at] != token) continue;
        TokenOdds other = odds;
        other.rank = i;
        other.probability = odds.probabilities[at];
        return other;
    }
    return std::nullopt;
}

}  // namespace moescope
