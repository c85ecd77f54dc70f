// A message of ChatGPT's conversations.json, and what it cites.

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "storage/exchange/foreign.h"

namespace moescope {
namespace {

using nlohmann::json;

std::string partText(const json& part) {
    if (part.is_string()) return part.get<std::string>();
    const std::string type = textOf(jsonAt(part, {"content_type"})), text = textOf(jsonAt(part, {"text"}));
    if (!text.empty()) return text;  // such as an audio transcription
    for (const char* kind : {"image", "audio", "video"}) {
        if (type.find(kind) != std::string::npos) return fmt::format("[{}]", kind);
    }
    return "[attachment]";
}

void addParagraph(std::string& text, std::string_view words) {
    if (!text.empty() && !words.empty()) text += "\n\n";
    text += words;
}

std::string contentText(const json& message) {
    const json& content = jsonAt(message, {"content"});
    const json& parts = jsonAt(content, {"parts"});
    if (!parts.is_array()) return content.is_string() ? textOf(content) : textOf(jsonAt(content, {"text"}));
    std::string text;
    for (const json& part : parts) addParagraph(text, partText(part));
    return text;
}

FinishReason finishOf(const json& message) {
    const std::string type = textOf(jsonAt(message, {"metadata", "finish_details", "type"}));
    if (type == "max_tokens") return FinishReason::kLength;
    return type == "interrupted" ? FinishReason::kStopped : FinishReason::kEndOfText;
}

/// Text between marks that no line of its own is taken for.
std::string codeBlock(const std::string& language, const std::string& text) {
    std::size_t longest = 0, run = 0;
    for (const char c : text) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
    const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
    return fmt::format("{}{}\n{}{}{}", fence, language, text, text.ends_with('\n') ? "" : "\n", fence);
}

/// What the assistant wrote into a canvas: a call of a tool, and a text that the user sees nonetheless.
///   create: {"name", "type": "document" or "code/LANGUAGE", "content"}
///   update: {"updates": [{"pattern", "multiple", "replacement"}]}
///   comment: {"comments": [{"pattern", "comment"}]}
std::string canvasText(const std::string& call) {
    const json canvas = json::parse(call, nullptr, false);
    if (!canvas.is_object()) return call;
    const std::string type = textOf(jsonAt(canvas, {"type"}));
    std::string text = textOf(jsonAt(canvas, {"content"}));
    for (const auto& [list, field] : {std::pair("updates", "replacement"), std::pair("comments", "comment")}) {
        const json& entries = jsonAt(canvas, {list});
        if (!entries.is_array()) continue;
        for (const json& entry : entries) addParagraph(text, textOf(jsonAt(entry, {field})));
    }
    constexpr std::string_view kCode = "code/";
    if (type.starts_with(kCode) && !text.empty()) {
        std::string language = type.substr(kCode.size());
        std::erase_if(language, [](char c) { return c < '0' && c != '-' && c != '+' && c != '#'; });
        text = codeBlock(language.substr(0, 20), text);
    }
    const std::string name = textOf(jsonAt(canvas, {"name"}));
    return name.empty() || text.empty() ? text : fmt::format("**{}**\n\n{}", name, text);
}

constexpr std::string_view kOpen = "\uE200", kClose = "\uE201", kDivider = "\uE202";
constexpr std::string_view kOldOpen = "【", kOldClose = "】", kDagger = "†";

/// Links of what a reference or citation knows, "" if it knows none.
std::string linkTo(const json& source) {
    const std::string url = textOf(jsonAt(source, {"url"})), title = textOf(jsonAt(source, {"title"}));
    if (!url.starts_with("http://") && !url.starts_with("https://")) return "";
    return fmt::format("[{}]({})", title.empty() ? url : title, url);
}

/// What stands for each mark, by its whole text; and by its number for the old ones, "6" of 【6†source】.
using Links = std::unordered_map<std::string, std::string>;

Links linksOf(const json& metadata) {
    Links links;
    const json& references = jsonAt(metadata, {"content_references"});
    for (const json& reference : references.is_array() ? references : json::array()) {
        std::string link = textOf(jsonAt(reference, {"alt"}));
        const json& items = jsonAt(reference, {"items"});
        if (link.empty() && items.is_array()) {
            for (const json& item : items) {
                const std::string one = linkTo(item);
                if (!one.empty()) link += (link.empty() ? "(" : ", ") + one;
            }
            if (!link.empty()) link += ')';
        }
        links.emplace(textOf(jsonAt(reference, {"matched_text"})), link);
    }
    const json& citations = jsonAt(metadata, {"citations"});
    for (const json& citation : citations.is_array() ? citations : json::array()) {
        const json& number = jsonAt(citation, {"metadata", "extra", "cited_message_idx"});
        const std::string link = linkTo(jsonAt(citation, {"metadata"}));
        if (number.is_number_integer() && !link.empty()) links.emplace(number.dump(), "(" + link + ")");
    }
    return links;
}

/// The visible part of a mark for which no link is known: an entity's name, a link's words; nothing for a citation.
std::string wordsOf(std::string_view mark) {
    mark.remove_prefix(kOpen.size());
    mark.remove_suffix(kClose.size());
    const std::size_t divider = mark.find(kDivider);
    if (divider == std::string_view::npos) return "";
    const std::string_view kind = mark.substr(0, divider);
    const std::string_view rest = mark.substr(divider + kDivider.size());
    if (kind == "entity") {
        const json fields = json::parse(rest, nullptr, false);
        return fields.is_array() && fields.size() > 1 ? textOf(fields[1]) : "";
    }
    return kind == "url" ? std::string(rest.substr(0, rest.find(kDivider))) : "";
}

/// The mark that stands at the beginning of `text`, or "".
std::string_view markAt(std::string_view text) {
    constexpr std::size_t kLongest = 16384, kLongestOld = 200;
    if (text.starts_with(kOpen)) {
        const std::size_t end = text.substr(0, kLongest).find(kClose);
        return end == std::string_view::npos ? "" : text.substr(0, end + kClose.size());
    }
    const std::size_t end = text.substr(0, kLongestOld).find(kOldClose);
    if (!text.starts_with(kOldOpen) || end == std::string_view::npos) return "";
    const std::string_view inside = text.substr(kOldOpen.size(), end - kOldOpen.size());
    const bool cites = inside.find(kDagger) != std::string_view::npos && inside[0] >= '0' && inside[0] <= '9';
    return cites ? text.substr(0, end + kOldClose.size()) : "";
}

std::string replacementOf(std::string_view mark, const Links& links) {
    if (const auto known = links.find(std::string(mark)); known != links.end() && !known->second.empty()) {
        return known->second;
    }
    if (mark.starts_with(kOpen)) return wordsOf(mark);
    const std::string_view inside = mark.substr(kOldOpen.size());
    const auto known = links.find(std::string(inside.substr(0, inside.find_first_not_of("0123456789"))));
    return known == links.end() ? "" : known->second;
}

/// Whether a blank before it belongs to what was taken out.
bool closesSentence(std::string_view rest) {
    for (const std::string_view mark : {".", ",", ";", ":", "!", "?", ")", "\n", "。", "，", "；", "：", "！", "？"}) {
        if (rest.starts_with(mark)) return true;
    }
    return rest.empty();
}

}  // namespace

std::string withLinks(std::string_view text, const json& metadata) {
    if (text.find("\xee\x88") == std::string_view::npos && text.find(kOldOpen) == std::string_view::npos) {
        return std::string(text);
    }
    const Links links = linksOf(metadata);
    std::string out;
    while (!text.empty()) {
        const std::size_t next = std::min({text.find("\xee\x88"), text.find(kOldOpen), text.size()});
        out += text.substr(0, next);
        text.remove_prefix(next);
        if (text.empty()) break;
        const std::string_view mark = markAt(text);
        if (!mark.empty()) {
            const std::string words = replacementOf(mark, links);
            text.remove_prefix(mark.size());
            out += words;
            if (words.empty() && out.ends_with(' ') && closesSentence(text)) out.pop_back();
            continue;
        }
        // Marks around words that stay (U+E203, U+E204), and what is left of one that was cut off.
        constexpr std::size_t kBytes = 3;
        const auto last = static_cast<unsigned char>(text[text.size() < kBytes ? text.size() - 1 : 2]);
        if (!text.starts_with("\xee\x88") || last < 0x80 || last > 0x8f) out += text.substr(0, kBytes);
        text.remove_prefix(std::min(kBytes, text.size()));
    }
    return out;
}

ForeignMessage readChatGptMessage(const json& message) {
    ForeignMessage m;
    const std::string role = textOf(jsonAt(message, {"author", "role"}));
    const std::string recipient = textOf(jsonAt(message, {"recipient"}));
    m.text = contentText(message);
    m.created_ms = timeOf(jsonAt(message, {"create_time"}));
    using Kind = ForeignMessage::Kind;
    if (role == "system") {
        m.kind = m.text.empty() ? Kind::kNothing : Kind::kSystemPrompt;
        return m;
    }
    const bool hidden = jsonAt(message, {"metadata", "is_visually_hidden_from_conversation"}) == true;
    const bool canvas = role == "assistant" && recipient.starts_with("canmore.");
    if (canvas && !hidden) m.text = canvasText(m.text);
    if (m.text.empty()) return m;
    const bool said = (role == "user" || role == "assistant") && (recipient.empty() || recipient == "all" || canvas);
    m.kind = said && !hidden ? Kind::kMessage : Kind::kPassedOver;
    m.author = role == "user" ? Author::kUser : Author::kAssistant;
    if (m.author != Author::kAssistant) return m;
    m.text = withLinks(m.text, jsonAt(message, {"metadata"}));
    if (m.text.empty()) m.kind = Kind::kNothing;
    m.model = textOf(jsonAt(message, {"metadata", "model_slug"}));
    m.finish = finishOf(message);
    return m;
}

}  // namespace moescope
