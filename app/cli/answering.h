#pragma once
// Answering on a terminal: what `chat` and `run` share.

#include <CLI/CLI.hpp>
#include <optional>

#include "app/chat/answer_settings.h"
#include "engine/generate.h"

namespace moescope::cli {

/// Options of sampling and length, and the router's rules.
struct AnswerOptions {
    AnswerSettings settings;
    std::optional<double> temperature;  ///< that was asked for
    std::string rules;                  ///< as rules_text.h has them

    AnswerOptions();
    void addTo(CLI::App& command);
    /// Completes the settings: what was not asked for becomes what suits the model. Throws Failure if the rules are
    /// none.
    void settleFor(const ModelConfig& model);
    GenerationOptions generation() const;
    /// Gives the session its rules. Throws Failure if they do not fit the model.
    void applyRules(Session& session) const;
};

/// BOS, if the model wants one, and the text's tokens.
std::vector<std::int32_t> rawPrompt(const Tokenizer& tokenizer, std::string_view text);

/// Generates and writes the text to stdout as it comes, with progress of a long prompt on stderr. A blank that opens
/// the answer is not shown. Ctrl+C stops the answer. Adds to what `options` calls. Errors: those of generate().
Result<Generation> answerOnTerminal(Session& session, std::span<const std::int32_t> prompt, GenerationOptions options);

}  // namespace moescope::cli
