// A message of DeepSeek's own chat export.

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "storage/exchange/foreign.h"

namespace moescope {
namespace {

using nlohmann::json;

void addParagraph(std::string& text, std::string_view words) {
    if (!text.empty() && !words.empty()) text += "\n\n";
    text += words;
}

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c;
    return text;
}

/// [citation:3] as a link to the third result of the search, where that is known.
std::string withSearchResults(std::string_view text, const json& results) {
    if (!results.is_array() || results.empty()) return std::string(text);
    std::unordered_map<std::string, std::string> urls;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const json& index = jsonAt(results[i], {"cite_index"});
        const std::string url = textOf(jsonAt(results[i], {"url"}));
        if (!url.starts_with("http://") && !url.starts_with("https://")) continue;
        urls.emplace(index.is_number_integer() ? index.dump() : std::to_string(i + 1), url);
    }
    constexpr std::string_view kMark = "[citation:";
    std::string out;
    while (true) {
        const std::size_t next = text.find(kMark);
        out += text.substr(0, next);
        if (next == std::string_view::npos) return out;
        text.remove_prefix(next);
        const std::string_view number =
            text.substr(kMark.size(), text.substr(0, 20).find(']', kMark.size()) - kMark.size());
        const auto known = urls.find(std::string(number.substr(0, 20)));
        if (known == urls.end()) {
            out += kMark;
            text.remove_prefix(kMark.size());
        } else {
            out += fmt::format("([{}]({}))", number, known->second);
            text.remove_prefix(kMark.size() + number.size() + 1);
        }
    }
}

/// Texts and reasoning of a list of fragments; those of other kinds (searches, pages that were read) are left out.
void takeFragments(ForeignMessage& m, const json& fragments) {
    for (const json& fragment : fragments) {
        const std::string type = textOf(jsonAt(fragment, {"type"})), content = textOf(jsonAt(fragment, {"content"}));
        if (type == "THINK") {
            addParagraph(m.reasoning, content);
        } else if (type == "REQUEST" || type.ends_with("RESPONSE")) {
            addParagraph(m.text, content);
        } else {
            continue;
        }
        if (!m.author) m.author = type == "REQUEST" ? Author::kUser : Author::kAssistant;
    }
}

}  // namespace

ForeignMessage readDeepSeekMessage(const json& message) {
    ForeignMessage m;
    const std::string role = lower(textOf(jsonAt(message, {"role"})));
    if (role == "user" || role == "assistant") m.author = role == "user" ? Author::kUser : Author::kAssistant;
    m.created_ms = timeOf(jsonAt(message, {"inserted_at"}));
    m.model = textOf(jsonAt(message, {"model"}));
    m.finish = FinishReason::kEndOfText;
    const json& fragments = jsonAt(message, {"fragments"});
    if (fragments.is_array()) {
        takeFragments(m, fragments);
    } else {
        m.text = textOf(jsonAt(message, {"content"}));
        m.reasoning = textOf(jsonAt(message, {"reasoning_content"}));
        if (!m.author && !m.reasoning.empty()) m.author = Author::kAssistant;
    }
    m.text = withSearchResults(m.text, jsonAt(message, {"search_results"}));
    const json& files = jsonAt(message, {"files"});
    std::string attachments;
    for (std::size_t i = 0; files.is_array() && i < files.size(); ++i) addParagraph(attachments, "[attachment]");
    addParagraph(attachments, m.text);
    m.text = std::move(attachments);
    using Kind = ForeignMessage::Kind;
    if (role == "system") {
        m.kind = m.text.empty() ? Kind::kNothing : Kind::kSystemPrompt;
        return m;
    }
    const bool known = fragments.is_array() || jsonAt(message, {"content"}).is_string();
    const bool empty = m.text.empty() && m.reasoning.empty();
    if (known && (fragments.is_array() ? fragments.empty() : empty)) return m;
    m.kind = known && !empty ? Kind::kMessage : Kind::kPassedOver;
    return m;
}

}  // namespace moescope
