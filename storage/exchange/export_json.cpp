// JSON that imports again without loss, and JSON Lines. docs/conversation-json.md describes both.
//
// JSON is written by hand, field by field, so that keys have one order and numbers one form: the bytes of a file are
// those of the export of its import. What is written here, import_moescope.cpp reads.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "storage/exchange/formats.h"
#include "storage/exchange/import.h"
#include "storage/exchange/json_fields.h"
#include "storage/exchange/transcript.h"

namespace moescope {
namespace {

std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// The shortest digits that give the same number back, also to a reader that reads every number as a double.
template <class Real>
std::string number(Real value) {
    if (std::isnan(value)) return "\"nan\"";
    if (std::isinf(value)) return value > 0 ? "\"inf\"" : "\"-inf\"";
    if (value == 0) return std::signbit(value) ? "-0.0" : "0";
    std::string digits = fmt::format("{}", value);
    double read = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), read);
    return static_cast<Real>(read) == value ? digits : fmt::format("{}", static_cast<double>(value));
}

std::string number(std::optional<std::int64_t> value) {
    return value ? std::to_string(*value) : "null";
}

template <class T, std::size_t N>
void appendList(std::string& out, const std::array<T, N>& values, int count) {
    out += '[';
    for (int i = 0; i < std::clamp(count, 0, static_cast<int>(N)); ++i) {
        if (i > 0) out += ',';
        if constexpr (std::is_integral_v<T>) {
            out += std::to_string(values[static_cast<std::size_t>(i)]);
        } else {
            out += number(values[static_cast<std::size_t>(i)]);
        }
    }
    out += ']';
}

/// Writes "key": value pairs, each after `line` (a line break with its indent, or a space).
class Fields {
public:
    Fields(std::string& out, std::string line) : m_out(out), m_line(std::move(line)) { m_out += '{'; }

    std::string& key(std::string_view name) {
        fmt::format_to(std::back_inserter(m_out), "{}{}\"{}\": ", m_first ? "" : ",",
                       m_first && m_line == " " ? "" : m_line, name);
        m_first = false;
        return m_out;
    }
    template <class T>
    void add(std::string_view name, const T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            key(name) += value ? "true" : "false";
        } else if constexpr (std::is_integral_v<T>) {
            key(name) += std::to_string(value);
        } else if constexpr (std::is_convertible_v<T, std::string>) {
            key(name) += quoted(value);
        } else {
            key(name) += number(value);
        }
    }
    /// Leaves out what has its default.
    template <class T>
    void addUnless(const T& missing, std::string_view name, const T& value) {
        if (value != missing) add(name, value);
    }
    void addSettings(std::string_view name, const std::string& settings) {
        const auto object = parseSettings(settings);
        if (!object.empty()) key(name) += object.dump();
    }
    const std::string& line() const { return m_line; }

private:
    std::string& m_out;
    std::string m_line;
    bool m_first = true;
};

void appendRouting(std::string& out, const RoutingLog& log, const std::string& line) {
    const RoutingShape& shape = log.shape();
    fmt::format_to(std::back_inserter(out),
                   "{{\"first_moe_layer\": {}, \"moe_layers\": {}, \"experts\": {}, \"experts_used\": {}, "
                   "\"shared_experts\": {}, ",
                   shape.first_moe_layer, shape.moe_layers, shape.experts, shape.experts_used, shape.shared_experts);
    if (shape.hasGroups()) {
        fmt::format_to(std::back_inserter(out), "\"groups\": {}, \"groups_used\": {}, ", shape.groups,
                       shape.groups_used);
    }
    out += "\"tokens\": [";
    for (std::size_t t = 0; t < log.size(); ++t) {
        const RoutingLog::Token& token = log.token(t);
        fmt::format_to(std::back_inserter(out), "{}{}[{},{},\"{}\",[", t > 0 ? "," : "", line, token.token,
                       token.position, token.phase == Phase::kPrefill ? "prefill" : "decode");
        for (int l = 0; l < shape.moe_layers; ++l) {
            const LayerRouting r = log.at(t, l);
            out += l > 0 ? ",[" : "[";
            appendList(out, r.experts, r.count);
            out += ',';
            appendList(out, r.gates, r.count);
            out += ',';
            appendList(out, r.probabilities, r.count);
            out += ',';
            appendList(out, r.runners_up, kRunnersUp);
            out += ',';
            appendList(out, r.runner_up_probabilities, kRunnersUp);
            out += ',' + number(r.shared_norm) + ',' + number(r.routed_norm) + ']';
        }
        out += "]]";
    }
    out += ']';
    if (shape.has_selections) {
        out += ", \"selections\": [";
        for (std::size_t t = 0; t < log.size(); ++t) {
            out += t > 0 ? ",[" : "[";
            for (int l = 0; l < shape.moe_layers; ++l) {
                const LayerRouting r = log.at(t, l);
                out += l > 0 ? ",[" : "[";
                appendList(out, r.selections, r.count);
                out += ',';
                appendList(out, r.runner_up_selections, kRunnersUp);
                out += ']';
            }
            out += ']';
        }
        out += ']';
    }
    if (log.hasPlaces()) {
        out += ", \"on_card\": [";
        for (std::size_t t = 0; t < log.size(); ++t) {
            for (int l = 0; l < shape.moe_layers; ++l) {
                fmt::format_to(std::back_inserter(out), "{}{}",
                               l > 0   ? ","
                               : t > 0 ? "],["
                                       : "[",
                               log.at(t, l).on_card);
            }
        }
        out += "]]";
    }
    out += '}';
}

/// From the `first` on, for a text without its first `left_out` bytes.
void appendTokens(std::string& out, const MessageContent& content, std::size_t first, std::uint32_t left_out) {
    const auto size = static_cast<std::uint32_t>(content.message.text.size());
    out += '[';
    for (const MessageToken& token : std::span(content.tokens).subspan(first)) {
        // A range outside the text would not be read again.
        const std::uint32_t end = std::min(token.end, size), begin = std::min(token.begin, end);
        fmt::format_to(std::back_inserter(out), "{}[{},{},{},{}]", out.back() == '[' ? "" : ",", token.id,
                       begin - left_out, end - left_out, token.position);
    }
    out += ']';
}

void appendOdds(std::string& out, std::span<const TokenOdds> odds) {
    out += '[';
    for (const TokenOdds& o : odds) {
        if (out.back() != '[') out += ',';
        if (!o.known()) {
            out += "null";
            continue;
        }
        fmt::format_to(std::back_inserter(out), "[{},{},{},", o.rank, number(o.probability), number(o.entropy));
        appendList(out, o.tokens, o.count);
        out += ',';
        appendList(out, o.probabilities, o.count);
        out += ']';
    }
    out += ']';
}

/// Messages are numbered 1, 2, 3... in a file, so that they do not depend on a database.
class LocalIds {
public:
    explicit LocalIds(const ConversationContent& content) {
        for (const auto& [message, tokens, odds, routing] : content.messages)
            m_ids.emplace(message.id, std::ssize(m_ids) + 1);
    }
    /// Nothing for what is not in the file.
    std::optional<std::int64_t> operator()(std::optional<std::int64_t> id) const {
        const auto found = id ? m_ids.find(*id) : m_ids.end();
        return found == m_ids.end() ? std::nullopt : std::optional(found->second);
    }

private:
    std::unordered_map<std::int64_t, std::int64_t> m_ids;
};

void addMessage(Fields& fields, const MessageContent& content, const LocalIds& ids, const ExportOptions& options) {
    const Message& m = content.message;
    // Without thoughts the text begins with the answer, and so do its tokens.
    const std::string_view text = options.thoughts ? std::string_view(m.text) : spokenText(m, options).answer;
    const auto thought = static_cast<std::uint32_t>(m.text.size() - text.size());
    fields.key("id") += number(ids(m.id));
    fields.key("parent") += number(ids(m.parent));
    fields.add("role", std::string(m.author == Author::kUser ? "user" : "assistant"));
    fields.add("text", std::string(text));
    fields.add("created_ms", m.created_ms);
    if (m.deleted_ms) fields.add("deleted_ms", *m.deleted_ms);
    fields.addUnless(std::string(), "finish", std::string(finishReasonName(m.finish)));
    fields.addUnless(std::string(), "error", m.error);
    fields.addUnless(std::string(), "model", m.model_name);
    if (options.settings) fields.addSettings("settings", m.settings);
    if (options.timings) {
        fields.addUnless(0, "prompt_tokens", m.prompt_tokens);
        fields.addUnless(0, "answer_tokens", m.answer_tokens);
        fields.addUnless(0.0, "first_token_seconds", m.first_token_seconds);
        fields.addUnless(0.0, "tokens_per_second", m.tokens_per_second);
        if (options.thoughts) fields.addUnless(0.0, "thinking_tokens_per_second", m.thinking_tokens_per_second);
    }
    if (const auto start = ids(m.context_start)) fields.add("context_start", *start);
    if (!options.routing) return;
    const auto first =
        static_cast<std::size_t>(std::find_if(content.tokens.begin(), content.tokens.end(),
                                              [&](const MessageToken& t) { return t.begin >= thought; }) -
                                 content.tokens.begin());
    if (first < content.tokens.size()) appendTokens(fields.key("tokens"), content, first, thought);
    if (first < content.odds.size() && content.odds.size() == content.tokens.size())
        appendOdds(fields.key("alternatives"), std::span(content.odds).subspan(first));
    if (content.routing) {
        std::string& out = fields.key("routing");
        appendRouting(out, *content.routing, fields.line() == " " ? "" : fields.line() + " ");
    }
}

void appendConversation(std::string& out, const ConversationContent& content) {
    const Conversation& c = content.conversation;
    const LocalIds ids(content);
    Fields fields(out, "\n   ");
    fields.add("title", c.title);
    fields.add("automatic_title", c.automatic_title);
    fields.addUnless(std::string(), "folder", content.folder_name);
    fields.add("pinned", c.pinned);
    fields.add("created_ms", c.created_ms);
    fields.add("updated_ms", c.updated_ms);
    if (c.deleted_ms) fields.add("deleted_ms", *c.deleted_ms);
    fields.addUnless(std::string(), "system_prompt", c.system_prompt);
    fields.addUnless(std::string(), "model", c.model_path);
    fields.addSettings("settings", c.settings);
    fields.addUnless(std::string(), "draft", c.draft);
    fields.addUnless(std::string(), "origin", c.origin);
    if (const auto leaf = ids(c.leaf)) fields.add("leaf", *leaf);
    fields.key("messages") += '[';
    for (std::size_t i = 0; i < content.messages.size(); ++i) {
        out += i > 0 ? ",\n    " : "\n    ";
        Fields message(out, "\n     ");
        addMessage(message, content.messages[i], ids, {true, true, true, true});
        out += "\n    }";
    }
    out += "]\n  }";
}

}  // namespace

std::string exportJson(Conversations conversations) {
    std::string out = fmt::format("{{\n \"format\": \"{}\",\n \"version\": {},\n \"conversations\": [", kJsonFormatName,
                                  kJsonFormatVersion);
    for (std::size_t i = 0; i < conversations.size(); ++i) {
        out += i > 0 ? ",\n  " : "\n  ";
        appendConversation(out, conversations[i]);
    }
    out += "]\n}\n";
    return out;
}

std::string exportJsonLines(Conversations conversations, const ExportOptions& options) {
    std::string out;
    for (std::size_t i = 0; i < conversations.size(); ++i) {
        const ConversationContent& content = conversations[i];
        const auto start = [&] {
            Fields fields(out, " ");
            fields.add("conversation", i + 1);
            fields.add("title", content.conversation.title);
            return fields;
        };
        if (options.system_prompts && !content.conversation.system_prompt.empty()) {
            Fields fields = start();
            fields.add("role", std::string("system"));
            fields.add("text", content.conversation.system_prompt);
            out += "}\n";
        }
        const LocalIds ids(content);
        const auto branch = shownBranch(content);
        const auto visible = visibleMessages(content);
        for (std::size_t m = 0; m < content.messages.size(); ++m) {
            if (!visible[m]) continue;
            const MessageContent& message = content.messages[m];
            Fields fields = start();
            fields.add("shown", std::find(branch.begin(), branch.end(), &message) != branch.end());
            addMessage(fields, message, ids, options);
            out += "}\n";
        }
    }
    return out;
}

}  // namespace moescope
