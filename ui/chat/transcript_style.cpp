#include "ui/chat/transcript_style.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

namespace moescope {

namespace {

double unitWidth(const QFont& font) {
    static const QString kSample = QStringLiteral("the quick brown fox jumps over a lazy dog, 0123");
    return std::max(1.0, QFontMetricsF(font).horizontalAdvance(kSample) / static_cast<double>(kSample.size()));
}

}  // namespace

TranscriptStyle::TranscriptStyle(const Theme& t)
    : theme(t),
      body(t.sans(Theme::kReading)),
      user(t.sans(Theme::kBody)),
      code(t.mono(12.5)),
      small(t.sans(11.5)),
      table_head(t.sans(Theme::kBody, QFont::DemiBold)),
      body_line(t.px(23)),
      user_line(t.px(20)),
      code_line(t.px(19)),
      small_line(t.px(18)),
      body_unit(unitWidth(body)),
      user_unit(unitWidth(user)),
      code_unit(unitWidth(code)),
      column_max(t.px(760)),
      column_margin(t.px(32)),
      top_margin(t.space(6)),
      bottom_margin(t.space(4)),
      reply_gap(t.space(4)),
      turn_gap(t.space(8)),
      paragraph_gap(t.px(10)),
      tight_gap(t.px(3)),
      heading_gap(t.px(18)),
      indent(t.px(22)),
      code_padding_x(t.px(14)),
      code_padding_y(t.px(10)),
      code_header(t.px(30)),
      cell_padding_x(t.px(10)),
      cell_padding_y(t.px(5)),
      bubble_padding_x(t.px(14)),
      bubble_padding_y(t.px(10)),
      bubble_radius(t.px(Theme::kRadiusLarge)),
      bubble_corner(t.px(Theme::kRadiusSmall)),
      row_height(t.px(22)),
      row_gap(t.px(6)),
      action_gap(t.px(14)),
      cut_height(t.space(10)) {}

QFont TranscriptStyle::headingFont(int level) const {
    const double size = level <= 1 ? 19 : level == 2 ? 17 : level == 3 ? Theme::kTitle : Theme::kReading;
    return theme.sans(size, QFont::DemiBold);
}

int TranscriptStyle::headingLine(int level) const {
    return theme.px(level <= 1 ? 28 : level == 2 ? 26 : 23);
}

int TranscriptStyle::estimateLines(int units, int wide, double unit_width, int width) {
    const double pixels = (units + wide * 0.9) * unit_width;
    return std::max(1, static_cast<int>(std::ceil(pixels * 1.03 / std::max(1, width))));
}

}  // namespace moescope
