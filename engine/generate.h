#pragma once
// Answers: prompt in, tokens and text out.

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/finish_reason.h"
#include "engine/base/token_odds.h"
#include "engine/engine.h"
#include "engine/sampling/sampler.h"

namespace moescope {

/// A token of an answer with the text that became complete with it, which is valid UTF-8 and may be empty.
struct GeneratedPiece {
    std::int32_t token = -1;  ///< -1: no token, but what the last ones left incomplete
    std::string_view text;
    /// What else there might have been; null where it is not known. Valid during the call.
    const TokenOdds* odds = nullptr;
};

struct GenerationOptions {
    int max_tokens = 1024;
    SamplerSettings sampling;
    /// Texts that end the answer and are not part of it (engine/text/stop_texts.h). What may be the beginning of one
    /// comes with a later piece.
    std::vector<std::string> stop_texts;
    /// kWhereFree: not where decode() of the session chooses tokens.
    OddsWanted odds = OddsWanted::kNever;
    /// Called once for each token of the answer, on the computing thread.
    std::function<void(const GeneratedPiece& piece)> on_piece;
    /// Called after each chunk of the prompt (see SessionOptions::chunk_tokens); tokens done and in all.
    std::function<void(int done, int total)> on_prefill;
    /// Called for each token of the answer before it is taken, and for the one that ends it, with the logits
    /// (vocabulary) that it was chosen from. Tokens are not chained then (Session::decode()).
    std::function<void(std::int32_t token, std::span<const float> logits)> on_choice;
    RoutingSink* sink = nullptr;  ///< gets every token that is computed, of prompt and answer
    /// Where the text repeats itself, several tokens are computed at once (CopyDrafts): faster, and the same tokens,
    /// records and logits to the bit. Not where tokens are chained, nor where canDraft() is false.
    bool drafts = true;
    /// Tokens at the prompt's end that begin the answer: a character that they leave incomplete is completed.
    int continued = 0;
    std::stop_token stop;
};

struct Generation {
    std::vector<std::int32_t> tokens;                ///< of the answer, without the end-of-text token
    std::string text;                                ///< valid UTF-8
    FinishReason finish = FinishReason::kEndOfText;  ///< or kLength, kContextFull, kStopped
    std::int32_t end_token = -1;                     ///< the end-of-text token, if one ended it
    std::optional<std::string> stop_text;            ///< the one of GenerationOptions::stop_texts, if one ended it
    int prompt_tokens = 0;
    int reused_tokens = 0;           ///< of the prompt that had been computed before
    std::size_t drafted_tokens = 0;  ///< guesses at what follows that were computed ...
    std::size_t right_drafts = 0;    ///< ... and those of them that did follow
    double prefill_seconds = 0;
    double first_token_seconds = 0;  ///< from the call to the first token of the answer
    double decode_seconds = 0;       ///< for the tokens after the first
    double tokensPerSecond() const;  ///< of decoding; 0 if there was none
};

/// Answers `prompt`, which is a whole conversation: what the session has computed of it already is used again. A
/// stop in the middle is no error: the answer so far is returned, and the session holds what was computed. Errors: a
/// prompt that is empty or does not fit, wrong settings, weights that yield no numbers.
Result<Generation> generate(Session& session, std::span<const std::int32_t> prompt, const GenerationOptions& options);

}  // namespace moescope
