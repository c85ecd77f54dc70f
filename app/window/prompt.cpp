#include "app/window/prompt.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <map>

#include "engine/text/turn_window.h"

namespace moescope {
namespace {

class PromptWords {
    Q_DECLARE_TR_FUNCTIONS(moescope::Prompt)
};

Prompt render(const Model& model, const AnswerJob& job, std::size_t first,
              std::span<const MessageToken> continued_tokens) {
    std::vector<ChatMessage> messages;
    if (!job.system_prompt.empty()) messages.push_back({Role::kSystem, job.system_prompt});
    const std::size_t last = job.turns.size() - (job.continued != 0 ? 1 : 0);
    int last_answer = -1;
    for (std::size_t i = first; i < last; ++i) {
        const Message& turn = job.turns[i];
        if (turn.author == Author::kAssistant) last_answer = static_cast<int>(messages.size());
        messages.push_back({turn.author == Author::kUser ? Role::kUser : Role::kAssistant, turn.text});
    }
    const RenderedChat chat = model.chatTemplate().render(model.tokenizer(), messages, true);
    Prompt prompt;
    prompt.first_turn = first;
    prompt.ids = chat.ids();
    for (std::size_t i = 0; i < chat.tokens.size() && last_answer >= 0; ++i) {
        if (chat.tokens[i].message == last_answer) prompt.known = static_cast<int>(i) + 1;
    }
    if (job.continued != 0) {
        const std::size_t before = prompt.ids.size();
        // The tokens that were generated, so that the session finds them again; else those of the text.
        if (!continued_tokens.empty()) {
            for (const MessageToken& token : continued_tokens) prompt.ids.push_back(token.id);
        } else {
            for (const TokenSpan& span : model.tokenizer().encode(" " + job.turns.back().text)) {
                prompt.ids.push_back(span.id);
            }
        }
        prompt.continued = static_cast<int>(prompt.ids.size() - before);
    }
    return prompt;
}

/// Tokens of a prompt of nothing but a question.
std::size_t tokensAlone(const Model& model, const std::string& question, const std::string& system_prompt) {
    std::vector<ChatMessage> messages;
    if (!system_prompt.empty()) messages.push_back({Role::kSystem, system_prompt});
    messages.push_back({Role::kUser, question});
    return model.chatTemplate().render(model.tokenizer(), messages, true).tokens.size();
}

Status tooLong(int tokens, int available) {
    const QLocale locale;
    return outOfRange(PromptWords::tr("This message is too long: %1 tokens, %2 available.")
                          .arg(locale.toString(tokens), locale.toString(available))
                          .toStdString());
}

}  // namespace

int reserveFor(int context, int max_tokens) {
    return std::min(max_tokens, std::max(16, context / 4));
}

Result<Prompt> makePrompt(const Model& model, const AnswerJob& job, std::span<const MessageToken> continued_tokens,
                          int context, int reserve, bool may_drop, std::size_t previous) {
    // A question and its answer go together; the last question stays.
    std::vector<std::size_t> starts = {0};
    for (std::size_t i = 1; i < job.turns.size(); ++i) {
        if (job.turns[i].author == Author::kUser) starts.push_back(i);
    }
    TurnWindow window;
    window.turns = starts.size();
    window.room = static_cast<std::size_t>(std::max(0, context - reserve));
    const auto begun = std::find(starts.begin(), starts.end(), previous);
    if (begun != starts.end()) window.previous = static_cast<std::size_t>(begun - starts.begin());
    std::map<std::size_t, Prompt> tried;  // tokenizing takes its time
    const auto prompt = [&](std::size_t turn) -> Prompt& {
        const auto found = tried.find(turn);
        if (found != tried.end()) return found->second;
        return tried.emplace(turn, render(model, job, starts[turn], continued_tokens)).first->second;
    };
    const auto tokens = [&](std::size_t turn) { return prompt(turn).ids.size(); };
    std::optional<std::size_t> first;
    if (may_drop) {
        first = firstTurn(window, tokens);
    } else if (tokens(window.previous) <= window.room) {
        first = window.previous;
    }
    if (first) return std::move(prompt(*first));
    const QLocale locale;
    const int shortest = static_cast<int>(tokens(may_drop ? starts.size() - 1 : window.previous));
    if (may_drop && job.continued == 0) return tooLong(shortest, static_cast<int>(window.room));
    return outOfRange(PromptWords::tr("The conversation has %1 tokens, and the context holds %2 with %3 kept free for "
                                      "the answer. Shorten the question, start a new chat, or let the oldest turns be "
                                      "dropped (chat settings).")
                          .arg(locale.toString(shortest), locale.toString(context), locale.toString(reserve))
                          .toStdString());
}

Status questionFits(const Model& model, const std::string& question, const std::string& system_prompt, int context,
                    int max_tokens) {
    const int room = context - reserveFor(context, max_tokens);
    if (static_cast<int>(tokensAlone(model, question, system_prompt)) <= room) return {};
    return tooLong(static_cast<int>(model.tokenizer().encode(question).size()),
                   roomForQuestion(model, system_prompt, context, max_tokens));
}

int roomForQuestion(const Model& model, const std::string& system_prompt, int context, int max_tokens) {
    return std::max(
        0, context - reserveFor(context, max_tokens) - static_cast<int>(tokensAlone(model, {}, system_prompt)));
}

std::string lastPartThatFits(const Model& model, const std::string& question, const std::string& system_prompt,
                             int context, int max_tokens) {
    int room = roomForQuestion(model, system_prompt, context, max_tokens);
    const auto spans = model.tokenizer().encode(question);
    // Tokens at the cut may be others than those of the whole text, so that a few fewer may fit.
    for (; room > 0; room -= std::max(1, room / 64)) {
        const std::size_t first = spans.size() - std::min(spans.size(), static_cast<std::size_t>(room));
        std::size_t at = first < spans.size() ? spans[first].begin : question.size();
        while (at < question.size() && (static_cast<unsigned char>(question[at]) & 0xC0) == 0x80) ++at;
        std::string part = question.substr(at);
        if (questionFits(model, part, system_prompt, context, max_tokens).ok()) return part;
    }
    return {};
}

}  // namespace moescope
