#pragma once
// Writes an answer while it comes, so that at most a second of it can be lost.

#include <chrono>

#include "storage/history.h"
#include "storage/routing_codec.h"

namespace moescope {

/// What is known of an answer when it ends.
struct AnswerSummary {
    std::int32_t prompt_tokens = 0;
    double first_token_seconds = 0;
    double tokens_per_second = 0;
    double thinking_tokens_per_second = 0;
};

/// Made by History; used on its thread. What append() takes is in memory until the next commit; a commit that fails
/// (a full disk) keeps it there, and the next one tries again.
class AnswerWriter {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr auto kCommitInterval = std::chrono::milliseconds(700);  // a second, with time for the disk

    ~AnswerWriter();  ///< commits what it can; an answer without finish() counts as interrupted

    std::int64_t message() const { return m_message; }
    const std::string& text() const { return m_text; }

    /// Gives what was appended: the text without zeros (see withoutZeros()), valid until the next call.
    std::string_view appendText(std::string_view text);
    void appendToken(const MessageToken& token, const TokenOdds& odds = {}) {
        m_tokens.push_back(token);
        m_odds.push_back(odds);
    }
    void appendRouting(const TokenRouting& token);
    /// All tokens of a log of the shape that the answer was begun with.
    void appendRouting(const RoutingLog& log);

    /// Commits if something has waited for kCommitInterval. Call it at least a few times a second.
    Status commitIfDue(Clock::time_point now = Clock::now());
    Status commit();

    /// Commits the rest and how it ended. May be called again if it failed.
    Status finish(const Finish& end, const AnswerSummary& summary);
    Status finish(FinishReason reason, const AnswerSummary& summary) { return finish(Finish{reason, {}}, summary); }

private:
    friend class History;
    AnswerWriter(History& history, std::int64_t message, const RoutingShape& shape);
    void routingAdded();  // to m_chunk
    void writePieces();   // within a transaction; throws SQLite::Exception

    History& m_history;
    std::int64_t m_message;
    std::string m_text;
    std::vector<MessageToken> m_tokens;
    std::vector<TokenOdds> m_odds;  // of the tokens
    std::size_t m_committed_text = 0, m_committed_tokens = 0;
    std::int64_t m_next_piece = 0;
    RoutingChunk m_chunk;
    std::vector<RoutingChunk> m_full_chunks;  // not committed yet
    std::int64_t m_next_chunk = 0;            // sequence of the first of m_full_chunks, or of m_chunk
    bool m_routing_waits = false, m_finished = false;
    Clock::time_point m_last_commit;
};

}  // namespace moescope
