#include "app/window/prompt.h"

#include <QCoreApplication>
#include <optional>

namespace moescope {
namespace {

std::vector<std::int32_t> render(const Model& model, const AnswerJob& job, std::size_t first,
                                 std::span<const MessageToken> continued_tokens) {
    std::vector<ChatMessage> messages;
    if (!job.system_prompt.empty()) messages.push_back({Role::kSystem, job.system_prompt});
    const std::size_t last = job.turns.size() - (job.continued != 0 ? 1 : 0);
    for (std::size_t i = first; i < last; ++i) {
        const Message& turn = job.turns[i];
        messages.push_back({turn.author == Author::kUser ? Role::kUser : Role::kAssistant, turn.text});
    }
    auto ids = model.chatTemplate().render(model.tokenizer(), messages, true).ids();
    if (job.continued != 0) {
        // The tokens that were generated, so that the session finds them again; else those of the text.
        if (!continued_tokens.empty()) {
            for (const MessageToken& token : continued_tokens) ids.push_back(token.id);
        } else {
            for (const TokenSpan& span : model.tokenizer().encode(" " + job.turns.back().text)) ids.push_back(span.id);
        }
    }
    return ids;
}

}  // namespace

Result<Prompt> makePrompt(const Model& model, const AnswerJob& job, std::span<const MessageToken> continued_tokens,
                          int context, int reserve, bool may_drop) {
    // A question and its answer go together; the last question stays.
    std::vector<std::size_t> starts = {0};
    for (std::size_t i = 1; may_drop && i < job.turns.size(); ++i) {
        if (job.turns[i].author == Author::kUser) starts.push_back(i);
    }
    const auto from = [&](std::size_t start) {
        return Prompt{render(model, job, starts[start], continued_tokens), starts[start]};
    };
    const auto fits = [&](const Prompt& prompt) { return static_cast<int>(prompt.ids.size()) + reserve <= context; };
    Prompt prompt = from(0);
    if (fits(prompt)) return prompt;
    // The fewer turns, the fewer tokens: the first start that fits is found by halving, as tokenizing takes its time.
    std::size_t too_long = 0, end = starts.size();
    std::optional<Prompt> longest;
    while (end - too_long > 1) {
        const std::size_t middle = too_long + (end - too_long) / 2;
        Prompt tried = from(middle);
        if (fits(tried)) {
            end = middle;
            longest = std::move(tried);
        } else {
            too_long = middle;
            prompt = std::move(tried);
        }
    }
    if (longest) return std::move(*longest);
    return outOfRange(QCoreApplication::translate(
                          "moescope::Prompt",
                          "The conversation has %1 tokens, and the context holds %2 with %3 kept free for the answer. "
                          "Shorten the question, start a new chat, or let the oldest turns be dropped (chat settings).")
                          .arg(prompt.ids.size())
                          .arg(context)
                          .arg(reserve)
                          .toStdString());
}

}  // namespace moescope
