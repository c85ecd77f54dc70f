#pragma once
// Turns a conversation into tokens, in the form that a model was trained on.

#include <cstdint>
#include <memory>
#include <optional>
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

/// The tokens of a conversation, and where each message's own text is among them.
struct RenderedChat {
    struct Token {
        std::int32_t id = 0;
        int message = -1;         ///< index of the message whose text this token is part of; -1: the template's own
        std::uint32_t begin = 0;  ///< byte range within that message's text
        std::uint32_t end = 0;
    };
    std::vector<Token> tokens;
    /// The template's own text after the last message, with which an answer is opened; "" if a known form wrote it.
    std::string opening;
    /// A sentence, if the file's own template could not write this conversation and the nearest known form did.
    std::string note;

    std::vector<std::int32_t> ids() const;
};

/// What a conversation's template may be asked for.
struct ChatOptions {
    /// Whether the model is to think before it answers, for templates that have the choice (see thinkingChoice());
    /// nullopt: what the template does by itself.
    std::optional<bool> thinking;
};

/// How a model wants its conversations: the file's own Jinja template, or where there is none, or one that cannot be
/// used, a form that is known here. Value type; chosen once for a model.
class ChatTemplate {
public:
    /// Known forms.
    enum class Form {
        kDeepSeekMoe,  ///< BOS, `User: {text}\n\nAssistant: {text}<eos>User: ...`
        kDeepSeekV2,   ///< the same, with `{system}\n\n` first
        kPlain,        ///< the DeepSeekMoE form for a model that was perhaps not trained on it
    };

    ChatTemplate() = default;  ///< the plain form
    /// `jinja`: the file's `tokenizer.chat_template`, empty if it has none. It is tried with small conversations; if it
    /// cannot be used, note() says why. `bos_first`: the file asks for BOS before every text, also if the template does
    /// not write it. Dates that a template writes are of the moment of this call.
    static ChatTemplate choose(std::string_view jinja, const Tokenizer& tokenizer, bool bos_first = false);

    bool ownTemplate() const { return m_own != nullptr; }  ///< whether the file's own template is used
    Form form() const { return m_form; }                   ///< the nearest known form
    /// Whether the template has a choice between thinking and answering at once.
    bool thinkingChoice() const { return m_thinking_choice; }
    /// What it does if nobody chooses.
    bool thinksByItself() const { return m_thinks_by_itself; }
    /// Whether it puts a blank between the opening of an answer and its text; a model begins its answers with a blank
    /// then, which is not part of the answer's text.
    bool blankBeforeAnswer() const { return m_blank_before_answer; }
    const std::string& describe() const { return m_description; }  ///< one line for `info`
    /// A sentence for whoever chats, if answers may suffer from the form that is used; else empty.
    const std::string& note() const { return m_note; }

    /// Tokens of `messages` followed, if `answer_follows`, by the opening of the assistant's answer. `tokenizer` is the
    /// one that the template was chosen for. A message's text never becomes a control token. A template may leave out
    /// parts of a message (white space at its ends, what was thought), put messages in another order, or write one
    /// twice. The tokens for n messages with answer_follows begin those for the n messages, that answer and more, where
    /// the template's text does; messages may be empty.
    RenderedChat render(const Tokenizer& tokenizer, const std::vector<ChatMessage>& messages, bool answer_follows,
                        const ChatOptions& options = {}) const;

private:
    class Own;
    void tryOwn(std::string_view jinja, const Tokenizer& tokenizer, bool bos_first, std::string& problem);
    void describeItself(bool has_template, const std::string& problem);

    Form m_form = Form::kPlain;
    std::shared_ptr<const Own> m_own;
    bool m_thinking_choice = false, m_thinks_by_itself = false, m_blank_before_answer = true;
    std::string m_description, m_note;
};

}  // namespace moescope
