#pragma once
// Answering on a terminal: what `chat` and `run` share.

#include <CLI/CLI.hpp>
#include <optional>

#include "app/chat/local_answerer.h"
#include "app/cli/common.h"
#include "app/remote/remote_answerer.h"
#include "engine/base/foreign_text.h"

namespace moescope::cli {

/// Options of sampling and length, and the router's rules.
struct AnswerOptions {
    AnswerSettings settings;
    std::optional<double> temperature;  ///< that was asked for
    std::optional<bool> thinking;       ///< that was asked for
    std::string rules;                  ///< as rules_text.h has them

    AnswerOptions();
    void addTo(CLI::App& command);
    /// Completes the settings: what was not asked for becomes what suits the model. Throws Failure if the rules are
    /// none, or do not fit it.
    void settleFor(const Model& model);
    /// The same for a server; says on stderr what it does not follow.
    void settleFor(const RemoteAnswerer& server);
};

/// Shows an answer on stdout as it comes, and on stderr how far a long prompt is. Override what else is to be done with
/// it, and call these.
class TerminalObserver : public AnswerObserver {
public:
    TerminalObserver();
    Result<std::int64_t> onBegin(const AnswerBegin& begin) override;
    void onPiece(const AnswerPiece& piece) override;
    void onPrefill(int done, int total) override;
    void onToken(const TokenRouting&) override {}
    /// At the end: shows what was held back.
    void finish();

private:
    ProgressLine m_line;
    bool m_terminal;  // what goes into a file or a pipe is the model's own text
    HarmlessStream m_cleaned;
};

/// Answers and shows it. Ctrl+C stops the answer.
AnswerEnd answerOnTerminal(Answerer& answerer, const AnswerRequest& request, TerminalObserver& observer);

/// Loads the model and what it is to answer with. Where nobody chose a context and memory has no room for the model's
/// own, it is as long as fits, and stderr says so.
std::unique_ptr<LocalAnswerer> loadAnswerer(const ComputeOptions& options);

}  // namespace moescope::cli
