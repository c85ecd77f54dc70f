#pragma once
// Which tokens of all conversations an expert took. See History::routingSearch().

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace moescope {

struct RoutingQuery {
    int layer = 0;          ///< as the model counts: the dense layer is 0
    int expert = 0;         ///< from 0
    float gate_above = -1;  ///< only gates larger than this; -1: all
    int ranks = 0;          ///< only where it is among the first this many by probability; 0: any rank
    bool prompts = false;   ///< also tokens that were read, not only those that were written
    std::string model;      ///< only answers of the model of this name; "": of any
};

struct RoutingHit {
    std::int64_t conversation = 0;
    std::int64_t message = 0;  ///< the answer that the token belongs to, or was read for
    std::string title;         ///< of the conversation
    std::string model;         ///< that answered
    std::int32_t token = 0;    ///< its id in the model's vocabulary
    std::int32_t position = 0;
    bool written = false;  ///< a token of the answer; false: of what was read for it
    float gate = 0;
    int rank = 0;  ///< 1: the likeliest expert
    /// Where the token stands in Message::text and in its list of tokens; none for what was read, whose text the
    /// history does not keep by token.
    std::optional<std::size_t> index;
    std::string snippet;               ///< the text around it; "" without an index
    std::uint32_t begin = 0, end = 0;  ///< bytes of the token in the snippet
};

struct RoutingSearchResult {
    std::vector<RoutingHit> hits;  ///< of the newest answers first, in each in the order of tokens; up to the limit
    std::int64_t total = 0;        ///< that were found, those past the limit included
    std::int64_t unreadable = 0;   ///< pieces of routing that are damaged and were not searched
    bool complete = true;          ///< false: stopped before all was searched
};

}  // namespace moescope
