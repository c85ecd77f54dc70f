#pragma once
// Writes an answer into the history while it comes: its text, its tokens with their ranges and positions, its routing
// records, and how it ended.

#include <memory>
#include <optional>

#include "app/chat/answerer.h"
#include "engine/markdown/thinking.h"
#include "storage/answer_writer.h"

namespace moescope {

/// One answer, on the thread of its history, which must outlive this. What could not be committed (a full disk) stays
/// here, and the next commit tries again.
class AnswerRecorder {
public:
    /// Begins it under the request's last turn, or goes on with the answer that it is. Errors: those of the history;
    /// kBusy while another program writes.
    static Result<std::unique_ptr<AnswerRecorder>> begin(History& history, const AnswererInfo& by,
                                                         const AnswerRequest& request, const AnswerBegin& begin);

    std::int64_t message() const { return m_writer->message(); }
    /// All of the answer's text so far.
    const std::string& text() const { return m_writer->text(); }

    /// What is kept of a piece; the text is valid until the next call.
    struct Kept {
        std::string_view text;
        std::optional<MessageToken> token;
    };
    Kept add(const AnswerPiece& piece);
    /// Of what the model thought aloud so far.
    int thinkingTokens() const { return m_thinking.tokens; }
    double thinkingTokensPerSecond() const;  ///< 0: not known

    /// The record as it is kept, valid as long as `token`. Nothing if the branch has one of this token already: no
    /// token has two.
    std::optional<TokenRouting> add(const TokenRouting& token);

    /// Call it at least a few times a second; see AnswerWriter.
    Status commitIfDue(AnswerWriter::Clock::time_point now = AnswerWriter::Clock::now());
    /// May be called again if it failed.
    Status finish(const AnswerEnd& end);

private:
    /// Where an answer's tokens and records have their places.
    struct Place {
        int known = 0;  ///< tokens of the prompt whose records the branch has: they were computed before
        /// Of an answer that goes on: how much further its first part began than it does in this prompt. Its tokens and
        /// records keep counting as they began.
        int shift = 0;
    };
    static Place placeOf(History& history, const RoutingShape& shape, const AnswerRequest& request,
                         const AnswerBegin& begin);
    AnswerRecorder(std::unique_ptr<AnswerWriter> writer, Place place, AnswerSummary before);

    std::unique_ptr<AnswerWriter> m_writer;
    Place m_place;
    AnswerSummary m_summary;  // of an answer that goes on, as it was
    struct Thinking {
        markdown::ThinkingWatch watch;
        int tokens = 0, timed = 0;
        AnswerWriter::Clock::time_point first, last;  // of those that are timed
    } m_thinking;
    bool m_continued = false;
};

}  // namespace moescope
