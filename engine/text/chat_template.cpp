#include "engine/text/chat_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "engine/text/chat_writer.h"
#include "engine/text/jinja.h"

namespace moescope {
namespace {

using jinja::Text;
using jinja::Value;

std::string_view roleName(Role role) {
    switch (role) {
        case Role::kSystem:
            return "system";
        case Role::kUser:
            return "user";
        case Role::kAssistant:
            return "assistant";
    }
    return {};
}

std::string_view formName(ChatTemplate::Form form) {
    switch (form) {
        case ChatTemplate::Form::kDeepSeekMoe:
            return "DeepSeekMoE chat (User: ... Assistant: ...)";
        case ChatTemplate::Form::kDeepSeekV2:
            return "DeepSeek-V2 chat (system, then User: ... Assistant: ...)";
        case ChatTemplate::Form::kPlain:
            return "the plain form User: ... Assistant: ...";
    }
    return {};
}

/// The template's own text after the last message's.
std::string_view tail(const Text& text) {
    return text.view().substr(text.pieces().empty() ? 0 : text.pieces().back().end);
}

/// Where what the message `index` says begins, if `words` or a part of it that has a place is there.
std::optional<std::size_t> placeOf(const Text& text, std::int32_t index, std::string_view words) {
    for (const Text::Piece& piece : text.pieces()) {
        if (piece.message == index) return piece.begin;
        const std::string_view part = text.view().substr(piece.begin, piece.end - piece.begin);
        if (piece.message == Text::kNoPlace && part.find(words) != std::string_view::npos) return piece.begin;
    }
    return std::nullopt;
}

/// A message on its way into a template, with where its text comes from.
struct Turn {
    Role role;
    Text text;
};

std::vector<Turn> turnsOf(const std::vector<ChatMessage>& messages) {
    std::vector<Turn> turns;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        turns.push_back({messages[i].role, Text::ofMessage(static_cast<std::int32_t>(i), messages[i].text)});
    }
    return turns;
}

/// The same with what the system says before the first question, for templates without a place for it.
std::vector<Turn> systemIntoQuestion(const std::vector<Turn>& turns) {
    Text said;
    std::vector<Turn> rest;
    for (const Turn& turn : turns) {
        if (turn.role != Role::kSystem) {
            rest.push_back(turn);
        } else if (!turn.text.empty()) {
            said.append(turn.text);
            said.append("\n\n");
        }
    }
    const auto question = std::ranges::find(rest, Role::kUser, &Turn::role);
    if (question != rest.end()) {
        said.append(question->text);
        question->text = said;
    }
    return rest;
}

}  // namespace

/// The file's template.
class ChatTemplate::Own {
public:
    Own(jinja::Template own, const Tokenizer& tokenizer, bool bos_first)
        : m_template(std::move(own)), m_controls(tokenizer), m_bos_first(bos_first), m_now(std::time(nullptr)) {
        if (tokenizer.bos()) m_bos = tokenizer.name(*tokenizer.bos());
        if (tokenizer.eos()) m_eos = tokenizer.name(*tokenizer.eos());
    }

    bool system_apart = false;  ///< it leaves out, or refuses, what the system says

    Result<Text> text(const std::vector<Turn>& turns, bool answer_follows, const ChatOptions& options) const {
        std::vector<Value> messages;
        std::size_t bytes = 0;
        for (const Turn& turn : turns) {
            bytes += turn.text.size();
            messages.push_back(Value::dict({{Value::own("role"), Value::own(roleName(turn.role))},
                                            {Value::own("content"), Value::text(turn.text)}}));
        }
        jinja::RunOptions run;
        run.now = m_now;
        // Real templates take less than a tenth of this.
        run.limits.steps += 10'000 * turns.size() + bytes;
        run.limits.bytes = std::min<std::uint64_t>(run.limits.bytes + 16 * bytes, 1 << 30);
        jinja::Variables variables;
        variables["messages"] = Value::list(std::move(messages));
        variables["add_generation_prompt"] = Value::boolean(answer_follows);
        if (m_bos) variables["bos_token"] = Value::own(*m_bos);
        if (m_eos) variables["eos_token"] = Value::own(*m_eos);
        if (options.thinking) {
            variables["enable_thinking"] = variables["thinking"] = Value::boolean(*options.thinking);
        }
        return m_template.run(std::move(variables), run);
    }

    Result<RenderedChat> render(const Tokenizer& tokenizer, std::vector<Turn> turns, bool answer_follows,
                                const ChatOptions& options) const {
        if (system_apart) turns = systemIntoQuestion(turns);
        const auto whole = text(turns, answer_follows, options);
        if (!whole.ok()) return whole.status();
        const auto probe = text({{Role::kUser, Text::ofMessage(0, "x")}}, true, options);
        const std::string_view opening = probe.ok() ? tail(*probe) : std::string_view();
        ChatWriter out(tokenizer);
        std::size_t at = 0;
        const auto own = [&](std::size_t end) {
            std::string_view part = whole->view().substr(at, end - at);
            // The opening of an answer and the answer are encoded apart, as they were when the answer was generated.
            if (!opening.empty() && part.starts_with(opening)) {
                out.own(opening, m_controls);
                out.endRun();
                part.remove_prefix(opening.size());
            }
            out.own(part, m_controls);
        };
        for (const Text::Piece& piece : whole->pieces()) {
            own(piece.begin);
            out.message(whole->view().substr(piece.begin, piece.end - piece.begin), piece.message, piece.from);
            at = piece.end;
        }
        own(whole->size());
        RenderedChat chat = out.take();
        if (answer_follows) chat.opening = std::string(tail(*whole));
        const auto bos = tokenizer.bos();
        if (m_bos_first && bos && (chat.tokens.empty() || chat.tokens.front().id != *bos)) {
            chat.tokens.insert(chat.tokens.begin(), {*bos, -1, 0, 0});
        }
        return chat;
    }

private:
    jinja::Template m_template;
    ControlTokens m_controls;
    std::optional<std::string> m_bos, m_eos;
    bool m_bos_first;
    std::int64_t m_now;
};

std::vector<std::int32_t> RenderedChat::ids() const {
    std::vector<std::int32_t> ids;
    for (const Token& token : tokens) ids.push_back(token.id);
    return ids;
}

ChatTemplate ChatTemplate::choose(std::string_view jinja, const Tokenizer& tokenizer, bool bos_first) {
    const auto has = [&](std::string_view part) { return jinja.find(part) != std::string_view::npos; };
    ChatTemplate chosen;
    // Both forms are told by the words that they put before a turn; only V2's knows system messages.
    if (has("'User: '") && has("'Assistant: '") && has("'Assistant:'")) {
        chosen.m_form = has("'system'") ? Form::kDeepSeekV2 : Form::kDeepSeekMoe;
    }
    std::string problem;
    if (!jinja.empty()) chosen.tryOwn(jinja, tokenizer, bos_first, problem);
    chosen.describeItself(!jinja.empty(), problem);
    return chosen;
}

void ChatTemplate::tryOwn(std::string_view jinja, const Tokenizer& tokenizer, bool bos_first, std::string& problem) {
    auto read = jinja::Template::parse(jinja);
    if (!read.ok()) {
        problem = read.status().message();
        return;
    }
    const auto own = std::make_shared<Own>(std::move(*read), tokenizer, bos_first);
    const auto tried = [&](const std::vector<ChatMessage>& messages, const ChatOptions& options = {}) {
        return own->text(turnsOf(messages), true, options);
    };
    const ChatMessage system{Role::kSystem, "Rules"}, question{Role::kUser, "Question"},
        answer{Role::kAssistant, "Answer"};
    const auto conversation = tried({question, answer, question});
    if (!conversation.ok()) {
        problem = conversation.status().message();
        return;
    }
    const auto answer_at = placeOf(*conversation, 1, answer.text);
    if (!answer_at || !placeOf(*conversation, 0, question.text)) {
        problem = "it leaves out the messages";
        return;
    }
    const auto with_system = tried({system, question});
    own->system_apart = !with_system.ok() || !placeOf(*with_system, 0, system.text);

    const auto first = tried({question});
    if (!first.ok()) {
        problem = first.status().message();
        return;
    }
    const std::string opening = std::string(tail(*first)) + " ";
    m_blank_before_answer = conversation->view().substr(0, *answer_at).ends_with(opening);
    const auto thinking = tried({question}, {true}), at_once = tried({question}, {false});
    m_thinking_choice = thinking.ok() && at_once.ok() && thinking->view() != at_once->view();
    m_thinks_by_itself = m_thinking_choice && first->view() == thinking->view();
    m_own = own;
}

void ChatTemplate::describeItself(bool has_template, const std::string& problem) {
    const std::string_view known = formName(m_form);
    if (m_own) {
        m_description = m_form == Form::kPlain ? "the file's own" : fmt::format("{}, the file's own", known);
        if (m_own->system_apart && m_form != Form::kDeepSeekMoe) {
            m_description += "; it has no place for a system prompt, which is put before the first question";
        }
        return;
    }
    if (has_template) {
        m_description = fmt::format("the file's own cannot be used ({}); {} is used", problem, known);
        m_note = fmt::format(
            "This model's chat template cannot be used: {}. Chats are written as {} instead, and "
            "answers may be worse.",
            problem, m_form == Form::kPlain ? "\"User: ... Assistant: ...\"" : known);
        return;
    }
    m_description = fmt::format("none in the file; {} is used", known);
    m_note =
        "This model has no chat template; chats are written as \"User: ... Assistant: ...\" "
        "instead, and answers may be worse.";
}

namespace {

RenderedChat renderKnown(const Tokenizer& tokenizer, const std::vector<ChatMessage>& messages, bool answer_follows) {
    ChatWriter out(tokenizer);
    const auto message = [&](std::size_t i) { out.message(messages[i].text, static_cast<std::int32_t>(i), 0); };
    if (tokenizer.addBos()) out.special(tokenizer.bos());
    for (std::size_t i = 0; i < messages.size(); ++i) {
        switch (messages[i].role) {
            case Role::kSystem:
                message(i);
                out.fixed("\n\n");
                break;
            case Role::kUser:
                out.fixed("User: ");
                message(i);
                out.fixed("\n\n");
                break;
            case Role::kAssistant:
                // The opening and the answer are encoded apart, as they were when the answer was generated: so its
                // tokens are the same, and the session need not compute them again.
                out.fixed("Assistant:");
                out.endRun();
                out.fixed(" ");
                message(i);
                out.special(tokenizer.eos());
                break;
        }
    }
    if (answer_follows) out.fixed("Assistant:");
    return out.take();
}

}  // namespace

RenderedChat ChatTemplate::render(const Tokenizer& tokenizer, const std::vector<ChatMessage>& messages,
                                  bool answer_follows, const ChatOptions& options) const {
    if (!m_own) return renderKnown(tokenizer, messages, answer_follows);
    const bool system = std::ranges::find(messages, Role::kSystem, &ChatMessage::role) != messages.end();
    // DeepSeekMoE's template has no place for a system prompt; V2's, which is the same otherwise, puts it first.
    if (system && m_own->system_apart && m_form == Form::kDeepSeekMoe) {
        return renderKnown(tokenizer, messages, answer_follows);
    }
    auto chat = m_own->render(tokenizer, turnsOf(messages), answer_follows, options);
    if (chat.ok()) return std::move(*chat);
    RenderedChat known = renderKnown(tokenizer, messages, answer_follows);
    known.note = fmt::format("The model's chat template could not write this chat: {}. {} was used instead.",
                             chat.status().message(), formName(m_form));
    return known;
}

}  // namespace moescope
