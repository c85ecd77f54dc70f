#include "engine/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "engine/sampling/copy_drafts.h"
#include "engine/sampling/odds.h"
#include "engine/text/stop_texts.h"

namespace moescope {
namespace {

using Clock = std::chrono::steady_clock;
double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Computes the prompt's new tokens.
Status prefill(Session& session, std::span<const std::int32_t> prompt, const GenerationOptions& options) {
    const int before = session.position();
    std::function<void(int)> progress;
    if (options.on_prefill) {
        progress = [&](int done) { options.on_prefill(before + done, static_cast<int>(prompt.size())); };
    }
    return session.evaluate(prompt.subspan(static_cast<std::size_t>(before)), LogitsWanted::kLast, options.sink,
                            Phase::kPrefill, options.stop, progress);
}

}  // namespace

double Generation::tokensPerSecond() const {
    return tokens.size() > 1 && decode_seconds > 0 ? static_cast<double>(tokens.size() - 1) / decode_seconds : 0;
}

Result<Generation> generate(Session& session, std::span<const std::int32_t> prompt, const GenerationOptions& options) {
    if (prompt.empty()) return invalid("The prompt is empty; give at least one character.");
    if (Status status = validate(options.sampling); !status.ok()) return status;
    if (prompt.size() > static_cast<std::size_t>(session.context())) {
        return outOfRange(
            fmt::format("The prompt has {} tokens, but the context holds {}. Shorten the text, start a new "
                        "chat, or choose a larger context.",
                        prompt.size(), session.context()));
    }
    const auto start = Clock::now();
    const Tokenizer& tokenizer = session.model().tokenizer();
    Generation answer;
    answer.prompt_tokens = static_cast<int>(prompt.size());
    answer.reused_tokens = session.reuse(prompt);
    Status status = prefill(session, prompt, options);
    answer.prefill_seconds = secondsSince(start);

    Sampler sampler(options.sampling);
    for (const std::int32_t id : prompt) sampler.accept(id);
    IncrementalDecoder decoder(tokenizer);
    StopTexts stop_texts(options.stop_texts);
    constexpr std::size_t kMostOfCharacter = 3;  // tokens that hold less than one
    for (const std::int32_t id : prompt.last(
             std::min({prompt.size(), kMostOfCharacter, static_cast<std::size_t>(std::max(0, options.continued))}))) {
        (void)decoder.push(id);
    }
    const auto emit = [&](std::int32_t token, const std::string& text, const TokenOdds* odds = nullptr) {
        answer.text += text;
        if (options.on_piece) options.on_piece({token, text, odds});
    };
    const bool chained =
        session.canDecode(options.sampling) && !options.on_choice && options.odds != OddsWanted::kAlways;
    std::optional<CopyDrafts> drafts;
    if (options.drafts && !chained && session.canDraft()) drafts.emplace(prompt);
    const bool with_odds = options.odds != OddsWanted::kNever && !chained;
    auto first_token = start;
    const auto full = [&] { return static_cast<int>(answer.tokens.size()) >= options.max_tokens; };
    /// Takes a chosen token into the answer; whether it is to be computed.
    const auto take = [&](std::int32_t next, const TokenOdds* odds = nullptr) {
        if (answer.tokens.empty()) {
            answer.first_token_seconds = secondsSince(start);
            first_token = Clock::now();
        }
        if (tokenizer.isEndOfText(next)) {
            answer.end_token = next;
            return false;
        }
        sampler.acceptAnswer(next);
        answer.tokens.push_back(next);
        if (drafts) drafts->add(next);
        emit(next, stop_texts.push(decoder.push(next)), odds);
        answer.decode_seconds = secondsSince(first_token);
        answer.stop_text = stop_texts.found();
        if (answer.stop_text) return false;
        if (session.position() < session.context()) return true;
        answer.finish = FinishReason::kContextFull;
        return false;
    };
    Status chosen;
    /// Chooses what follows logits: the token that is to be computed next, if the answer goes on.
    const auto choose = [&](std::span<const float> logits) -> std::optional<std::int32_t> {
        if (full()) {
            answer.finish = FinishReason::kLength;
            return {};
        }
        const auto next = sampler.sample(logits);
        if (!next.ok()) {
            chosen = next.status();
            return {};
        }
        if (options.on_choice) options.on_choice(*next, logits);
        const TokenOdds odds = with_odds ? oddsOf(logits, *next) : TokenOdds();
        if (!take(*next, odds.known() ? &odds : nullptr)) return {};
        return *next;
    };
    bool no_numbers = false;
    std::optional<std::int32_t> next;
    if (status.ok()) next = choose(session.logits());
    while (next && status.ok()) {
        if (chained) {
            status = session.decode(*next, sampler, options.sink, options.stop, [&](std::int32_t following) {
                no_numbers = following < 0;
                if (full()) answer.finish = FinishReason::kLength;
                return !full() && !no_numbers && take(following);
            });
            break;
        }
        if (full()) {
            // It is computed too: its routing is part of the answer, and the next turn starts after it.
            answer.finish = FinishReason::kLength;
            status = session.evaluate({&*next, 1}, LogitsWanted::kNone, options.sink, Phase::kDecode, options.stop);
            break;
        }
        const std::size_t room = static_cast<std::size_t>(options.max_tokens) - answer.tokens.size();
        const std::span<const std::int32_t> guesses = drafts ? drafts->propose(room) : std::span<const std::int32_t>();
        const std::size_t guessed = guesses.size();
        const auto right = session.evaluateDrafts(*next, guesses, options.sink, options.stop,
                                                  [&](std::span<const float> logits) { return next = choose(logits); });
        if (!right.ok()) {
            status = right.status();
            break;
        }
        if (drafts) drafts->judge(guessed, *right);
        answer.drafted_tokens += guessed;
        answer.right_drafts += *right;
    }
    if (!chosen.ok()) return chosen;
    if (no_numbers && !full()) return sampler.sample({}).status();
    const std::string rest = stop_texts.push(decoder.finish()) + stop_texts.finish();
    if (!rest.empty()) emit(-1, rest);
    if (status.code() == StatusCode::kStopped) {
        answer.finish = FinishReason::kStopped;
    } else if (!status.ok()) {
        return status;
    }
    return answer;
}

}  // namespace moescope
