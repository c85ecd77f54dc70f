#pragma once
// How well a model predicts a text: teacher-forced cross-entropy.

#include <functional>
#include <span>
#include <stop_token>

#include "engine/engine.h"

namespace moescope {

struct TextLoss {
    double nats = 0;         ///< sum of -ln p over the tokens that count
    std::size_t tokens = 0;  ///< that count; never the first of a window
    double mean() const { return tokens ? nats / static_cast<double>(tokens) : 0; }  ///< nats per token
    double bits() const { return mean() * 1.4426950408889634; }                      ///< bits per token
};

struct TextLossOptions {
    std::function<void(double fraction)> progress;  ///< called on the computing thread; may be empty
    std::stop_token stop;
    RoutingSink* sink = nullptr;  ///< gets every token's routing; may be null
};

/// Tokens, and which of them are to be predicted.
struct ScoredText {
    std::vector<std::int32_t> ids;
    std::vector<std::uint8_t> counts;  ///< one an id, 0: it is read, and its loss does not count; empty: all count

    static ScoredText whole(const Tokenizer& tokenizer, std::string_view text);
    /// A conversation in the model's own chat form, of which the answers' texts count: chat models are trained to
    /// predict these and not the questions.
    static ScoredText answers(const Model& model, const std::vector<ChatMessage>& messages);
};

/// Computes the tokens in windows of the session's context, one after another, each from BOS if the model wants one
/// (one that the text begins with is not taken twice); what the session held is forgotten, its rules apply. Errors:
/// nothing that counts, kStopped, a model whose output is not a number.
Result<TextLoss> textLoss(Session& session, const ScoredText& text, const TextLossOptions& options);

}  // namespace moescope
