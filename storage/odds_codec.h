#pragma once
// What models might have said, as bytes in the history: at most 32 a token for vocabularies up to 2^18.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/base/token_odds.h"

namespace moescope {

/// "" if nothing is known of any token. Probabilities are kept to 5e-7, entropies to 3e-4 bits.
///
/// Layout before compression: u8 version 1, u32 tokens, u8 bits of an id, u8 bits of a rank; then columns of bits,
/// lowest first, each padded to a byte: the number of entries (3 bits); for each entry in turn the ids of all tokens
/// that have it, then the probabilities (20 bits, of 2^20 - 1); the entropies (16 bits, 1/2048 of a bit); the ranks of
/// the chosen ones; and the probabilities of those that are not among the entries. Tokens without entries have no more
/// than their number.
std::string encodeOdds(std::span<const TokenOdds> odds);
Result<std::vector<TokenOdds>> decodeOdds(std::string_view blob);

}  // namespace moescope
