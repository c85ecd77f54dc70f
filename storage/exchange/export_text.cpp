// Markdown and plain text.

#include <fmt/format.h>

#include <algorithm>

#include "storage/exchange/formats.h"
#include "storage/exchange/markdown_source.h"
#include "storage/exchange/transcript.h"

namespace moescope {
namespace {

std::string withLineEnd(std::string text) {
    if (!text.ends_with('\n')) text += '\n';
    return text;
}

/// Each line behind "> ".
std::string quotedLines(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        const std::string_view line = text.substr(0, end);
        out += line == "\n" ? ">" : "> ";
        out += line;
        text.remove_prefix(end);
    }
    return out;
}

std::string routingTable(const RoutingLog& log) {
    const RoutingShares shares = routingShares(log);
    std::string table =
        fmt::format("\n| Layer | Top experts of {} tokens, by share of the gates |\n| ---: | :--- |\n", shares.tokens);
    for (int layer = 0; layer < shares.moe_layers; ++layer) {
        table += fmt::format("| {} | {} |\n", shares.first_moe_layer + layer, shares.topLine(layer));
    }
    return table;
}

std::string routingLines(const RoutingLog& log) {
    const RoutingShares shares = routingShares(log);
    std::string lines = fmt::format("Top experts of {} tokens, by share of the gates:\n", shares.tokens);
    for (int layer = 0; layer < shares.moe_layers; ++layer) {
        lines += fmt::format("  layer {:>2}: {}\n", shares.first_moe_layer + layer, shares.topLine(layer));
    }
    return lines;
}

}  // namespace

std::string exportMarkdown(Conversations conversations, const ExportOptions& options) {
    std::string out;
    for (const ConversationContent& content : conversations) {
        if (!out.empty()) out += "\n---\n\n";
        out += fmt::format("# {}\n", escapedMarkdown(titleLine(content.conversation)));
        const std::string facts = conversationLine(content, options);
        if (!facts.empty()) out += fmt::format("\n*{}*\n", escapedMarkdown(facts));
        const std::string& system_prompt = content.conversation.system_prompt;
        if (options.system_prompts && !system_prompt.empty()) {
            out += "\n## System prompt\n\n" + standaloneMarkdown(validUtf8(system_prompt));
        }
        for (const MessageContent* shown : shownBranch(content)) {
            const Message& m = shown->message;
            const SpokenText spoken = spokenText(m, options);
            out += fmt::format("\n## {}\n\n", escapedMarkdown(speaker(m)));
            if (!spoken.thought.empty()) {
                out += "*Thinking*\n\n" + quotedLines(standaloneMarkdown(validUtf8(spoken.thought))) + "\n";
            }
            out += standaloneMarkdown(validUtf8(spoken.answer));
            const std::string notes = answerLine(m, options);
            if (!notes.empty()) out += fmt::format("\n*{}*\n", escapedMarkdown(notes));
            if (options.routing && shown->routing) out += routingTable(*shown->routing);
        }
    }
    return out;
}

std::string exportText(Conversations conversations, const ExportOptions& options) {
    const std::string rule(72, '=');
    std::string out;
    for (const ConversationContent& content : conversations) {
        if (!out.empty()) out += "\n\n";
        out += fmt::format("{}\n{}\n", titleLine(content.conversation), rule);
        const std::string facts = conversationLine(content, options);
        if (!facts.empty()) out += facts + "\n";
        const std::string& system_prompt = content.conversation.system_prompt;
        if (options.system_prompts && !system_prompt.empty()) {
            out += "\n[System prompt]\n" + withLineEnd(validUtf8(system_prompt));
        }
        for (const MessageContent* shown : shownBranch(content)) {
            const Message& m = shown->message;
            const SpokenText spoken = spokenText(m, options);
            out += fmt::format("\n[{}]\n", speaker(m));
            if (!spoken.thought.empty()) {
                out += "(Thinking)\n" + quotedLines(withLineEnd(validUtf8(spoken.thought))) + "\n";
            }
            out += withLineEnd(validUtf8(spoken.answer));
            const std::string notes = answerLine(m, options);
            if (!notes.empty()) out += fmt::format("({})\n", notes);
            if (options.routing && shown->routing) out += routingLines(*shown->routing);
        }
    }
    return out;
}

}  // namespace moescope
