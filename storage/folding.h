#pragma once
// One folding for all that is searched: index, texts, titles, questions and highlights.
//
// Folded texts are equal where a reader would call the originals the same word: capitals and small letters of all
// scripts (Unicode's NFKC_Casefold: also ß and ss, ς and σ, ſ and s, µ and μ, full-width and ligatures), composed and
// decomposed letters, all four Turkish i, and, where asked for, letters with and without accents. Invisible characters
// (soft hyphens, joiners, variation selectors) go. Bytes that are not UTF-8 become U+FFFD.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moescope {

enum class Accents {
    kDropped,  ///< naïve as naive, Ở as o, ё as е, ł as l; vowel signs of Indic scripts and kana's voicing stay
    kKept,
};

/// The folded form in UTF-8, in Unicode's NFC.
std::string folded(std::string_view text, Accents accents);

/// A folded text that knows where it came from.
struct FoldedText {
    std::string text;
    /// For each byte of `text`, the bytes [begin, end) of the original character, with its combining marks, that it
    /// came from; both ascend.
    std::vector<std::uint32_t> begins, ends;
};
/// As folded(), but each run of white space becomes one blank, so that a phrase is found across line ends.
FoldedText foldedWithPlaces(std::string_view text, Accents accents);

/// What somebody looks for, folded as foldedWithPlaces() folds a text: with accents if it was typed with any.
struct Needle {
    explicit Needle(std::string_view typed);

    std::string text;
    Accents accents = Accents::kDropped;
};

/// What a search index has of a text: its folded form without accents, its words that have accents once more with them,
/// and two line ends after each part, so that the last characters begin a trigram too. For a text of ASCII these are
/// its small letters and two line ends.
std::string searchTerms(std::string_view text);

/// Whether a character, given as text from its first byte on, is white space; `bytes` is its length.
bool startsWithBlank(std::string_view text, std::size_t& bytes);

}  // namespace moescope
