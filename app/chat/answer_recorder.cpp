#include "app/chat/answer_recorder.h"

#include <algorithm>
#include <utility>

namespace moescope {

AnswerRecorder::AnswerRecorder(std::unique_ptr<AnswerWriter> writer, Place place, AnswerSummary before)
    : m_writer(std::move(writer)), m_place(place), m_summary(before) {}

AnswerRecorder::Place AnswerRecorder::placeOf(History& history, const RoutingShape& shape, const AnswerRequest& request,
                                              const AnswerBegin& begin) {
    Place place;
    const auto& continued_tokens = request.continued_tokens;
    if (request.continued != 0 && !continued_tokens.empty()) {
        place.shift = continued_tokens.front().position - (begin.prompt_tokens - begin.continued);
    }
    // The answer before it on the branch, or its own first part.
    const Message* last = request.continued != 0 ? &request.turns.back() : nullptr;
    for (std::size_t i = request.turns.size() - 1; !last && i-- > begin.first_turn;) {
        if (request.turns[i].author == Author::kAssistant) last = &request.turns[i];
    }
    if (!last || (request.continued == 0 && last->id == begin.goes_on_from)) return place;
    const auto log = history.routing(last->id);
    if (!log.ok() || !*log || (*log)->size() == 0 || !shape.continues((*log)->shape()))
        return place;  // nobody has them yet
    const auto tokens = request.continued != 0 ? Result(continued_tokens) : history.tokens(last->id);
    if (!tokens.ok() || tokens->empty()) return place;
    // The last tokens of an answer that was cut off may not have been computed.
    const int missing = std::max(0, tokens->back().position - (*log)->token((*log)->size() - 1).position);
    place.known = std::max(0, (request.continued != 0 ? begin.prompt_tokens : begin.known) - missing);
    return place;
}

Result<std::unique_ptr<AnswerRecorder>> AnswerRecorder::begin(History& history, const AnswererInfo& by,
                                                              const AnswerRequest& request, const AnswerBegin& begin) {
    const Message& last = request.turns.back();
    AnswerSummary summary;
    Message answer;
    if (request.continued == 0) {
        answer.conversation = request.conversation;
        answer.parent = last.id;
        answer.author = Author::kAssistant;
        answer.model_name = by.model_name;
        answer.settings = request.settings.toJson();
        if (begin.first_turn > 0) answer.context_start = request.turns[begin.first_turn].id;
        summary.prompt_tokens = begin.prompt_tokens;
    } else {
        summary = {last.prompt_tokens, last.first_token_seconds, last.tokens_per_second,
                   last.thinking_tokens_per_second};
    }
    auto writer = request.continued != 0 ? history.continueAnswer(request.continued, by.shape)
                                         : history.beginAnswer(answer, by.shape, !request.beside);
    if (!writer.ok()) return writer.status();
    const Place place = placeOf(history, by.shape, request, begin);
    std::unique_ptr<AnswerRecorder> recorder(new AnswerRecorder(std::move(*writer), place, summary));
    recorder->m_continued = request.continued != 0;
    if (recorder->m_continued) {
        Thinking& thinking = recorder->m_thinking;
        thinking.watch.add(last.text);
        const auto thought = markdown::thinkingOf(last.text);
        for (const MessageToken& token : request.continued_tokens)
            thinking.tokens += thought && token.begin < thought->answer;
    }
    return recorder;
}

AnswerRecorder::Kept AnswerRecorder::add(const AnswerPiece& piece) {
    Kept kept;
    const auto begin = static_cast<std::uint32_t>(m_writer->text().size());
    kept.text = m_writer->appendText(piece.text);
    const bool thought = m_thinking.watch.thinks();
    m_thinking.watch.add(kept.text);
    if (piece.token < 0) return kept;
    if (thought || m_thinking.watch.thinks()) {
        m_thinking.last = AnswerWriter::Clock::now();
        if (m_thinking.timed++ == 0) m_thinking.first = m_thinking.last;
        ++m_thinking.tokens;
    }
    const auto end = begin + static_cast<std::uint32_t>(kept.text.size());
    kept.token = MessageToken{piece.token, begin, end, piece.position + m_place.shift};
    m_writer->appendToken(*kept.token, piece.odds ? *piece.odds : TokenOdds());
    return kept;
}

std::optional<TokenRouting> AnswerRecorder::add(const TokenRouting& token) {
    if (token.position < m_place.known) return std::nullopt;
    TokenRouting placed = token;
    placed.position += m_place.shift;
    m_writer->appendRouting(placed);
    return placed;
}

double AnswerRecorder::thinkingTokensPerSecond() const {
    const double seconds = std::chrono::duration<double>(m_thinking.last - m_thinking.first).count();
    // What was measured before stays where nothing is new.
    return m_thinking.timed > 1 && seconds > 0 ? (m_thinking.timed - 1) / seconds
                                               : m_summary.thinking_tokens_per_second;
}

Status AnswerRecorder::commitIfDue(AnswerWriter::Clock::time_point now) {
    return m_writer->commitIfDue(now);
}

Status AnswerRecorder::finish(const AnswerEnd& end) {
    AnswerSummary summary = m_summary;
    if (!m_continued) {
        summary.first_token_seconds = std::max(0.0, end.first_token_seconds);
        summary.tokens_per_second = end.tokens_per_second;
    } else if (end.tokens_per_second > 0) {
        summary.tokens_per_second = end.tokens_per_second;  // what was measured before stays where nothing is new
    }
    summary.thinking_tokens_per_second = thinkingTokensPerSecond();
    return m_writer->finish({end.finish, end.error}, summary);
}

}  // namespace moescope
