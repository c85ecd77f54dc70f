#pragma once
// Turns a conversation into tokens, in the form that a model was trained on.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/tokenizer.h"

namespace moescope {

enum class Role : std::uint8_t { kSystem, kUser, kAssistant };

struct ChatMessage {
    Role role = Role::kUser;
    std::string text;
};

/// The tokens of a conversation, and where each message's own text lies among them.
struct RenderedChat {
    struct Token {
        std::int32_t id = 0;
        int message = -1;         ///< index of the message whose text this token is part of; -1: the template's own
        std::uint32_t begin = 0;  ///< byte range within that message's text
        std::uint32_t end = 0;
    };
    std::vector<Token> tokens;

    std::vector<std::int32_t> ids() const;
};

/// A chat form. Value type; chosen once for a model.
class ChatTemplate {
public:
    enum class Form {
        kDeepSeekMoe,  ///< BOS, `User: {text}\n\nAssistant: {text}<eos>User: ...`
        kDeepSeekV2,   ///< the same, with `{system}\n\n` first
        kPlain,        ///< no template in the file: the DeepSeekMoE form without its special tokens being known
    };

    /// Chooses by the file's own `tokenizer.chat_template` (a Jinja text; empty if the file has none). An unknown
    /// template gives the plain form; `describe()` says so.
    static ChatTemplate choose(std::string_view jinja);

    Form form() const { return m_form; }
    std::string_view describe() const;  ///< one line for `info`
    /// A sentence for whoever chats, if answers may suffer from the form that is used; else empty.
    std::string_view note() const;

    /// Tokens of `messages` followed, if `answer_follows`, by the opening of the assistant's answer.
    RenderedChat render(const Tokenizer& tokenizer, const std::vector<ChatMessage>& messages,
                        bool answer_follows) const;

private:
    Form m_form = Form::kPlain;
    bool m_foreign = false;  // the file has a template, which is of no known form
};

}  // namespace moescope
