#pragma once
// A conversation being answered, whoever answers: messages and settings go in; text with token ids and byte ranges,
// routing records, progress, and an end with its reason come out. The window, the command line and whatever else
// answers chats use nothing below this.
//
//   AnswerRequest request;             // the turns up to the question, and how to answer it
//   const AnswerEnd end = answerer.answer(request, observer, stop);
//
// An answerer belongs to one thread, on which the observer is called.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/chat/answer_settings.h"
#include "engine/base/finish_reason.h"
#include "engine/base/status.h"
#include "engine/base/token_odds.h"
#include "engine/routing/record.h"
#include "storage/conversation.h"

namespace moescope {

/// What is known of the routing of a token.
enum class RoutingDetail : std::uint8_t {
    kNone,
    kIdsOnly,   ///< the chosen experts, in whatever order; see RoutingShape::has_gates and those beside it
    kComplete,  ///< gates, probabilities, runners-up and norms too
};

/// What an answerer can do; where it cannot, the request's part is passed over and the observer's call does not come.
struct AnswererAbilities {
    bool token_ids = false;  ///< pieces have ids and positions
    RoutingDetail routing = RoutingDetail::kNone;
    bool rules = false;        ///< AnswerSettings::rules are followed
    bool experiments = false;  ///< there is a model here that experiments can run on
    bool raw_prompts = false;  ///< AnswerRequest::raw
    bool all_sampling = true;  ///< top-k, min-p and the repetition penalty are followed, beside temperature and top-p
    bool continues = true;     ///< AnswerRequest::continued
};

/// Who answers. Does not change while the answerer lives.
struct AnswererInfo {
    std::string model_name;
    int context = 0;     ///< positions; 0: not known
    RoutingShape shape;  ///< of the records, if there are any
    AnswererAbilities abilities;
};

struct AnswerRequest {
    std::int64_t conversation = 0;  ///< what belongs together; any number that no other conversation has
    /// The branch from its first message to the question, or to the answer to go on with. Ids tell messages apart.
    std::vector<Message> turns;
    /// The last turn is an answer that goes on: its id; 0: the last turn is a question.
    std::int64_t continued = 0;
    std::vector<MessageToken> continued_tokens;  ///< of that answer; none if they are not known
    std::string system_prompt;
    AnswerSettings settings;
    /// Tokens of the context that the prompt leaves for the answer; none: reserveFor().
    std::optional<int> reserve;
    OddsWanted odds = OddsWanted::kNever;  ///< whether pieces tell what else might have been said
    /// The answer is kept as a branch that the conversation does not show: it comes beside the one that it does.
    bool beside = false;
    /// The only turn is a text to go on with as it is, without the form of a chat.
    bool raw = false;
};

/// A conversation that does not fit.
struct ContextOverflow {
    int tokens = 0;     ///< of the shortest prompt that was allowed
    bool exact = true;  ///< false: a lower bound, as it was too long to count
    int context = 0, reserve = 0;
    bool question_alone = false;  ///< the question does not fit by itself
    bool fits_cut = false;        ///< ContextPolicy::kAsk: it would fit with the oldest turns left out

    int room() const { return context > reserve ? context - reserve : 0; }
    /// "The conversation has 612 tokens, and the context holds 512 with 128 kept free for the answer; ..."
    std::string sentence() const;
};

/// The prompt is known, and nothing has been computed yet.
struct AnswerBegin {
    int prompt_tokens = 0;       ///< 0: not known
    std::size_t first_turn = 0;  ///< of AnswerRequest::turns, the first that the prompt has
    int known = 0;      ///< tokens up to the end of the last answer in it: earlier answers may have records of them
    int continued = 0;  ///< tokens at its end that are the beginning of the answer that goes on
    /// What the prompt has written of the answer: the tag that opens a thought. The answer's text begins with it.
    std::string opening;
    std::int64_t goes_on_from = 0;  ///< id of the answer right after which computing goes on; 0: not known
    /// A sentence, if the model's own chat template could not write this conversation and another form did; else empty.
    std::string note;
};

/// Text that became complete, with the token that completed it.
struct AnswerPiece {
    std::int32_t token = -1;           ///< id; -1: no token, or none that is known
    std::int32_t position = -1;        ///< of the token in the context
    std::uint32_t begin = 0, end = 0;  ///< bytes of the whole answer's text, of an answer that goes on from its start
    std::string_view text;             ///< valid UTF-8, may be empty, without the blank that opens an answer
    const TokenOdds* odds = nullptr;   ///< of the token; null: not known. Valid during the call
};

class AnswerObserver : public RoutingSink {
public:
    /// Gives the id that the answer gets, 0 if it is not kept. An error ends it before anything is computed.
    virtual Result<std::int64_t> onBegin(const AnswerBegin& begin) = 0;
    virtual void onPiece(const AnswerPiece& piece) = 0;
    /// Tokens of the prompt that have been read, as it goes; `done` is `total` in the end.
    virtual void onPrefill(int done, int total) = 0;
    /// Every token that is computed, of prompt and answer, in their order.
    void onToken(const TokenRouting& token) override = 0;
    /// Asked before anything is computed.
    virtual bool wantsRouting() const { return true; }
};

struct AnswerEnd {
    bool begun = false;  ///< onBegin() was called and had no error
    FinishReason finish = FinishReason::kError;
    std::string error;                        ///< for kError, a sentence
    std::string note;                         ///< a sentence of what else is to be known of it; may be empty
    StatusCode code = StatusCode::kOk;        ///< of that error
    std::optional<ContextOverflow> overflow;  ///< if that is the error
    int prompt_tokens = 0;
    int reused_tokens = 0;            ///< of the prompt that had been computed before
    int answer_tokens = 0;            ///< new ones
    double first_token_seconds = -1;  ///< from the call to the first token; -1: there was none
    double tokens_per_second = 0;     ///< of the tokens after the first; 0: there were none
    int context_used = 0;             ///< tokens of the context that are taken now
};

class Answerer {
public:
    virtual ~Answerer() = default;
    virtual const AnswererInfo& info() const = 0;
    /// Returns when the answer has ended. A stop is not an error, and is honored within 200 ms.
    virtual AnswerEnd answer(const AnswerRequest& request, AnswerObserver& observer, const std::stop_token& stop) = 0;
};

}  // namespace moescope
