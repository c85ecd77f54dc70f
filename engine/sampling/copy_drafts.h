#pragma once
// Guesses at the tokens of texts that repeat what was said before: a list that is corrected, code that is changed in
// one place. The guess is what followed the last tokens where they stood before (prompt lookup decoding).

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace moescope {

/// Owns a copy of the text. Deterministic; one thread at a time. Takes some 30 bytes for each token.
class CopyDrafts {
public:
    /// `text`: the tokens so far.
    explicit CopyDrafts(std::span<const std::int32_t> text);

    void add(std::int32_t token);

    /// What may follow the text, at most `most` tokens: the longer the passage that repeats, the more. Empty where
    /// nothing repeats, and for a while after guesses that did not pay. Valid until add().
    std::span<const std::int32_t> propose(std::size_t most) const;

    /// How many of the `proposed` tokens turned out to follow. Where most of what was proposed lately did not,
    /// computing it cost more than it saved, so the next guess waits: each time longer, until guesses are right again.
    void judge(std::size_t proposed, std::size_t right);

private:
    std::vector<std::int32_t> m_text;
    std::unordered_map<std::uint64_t, std::size_t> m_after;  // for the last tokens at each place: the place after them
    std::size_t m_source = 0;                                // where in m_text what may follow stands
    std::size_t m_repeated = 0;  // tokens before m_source that are those at the end of the text; 0: none
    std::size_t m_resting = 0;   // tokens for which nothing is proposed
    std::size_t m_rest;          // that come after the next guess that does not pay
    double m_right;              // share of what was proposed lately that was right
};

}  // namespace moescope
