#include "storage/exchange/markdown_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "engine/base/markup.h"
#include "engine/markdown/reader.h"
#include "engine/math/mathml.h"
#include "storage/exchange/transcript.h"

namespace moescope {
namespace {

/// Emphasis in emphasis deeper than this is not told apart any more; browsers stop at some hundreds.
constexpr std::size_t kDeepestSpan = 32;

bool isSafeLink(std::string_view url) {
    constexpr std::array<std::string_view, 3> kSchemes = {"http://", "https://", "mailto:"};
    return std::any_of(kSchemes.begin(), kSchemes.end(), [&](std::string_view scheme) {
        return url.size() > scheme.size() &&
               std::equal(scheme.begin(), scheme.end(), url.begin(),
                          [](char want, char have) { return want == (have >= 'A' && have <= 'Z' ? have + 32 : have); });
    });
}

/// An address as an attribute: what a URL may not have, in percent.
void appendAddress(std::string* out, std::string_view url) {
    for (const char c : url) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte >= 0x7F || std::string_view("\"<>\\^`{|}[]").find(c) != std::string_view::npos) {
            *out += fmt::format("%{:02X}", byte);
        } else {
            appendEscaped(out, {&c, 1});
        }
    }
}

class Html : public markdown::Sink {
public:
    void enter(const markdown::BlockStart& block) override;
    void leave(markdown::Block block) override;
    void enter(const markdown::SpanStart& span) override;
    void leave(markdown::Span span) override;
    void text(const markdown::TextPiece& piece) override {
        if (m_formula) {
            *m_formula += piece.text;
        } else {
            appendEscaped(&m_html, piece.text);
        }
    }
    void lineBreak() override { m_html += m_images.empty() ? "<br>\n" : " "; }

    std::string take() { return std::move(m_html); }

private:
    static std::string_view tagOf(markdown::Span span);
    void writeFormula(const std::string& source);

    std::string m_html;
    std::vector<bool> m_ordered;  // of the open lists
    int m_heading = 0;
    std::size_t m_rows = 0;  // of the open table
    bool m_head_cell = false;
    std::size_t m_spans = 0;
    std::vector<std::string> m_images;     // addresses of open pictures
    std::optional<std::string> m_formula;  // what the open one has so far
};

void Html::enter(const markdown::BlockStart& block) {
    switch (block.kind) {
        case markdown::Block::kQuote:
            m_html += "<blockquote dir=\"auto\">\n";
            break;
        case markdown::Block::kList:
            m_html += block.ordered ? "<ol dir=\"auto\"" : "<ul dir=\"auto\"";
            if (block.ordered && block.start != 1) m_html += fmt::format(" start=\"{}\"", block.start);
            m_html += ">\n";
            m_ordered.push_back(block.ordered);
            break;
        case markdown::Block::kItem:
            if (block.task == markdown::Task::kNone) {
                m_html += "<li>";
            } else {
                m_html += "<li class=\"task\"><input type=\"checkbox\" disabled";
                m_html += block.task == markdown::Task::kDone ? " checked> " : "> ";
            }
            break;
        case markdown::Block::kRule:
            m_html += "<hr>\n";
            break;
        case markdown::Block::kHeading:
            m_heading = block.level;
            m_html += fmt::format("<h{}>", m_heading);
            break;
        case markdown::Block::kCode:
            m_html += "<pre><code";
            if (!block.language.empty()) {
                m_html += " class=\"language-";
                appendEscaped(&m_html, block.language);
                m_html += '"';
            }
            m_html += '>';
            break;
        case markdown::Block::kParagraph:
            m_html += "<p>";
            break;
        case markdown::Block::kTable:
            m_rows = 0;
            m_html += "<table dir=\"auto\">\n";
            break;
        case markdown::Block::kRow:
            if (m_rows == 0) m_html += "<thead>\n";
            if (m_rows == 1) m_html += "<tbody>\n";
            m_html += "<tr>\n";
            break;
        case markdown::Block::kCell:
            m_head_cell = block.head;
            m_html += block.head ? "<th" : "<td";
            if (block.alignment == markdown::Alignment::kCenter) m_html += " align=\"center\"";
            if (block.alignment == markdown::Alignment::kTrailing) m_html += " align=\"right\"";
            m_html += '>';
            break;
    }
}

void Html::leave(markdown::Block block) {
    switch (block) {
        case markdown::Block::kQuote:
            m_html += "</blockquote>\n";
            break;
        case markdown::Block::kList:
            m_html += m_ordered.back() ? "</ol>\n" : "</ul>\n";
            m_ordered.pop_back();
            break;
        case markdown::Block::kItem:
            m_html += "</li>\n";
            break;
        case markdown::Block::kRule:
            break;
        case markdown::Block::kHeading:
            m_html += fmt::format("</h{}>\n", m_heading);
            break;
        case markdown::Block::kCode:
            m_html += "</code></pre>\n";
            break;
        case markdown::Block::kParagraph:
            m_html += "</p>\n";
            break;
        case markdown::Block::kTable:
            if (m_rows > 1) m_html += "</tbody>\n";
            m_html += "</table>\n";
            break;
        case markdown::Block::kRow:
            m_html += "</tr>\n";
            if (m_rows++ == 0) m_html += "</thead>\n";
            break;
        case markdown::Block::kCell:
            m_html += m_head_cell ? "</th>\n" : "</td>\n";
            break;
    }
}

std::string_view Html::tagOf(markdown::Span span) {
    switch (span) {
        case markdown::Span::kEmphasis:
            return "em";
        case markdown::Span::kStrong:
            return "strong";
        case markdown::Span::kStrike:
            return "del";
        case markdown::Span::kCode:
            return "code";
        case markdown::Span::kLink:
            return "a";
        case markdown::Span::kImage:
        case markdown::Span::kFormula:
            return "span";
    }
    return "span";
}

/// As MathML, or as it is written if it cannot be set.
void Html::writeFormula(const std::string& source) {
    const math::Formula formula = math::parse(source);
    if (formula.canBeSet()) {
        m_html += math::mathml(formula, source);
        return;
    }
    m_html += "<span class=\"formula\">";
    appendEscaped(&m_html, source);
    m_html += "</span>";
}

void Html::enter(const markdown::SpanStart& span) {
    if (span.kind == markdown::Span::kImage) {
        if (m_images.empty()) m_html += "<span class=\"image\">[image: ";
        m_images.push_back(span.address);
        return;
    }
    if (!m_images.empty()) return;  // of the description of a picture only the text
    if (span.kind == markdown::Span::kFormula) {
        m_formula.emplace();
        return;
    }
    if (++m_spans > kDeepestSpan) return;
    if (span.kind == markdown::Span::kLink) {
        m_html += "<a";
        if (isSafeLink(span.address)) {
            m_html += " href=\"";
            appendAddress(&m_html, span.address);
            m_html += "\" rel=\"noreferrer\"";
        }
        m_html += '>';
    } else {
        m_html += fmt::format("<{}>", tagOf(span.kind));
    }
}

void Html::leave(markdown::Span span) {
    if (span == markdown::Span::kImage) {
        const std::string address = std::move(m_images.back());
        m_images.pop_back();
        if (!m_images.empty()) return;
        if (m_html.ends_with("[image: ")) m_html.resize(m_html.size() - 2);
        if (!address.empty()) m_html += m_html.ends_with("[image") ? ": " : ", ";
        appendEscaped(&m_html, address);
        m_html += "]</span>";
        return;
    }
    if (!m_images.empty()) return;
    if (span == markdown::Span::kFormula) {
        const std::string source = std::move(*m_formula);
        m_formula.reset();
        return writeFormula(source);
    }
    if (m_spans-- > kDeepestSpan) return;
    m_html += fmt::format("</{}>", tagOf(span));
}

}  // namespace

std::string escapedHtml(std::string_view text) {
    std::string result;
    appendEscaped(&result, validUtf8(text));
    return result;
}

std::string renderedMarkdown(std::string_view source) {
    const std::string text = validUtf8(source);
    constexpr std::size_t kMostText = 1 << 28;
    for (const bool definitions : {true, false}) {
        Html html;
        if (text.size() <= kMostText && markdown::read(text, 0, &html, definitions)) return html.take();
    }
    return "<p class=\"plain\">" + escapedHtml(text) + "</p>\n";
}

}  // namespace moescope
