#pragma once
// Router rules as text, to type and to store: statements parted by semicolons or line ends, each a word, for a layer
// its number (as the model counts) and a colon, and values.
//
//   k 4; k 12: 2          experts per token: 4, in layer 12 only 2
//   mask 3 5; mask 12: 40 experts that may not be chosen
//   force 14: 40 41       experts that are always chosen
//   mask-top 4            of each token, its likeliest 4 are masked
//   shared off            no shared experts
//   renormalise on        gates sum to 1; off: they do not, whatever the model says
//   scale 1.5             factor on the routed sum
//
// A statement for a layer replaces, in that layer, the one for all layers of the same word; "none" takes it away there.

#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/routing/router_rules.h"

namespace moescope {

/// Reads what formatRules() writes, and people do: words in any case, blanks or commas between numbers. Error: a
/// sentence that quotes what was not understood. Whether the rules fit a model is for validate() to say.
Result<RouterRules> parseRules(std::string_view text);

/// The text of rules, "" for none: always the same for the same rules. parseRules() gives them back.
std::string formatRules(const RouterRules& rules);

/// One word's part of a text: what may follow `word`, for all layers and then for single ones ("3 5; 12: 40").
std::string formatRules(const RouterRules& rules, std::string_view word);

}  // namespace moescope
