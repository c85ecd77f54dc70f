#pragma once
// Records that a program wrote without knowing them. Servers fill the rows of tokens that they did not compute (a
// cached prefix, padding) or did not capture with -1, with 0 or with null, some with another id; dense layers look
// alike.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace moescope {

/// Whether a record says nothing: none of its slots names an expert (-1: none), or several slots all name the same one,
/// which no router does. A single slot that names 0 is a choice.
bool isMasked(std::span<const std::int32_t> slots);

/// Counts masked records, token by token, and says how many there were.
class MaskCount {
public:
    /// `masked` of a token's `layers` records are.
    void add(std::size_t masked, std::size_t layers);
    std::size_t tokens() const { return m_tokens; }  ///< masked in every layer
    void say(std::vector<std::string>& notes) const;

private:
    std::size_t m_all = 0, m_tokens = 0, m_records = 0;
};

}  // namespace moescope
