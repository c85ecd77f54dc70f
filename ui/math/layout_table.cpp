// Tables: matrices, cases, aligned rows.

#include <algorithm>

#include "ui/math/layout.h"

namespace moescope {

using math::Node;
using math::Style;
using math::Table;

MathBox MathLayout::table(const Node& node, const State& state) {
    const Table& table = *node.table;
    const State cells = state.with(std::max(table.style, state.style <= Style::kText ? Style::kDisplay : state.style));
    const double em = cells.size(), thickness = 0.04 * em, line_gap = 0.2 * em;
    const std::size_t columns = table.columnCount();
    struct Row {
        std::vector<MathBox> cells;
        double height = 0, depth = 0, baseline = 0;
    };
    std::vector<Row> rows;
    std::vector<double> widths(columns, 0);
    double spread = 0;  // of multline
    for (const Table::Row& row : table.rows) {
        Row set;
        set.height = table.tight ? 0 : 0.7 * table.pitch * em;
        set.depth = table.tight ? 0 : 0.3 * table.pitch * em;
        for (std::size_t c = 0; c < row.cells.size(); ++c) {
            MathBox cell = this->row(row.cells[c], cells);
            cell.width += cell.italic;
            cell.italic = 0;
            widths[c] = std::max(widths[c], cell.width);
            set.height = std::max(set.height, cell.height);
            set.depth = std::max(set.depth, cell.depth);
            set.cells.push_back(std::move(cell));
        }
        rows.push_back(std::move(set));
    }
    if (table.spread && rows.size() > 1) {
        spread = 2 * em;
        widths[0] += 2 * spread;
    }
    // From the top downwards.
    double y = 0;
    std::vector<std::pair<double, int>> lines;  // y of lines across
    for (std::size_t r = 0; r < rows.size(); ++r) {
        if (r > 0) {
            const double least = table.tight ? table.pitch * em - rows[r - 1].depth - rows[r].height : 0;
            y += std::max(table.extra * em, least);
        }
        for (int i = 0; i < table.rows[r].lines_above; ++i) {
            lines.emplace_back(y, 0);
            y += i + 1 < table.rows[r].lines_above ? line_gap : thickness;
        }
        y += rows[r].height;
        rows[r].baseline = y;
        y += rows[r].depth + table.rows[r].gap_below * em;
    }
    for (int i = 0; i < table.lines_below; ++i) {
        lines.emplace_back(y, 0);
        y += i + 1 < table.lines_below ? line_gap : thickness;
    }
    const double up = y / 2 + axis(state);  // of the upper edge over the baseline

    MathBox whole;
    whole.height = up;
    whole.depth = y - up;
    double x = table.left * em;
    std::vector<double> edges;  // x of the columns, and the end
    for (std::size_t c = 0; c < columns; ++c) {
        if (c > 0) x += table.gap(c) * em;
        edges.push_back(x);
        for (std::size_t r = 0; r < rows.size(); ++r) {
            if (c >= rows[r].cells.size()) continue;
            MathBox& cell = rows[r].cells[c];
            Table::Column column = table.column(c);
            if (table.spread && rows.size() > 1 && r == 0) column = Table::Column::kLeft;
            if (table.spread && r > 0 && r + 1 == rows.size()) column = Table::Column::kRight;
            const double rest = widths[c] - cell.width;
            const double inset = column == Table::Column::kLeft ? 0 : column == Table::Column::kRight ? rest : rest / 2;
            whole.place(std::move(cell), x + inset, rows[r].baseline - up);
        }
        x += widths[c];
    }
    edges.push_back(x);
    whole.width = x + table.right * em;
    for (const auto& [at, unused] : lines) {
        whole.place(rule(whole.width, thickness, node, state), 0, at + thickness - up);
    }
    for (std::size_t c = 0; c < table.lines.size() && c <= columns; ++c) {
        for (int i = 0; i < table.lines[c]; ++i) {
            const double before = c == 0         ? 0
                                  : c == columns ? whole.width - thickness
                                                 : edges[c] - table.gap(c) * em / 2;
            const double at = before + (c == columns ? -i : i) * line_gap;
            whole.place(rule(thickness, y, node, state), at, y - up);
        }
    }
    for (std::size_t r = 0; r < rows.size(); ++r) {
        if (table.rows[r].tag.isEmptyRow()) continue;
        m_tags.push_back({row(table.rows[r].tag, State{Style::kText}), rows[r].baseline - up});
    }
    return whole;
}

}  // namespace moescope
