#include "engine/text/chat_template.h"

#include <algorithm>

namespace moescope {
namespace {

/// Builds the conversation as runs of text between special tokens. A run is encoded as one, since its tokens may
/// straddle what the template and what a message gave to it.
class Renderer {
public:
    Renderer(const Tokenizer& tokenizer, const std::vector<ChatMessage>& messages)
        : m_tokenizer(tokenizer), m_messages(messages) {}

    void fixed(std::string_view text) { m_run += text; }
    void message(std::size_t index) {
        const auto begin = static_cast<std::uint32_t>(m_run.size());
        m_run += m_messages[index].text;
        m_parts.push_back({static_cast<int>(index), begin, static_cast<std::uint32_t>(m_run.size())});
    }
    void special(std::optional<std::int32_t> id) {
        endRun();
        if (id) m_chat.tokens.push_back({*id, -1, 0, 0});
    }
    /// What follows is encoded apart from what came before.
    void endRun() {
        for (const TokenSpan& span : m_tokenizer.encode(m_run)) m_chat.tokens.push_back(place(span));
        m_run.clear();
        m_parts.clear();
    }
    RenderedChat take() {
        endRun();
        return std::move(m_chat);
    }

private:
    struct Part {
        int message;
        std::uint32_t begin, end;  // in the run
    };
    RenderedChat::Token place(const TokenSpan& span) const {
        for (const Part& part : m_parts) {
            const std::uint32_t begin = std::max(span.begin, part.begin), end = std::min(span.end, part.end);
            if (begin < end) return {span.id, part.message, begin - part.begin, end - part.begin};
        }
        return {span.id, -1, 0, 0};
    }

    const Tokenizer& m_tokenizer;
    const std::vector<ChatMessage>& m_messages;
    RenderedChat m_chat;
    std::string m_run;
    std::vector<Part> m_parts;
};

}  // namespace

std::vector<std::int32_t> RenderedChat::ids() const {
    std::vector<std::int32_t> ids;
    for (const Token& token : tokens) ids.push_back(token.id);
    return ids;
}

ChatTemplate ChatTemplate::choose(std::string_view jinja) {
    const auto has = [&](std::string_view part) { return jinja.find(part) != std::string_view::npos; };
    ChatTemplate chosen;
    // Both forms are told by the words that they put before a turn; only V2's knows system messages.
    if (has("'User: '") && has("'Assistant: '") && has("'Assistant:'")) {
        chosen.m_form = has("'system'") ? Form::kDeepSeekV2 : Form::kDeepSeekMoe;
    }
    chosen.m_foreign = chosen.m_form == Form::kPlain && !jinja.empty();
    return chosen;
}

std::string_view ChatTemplate::describe() const {
    switch (m_form) {
        case Form::kDeepSeekMoe:
            return "DeepSeekMoE chat (User: ... Assistant: ...)";
        case Form::kDeepSeekV2:
            return "DeepSeek-V2 chat (system, then User: ... Assistant: ...)";
        case Form::kPlain:
            return m_foreign ? "of a form that is not known; the plain form User: ... Assistant: ... is used"
                             : "none in the file; the plain form User: ... Assistant: ... is used";
    }
    return {};
}

std::string_view ChatTemplate::note() const {
    if (m_form != Form::kPlain) return {};
    return m_foreign ? "The chat template of this model is of a form that Moescope does not know; conversations are "
                       "written as \"User: ... Assistant: ...\", and answers may suffer from it."
                     : "This model has no chat template; conversations are written as \"User: ... Assistant: ...\", "
                       "and answers may suffer from it.";
}

RenderedChat ChatTemplate::render(const Tokenizer& tokenizer, const std::vector<ChatMessage>& messages,
                                  bool answer_follows) const {
    Renderer out(tokenizer, messages);
    if (tokenizer.addBos()) out.special(tokenizer.bos());
    for (std::size_t i = 0; i < messages.size(); ++i) {
        switch (messages[i].role) {
            case Role::kSystem:
                out.message(i);
                out.fixed("\n\n");
                break;
            case Role::kUser:
                out.fixed("User: ");
                out.message(i);
                out.fixed("\n\n");
                break;
            case Role::kAssistant:
                // The opening and the answer are encoded apart, as they were when the answer was generated: so its
                // tokens are the same, and the session need not compute them again.
                out.fixed("Assistant:");
                out.endRun();
                out.fixed(" ");
                out.message(i);
                out.special(tokenizer.eos());
                break;
        }
    }
    if (answer_follows) out.fixed("Assistant:");
    return out.take();
}

}  // namespace moescope
