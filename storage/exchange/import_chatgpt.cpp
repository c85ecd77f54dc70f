// Reads conversations.json of ChatGPT's data export: a list of
//   {"title", "create_time", "update_time", "current_node", "mapping": {ID: {"parent": ID, "children": [ID],
//    "message": {"author": {"role"}, "recipient", "create_time", "content": {"content_type", "parts" or "text"},
//    "metadata": {"model_slug", "finish_details": {"type"}, "is_visually_hidden_from_conversation"}}}}}
// with times in seconds. The format has no specification, so that what is not understood is skipped rather than
// refused, as long as the tree is a tree.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>

#include "storage/exchange/json_fields.h"
#include "storage/exchange/readers.h"

namespace moescope {
namespace {

using nlohmann::json;

/// The value under a path of keys, or null.
const json& at(const json& object, std::initializer_list<const char*> keys) {
    static const json null;
    const json* value = &object;
    for (const char* key : keys) {
        if (!value->is_object()) return null;
        const auto found = value->find(key);
        if (found == value->end()) return null;
        value = &*found;
    }
    return *value;
}

std::string textOf(const json& value) {
    return value.is_string() ? value.get<std::string>() : "";
}

/// Seconds as milliseconds; 0 for what is no time.
std::int64_t timeOf(const json& value) {
    constexpr double kYear10000 = 253402300800;
    const double seconds = value.is_number() ? value.get<double>() : 0;
    return seconds > 0 && seconds < kYear10000 ? std::llround(seconds * 1000) : 0;
}

std::string partText(const json& part) {
    if (part.is_string()) return part.get<std::string>();
    const std::string type = textOf(at(part, {"content_type"})), text = textOf(at(part, {"text"}));
    if (!text.empty()) return text;  // such as an audio transcription
    for (const char* kind : {"image", "audio", "video"}) {
        if (type.find(kind) != std::string::npos) return fmt::format("[{}]", kind);
    }
    return "[attachment]";
}

std::string messageText(const json& message) {
    const json& content = at(message, {"content"});
    const json& parts = at(content, {"parts"});
    if (!parts.is_array()) return textOf(at(content, {"text"}));
    std::string text;
    for (const json& part : parts) {
        const std::string words = partText(part);
        if (!text.empty() && !words.empty()) text += "\n\n";
        text += words;
    }
    return text;
}

std::string finishOf(const json& message) {
    const std::string type = textOf(at(message, {"metadata", "finish_details", "type"}));
    return type == "max_tokens" ? "length" : (type == "interrupted" ? "stopped" : "end of text");
}

/// One entry of "mapping".
struct Node {
    const json* entry = nullptr;
    std::ptrdiff_t parent = -1;
    std::vector<std::size_t> children;  ///< in the order of the parent's list
    std::int64_t message = 0;           ///< of the result: its own or the nearest above; 0: none
};

class ChatGptReader {
public:
    ChatGptReader(const json& source, std::string where, Status& status)
        : m_fields(source, std::move(where), status), m_source(source) {}

    ConversationContent read() {
        Conversation& c = m_content.conversation;
        c.title = textOf(at(m_source, {"title"}));
        c.automatic_title = c.title.empty();
        c.created_ms = timeOf(at(m_source, {"create_time"}));
        c.updated_ms = std::max(timeOf(at(m_source, {"update_time"})), c.created_ms);
        readNodes();
        if (m_fields.ok()) addMessages();
        const auto leaf = m_index.find(textOf(at(m_source, {"current_node"})));
        if (leaf != m_index.end() && m_nodes[leaf->second].message > 0) c.leaf = m_nodes[leaf->second].message;
        c.message_count = std::ssize(m_content.messages);
        return std::move(m_content);
    }

private:
    void readNodes() {
        const json& mapping = at(m_source, {"mapping"});
        if (!mapping.is_object()) return m_fields.fail("mapping", "an object");
        for (const auto& [id, entry] : mapping.items()) {
            m_index.emplace(id, m_nodes.size());
            m_nodes.push_back({&entry, -1, {}, 0});
        }
        // Parents make the tree; lists of children only say in which order.
        for (Node& node : m_nodes) {
            const auto parent = m_index.find(textOf(at(*node.entry, {"parent"})));
            if (parent != m_index.end()) node.parent = static_cast<std::ptrdiff_t>(parent->second);
        }
        std::vector<bool> listed(m_nodes.size());
        const auto adopt = [&](std::size_t child) {
            if (m_nodes[child].parent < 0 || listed[child]) return;
            m_nodes[static_cast<std::size_t>(m_nodes[child].parent)].children.push_back(child);
            listed[child] = true;
        };
        for (std::size_t n = 0; n < m_nodes.size(); ++n) {
            const json& children = at(*m_nodes[n].entry, {"children"});
            if (!children.is_array()) continue;
            for (const json& id : children) {
                const auto child = m_index.find(textOf(id));
                if (child != m_index.end() && m_nodes[child->second].parent == static_cast<std::ptrdiff_t>(n)) {
                    adopt(child->second);
                }
            }
        }
        for (std::size_t n = 0; n < m_nodes.size(); ++n) adopt(n);
    }

    /// Visits parents before their children; what is never reached hangs on a circle.
    void addMessages() {
        std::vector<std::size_t> open;
        for (std::size_t n = m_nodes.size(); n-- > 0;) {
            if (m_nodes[n].parent < 0) open.push_back(n);
        }
        std::size_t visited = 0;
        while (!open.empty()) {
            Node& node = m_nodes[open.back()];
            open.pop_back();
            ++visited;
            if (node.parent >= 0) node.message = m_nodes[static_cast<std::size_t>(node.parent)].message;
            addMessage(node);
            open.insert(open.end(), node.children.rbegin(), node.children.rend());
        }
        if (visited < m_nodes.size()) m_fields.fail("the parents of its messages form a circle");
    }

    void addMessage(Node& node) {
        const json& source = at(*node.entry, {"message"});
        const std::string role = textOf(at(source, {"author", "role"}));
        const std::string recipient = textOf(at(source, {"recipient"}));
        std::string text = messageText(source);
        std::string& system_prompt = m_content.conversation.system_prompt;
        if (role == "system" && system_prompt.empty()) system_prompt = text;
        if (role != "user" && role != "assistant") return;
        if (text.empty() || !(recipient.empty() || recipient == "all")) return;
        if (at(source, {"metadata", "is_visually_hidden_from_conversation"}) == true) return;

        Message m;
        m.id = std::ssize(m_content.messages) + 1;
        if (node.message > 0) m.parent = node.message;
        m.author = role == "user" ? Author::kUser : Author::kAssistant;
        m.text = std::move(text);
        m.created_ms = timeOf(at(source, {"create_time"}));
        if (m.created_ms == 0) m.created_ms = m_content.conversation.created_ms;
        if (m.author == Author::kAssistant) {
            m.model = textOf(at(source, {"metadata", "model_slug"}));
            m.finish = finishOf(source);
        }
        node.message = m.id;
        m_content.messages.push_back({std::move(m), {}, {}});
    }

    JsonFields m_fields;
    const json& m_source;
    ConversationContent m_content;
    std::vector<Node> m_nodes;
    std::unordered_map<std::string, std::size_t> m_index;
};

}  // namespace

std::vector<ConversationContent> readChatGpt(const json& conversations, Status& status) {
    std::vector<ConversationContent> result;
    for (std::size_t i = 0; i < conversations.size() && status.ok(); ++i) {
        result.push_back(ChatGptReader(conversations[i], fmt::format("conversation {}", i + 1), status).read());
    }
    return result;
}

}  // namespace moescope
