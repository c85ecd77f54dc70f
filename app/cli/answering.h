#pragma once
// Answering on a terminal: what `chat` and `run` share.

#include <CLI/CLI.hpp>
#include <optional>

#include "engine/generate.h"

namespace moescope::cli {

/// Options of sampling and length, and the router's rules.
struct AnswerOptions {
    int max_tokens = 1024;
    std::string context_policy = "stop";  ///< what becomes of a conversation that the context has no room for
    SamplerSettings sampling;
    std::optional<float> temperature;  ///< that was asked for; settleFor() takes it over
    std::string rules;                 ///< as rules_text.h has them

    void addTo(CLI::App& command);
    /// What was not asked for becomes what suits the model; to be called before the rest.
    void settleFor(const ModelConfig& model);
    GenerationOptions generation() const;
    /// Gives the session its rules. Throws Failure if they do not fit the model.
    void applyRules(Session& session) const;
    /// As a JSON object with the keys that the window uses, to be stored with an answer.
    std::string json() const;
};

/// BOS, if the model wants one, and the text's tokens.
std::vector<std::int32_t> rawPrompt(const Tokenizer& tokenizer, std::string_view text);

/// Generates and writes the text to stdout as it comes, with progress of a long prompt on stderr. A blank that opens
/// the answer is not shown. Ctrl+C stops the answer. Adds to what `options` calls. Errors: those of generate().
Result<Generation> answerOnTerminal(Session& session, std::span<const std::int32_t> prompt, GenerationOptions options);

}  // namespace moescope::cli
