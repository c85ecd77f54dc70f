#pragma once
// Puts a conversation together from text and special tokens.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/chat_template.h"
#include "engine/text/control_tokens.h"

namespace moescope {

/// Builds a conversation as runs of text between special tokens. A run is encoded as one, since its tokens may straddle
/// what the template and what a message gave to it.
class ChatWriter {
public:
    explicit ChatWriter(const Tokenizer& tokenizer) : m_tokenizer(tokenizer) {}

    /// Text of the template, without looking for special tokens in it.
    void fixed(std::string_view text) { m_run += text; }
    /// Text of the template in which control tokens are written out.
    void own(std::string_view text, const ControlTokens& controls);
    /// Text of the message `index` from its byte `from` on; index -1: of messages, but at no known place.
    void message(std::string_view text, std::int32_t index, std::uint32_t from);
    void special(std::optional<std::int32_t> id);
    /// What follows is encoded apart from what came before.
    void endRun();
    RenderedChat take();

private:
    struct Part {
        std::int32_t message;
        std::uint32_t begin, end;  // in the run
        std::uint32_t from;        // of `begin`, in the message
    };
    RenderedChat::Token place(const TokenSpan& span) const;

    const Tokenizer& m_tokenizer;
    RenderedChat m_chat;
    std::string m_run;
    std::vector<Part> m_parts;
};

}  // namespace moescope
