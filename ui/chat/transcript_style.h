#pragma once
// Fonts and measures of the transcript, worked out once from a theme: pixels at its zoom.

#include <QFont>

#include "ui/theme.h"

namespace moescope {

struct TranscriptStyle {
    explicit TranscriptStyle(const Theme& theme);

    QFont headingFont(int level) const;
    int headingLine(int level) const;
    /// An estimate of how many lines `units` UTF-16 units of text take in `width` pixels; `wide` of them (CJK) are
    /// twice as wide as the rest.
    static int estimateLines(int units, int wide, double unit_width, int width);

    Theme theme;
    QFont body, user, code, small, table_head;
    int body_line, user_line, code_line, small_line;  ///< distances of lines
    double body_unit, user_unit, code_unit;           ///< widths of an average letter

    int column_max, column_margin;  ///< of the column that messages stand in
    int top_margin, bottom_margin;  ///< above the first message and below the last
    int reply_gap, turn_gap;        ///< from a question to its answer, and from that to the next question
    int paragraph_gap, tight_gap, heading_gap;
    int indent;  ///< of a list item or a quote
    int code_padding_x, code_padding_y;
    int code_header;  ///< of the row over a block of code with its language and buttons
    int cell_padding_x, cell_padding_y;
    int bubble_padding_x, bubble_padding_y, bubble_radius, bubble_corner;
    int row_height, row_gap;    ///< of the row of actions; above it
    int action_gap;             ///< between actions
    int cut_height;             ///< of the mark of a cut context
    bool wrap_code = false;     ///< lines of code that are too long go on below, and are not scrolled
    bool number_code = false;   ///< lines of code have their numbers before them
    bool keep_letters = false;  ///< no ligatures anywhere: what is printed can be read back
};

}  // namespace moescope
