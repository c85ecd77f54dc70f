#include "app/serve/completion.h"

#include <algorithm>
#include <cmath>

namespace moescope::serve {
namespace {

/// Log-probabilities of all tokens of the prompt but the first.
Result<std::vector<TokenScore>> scorePrompt(SessionPool::Lease& lease, const CompletionJob& job, int best,
                                            RoutingSink* sink) {
    constexpr std::size_t kPiece = 64;  // whose logits are held at once
    Session& session = lease.session();
    const auto vocabulary = static_cast<std::size_t>(session.model().config().vocabulary);
    std::vector<TokenScore> scores;
    session.truncate(0);
    for (std::size_t at = 0; at < job.prompt.size(); at += kPiece) {
        const std::size_t count = std::min(kPiece, job.prompt.size() - at);
        Status status =
            session.evaluate(job.prompt.subspan(at, count), LogitsWanted::kAll, sink, Phase::kPrefill, job.stop);
        if (!status.ok()) return status;
        for (std::size_t i = 0; i < count && at + i + 1 < job.prompt.size(); ++i) {
            if (job.stop.stop_requested()) return stopped("The request was stopped.");
            scores.push_back(
                scoreOf(session.logits().subspan(i * vocabulary, vocabulary), job.prompt[at + i + 1], best));
            if (std::isnan(scores.back().log_probability)) {
                return invalid("The model's output is not a number; its weights may be damaged.");
            }
        }
    }
    return scores;
}

}  // namespace

std::size_t Completion::rowCount(std::size_t prompt_tokens, int start) const {
    const std::size_t through = prompt_tokens + ids.size() - (ids.empty() ? 0 : 1);
    const std::size_t wanted = through - std::min(through, static_cast<std::size_t>(start));
    return rows ? std::min(rows->log.size(), wanted) : 0;
}

Result<Completion> complete(SessionPool::Lease& lease, const CompletionRequest& request, const CompletionJob& job) {
    Session& session = lease.session();
    Completion out;
    if (request.routing.experts) {
        out.rows.emplace(session.model().config().routingShape(), request.routing.start);
        if (job.before) {
            const std::size_t rows = job.before->log.size();
            const auto start = static_cast<std::size_t>(request.routing.start);
            for (std::size_t i = 0; i < rows && start + i < job.prompt.size(); ++i) {
                out.rows->log.append(job.before->log, i);
            }
        }
        session.truncate(out.rows->known());  // what is not known is computed again
    }
    RoutingRows* const rows = out.rows ? &*out.rows : nullptr;
    if (job.on_prompt_scores) {
        const auto scores = scorePrompt(lease, job, request.logprobs, rows);
        if (!scores.ok()) return scores.status();
        job.on_prompt_scores(*scores);
        if (job.max_tokens == 0) {
            out.finish = FinishReason::kLength;
            return out;
        }
    }

    GenerationOptions options;
    options.max_tokens = job.max_tokens;
    options.sampling = request.sampling;
    options.sampling.seed = job.seed;
    options.stop_texts = request.stop;
    options.sink = rows;
    options.stop = job.stop;
    std::optional<TokenScore> score;
    if (request.logprobs >= 0) {
        options.on_choice = [&](std::int32_t token, std::span<const float> logits) {
            score = scoreOf(logits, token, request.logprobs);
        };
    }
    options.on_piece = [&](const GeneratedPiece& piece) {
        const bool has_token = piece.token >= 0;
        job.on_delta({piece.text, {&piece.token, has_token ? 1u : 0u}, has_token && score ? &*score : nullptr});
    };
    const auto generated = generate(session, job.prompt, options);
    if (!generated.ok()) return generated.status();
    out.finish = generated->finish;
    out.stop_text = generated->stop_text;
    out.ids = generated->tokens;
    if (generated->end_token >= 0) {
        out.ids.push_back(generated->end_token);
        if (score && score->token == generated->end_token) out.end_score = std::move(score);
    }
    out.reused_tokens = job.on_prompt_scores ? 0 : generated->reused_tokens;
    out.prefill_seconds = generated->prefill_seconds;
    out.decode_seconds = generated->decode_seconds;
    return out;
}

}  // namespace moescope::serve
