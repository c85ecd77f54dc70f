// Environments: tables of cells, and those that only stand around a formula.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/foreign_text.h"
#include "engine/math/parser.h"

namespace moescope::math {
namespace {

/// How an environment sets its cells.
struct Environment {
    std::string_view name;
    char32_t left = 0, right = 0;
    std::string_view columns = "c";
    std::array<double, 2> gaps = {1, 1};  ///< em between columns, in turn
    Style style = Style::kText;
    double pitch = 1.2, extra = 0;
    bool tight = false;
    double margin = 0;           ///< em at both sides
    bool takes_columns = false;  ///< "{lcr}" follows its name
    bool takes_number = false;   ///< "{2}" follows its name
    bool spread = false;
};

constexpr double kJot = 0.3;  // em more between rows of displays
constexpr std::array<double, 2> kPairs = {0, 1}, kTogether = {0, 0}, kApart = {0, 2};

/// Its rows are as far apart as the parts of a fraction without a rule.
constexpr Environment kSubarray = {.name = "subarray",
                                   .gaps = kTogether,
                                   .style = Style::kScript,
                                   .pitch = 0.79,
                                   .extra = 0.12,
                                   .tight = true,
                                   .takes_columns = true};

constexpr std::array kEnvironments = {
    Environment{.name = "matrix"},
    Environment{.name = "pmatrix", .left = U'(', .right = U')'},
    Environment{.name = "bmatrix", .left = U'[', .right = U']'},
    Environment{.name = "Bmatrix", .left = U'{', .right = U'}'},
    Environment{.name = "vmatrix", .left = U'|', .right = U'|'},
    Environment{.name = "Vmatrix", .left = U'‖', .right = U'‖'},
    Environment{.name = "smallmatrix",
                .gaps = {0.4, 0.4},
                .style = Style::kScript,
                .pitch = 0.86,
                .extra = 0.21,
                .tight = true,
                .margin = 0.24},
    Environment{.name = "array", .margin = 0.5, .takes_columns = true},
    Environment{.name = "darray", .style = Style::kDisplay, .margin = 0.5, .takes_columns = true},
    Environment{.name = "tabular", .margin = 0.5, .takes_columns = true},
    kSubarray,
    Environment{.name = "cases", .left = U'{', .columns = "ll", .pitch = 1.44},
    Environment{.name = "dcases", .left = U'{', .columns = "ll", .style = Style::kDisplay, .pitch = 1.44},
    Environment{.name = "rcases", .right = U'}', .columns = "ll", .pitch = 1.44},
    Environment{.name = "drcases", .right = U'}', .columns = "ll", .style = Style::kDisplay, .pitch = 1.44},
    Environment{.name = "aligned", .columns = "rl", .gaps = kPairs, .style = Style::kDisplay, .extra = kJot},
    Environment{.name = "split", .columns = "rl", .gaps = kPairs, .style = Style::kDisplay, .extra = kJot},
    Environment{.name = "align", .columns = "rl", .gaps = kApart, .style = Style::kDisplay, .extra = kJot},
    Environment{.name = "flalign", .columns = "rl", .gaps = kApart, .style = Style::kDisplay, .extra = kJot},
    Environment{.name = "alignat",
                .columns = "rl",
                .gaps = kTogether,
                .style = Style::kDisplay,
                .extra = kJot,
                .takes_number = true},
    Environment{.name = "alignedat",
                .columns = "rl",
                .gaps = kTogether,
                .style = Style::kDisplay,
                .extra = kJot,
                .takes_number = true},
    Environment{.name = "eqnarray", .columns = "rcl", .gaps = {0.55, 0.55}, .style = Style::kDisplay, .extra = kJot},
    Environment{.name = "gather", .style = Style::kDisplay, .extra = kJot},
    Environment{.name = "gathered", .style = Style::kDisplay, .extra = kJot},
    Environment{.name = "multline", .style = Style::kDisplay, .extra = kJot, .spread = true},
};

/// Those that only stand around a formula.
constexpr std::array<std::string_view, 4> kPlain = {"equation", "displaymath", "math", "dmath"};

Table tableOf(const Environment& environment) {
    Table table;
    for (const char c : environment.columns) {
        table.columns.push_back(c == 'l'   ? Table::Column::kLeft
                                : c == 'r' ? Table::Column::kRight
                                           : Table::Column::kCenter);
    }
    table.gaps.assign(environment.gaps.begin(), environment.gaps.end());
    table.style = environment.style;
    table.pitch = environment.pitch;
    table.extra = environment.extra;
    table.tight = environment.tight;
    table.left = table.right = environment.margin;
    table.spread = environment.spread;
    return table;
}

const Environment* environmentNamed(std::string_view name) {
    const auto found =
        std::find_if(kEnvironments.begin(), kEnvironments.end(), [&](const Environment& e) { return e.name == name; });
    return found == kEnvironments.end() ? nullptr : &*found;
}

}  // namespace

Node Parser::environment(std::size_t begin) {
    const std::string_view name = rawArgument();
    if (failed()) return {};
    std::string_view known = name;
    if (known.ends_with('*')) known.remove_suffix(1);
    Node made;
    if (std::find(kPlain.begin(), kPlain.end(), known) != kPlain.end()) {
        made = list();
        if (!failed() && !atCommand("end")) made = bareTable(std::move(made));
    } else {
        made = tableNamed(known, begin);
    }
    if (failed()) return made;
    if (!takeCommand("end") || rawArgument() != name) fail(fmt::format("{} has no end", quoted(name)));
    return made;
}

Node Parser::tableNamed(std::string_view name, std::size_t begin) {
    const Environment* known = environmentNamed(name);
    if (!known) {
        fail(fmt::format("{} is not known", quoted(name)));
        return {};
    }
    Table table = tableOf(*known);
    // Where it stands, which is of no use here; of a matrix the place of its columns.
    if (rest().starts_with("[t]") || rest().starts_with("[b]") || rest().starts_with("[c]") ||
        rest().starts_with("[l]") || rest().starts_with("[r]")) {
        if (name.ends_with("matrix")) columnsOf(rest().substr(1, 1), &table);
        m_at += 3;
    }
    if (known->takes_columns) columnsOf(rawArgument(), &table);
    if (known->takes_number) (void)rawArgument();
    rows(&table, list());
    const bool fences = known->left != 0 || known->right != 0;
    Node made = node(Kind::kTable, begin);
    made.end = static_cast<std::uint32_t>(begin + 6);  // "\begin"
    made.atom = fences ? Atom::kOrd : Atom::kInner;
    made.table = std::make_shared<const Table>(std::move(table));
    if (!fences) return made;
    Node fenced = node(Kind::kFenced, begin);
    fenced.end = made.end;
    fenced.atom = Atom::kInner;
    fenced.code = known->left;
    fenced.right = known->right;
    fenced.children.push_back(std::move(made));
    fenced.children.push_back(node(Kind::kRow, m_at));
    return fenced;
}

/// "{l|c@{...}r}"
void Parser::columnsOf(std::string_view letters, Table* table) {
    table->columns.clear();
    table->lines.assign(1, 0);
    std::vector<double> gaps;
    bool bare = false;  // "@{...}" takes the place of the room between columns
    for (std::size_t i = 0; i < letters.size(); ++i) {
        const char c = letters[i];
        if (c == '|') {
            ++table->lines.back();
        } else if (c == 'l' || c == 'c' || c == 'r') {
            if (!table->columns.empty()) {
                gaps.push_back(bare ? 0 : table->gap(1));
            } else if (bare) {
                table->left = 0;
            }
            bare = false;
            table->columns.push_back(c == 'l'   ? Table::Column::kLeft
                                     : c == 'r' ? Table::Column::kRight
                                                : Table::Column::kCenter);
            table->lines.push_back(0);
        } else if (c == '@' || c == '!' || c == '>' || c == '<') {
            bare = bare || c == '@';
            // What stands between columns is left out.
            for (int depth = 0; ++i < letters.size();) {
                depth += letters[i] == '{' ? 1 : letters[i] == '}' ? -1 : 0;
                if (depth <= 0) break;
            }
        } else if (!isBlank(c) && c != ':') {
            return fail(fmt::format("{} is not a column type", quoted(letters.substr(i, 1))));
        }
    }
    if (bare) table->right = 0;
    if (!gaps.empty()) table->gaps = std::move(gaps);
}

/// \hline and its like.
void Parser::rowMarks(int* lines) {
    for (skipBlanks(); takeCommand("hline") || takeCommand("hdashline"); skipBlanks()) ++*lines;
}

/// The rows of a table, until what is no row any more. `first` is its first cell.
void Parser::rows(Table* table, Node first) {
    Table::Row row;
    while (!failed()) {
        if (row.cells.empty() && table->rows.empty()) {
            if (first.isEmptyRow() && peek() == '\\') {  // "\hline" begins it
                rowMarks(&row.lines_above);
                if (row.lines_above > 0) first = list();
            }
            row.cells.push_back(std::move(first));
        } else {
            row.cells.push_back(list());
        }
        if (failed()) return;
        // "&=": the relation has a neighbor, of the cell before.
        const std::size_t cell = row.cells.size() - 1;
        if (cell > 0 && table->gap(cell) == 0 && table->column(cell) == Table::Column::kLeft &&
            !row.cells.back().isEmptyRow()) {
            std::vector<Node>& inside = row.cells.back().children;
            inside.insert(inside.begin(), node(Kind::kRow, inside.front().begin));
        }
        if (peek() == '&') {
            ++m_at;
            continue;
        }
        row.tag = std::exchange(m_tag, {});
        const bool more = takeCommand("\\") || takeCommand("cr") || takeCommand("newline");
        if (more) {
            if (peek() == '*') ++m_at;
            if (peek() == '[') {
                const std::size_t here = m_at;
                if (const std::optional<double> gap = lengthOf(rawOption().value_or(""))) {
                    row.gap_below = *gap;
                } else {
                    m_at = here;  // it is text
                }
            }
        }
        table->rows.push_back(std::exchange(row, {}));
        if (!more) break;
        rowMarks(&row.lines_above);
    }
    if (failed()) return;
    // "\\" and \hline at the end begin no row.
    Table::Row& last = table->rows.back();
    if (table->rows.size() > 1 && last.cells.size() == 1 && last.cells[0].isEmptyRow() && last.tag.isEmptyRow()) {
        table->lines_below = last.lines_above;
        table->rows.pop_back();
    }
}

Node Parser::substack(std::size_t begin) {
    skipBlanks();
    if (peek() != '{') {
        fail("a brace is expected");
        return {};
    }
    ++m_at;
    Table table = tableOf(kSubarray);
    rows(&table, list());
    if (!failed() && peek() != '}') fail("a brace is not closed");
    ++m_at;
    Node made = node(Kind::kTable, begin);
    made.table = std::make_shared<const Table>(std::move(table));
    return made;
}

Node Parser::bareTable(Node first) {
    // Cells make it an align, rows alone a gather.
    Node made = node(Kind::kTable, first.begin);
    Table table = tableOf(*environmentNamed("align"));
    rows(&table, std::move(first));
    if (table.columnCount() < 2) table.columns = {Table::Column::kCenter};
    made.end = made.begin;
    made.table = std::make_shared<const Table>(std::move(table));
    Node whole = node(Kind::kRow, made.begin);
    whole.children.push_back(std::move(made));
    return whole;
}

}  // namespace moescope::math
