#include "app/chat/local_answerer.h"

#include <chrono>
#include <utility>

#include "app/chat/model_name.h"
#include "app/chat/opening_blank.h"
#include "app/chat/prompt.h"
#include "engine/generate.h"

namespace moescope {
namespace {

using Clock = std::chrono::steady_clock;

double secondsBetween(Clock::time_point begin, Clock::time_point end) {
    return std::chrono::duration<double>(end - begin).count();
}

/// From what the engine generates to what an observer is told.
class Pieces {
public:
    /// `blank`: a blank that opens the answer is no part of it.
    Pieces(AnswerObserver& observer, int position, std::size_t text_so_far, bool blank)
        : m_observer(observer),
          m_position(position),
          m_text_bytes(text_so_far),
          m_blank(blank && text_so_far == 0),
          m_start(Clock::now()) {}

    /// What the prompt has written of the answer.
    void open(std::string_view text) {
        const auto size = static_cast<std::uint32_t>(text.size());
        m_text_bytes += size;
        m_observer.onPiece({-1, -1, 0, size, text});
    }

    void add(const GeneratedPiece& piece) {
        AnswerPiece out;
        out.text = m_blank ? withoutOpeningBlank(piece.text) : piece.text;
        m_blank = m_blank && piece.text.empty();
        out.odds = piece.odds;
        out.begin = static_cast<std::uint32_t>(m_text_bytes);
        m_text_bytes += out.text.size();
        out.end = static_cast<std::uint32_t>(m_text_bytes);
        if (piece.token >= 0) {
            out.token = piece.token;
            out.position = m_position++;
            m_last = Clock::now();
            if (m_tokens++ == 0) m_first = m_last;
        }
        m_observer.onPiece(out);
    }

    /// As it is known where the engine has an error instead of an answer.
    void describe(AnswerEnd& end) const {
        end.answer_tokens = m_tokens;
        if (m_tokens > 0) end.first_token_seconds = secondsBetween(m_start, m_first);
        if (m_tokens > 1) end.tokens_per_second = (m_tokens - 1) / secondsBetween(m_first, m_last);
    }

private:
    AnswerObserver& m_observer;
    int m_position;
    std::size_t m_text_bytes;
    bool m_blank;  // may come now
    int m_tokens = 0;
    Clock::time_point m_start, m_first, m_last;
};

}  // namespace

Result<std::unique_ptr<LocalAnswerer>> LocalAnswerer::create(std::shared_ptr<Model> model,
                                                             const SessionOptions& options) {
    auto session = Session::create(model, options);
    if (!session.ok()) return session.status();
    return std::unique_ptr<LocalAnswerer>(new LocalAnswerer(std::move(model), std::move(*session)));
}

LocalAnswerer::LocalAnswerer(std::shared_ptr<Model> model, std::unique_ptr<Session> session)
    : m_model(std::move(model)), m_session(std::move(session)) {
    m_info.model_name = modelName(*m_model);
    m_info.context = m_session->context();
    m_info.shape = m_model->config().routingShape();
    m_info.abilities = {true, RoutingDetail::kComplete, true, true, true};
}

/// The prompt begins where the one before it did, as long as it fits: then its start is computed already.
std::size_t LocalAnswerer::previousFirst(const AnswerRequest& request, int reserve) const {
    const bool same = m_cut.first != 0 && m_cut.conversation == request.conversation && m_cut.reserve == reserve;
    if (!same || request.settings.context_policy == ContextPolicy::kStop) return 0;
    for (std::size_t i = 0; i < request.turns.size(); ++i) {
        if (request.turns[i].id == m_cut.first) return i;
    }
    return 0;
}

AnswerEnd LocalAnswerer::answer(const AnswerRequest& request, AnswerObserver& observer, const std::stop_token& stop) {
    AnswerEnd end;
    const auto refused = [&](const Status& status) {
        end.error = status.message();
        end.code = status.code();
        return end;
    };
    if (request.turns.empty()) return refused(invalid("There is no question to answer."));
    const AnswerSettings& settings = request.settings;
    const int context = m_session->context();
    const int reserve = request.reserve.value_or(reserveFor(context, settings.max_tokens));
    auto made = makePrompt(*m_model, request, context, previousFirst(request, reserve));
    if (const auto* overflow = std::get_if<ContextOverflow>(&made)) {
        end.overflow = *overflow;
        return refused(outOfRange(overflow->sentence()));
    }
    Prompt& prompt = std::get<Prompt>(made);
    AnswerBegin& begin = prompt.begin;
    // A cache that was computed under other rules must not be used.
    if (settings.rules != m_rules) {
        if (Status status = m_session->setRouterRules(settings.rules); !status.ok()) return refused(status);
        m_session->truncate(0);
        m_rules = settings.rules;
        m_last_answer = 0;
    }
    m_cut = {request.conversation, begin.first_turn > 0 ? request.turns[begin.first_turn].id : 0, reserve};
    // Where the session goes on from the end of the answer before, nothing of that is computed again.
    const std::int64_t before = std::exchange(m_last_answer, 0);
    const int cached = m_session->position();
    if (m_session->reuse(prompt.ids) == cached) begin.goes_on_from = before;

    const Result<std::int64_t> id = observer.onBegin(begin);
    if (!id.ok()) return refused(id.status());
    end.begun = true;
    // Also of a raw prompt, as a chat's answer is shown.
    Pieces pieces(observer, begin.prompt_tokens, request.continued != 0 ? request.turns.back().text.size() : 0,
                  m_model->chatTemplate().blankBeforeAnswer());
    if (request.continued == 0 && !begin.opening.empty()) pieces.open(begin.opening);
    GenerationOptions options;
    options.odds = request.odds;
    options.continued = begin.continued;
    options.max_tokens = settings.max_tokens;
    options.sampling = settings.sampling();
    options.stop_texts = settings.stop;
    options.sink = observer.wantsRouting() ? &observer : nullptr;
    options.stop = stop;
    options.on_piece = [&](const GeneratedPiece& piece) { pieces.add(piece); };
    options.on_prefill = [&](int done, int total) { observer.onPrefill(done, total); };
    const auto answer = generate(*m_session, prompt.ids, options);

    m_last_answer = *id;
    end.prompt_tokens = begin.prompt_tokens;
    end.context_used = m_session->position();
    pieces.describe(end);
    if (!answer.ok()) return refused(answer.status());
    end.finish = answer->finish;
    end.reused_tokens = answer->reused_tokens;
    end.first_token_seconds = answer->tokens.empty() ? -1 : answer->first_token_seconds;
    end.tokens_per_second = answer->tokensPerSecond();
    return end;
}

}  // namespace moescope
