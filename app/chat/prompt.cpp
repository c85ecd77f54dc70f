#include "app/chat/prompt.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/chat/opening_blank.h"
#include "engine/markdown/thinking.h"
#include "engine/text/turn_window.h"

namespace moescope {
namespace {

void append(std::vector<std::int32_t>& ids, const std::vector<TokenSpan>& spans) {
    for (const TokenSpan& span : spans) ids.push_back(span.id);
}

Prompt rawPrompt(const Tokenizer& tokenizer, const std::string& text) {
    Prompt prompt;
    if (tokenizer.addBos() && tokenizer.bos()) prompt.ids.push_back(*tokenizer.bos());
    append(prompt.ids, tokenizer.encode(text));
    prompt.begin.prompt_tokens = static_cast<int>(prompt.ids.size());
    return prompt;
}

Prompt render(const Model& model, const AnswerRequest& request, std::size_t first) {
    if (request.raw) return rawPrompt(model.tokenizer(), request.turns.front().text);
    std::vector<ChatMessage> messages;
    if (!request.system_prompt.empty()) messages.push_back({Role::kSystem, request.system_prompt});
    const std::size_t last = request.turns.size() - (request.continued != 0 ? 1 : 0);
    int last_answer = -1;
    for (std::size_t i = first; i < last; ++i) {
        const Message& turn = request.turns[i];
        if (turn.author == Author::kAssistant) last_answer = static_cast<int>(messages.size());
        messages.push_back({turn.author == Author::kUser ? Role::kUser : Role::kAssistant, turn.text});
    }
    const RenderedChat chat =
        model.chatTemplate().render(model.tokenizer(), messages, true, {request.settings.thinking});
    Prompt prompt;
    AnswerBegin& begin = prompt.begin;
    begin.first_turn = first;
    begin.note = chat.note;
    begin.opening = markdown::openedThought(chat.opening);
    prompt.ids = chat.ids();
    for (std::size_t i = 0; i < chat.tokens.size() && last_answer >= 0; ++i) {
        if (chat.tokens[i].message == last_answer) begin.known = static_cast<int>(i) + 1;
    }
    if (request.continued != 0) {
        const std::size_t before = prompt.ids.size();
        // The tokens that were generated, so that the session finds them again; else those of the text.
        for (const MessageToken& token : request.continued_tokens) prompt.ids.push_back(token.id);
        if (request.continued_tokens.empty()) {
            std::string text = request.turns.back().text;
            if (text.starts_with(begin.opening)) text.erase(0, begin.opening.size());  // it is there already
            const bool blank = model.chatTemplate().blankBeforeAnswer();
            append(prompt.ids, model.tokenizer().encode(blank ? withOpeningBlank(text) : text));
        }
        begin.continued = static_cast<int>(prompt.ids.size() - before);
    }
    begin.prompt_tokens = static_cast<int>(prompt.ids.size());
    return prompt;
}

/// Tokens that the prompt from a turn on has at the least.
std::size_t leastTokens(const Model& model, const AnswerRequest& request, std::size_t first) {
    std::size_t bytes = request.system_prompt.size();
    for (std::size_t i = first; i < request.turns.size(); ++i) bytes += request.turns[i].text.size();
    return model.tokenizer().leastTokens(bytes);
}

/// Tokens of a prompt of nothing but a question.
std::size_t tokensAlone(const Model& model, const std::string& question, const std::string& system_prompt) {
    std::vector<ChatMessage> messages;
    if (!system_prompt.empty()) messages.push_back({Role::kSystem, system_prompt});
    messages.push_back({Role::kUser, question});
    return model.chatTemplate().render(model.tokenizer(), messages, true).tokens.size();
}

}  // namespace

std::string ContextOverflow::sentence() const {
    const std::string least = exact ? "" : "at least ";
    if (question_alone)
        return fmt::format("This message is too long: {}{} tokens, {} available.", least, tokens, room());
    return fmt::format(
        "The chat has {}{} tokens, but the context holds {}{}. Shorten the question, start a "
        "new chat, choose a larger context, or let the oldest turns be dropped.",
        least, tokens, context, reserve > 1 ? fmt::format(" with {} reserved for the answer", reserve) : "");
}

int reserveFor(int context, int max_tokens) {
    return std::min(max_tokens, std::max(16, context / 4));
}

std::variant<Prompt, ContextOverflow> makePrompt(const Model& model, const AnswerRequest& request, int context,
                                                 std::size_t previous) {
    // A question and its answer go together; the last question stays.
    std::vector<std::size_t> starts = {0};
    for (std::size_t i = 1; i < request.turns.size(); ++i) {
        if (request.turns[i].author == Author::kUser) starts.push_back(i);
    }
    const int reserve = request.reserve.value_or(reserveFor(context, request.settings.max_tokens));
    TurnWindow window;
    window.turns = starts.size();
    window.room = static_cast<std::size_t>(std::max(0, context - reserve));
    const auto begun = std::find(starts.begin(), starts.end(), previous);
    if (begun != starts.end()) window.previous = static_cast<std::size_t>(begun - starts.begin());
    std::map<std::size_t, Prompt> tried;  // tokenizing takes its time
    const auto prompt = [&](std::size_t turn) -> Prompt& {
        const auto found = tried.find(turn);
        if (found != tried.end()) return found->second;
        return tried.emplace(turn, render(model, request, starts[turn])).first->second;
    };
    bool exact = true;
    const auto tokens = [&](std::size_t turn) {
        const std::size_t least = leastTokens(model, request, starts[turn]);
        exact = least <= window.room;
        return exact ? prompt(turn).ids.size() : least;
    };
    const ContextPolicy policy = request.settings.context_policy;
    const std::size_t whole = tokens(window.previous);
    if (whole <= window.room) return std::move(prompt(window.previous));
    ContextOverflow overflow{static_cast<int>(whole), exact, context, reserve, false, false};
    if (policy == ContextPolicy::kStop) return overflow;
    const std::optional<std::size_t> first = firstTurn(window, tokens);
    if (policy == ContextPolicy::kAsk) {
        overflow.fits_cut = first.has_value();
        return overflow;
    }
    if (first) return std::move(prompt(*first));
    overflow.tokens = static_cast<int>(tokens(starts.size() - 1));
    overflow.exact = exact;
    overflow.question_alone = request.continued == 0;
    return overflow;
}

std::optional<ContextOverflow> questionOverflow(const Model& model, const std::string& question,
                                                const std::string& system_prompt, int context, int max_tokens) {
    const int reserve = reserveFor(context, max_tokens), room = context - reserve;
    if (static_cast<int>(tokensAlone(model, question, system_prompt)) <= room) return std::nullopt;
    ContextOverflow overflow;
    overflow.tokens = static_cast<int>(model.tokenizer().encode(question).size());
    overflow.context = roomForQuestion(model, system_prompt, context, max_tokens);  // what is around it is taken off
    overflow.question_alone = true;
    return overflow;
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
        if (!questionOverflow(model, part, system_prompt, context, max_tokens)) return part;
    }
    return {};
}

}  // namespace moescope
