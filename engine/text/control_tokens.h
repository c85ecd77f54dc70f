#pragma once
// Finds the control tokens that a chat template writes out, such as "<｜User｜>".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/text/tokenizer.h"

namespace moescope {

/// The control tokens of a vocabulary by their written form, BOS and EOS among them whatever their kind. Immutable.
/// Only for a template's own text: in a message's text they are text.
class ControlTokens {
public:
    explicit ControlTokens(const Tokenizer& tokenizer);

    struct Found {
        std::size_t at = 0, bytes = 0;
        std::int32_t id = 0;
    };
    /// The first in `text`, and of those that begin there the longest.
    std::optional<Found> first(std::string_view text) const;

private:
    std::unordered_map<std::string, std::int32_t> m_ids;
    std::vector<std::size_t> m_lengths;  // of the written forms, longest first
    bool m_begins[256] = {};             // bytes that one begins with
};

}  // namespace moescope
