// One page that loads nothing: style inside, pictures as words, routing as inline SVG.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "storage/exchange/formats.h"
#include "storage/exchange/markdown_html.h"
#include "storage/exchange/transcript.h"

namespace moescope {
namespace {

// Colours, type sizes and radii are those of the window.
constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --bg: #ffffff; --side: #f5f6f8; --panel: #fafbfc; --line: #e3e6eb; --text: #1b1f27;
  --dim: #5f6877; --amber: #b27b00; --blue: #2f63d8; --bubble: #eef1f6; --code: #f3f5f8; }
@media (prefers-color-scheme: dark) { :root { --bg: #15171c; --side: #101216; --panel: #191c22; --line: #262a33;
  --text: #e4e7ee; --dim: #949bab; --amber: #f0b429; --blue: #5b8def; --bubble: #222733; --code: #0f1115; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text);
  font: 15px/24px Inter, system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
main { max-width: 768px; margin: 0 auto; padding: 32px 24px 64px; }
nav { border-bottom: 1px solid var(--line); padding-bottom: 24px; margin-bottom: 40px; }
nav ol { padding-inline-start: 24px; margin: 0; }
a[href] { color: var(--blue); }
h1, h2, h3, h4, h5, h6 { line-height: 1.3; margin: 24px 0 8px; unicode-bidi: plaintext; }
header h1, nav h1 { font-size: 20px; font-weight: 600; margin: 0; }
article { margin-bottom: 64px; }
header { border-bottom: 1px solid var(--line); padding-bottom: 12px; margin-bottom: 24px; }
.meta, .notes, h2.who, nav small { color: var(--dim); font-size: 12px; line-height: 16px;
  font-weight: 400; margin: 4px 0 0; }
section { margin: 0 0 24px; }
section.user { display: flex; flex-direction: column; align-items: flex-end; }
h2.who { margin: 0 0 4px; }
.plain { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; text-align: start; }
.user .plain { background: var(--bubble); border-radius: 14px 14px 4px 14px; padding: 10px 14px; max-width: 85%; }
.system .text { border-inline-start: 2px solid var(--amber); padding-inline-start: 14px; color: var(--dim); }
.text { overflow-wrap: break-word; }
.text > :first-child { margin-top: 0; }
.text > :last-child { margin-bottom: 0; }
.text h1 { font-size: 20px; } .text h2 { font-size: 18px; } .text h3, .text h4, .text h5, .text h6 { font-size: 15px; }
.text p, .text li, .text td, .text th { unicode-bidi: plaintext; text-align: start; }
.text p, .text ul, .text ol, .text pre, .text table, .text blockquote { margin: 0 0 12px; }
pre, code, .number { font-family: "JetBrains Mono", ui-monospace, monospace; font-size: 13px;
  font-variant-ligatures: none; }
code { background: var(--code); border-radius: 4px; padding: 1px 4px; direction: ltr; unicode-bidi: isolate; }
.formula { font-family: "JetBrains Mono", ui-monospace, monospace; font-size: 13px; font-style: normal;
  font-variant-ligatures: none; white-space: pre-wrap; direction: ltr; unicode-bidi: isolate; }
math { font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math", math; font-size: 1.15em; direction: ltr; }
math[display=block] { margin: 12px 0; overflow-x: auto; overflow-y: hidden; }
.task { list-style: none; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; line-height: 19px;
  overflow-x: auto; direction: ltr; text-align: left; }
pre code { background: none; padding: 0; }
blockquote { border-inline-start: 2px solid var(--line); padding-inline-start: 14px; color: var(--dim); }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border-bottom: 1px solid var(--line); padding: 4px 0; padding-inline-end: 16px; vertical-align: top; }
th { color: var(--dim); font-weight: 400; font-size: 13px; text-align: start; }
td[align=right], th[align=right], .text td[align=right], .text th[align=right] { text-align: right; }
td[align=center], th[align=center], .text td[align=center], .text th[align=center] { text-align: center; }
hr { border: 0; border-top: 1px solid var(--line); margin: 24px 0; }
.notes { margin-top: 8px; overflow-wrap: anywhere; }
.image { color: var(--dim); overflow-wrap: anywhere; }
details { margin-top: 8px; color: var(--dim); font-size: 12px; line-height: 18px; }
details table { margin-top: 8px; }
details.thought { margin: 0 0 12px; }
details.thought .text { border-inline-start: 2px solid var(--line); padding-inline-start: 14px; margin-top: 8px;
  font-size: 14px; line-height: 22px; }
details td, details th { border: 0; padding: 0 12px 0 0; font-size: 12px; }
.strip { display: block; width: 100%; border-radius: 4px; margin-top: 8px; }
@media print { body { background: none; } main { max-width: none; padding: 0; } pre { white-space: pre-wrap; }
  section, pre, tr { break-inside: avoid; } }
)css";

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Moescope">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
)";

// Cividis in ten steps.
constexpr std::array<std::string_view, 10> kCividis = {"#00224e", "#123570", "#3b496c", "#575d6d", "#707173",
                                                       "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fdea45"};

/// Layers x experts: a cell is an expert's share of its layer's gates, against the largest share of all.
std::string strip(const RoutingShares& shares) {
    constexpr int kCellHeight = 6;
    const double most = shares.shares.empty() ? 0 : *std::max_element(shares.shares.begin(), shares.shares.end());
    std::array<std::string, kCividis.size()> paths;  // one a colour
    for (int layer = 0; layer < shares.moe_layers && most > 0; ++layer) {
        for (int expert = 0; expert < shares.experts; ++expert) {
            const double strength = std::sqrt(shares.at(layer, expert) / most) * static_cast<double>(kCividis.size());
            const auto level = std::min(static_cast<std::size_t>(strength), kCividis.size() - 1);
            if (level > 0) paths[level] += fmt::format("M{} {}h1v1h-1z", expert, layer);
        }
    }
    std::string svg = fmt::format(
        "<svg class=\"strip\" viewBox=\"0 0 {0} {1}\" height=\"{2}\" preserveAspectRatio=\"none\" "
        "shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"Share of the gates, {1} layers by {0} experts\">"
        "<rect width=\"{0}\" height=\"{1}\" fill=\"{3}\"/>",
        shares.experts, shares.moe_layers, shares.moe_layers * kCellHeight, kCividis[0]);
    for (std::size_t level = 1; level < paths.size(); ++level) {
        if (!paths[level].empty()) svg += fmt::format("<path fill=\"{}\" d=\"{}\"/>", kCividis[level], paths[level]);
    }
    return svg + "</svg>\n";
}

std::string routing(const RoutingLog& log) {
    const RoutingShares shares = routingShares(log);
    std::string out = fmt::format(
        "<details>\n"
        "<summary>Routing of {} tokens: {} layers, {} experts</summary>\n"
        "{}<p class=\"meta\">Each row is a layer and each column an expert; the brighter, "
        "the larger its share of the gates (square-root scale).</p>\n"
        "<table>\n"
        "<tr><th>layer</th><th>top experts, by share of the gates</th></tr>\n",
        shares.tokens, shares.moe_layers, shares.experts, strip(shares));
    for (int layer = 0; layer < shares.moe_layers; ++layer) {
        out += fmt::format("<tr><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
                           shares.first_moe_layer + layer, shares.topLine(layer));
    }
    return out + "</table>\n</details>\n";
}

std::string message(const MessageContent& content, const ExportOptions& options) {
    const Message& m = content.message;
    const bool is_user = m.author == Author::kUser;
    std::string out = fmt::format("<section class=\"{}\">\n<h2 class=\"who\">{}</h2>\n", is_user ? "user" : "assistant",
                                  escapedHtml(speaker(m)));
    if (is_user) {
        out += "<div class=\"plain\" dir=\"auto\">" + escapedHtml(m.text) + "</div>\n";
    } else {
        const SpokenText spoken = spokenText(m, options);
        if (!spoken.thought.empty()) {
            out += "<details class=\"thought\">\n<summary>Thinking</summary>\n<div class=\"text\" dir=\"auto\">\n" +
                   renderedMarkdown(spoken.thought) + "</div>\n</details>\n";
        }
        out += "<div class=\"text\" dir=\"auto\">\n" + renderedMarkdown(spoken.answer) + "</div>\n";
    }
    const std::string notes = answerLine(m, options);
    if (!notes.empty()) out += "<p class=\"notes\">" + escapedHtml(notes) + "</p>\n";
    if (options.routing && content.routing) out += routing(*content.routing);
    return out + "</section>\n";
}

std::string article(const ConversationContent& content, std::size_t number, const ExportOptions& options) {
    std::string out = fmt::format("<article id=\"c{}\">\n<header>\n<h1 dir=\"auto\">{}</h1>\n", number,
                                  escapedHtml(titleLine(content.conversation)));
    const std::string facts = conversationLine(content, options);
    if (!facts.empty()) out += "<p class=\"meta\">" + escapedHtml(facts) + "</p>\n";
    out += "</header>\n";
    const std::string& system_prompt = content.conversation.system_prompt;
    if (options.system_prompts && !system_prompt.empty()) {
        out += "<section class=\"system\">\n<h2 class=\"who\">System prompt</h2>\n<div class=\"text\" dir=\"auto\">\n" +
               renderedMarkdown(system_prompt) + "</div>\n</section>\n";
    }
    for (const MessageContent* shown : shownBranch(content)) out += message(*shown, options);
    return out + "</article>\n";
}

std::string contentsList(Conversations conversations) {
    std::string out = fmt::format("<nav>\n<h1>{} chats</h1>\n<ol>\n", conversations.size());
    for (std::size_t i = 0; i < conversations.size(); ++i) {
        out += fmt::format("<li><a href=\"#c{}\" dir=\"auto\">{}</a> <small>{}</small></li>\n", i + 1,
                           escapedHtml(titleLine(conversations[i].conversation)),
                           utcTime(conversations[i].conversation.created_ms));
    }
    return out + "</ol>\n</nav>\n";
}

}  // namespace

std::string exportHtml(Conversations conversations, const ExportOptions& options) {
    const bool single = conversations.size() == 1;
    std::string out(kHead);
    out += fmt::format("<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
                       single ? escapedHtml(titleLine(conversations[0].conversation)) : "Moescope chats", kStyle);
    if (!single) out += contentsList(conversations);
    for (std::size_t i = 0; i < conversations.size(); ++i) out += article(conversations[i], i + 1, options);
    return out + "</main>\n</body>\n</html>\n";
}

}  // namespace moescope
