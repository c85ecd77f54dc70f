#include "engine/math/mathml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/base/markup.h"
#include "engine/base/utf8.h"
#include "engine/math/alphabets.h"

namespace moescope::math {
namespace {

std::string characters(char32_t code) {
    std::string text, escaped;
    appendCodePoint(&text, code);
    appendEscaped(&escaped, text);
    return escaped;
}

/// The mark by itself, of one that is combined with a letter.
char32_t standalone(char32_t mark) {
    struct Pair {
        char32_t combining, alone;
    };
    constexpr std::array kPairs = {Pair{0x302, U'^'}, Pair{0x303, U'~'}, Pair{0x304, U'¯'}, Pair{0x20D7, U'→'},
                                   Pair{0x307, U'˙'}, Pair{0x308, U'¨'}, Pair{0x30C, U'ˇ'}, Pair{0x306, U'˘'},
                                   Pair{0x301, U'´'}, Pair{0x300, U'`'}, Pair{0x30A, U'˚'}};
    const auto found = std::find_if(kPairs.begin(), kPairs.end(), [&](const Pair& p) { return p.combining == mark; });
    return found == kPairs.end() ? mark : found->alone;
}

class Writer {
public:
    void row(const Node& row);
    void write(const Node& node);
    std::string take() { return std::move(m_out); }

private:
    void children(const std::vector<Node>& list);
    void symbol(const Node& node);
    void scripts(const Node& node);
    void fence(char32_t code);
    void fraction(const Node& node);
    void table(const Table& table);
    void word(const Node& node);
    /// `node` and `second` in an element of two.
    void pair(std::string_view tag, const Node& node, const Node& second) {
        m_out += fmt::format("<{}>", tag);
        write(node);
        write(second);
        m_out += fmt::format("</{}>", tag.substr(0, tag.find(' ')));
    }

    std::string m_out;
};

void Writer::row(const Node& row) {
    m_out += "<mrow>";
    children(row.children);
    m_out += "</mrow>";
}

/// Changes of style and color hold for what follows: they open elements that end with the row.
void Writer::children(const std::vector<Node>& list) {
    std::size_t open = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Node& node = list[i];
        if (node.kind == Kind::kStyle) {
            m_out += fmt::format("<mstyle displaystyle=\"{}\" scriptlevel=\"{}\">", node.style == Style::kDisplay,
                                 std::max(0, static_cast<int>(node.style) - 1));
            ++open;
        } else if (node.kind == Kind::kColor) {
            m_out += fmt::format("<mstyle mathcolor=\"#{:06x}\">", static_cast<std::uint32_t>(node.code));
            ++open;
        } else if (node.kind == Kind::kSymbol && node.code >= U'0' && node.code <= U'9') {
            // A number is one element, with a point in it.
            std::string number;
            for (; i < list.size() && list[i].kind == Kind::kSymbol; ++i) {
                const char32_t c = list[i].code;
                const bool digit = c >= U'0' && c <= U'9';
                const bool point = c == U'.' && i + 1 < list.size() && list[i + 1].kind == Kind::kSymbol &&
                                   list[i + 1].code >= U'0' && list[i + 1].code <= U'9';
                if (!digit && !point) break;
                number += static_cast<char>(c);
            }
            --i;
            m_out += "<mn>" + number + "</mn>";
        } else {
            write(node);
        }
    }
    for (; open > 0; --open) m_out += "</mstyle>";
}

void Writer::symbol(const Node& node) {
    const PlainLetter letter = plainLetter(node.code);
    const bool latin = (letter.code >= U'a' && letter.code <= U'z') || (letter.code >= U'A' && letter.code <= U'Z');
    const bool greek = letter.code >= U'Α' && letter.code <= U'ϵ';
    if (node.code >= U'0' && node.code <= U'9') {
        m_out += "<mn>" + characters(node.code) + "</mn>";
    } else if (letter.letters == Letters::kItalic) {
        m_out += "<mi>" + characters(letter.code) + "</mi>";
    } else if (letter.letters == Letters::kUpright && (latin || greek)) {
        m_out += "<mi mathvariant=\"normal\">" + characters(node.code) + "</mi>";
    } else if (letter.letters != Letters::kUpright) {
        m_out += (letter.code >= U'0' && letter.code <= U'9' ? "<mn>" : "<mi>") + characters(node.code) +
                 (letter.code >= U'0' && letter.code <= U'9' ? "</mn>" : "</mi>");
    } else if (node.atom == Atom::kOrd && node.code > 0x7F && node.code != U'′' && node.code != U'‖') {
        m_out += "<mi>" + characters(node.code) + "</mi>";
    } else if (node.atom == Atom::kOp) {
        m_out += "<mo>" + characters(node.code) + "</mo>";
    } else {
        // A delimiter that is not to grow; a bar is no fence.
        m_out += (node.atom == Atom::kBin || node.atom == Atom::kRel || node.atom == Atom::kPunct)
                     ? "<mo>"
                     : "<mo stretchy=\"false\">";
        m_out += characters(node.code) + "</mo>";
    }
}

void Writer::scripts(const Node& node) {
    const Node &base = node.children[0], &sub = node.children[1], &sup = node.children[2];
    const bool above = node.limits != Limits::kNever;
    std::string_view tag = above ? "munderover" : "msubsup";
    if (sub.isEmptyRow()) tag = above ? "mover" : "msup";
    if (sup.isEmptyRow()) tag = above ? "munder" : "msub";
    m_out += fmt::format("<{}>", tag);
    if (above && node.limits == Limits::kAlways && base.kind == Kind::kSymbol && base.atom == Atom::kOp) {
        m_out += "<mo movablelimits=\"false\">" + characters(base.code) + "</mo>";
    } else if (above && node.limits == Limits::kDisplay && base.kind == Kind::kName) {
        m_out += "<mo movablelimits=\"true\">";
        appendEscaped(&m_out, base.text);
        m_out += "</mo>";
    } else {
        write(base);
    }
    if (!sub.isEmptyRow()) row(sub);
    if (!sup.isEmptyRow()) row(sup);
    m_out += fmt::format("</{}>", tag);
}

void Writer::fence(char32_t code) {
    if (code != 0) m_out += "<mo fence=\"true\" stretchy=\"true\">" + characters(code) + "</mo>";
}

void Writer::fraction(const Node& node) {
    const bool fences = node.code != 0 || node.right != 0;
    if (node.forced) {
        m_out += fmt::format("<mstyle displaystyle=\"{}\" scriptlevel=\"{}\">", node.style == Style::kDisplay,
                             std::max(0, static_cast<int>(node.style) - 1));
    }
    if (fences) m_out += "<mrow>";
    fence(node.code);
    const std::string tag =
        node.amount < 0 ? "mfrac" : fmt::format("mfrac linethickness=\"{:.3g}em\"", std::max(0.0, node.amount));
    pair(tag, node.children[0], node.children[1]);
    fence(node.right);
    if (fences) m_out += "</mrow>";
    if (node.forced) m_out += "</mstyle>";
}

void Writer::table(const Table& table) {
    m_out += table.style == Style::kDisplay  ? "<mtable displaystyle=\"true\">"
             : table.style == Style::kScript ? "<mtable displaystyle=\"false\" scriptlevel=\"1\">"
                                             : "<mtable>";
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        const Table::Row& row = table.rows[r];
        const bool below = r + 1 == table.rows.size() && table.lines_below > 0;
        m_out += "<mtr>";
        for (std::size_t c = 0; c < row.cells.size(); ++c) {
            Table::Column column = table.column(c);
            if (table.spread && r == 0) column = Table::Column::kLeft;
            if (table.spread && r > 0 && r + 1 == table.rows.size()) column = Table::Column::kRight;
            std::string style = column == Table::Column::kLeft    ? "text-align:left"
                                : column == Table::Column::kRight ? "text-align:right"
                                                                  : "";
            const auto add = [&](std::string_view more) {
                if (!style.empty()) style += ';';
                style += more;
            };
            if (c > 0 && table.gap(c) == 0) add("padding-left:0");
            if (c + 1 < row.cells.size() && table.gap(c + 1) == 0) add("padding-right:0");
            if (row.lines_above > 0) add("border-top:1px solid");
            if (below) add("border-bottom:1px solid");
            if (c < table.lines.size() && table.lines[c] > 0) add("border-left:1px solid");
            if (c + 1 == row.cells.size() && c + 1 < table.lines.size() && table.lines[c + 1] > 0)
                add("border-right:1px solid");
            m_out += style.empty() ? "<mtd>" : "<mtd style=\"" + style + "\">";
            children(row.cells[c].children);
            if (c + 1 == row.cells.size() && !row.tag.isEmptyRow()) {
                m_out += "<mspace width=\"2em\"/>";
                this->row(row.tag);
            }
            m_out += "</mtd>";
        }
        m_out += "</mtr>";
    }
    m_out += "</mtable>";
}

void Writer::word(const Node& node) {
    m_out += node.letters == Letters::kBold         ? "<mtext style=\"font-weight:bold\">"
             : node.letters == Letters::kTextItalic ? "<mtext style=\"font-style:italic\">"
             : node.letters == Letters::kMono       ? "<mtext style=\"font-family:monospace\">"
                                                    : "<mtext>";
    std::string_view text = node.text;
    const bool blank = text.ends_with(' ');
    if (blank) text.remove_suffix(1);
    appendEscaped(&m_out, text);
    m_out += blank ? "&#xA0;</mtext>" : "</mtext>";
}

void Writer::write(const Node& node) {
    const auto mark = [&](bool stretchy) {
        m_out += stretchy ? "<mo stretchy=\"true\">" : "<mo stretchy=\"false\">";
        m_out += characters(node.kind == Kind::kAccent ? standalone(node.code) : node.code) + "</mo>";
    };
    switch (node.kind) {
        case Kind::kSymbol:
            symbol(node);
            break;
        case Kind::kName:
            m_out += node.text.size() == 1 ? "<mi mathvariant=\"normal\">" : "<mi>";
            appendEscaped(&m_out, node.text);
            m_out += "</mi>";
            if (node.atom == Atom::kOp) m_out += "<mo>&#x2061;</mo>";
            break;
        case Kind::kWord:
            word(node);
            break;
        case Kind::kUnknown:
            m_out += "<mtext style=\"font-family:monospace\">";
            appendEscaped(&m_out, node.text);
            m_out += "</mtext>";
            break;
        case Kind::kRow:
            if (node.open) {
                children(node.children);
            } else {
                row(node);
            }
            break;
        case Kind::kScripts:
            scripts(node);
            break;
        case Kind::kFraction:
            fraction(node);
            break;
        case Kind::kRadical:
            if (node.children.size() > 1) {
                pair("mroot", node.children[0], node.children[1]);
            } else {
                m_out += "<msqrt>";
                write(node.children[0]);
                m_out += "</msqrt>";
            }
            break;
        case Kind::kFenced:
            m_out += "<mrow>";
            fence(node.code);
            write(node.children[0]);
            fence(node.right);
            m_out += "</mrow>";
            break;
        case Kind::kMiddle:
            fence(node.code);
            break;
        case Kind::kDelimiter:
            if (node.code == 0) break;
            m_out += fmt::format("<mo minsize=\"{0:.2g}em\" maxsize=\"{0:.2g}em\">", 0.6 + 0.6 * node.amount);
            m_out += characters(node.code) + "</mo>";
            break;
        case Kind::kAccent:
            m_out += "<mover accent=\"true\">";
            write(node.children[0]);
            mark(node.wide);
            m_out += "</mover>";
            break;
        case Kind::kStretched:
            m_out += node.under ? "<munder>" : "<mover>";
            write(node.children[0]);
            mark(true);
            m_out += node.under ? "</munder>" : "</mover>";
            break;
        case Kind::kLine:
            m_out += node.under ? "<munder>" : "<mover>";
            write(node.children[0]);
            m_out += node.under ? "<mo stretchy=\"true\">_</mo></munder>" : "<mo stretchy=\"true\">¯</mo></mover>";
            break;
        case Kind::kArrow:
            m_out += "<munderover>";
            mark(true);
            row(node.children[1]);
            row(node.children[0]);
            m_out += "</munderover>";
            break;
        case Kind::kSpace:
            m_out += fmt::format("<mspace width=\"{:.3g}em\"/>", node.amount);
            break;
        case Kind::kStyle:
        case Kind::kColor:
            break;  // of children()
        case Kind::kPhantom:
            m_out += node.horizontal && node.vertical ? "<mphantom>"
                     : node.horizontal                ? "<mphantom><mpadded height=\"0\" depth=\"0\">"
                                                      : "<mphantom><mpadded width=\"0\">";
            write(node.children[0]);
            m_out += node.horizontal && node.vertical ? "</mphantom>" : "</mpadded></mphantom>";
            break;
        case Kind::kSmash:
            m_out += "<mpadded height=\"0\" depth=\"0\">";
            write(node.children[0]);
            m_out += "</mpadded>";
            break;
        case Kind::kBoxed:
            m_out += "<mrow style=\"border:1px solid;padding:0.3em\">";
            write(node.children[0]);
            m_out += "</mrow>";
            break;
        case Kind::kStruck:
            m_out +=
                fmt::format("<menclose notation=\"{}{}{}\">", node.horizontal ? "updiagonalstrike" : "",
                            node.horizontal && node.vertical ? " " : "", node.vertical ? "downdiagonalstrike" : "");
            write(node.children[0]);
            m_out += "</menclose>";
            break;
        case Kind::kTable:
            table(*node.table);
            break;
    }
}

}  // namespace

std::string mathml(const Formula& formula, std::string_view source) {
    Node whole = formula.root;
    if (!formula.tag.isEmptyRow()) {
        Node space;
        space.kind = Kind::kSpace;
        space.amount = 2;
        whole.children.push_back(std::move(space));
        whole.children.push_back(formula.tag);
    }
    Writer writer;
    writer.row(whole);
    std::string out = formula.display ? "<math display=\"block\"><semantics>" : "<math><semantics>";
    out += writer.take();
    out += "<annotation encoding=\"application/x-tex\">";
    appendEscaped(&out, source);
    return out + "</annotation></semantics></math>";
}

}  // namespace moescope::math
