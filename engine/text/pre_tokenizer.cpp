#include "engine/text/pre_tokenizer.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

/// The cased letters (Unicode's Lu, Ll and Lt) that DeepSeek's vocabulary knows. Written out because the set is that
/// of one version of Unicode and leaves some blocks out; as code points because some change under normalization.
constexpr const char* kCasedLetters =
    "\\x{41}-\\x{5a}\\x{61}-\\x{7a}\\x{b5}\\x{c0}-\\x{d6}\\x{d8}-\\x{f6}\\x{f8}-\\x{1ba}\\x{1bc}-\\x{1bf}"
    "\\x{1c4}-\\x{293}\\x{295}-\\x{2af}\\x{370}-\\x{373}\\x{376}-\\x{377}\\x{37b}-\\x{37d}\\x{37f}\\x{386}"
    "\\x{388}-\\x{38a}\\x{38c}\\x{38e}-\\x{3a1}\\x{3a3}-\\x{3f5}\\x{3f7}-\\x{481}\\x{48a}-\\x{52f}\\x{531}-\\x{556}"
    "\\x{10a0}-\\x{10c5}\\x{13a0}-\\x{13f5}\\x{13f8}-\\x{13fd}\\x{1c90}-\\x{1cba}\\x{1cbd}-\\x{1cbf}"
    "\\x{1d00}-\\x{1d2b}\\x{1d6b}-\\x{1d77}\\x{1d79}-\\x{1d9a}\\x{1e00}-\\x{1f15}\\x{1f18}-\\x{1f1d}"
    "\\x{1f20}-\\x{1f45}\\x{1f48}-\\x{1f4d}\\x{1f50}-\\x{1f57}\\x{1f59}\\x{1f5b}\\x{1f5d}\\x{1f5f}-\\x{1f7d}"
    "\\x{1f80}-\\x{1fb4}\\x{1fb6}-\\x{1fbc}\\x{1fbe}\\x{1fc2}-\\x{1fc4}\\x{1fc6}-\\x{1fcc}\\x{1fd0}-\\x{1fd3}"
    "\\x{1fd6}-\\x{1fdb}\\x{1fe0}-\\x{1fec}\\x{1ff2}-\\x{1ff4}\\x{1ff6}-\\x{1ffc}\\x{2102}\\x{2107}"
    "\\x{210a}-\\x{2113}\\x{2115}\\x{2119}-\\x{211d}\\x{2124}\\x{2126}\\x{2128}\\x{212a}-\\x{212d}"
    "\\x{212f}-\\x{2134}\\x{2139}\\x{213c}-\\x{213f}\\x{2145}-\\x{2149}\\x{214e}\\x{2183}-\\x{2184}"
    "\\x{2c00}-\\x{2c7b}\\x{2c7e}-\\x{2ce4}\\x{2ceb}-\\x{2cee}\\x{2cf2}-\\x{2cf3}\\x{a640}-\\x{a66d}"
    "\\x{a680}-\\x{a69b}\\x{a722}-\\x{a76f}\\x{a771}-\\x{a787}\\x{a78b}-\\x{a78e}\\x{ab70}-\\x{abbf}"
    "\\x{fb00}-\\x{fb06}\\x{fb13}-\\x{fb17}\\x{ff21}-\\x{ff3a}\\x{ff41}-\\x{ff5a}\\x{10400}-\\x{1044f}"
    "\\x{104b0}-\\x{104d3}\\x{104d8}-\\x{104fb}\\x{10c80}-\\x{10cb2}\\x{10cc0}-\\x{10cf2}\\x{118a0}-\\x{118df}"
    "\\x{1e900}-\\x{1e943}";
/// Chinese, Japanese and Korean letters, by the blocks that they are in.
constexpr const char* kCjk = "[\\x{4e00}-\\x{9fa5}\\x{800}-\\x{4e00}\\x{ac00}-\\x{d7ff}]+";

std::vector<std::string> deepSeekPatterns() {
    return {
        "[\\r\\n]",
        fmt::format("\\s?[{}]+", kCasedLetters),
        // ASCII punctuation in its plain and its full-width form, quotation marks, CJK punctuation
        "\\s?[!-/:-~\\x{ff01}-\\x{ff0f}\\x{ff1a}-\\x{ff5e}\\x{2018}-\\x{201f}\\x{3000}-\\x{3002}]+",
        "\\s+$",
        kCjk,
        "\\p{N}+",
    };
}

std::vector<std::string> deepSeekCoderPatterns() {
    return {"[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", kCjk, "\\p{N}"};
}

std::vector<std::string> deepSeekV3Patterns() {
    return {
        "\\p{N}{1,3}",
        "[\\x{4e00}-\\x{9fa5}\\x{3040}-\\x{309f}\\x{30a0}-\\x{30ff}]+",
        // A sign of ASCII before Latin letters, as in code; words; signs, with the line ends after them; blanks
        "[!-/:-@\\[-`{-~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|"
        "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    };
}

// What GPT-2 and those after it cut off English words.
constexpr const char* kEnglishEnds = "'s|'t|'re|'ve|'m|'ll|'d";
// Signs with the line ends after them; blanks, of which the last goes with the word that follows.
constexpr const char* kSignsAndBlanks = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

std::vector<std::string> gpt2Patterns() {
    return {fmt::format("{}| ?\\p{{L}}+| ?\\p{{N}}+| ?[^\\s\\p{{L}}\\p{{N}}]+|\\s+(?!\\S)|\\s+", kEnglishEnds)};
}

std::vector<std::string> glm4Patterns() {
    return {
        fmt::format("(?i:{})|[^\\r\\n\\p{{L}}\\p{{N}}]?\\p{{L}}+|\\p{{N}}{{1,3}}|{}", kEnglishEnds, kSignsAndBlanks)};
}

std::vector<std::string> kimiK2Patterns() {
    // Letters and marks that are not Han, without the lower-case or without the upper-case ones: as what they are not,
    // since PCRE2 takes no intersections.
    constexpr const char* kUpper = "[^\\p{Ll}\\p{N}\\p{P}\\p{S}\\p{Z}\\p{C}\\p{Han}]";
    constexpr const char* kLower = "[^\\p{Lu}\\p{Lt}\\p{N}\\p{P}\\p{S}\\p{Z}\\p{C}\\p{Han}]";
    const std::string before = "[^\\r\\n\\p{L}\\p{N}]?", after = fmt::format("(?i:{})?", kEnglishEnds);
    return {fmt::format("\\p{{Han}}+|{0}{2}*{3}+{1}|{0}{2}+{3}*{1}|\\p{{N}}{{1,3}}|{4}", before, after, kUpper, kLower,
                        kSignsAndBlanks)};
}

struct Known {
    std::string_view name;
    std::vector<std::string> (*patterns)();
};
constexpr Known kKnown[] = {
    {"deepseek-llm", deepSeekPatterns},
    {"deepseek-coder", deepSeekCoderPatterns},
    {"deepseek-v3", deepSeekV3Patterns},
    {"glm4", glm4Patterns},
    {"chatglm-bpe", glm4Patterns},
    {"kimi-k2", kimiK2Patterns},
    {"gpt-2", gpt2Patterns},
    {"gigachat", gpt2Patterns},
};

}  // namespace

struct PreTokenizer::Pattern {
    struct Free {
        void operator()(pcre2_code* compiled) const { pcre2_code_free(compiled); }
    };
    std::unique_ptr<pcre2_code, Free> code;
};

PreTokenizer::PreTokenizer(std::string_view name, std::vector<Pattern> patterns)
    : m_name(name), m_patterns(std::move(patterns)) {}
PreTokenizer::PreTokenizer(PreTokenizer&&) noexcept = default;
PreTokenizer::~PreTokenizer() = default;

Result<PreTokenizer> PreTokenizer::create(std::string_view name) {
    const Known* known = std::ranges::find(kKnown, name, &Known::name);
    if (known == std::end(kKnown)) {
        std::string names;
        for (const Known& k : kKnown) names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", k.name);
        return unsupported(
            fmt::format("The tokenizer's pre-tokenizer is {}; this program knows {}.", quoted(name), names));
    }
    std::vector<Pattern> patterns;
    for (const std::string& text : known->patterns()) {
        int error = 0;
        PCRE2_SIZE at = 0;
        Pattern pattern;
        pattern.code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                         PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY, &error, &at, nullptr));
        if (!pattern.code) {
            return unsupported(
                fmt::format("The installed PCRE2 refuses a pattern of the tokenizer (error {}); it needs "
                            "Unicode support.",
                            error));
        }
        // Interpretation is the fall-back where the processor has no JIT, so the result does not matter.
        pcre2_jit_compile(pattern.code.get(), PCRE2_JIT_COMPLETE);
        patterns.push_back(std::move(pattern));
    }
    return PreTokenizer(known->name, std::move(patterns));
}

std::vector<std::string_view> PreTokenizer::split(std::string_view text) const {
    std::vector<std::string_view> pieces = {text}, next;
    for (const Pattern& pattern : m_patterns) {
        const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(
            pcre2_match_data_create_from_pattern(pattern.code.get(), nullptr), pcre2_match_data_free);
        next.clear();
        const auto keep = [&](std::string_view piece) {
            if (!piece.empty()) next.push_back(piece);
        };
        for (const std::string_view piece : pieces) {
            std::size_t done = 0;
            while (done < piece.size()) {
                const int found = pcre2_match(pattern.code.get(), reinterpret_cast<PCRE2_SPTR>(piece.data()),
                                              piece.size(), done, PCRE2_NO_UTF_CHECK, match.get(), nullptr);
                if (found < 0) break;  // no match; a resource limit leaves the rest whole, which is still exact
                const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(match.get());
                keep(piece.substr(done, ends[0] - done));
                keep(piece.substr(ends[0], ends[1] - ends[0]));
                done = ends[1];
            }
            keep(piece.substr(done));
        }
        pieces.swap(next);
    }
    return pieces;
}

}  // namespace moescope
