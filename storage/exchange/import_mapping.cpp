// The tree of a conversation that another program has exported.

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <vector>

#include "storage/exchange/foreign.h"
#include "storage/exchange/json_fields.h"
#include "storage/exchange/json_members.h"
#include "storage/exchange/mend_json.h"
#include "storage/title.h"

namespace moescope {
namespace {

using nlohmann::json;

/// A piece of the text as JSON; a discarded value if it is none.
json parsed(std::string_view text) {
    if (!isModest(text)) return json(json::value_t::discarded);
    return json::parse(mendJson(text), nullptr, false);
}

ForeignMessage readMessage(const json& message, bool& from_deepseek) {
    if (message.is_null()) return {};
    if (jsonAt(message, {"author"}).is_object()) return readChatGptMessage(message);
    if (jsonAt(message, {"fragments"}).is_array() || jsonAt(message, {"content"}).is_string()) {
        from_deepseek = true;
        return readDeepSeekMessage(message);
    }
    // An object without any content is what roots and removed messages are.
    ForeignMessage unknown;
    if (message.is_object() && jsonAt(message, {"content"}).is_null()) return unknown;
    unknown.kind = ForeignMessage::Kind::kPassedOver;
    return unknown;
}

/// One entry of "mapping".
struct Node {
    ForeignMessage said;
    std::string parent_id;
    std::vector<std::string> children_ids;
    std::ptrdiff_t parent = -1;
    std::vector<std::size_t> children;  ///< in the order of the parent's list
    bool visited = false;
    std::int64_t message = 0;  ///< of the result: its own or the nearest above; 0: none
};

class MappingReader {
public:
    MappingReader(std::string_view source, ConversationContent& content, std::int64_t& passed_over)
        : m_source(source), m_content(content), m_passed_over(passed_over) {}

    Status read() {
        JsonMembers members(m_source);
        std::optional<std::string_view> mapping;
        while (members.next()) {
            const std::string& key = members.key();
            if (key == "mapping") {
                mapping = members.value();
            } else if (isKnown(key)) {
                m_fields[key] = parsed(members.value());
            }
        }
        takeTitle();  // an error names it
        if (members.damaged()) return invalid("it is damaged");
        if (!mapping || *mapping == "null") return invalid("it has no messages (no \"mapping\")");
        if (!mapping->starts_with('{')) return invalid("its \"mapping\" is not an object");
        if (!nestsAtMost(*mapping, kMaxJsonDepth)) {
            return invalid(fmt::format("it nests deeper than {} levels, which no export does", kMaxJsonDepth));
        }
        if (!readNodes(*mapping)) return invalid("it is damaged");
        findParents();
        orderChildren();
        takeTimes();
        addAll();
        return finish();
    }

private:
    static bool isKnown(const std::string& key) {
        static constexpr std::string_view kKnown[] = {"title",       "create_time",     "inserted_at",
                                                      "update_time", "updated_at",      "current_node",
                                                      "id",          "conversation_id", "default_model_slug"};
        return std::find(std::begin(kKnown), std::end(kKnown), key) != std::end(kKnown);
    }

    const json& field(const char* key, const char* otherwise) const {
        const json& value = jsonAt(m_fields, {key});
        return value.is_null() || value.is_discarded() ? jsonAt(m_fields, {otherwise}) : value;
    }

    void takeTitle() {
        Conversation& c = m_content.conversation;
        c.title = textOf(jsonAt(m_fields, {"title"}));
        if (c.title.find_first_not_of(" \t\r\n") == std::string::npos) c.title.clear();
        c.automatic_title = c.title.empty();
    }

    bool readNodes(std::string_view mapping) {
        JsonMembers entries(mapping);
        while (entries.next()) {
            const auto [place, is_new] = m_index.emplace(entries.key(), m_nodes.size());
            if (!is_new) {
                ++m_left_out;
                continue;
            }
            Node& node = m_nodes.emplace_back();
            const json entry = parsed(entries.value());
            if (entry.is_discarded()) node.said.kind = ForeignMessage::Kind::kPassedOver;
            node.parent_id = textOf(jsonAt(entry, {"parent"}));
            const json& children = jsonAt(entry, {"children"});
            for (std::size_t i = 0; children.is_array() && i < children.size(); ++i) {
                if (children[i].is_string()) node.children_ids.push_back(children[i].get<std::string>());
            }
            if (!entry.is_discarded()) node.said = readMessage(jsonAt(entry, {"message"}), m_from_deepseek);
        }
        return !entries.damaged();
    }

    std::optional<std::size_t> nodeOf(const std::string& id) const {
        const auto found = m_index.find(id);
        return found == m_index.end() ? std::nullopt : std::optional(found->second);
    }

    void findParents() {
        bool any = false;
        for (Node& node : m_nodes) {
            if (const auto parent = nodeOf(node.parent_id)) node.parent = static_cast<std::ptrdiff_t>(*parent);
        }
        for (std::size_t n = 0; n < m_nodes.size(); ++n) {
            for (const std::string& id : m_nodes[n].children_ids) {
                const auto child = nodeOf(id);
                if (child && m_nodes[*child].parent < 0 && m_nodes[*child].parent_id.empty() && *child != n) {
                    m_nodes[*child].parent = static_cast<std::ptrdiff_t>(n);
                }
            }
        }
        for (const Node& node : m_nodes) any = any || node.parent >= 0;
        if (any) return;
        for (std::size_t n = 1; n < m_nodes.size(); ++n) {
            // Of a list without any links, the order is all that there is. Entries that name a parent who is not there
            // are no such list.
            if (m_nodes[n].parent_id.empty()) m_nodes[n].parent = static_cast<std::ptrdiff_t>(n) - 1;
        }
    }

    void orderChildren() {
        std::vector<bool> listed(m_nodes.size());
        const auto adopt = [&](std::size_t child) {
            if (m_nodes[child].parent < 0 || listed[child]) return;
            m_nodes[static_cast<std::size_t>(m_nodes[child].parent)].children.push_back(child);
            listed[child] = true;
        };
        for (std::size_t n = 0; n < m_nodes.size(); ++n) {
            for (const std::string& id : m_nodes[n].children_ids) {
                const auto child = nodeOf(id);
                if (child && m_nodes[*child].parent == static_cast<std::ptrdiff_t>(n)) adopt(*child);
            }
            m_nodes[n].children_ids = {};
        }
        for (std::size_t n = 0; n < m_nodes.size(); ++n) adopt(n);
    }

    /// A conversation without times has those of its messages.
    void takeTimes() {
        Conversation& c = m_content.conversation;
        std::int64_t first = 0, last = 0;
        for (const Node& node : m_nodes) {
            const std::int64_t time = node.said.kind == ForeignMessage::Kind::kMessage ? node.said.created_ms : 0;
            if (time > 0 && (first == 0 || time < first)) first = time;
            last = std::max(last, time);
        }
        c.created_ms = timeOf(field("create_time", "inserted_at"));
        if (c.created_ms == 0) c.created_ms = first;
        c.updated_ms = timeOf(field("update_time", "updated_at"));
        if (c.updated_ms == 0) c.updated_ms = last;
        c.updated_ms = std::max(c.updated_ms, c.created_ms);
    }

    /// Parents before their children. What no root leads to is a circle: it is cut before its first entry.
    void addAll() {
        std::vector<std::size_t> open;
        for (std::size_t n = m_nodes.size(); n-- > 0;) {
            if (m_nodes[n].parent < 0) open.push_back(n);
        }
        addUnder(open);
        for (std::size_t n = 0; n < m_nodes.size(); ++n) {
            if (m_nodes[n].visited) continue;
            m_nodes[n].parent = -1;
            open.push_back(n);
            addUnder(open);
        }
    }

    void addUnder(std::vector<std::size_t>& open) {
        while (!open.empty()) {
            Node& node = m_nodes[open.back()];
            open.pop_back();
            if (node.visited) continue;
            node.visited = true;
            if (node.parent >= 0) node.message = m_nodes[static_cast<std::size_t>(node.parent)].message;
            addMessage(node);
            open.insert(open.end(), node.children.rbegin(), node.children.rend());
        }
    }

    const Message* messageAbove(const Node& node) const {
        return node.message > 0 ? &m_content.messages[static_cast<std::size_t>(node.message) - 1].message : nullptr;
    }

    void addMessage(Node& node) {
        ForeignMessage said = std::move(node.said);
        Conversation& c = m_content.conversation;
        using Kind = ForeignMessage::Kind;
        if (said.kind == Kind::kSystemPrompt && c.system_prompt.empty()) c.system_prompt = said.text;
        if (said.kind == Kind::kPassedOver) ++m_left_out;
        if (said.kind != Kind::kMessage) return;
        const Message* above = messageAbove(node);
        Message m;
        m.id = std::ssize(m_content.messages) + 1;
        if (above) m.parent = above->id;
        const Author turn = above && above->author == Author::kUser ? Author::kAssistant : Author::kUser;
        m.author = said.author.value_or(turn);
        m.text = std::move(said.text);
        m.created_ms = said.created_ms;
        if (m.created_ms == 0) m.created_ms = above ? above->created_ms : c.created_ms;
        if (m.author == Author::kAssistant) {
            m.model_name = said.model.empty() ? textOf(jsonAt(m_fields, {"default_model_slug"})) : said.model;
            m.finish = said.finish;
            if (!said.reasoning.empty()) m.settings = json{{kReasoningKey, said.reasoning}}.dump();
        }
        node.message = m.id;
        m_content.messages.push_back({std::move(m), {}, {}, {}});
    }

    Status finish() {
        Conversation& c = m_content.conversation;
        if (m_content.messages.empty() && m_left_out > 0) {
            return invalid(fmt::format("none of its {} message{} is a question or an answer", m_left_out,
                                       m_left_out == 1 ? "" : "s"));
        }
        const auto leaf = nodeOf(textOf(jsonAt(m_fields, {"current_node"})));
        if (leaf && m_nodes[*leaf].message > 0) c.leaf = m_nodes[*leaf].message;
        if (c.automatic_title && !m_content.messages.empty()) c.title = titleFrom(m_content.messages[0].message.text);
        const std::string id = textOf(field("conversation_id", "id"));
        if (!id.empty()) c.origin = (m_from_deepseek ? "deepseek:" : "chatgpt:") + id;
        c.message_count = std::ssize(m_content.messages);
        m_passed_over += m_left_out;
        return {};
    }

    std::string_view m_source;
    ConversationContent& m_content;
    std::int64_t& m_passed_over;
    json m_fields = json::object();
    std::deque<Node> m_nodes;
    std::unordered_map<std::string, std::size_t> m_index;
    std::int64_t m_left_out = 0;
    bool m_from_deepseek = false;
};

}  // namespace

Status readMapping(std::string_view conversation, ConversationContent& content, std::int64_t& passed_over) {
    return MappingReader(conversation, content, passed_over).read();
}

}  // namespace moescope
