#include "engine/text_loss.h"

#include <algorithm>
#include <cmath>

#include "engine/sampling/log_probabilities.h"

namespace moescope {
namespace {

/// -ln p(token), in double precision.
double surprise(std::span<const float> logits, std::int32_t token) {
    return logSumExp(logits) - static_cast<double>(logits[static_cast<std::size_t>(token)]);
}

}  // namespace

ScoredText ScoredText::whole(const Tokenizer& tokenizer, std::string_view text) {
    ScoredText out;
    for (const TokenSpan& token : tokenizer.encode(text)) out.ids.push_back(token.id);
    return out;
}

ScoredText ScoredText::answers(const Model& model, const std::vector<ChatMessage>& messages) {
    ScoredText out;
    for (const RenderedChat::Token& t : model.chatTemplate().render(model.tokenizer(), messages, false).tokens) {
        out.ids.push_back(t.id);
        out.counts.push_back(t.message >= 0 && messages[static_cast<std::size_t>(t.message)].role == Role::kAssistant);
    }
    return out;
}

Result<TextLoss> textLoss(Session& session, const ScoredText& text, const TextLossOptions& options) {
    const Tokenizer& tokenizer = session.model().tokenizer();
    const bool bos = tokenizer.addBos() && tokenizer.bos();
    std::span<const std::int32_t> ids = text.ids;
    std::vector<std::uint8_t> counts = text.counts;
    counts.resize(ids.size(), text.counts.empty() ? 1 : 0);
    if (bos && !ids.empty() && ids.front() == *tokenizer.bos()) {
        ids = ids.subspan(1);
        counts.erase(counts.begin());
    }
    const std::size_t window = static_cast<std::size_t>(session.context()) - bos;
    if (window + bos < 2) return invalid("The context is too short: expected at least two tokens.");
    const std::size_t vocabulary = static_cast<std::size_t>(session.model().config().vocabulary);
    constexpr std::size_t kPiece = 256;  // whose logits are held at once

    TextLoss loss;
    for (std::size_t start = 0; start < ids.size(); start += window) {
        const auto part = ids.subspan(start, std::min(window, ids.size() - start));
        std::vector<std::int32_t> tokens;
        if (bos) tokens.push_back(*tokenizer.bos());
        tokens.insert(tokens.end(), part.begin(), part.end());
        session.truncate(0);
        for (std::size_t at = 0; at < tokens.size(); at += kPiece) {
            const std::size_t n = std::min(kPiece, tokens.size() - at);
            Status status = session.evaluate(std::span(tokens).subspan(at, n), LogitsWanted::kAll, options.sink,
                                             Phase::kPrefill, options.stop);
            if (!status.ok()) return status;
            for (std::size_t i = 0; i < n && at + i + 1 < tokens.size(); ++i) {
                const std::size_t predicted = at + i + 1;
                if (!counts[start + predicted - bos]) continue;
                if (options.stop.stop_requested()) return stopped("The computation was stopped.");
                loss.nats += surprise(session.logits().subspan(i * vocabulary, vocabulary), tokens[predicted]);
                ++loss.tokens;
            }
            if (options.progress) {
                options.progress(static_cast<double>(start + std::min(at + n, part.size())) /
                                 static_cast<double>(ids.size()));
            }
        }
    }
    if (loss.tokens == 0) return invalid("There is nothing to predict: expected a text of at least two tokens.");
    if (!std::isfinite(loss.nats)) return invalid("The model's output is not a number; its weights may be damaged.");
    return loss;
}

}  // namespace moescope
