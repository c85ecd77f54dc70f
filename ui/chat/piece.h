#pragma once
// A message is painted in pieces of bounded size: a paragraph, a group of lines of code, a row of a table. Their
// heights are estimated until they are laid out, which happens near the viewport only.

#include <QRect>
#include <memory>
#include <string_view>
#include <vector>

#include "ui/chat/text_part.h"
#include "ui/markdown/block.h"

namespace moescope {

/// A piece that is laid out: its texts and where they stand, relative to the piece.
struct PieceLayout {
    struct Placed {
        TextPart part;
        QPointF origin;
    };
    std::vector<Placed> parts;
};

struct Piece {
    std::size_t block = 0;
    int from = 0, to = 0;     ///< units of the block's text; of a table, the row and the one after it
    int line = 0;             ///< of code: lines before it
    std::uint32_t begin = 0;  ///< its first byte in the source
    int gap = 0;              ///< above it
    int indent = 0;
    int height = 0;
    bool right_to_left = false;          ///< begins at the right, where its containers stand too
    int formula = -1;                    ///< that it is, on lines of its own: in the block's list
    int scrolled = 0, overflow = 0;      ///< of a formula or code that is too wide: pixels, and how many there can be
    bool exact = false;                  ///< the height is measured, else estimated
    CodeState state = CodeState::kNone;  ///< of the highlighter before it
    std::unique_ptr<PieceLayout> layout;
};

/// Pixels that the containers of a block take at its left.
int indentOf(const Block& block, const TranscriptStyle& style);
int containerIndent(const Container& container, const TranscriptStyle& style);

/// Cuts block `index` into pieces and appends them, from unit (or row) `from` on, where the highlighter is in `state`.
void appendPieces(const std::vector<Block>& blocks, std::size_t index, int from, CodeState state,
                  std::string_view source, bool user, const TranscriptStyle& style, std::vector<Piece>* pieces);

/// The state of the highlighter behind a piece of code.
CodeState stateAfter(const Block& block, const Piece& piece);

/// Whether a piece begins or ends the block of code that it is of.
struct CodeEdges {
    bool first = false, last = false;
};
CodeEdges codeEdges(const std::vector<Block>& blocks, const Piece& piece);

/// Pixels before the lines of a block of code that their numbers take.
int codeGutter(const Block& block, const TranscriptStyle& style);

/// The width of each column of a table in `width` pixels, padding included.
std::vector<int> tableColumns(const Block& table, int width, const TranscriptStyle& style);

struct PieceContext {
    const std::vector<Block>& blocks;
    std::string_view source;
    const TranscriptStyle& style;
    int width;          ///< for the piece and its indent
    int code_label;     ///< pixels that the label of a printed code block takes in its first line
    int code_scrolled;  ///< pixels that the block of code is moved to the left
    bool user;
    const std::vector<int>* columns;  ///< of the piece's table
};

int estimateHeight(const Piece& piece, const PieceContext& context);
/// Lays the piece out and gives it its exact height.
void layOutPiece(Piece* piece, const PieceContext& context);

}  // namespace moescope
