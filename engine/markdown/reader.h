#pragma once
// Reads Markdown in the dialect of mask.h and tells what it finds, in the order of the text: the one reader of the
// window and of the exports. Raw HTML is text: what a model writes is shown, never run.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moescope::markdown {

enum class Block : std::uint8_t { kQuote, kList, kItem, kHeading, kCode, kParagraph, kRule, kTable, kRow, kCell };
enum class Task : std::uint8_t { kNone, kOpen, kDone };
enum class Alignment : std::uint8_t { kLeading, kCenter, kTrailing };

struct BlockStart {
    Block kind = Block::kParagraph;
    bool ordered = false, tight = false;  ///< of a list
    unsigned start = 1;                   ///< of an ordered list
    Task task = Task::kNone;              ///< of an item
    int level = 0;                        ///< of a heading, 1 to 6
    std::string language = {};            ///< of code: first word of the fence's line, cut
    bool head = false;                    ///< of a cell
    Alignment alignment = Alignment::kLeading;
};

enum class Span : std::uint8_t { kEmphasis, kStrong, kStrike, kCode, kLink, kImage, kFormula };

struct SpanStart {
    Span kind = Span::kEmphasis;
    std::string address = {};  ///< of a link or a picture; "" if it is too long to be one
    bool display = false;      ///< a formula on lines of its own
};

/// Text between blocks' and spans' ends.
struct TextPiece {
    std::string_view text;            ///< UTF-8, or what the source has instead
    std::optional<std::uint32_t> at;  ///< where it stands in the source; none: between its neighbours
    std::uint32_t size = 0;           ///< bytes of the source
    bool verbatim = true;             ///< `text` is what stands there; else it stands for all of it ("&amp;")
};

/// What is told. Text of items of tight lists comes without a paragraph around it.
class Sink {
public:
    virtual ~Sink() = default;
    virtual void enter(const BlockStart& block) = 0;
    virtual void leave(Block block) = 0;
    virtual void enter(const SpanStart& span) = 0;
    virtual void leave(Span span) = 0;
    virtual void text(const TextPiece& piece) = 0;
    /// The end of a line inside a paragraph: a new line begins, as the text has it.
    virtual void lineBreak() = 0;
};

// Limits, all far beyond what people and models write. What is beyond them is shown as it is written.
inline constexpr int kMostNested = 64;                ///< quotes and items around a block
inline constexpr std::size_t kLongestAddress = 4096;  ///< bytes; a longer one is no link
inline constexpr std::size_t kLongestLanguage = 60;   ///< letters of a fence's word that are told
/// Bytes of addresses for each byte of text, and those that a short text may have: "[x]" used a thousand times.
inline constexpr std::size_t kAddressFactor = 8, kAddressRoom = 1 << 16;

/// Tells `sink` what text[from, end) consists of, as a text of its own; positions are those in `text`. False if the
/// text is beyond a limit or memory is short: what was told is to be forgotten, and the text shown as it is. At most
/// 4 GiB. `definitions`: as in MaskOptions.
bool read(std::string_view text, std::uint32_t from, Sink* sink, bool definitions = true);

}  // namespace moescope::markdown
