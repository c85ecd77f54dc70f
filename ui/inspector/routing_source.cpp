#include "ui/inspector/routing_source.h"

#include <QCoreApplication>
#include <algorithm>

#include "engine/markdown/thinking.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Words {
    Q_DECLARE_TR_FUNCTIONS(moescope::RoutingSource)
};

}  // namespace

RoutingSource::RoutingSource(qint64 id, QString name, std::shared_ptr<const RoutingRuns> runs)
    : m_id(id), m_name(std::move(name)), m_runs(std::move(runs)) {}

RoutingSource::RoutingSource(std::shared_ptr<RoutingSource> whole, const Scope& scope,
                             std::shared_ptr<RoutingRuns> runs)
    : m_id(whole->id()),
      m_name(whole->name()),
      m_runs(runs),
      m_whole(std::move(whole)),
      m_part_runs(std::move(runs)),
      m_test(scope),
      m_scope(scope) {}

SharedSource RoutingSource::part(const SharedSource& whole, const Scope& scope) {
    if (!whole || scope.all()) return whole;
    const SharedSource part(new RoutingSource(whole, scope, std::make_shared<RoutingRuns>(whole->shape())));
    part->follow();
    return part;
}

void RoutingSource::follow() {
    if (!m_whole) return;
    const RoutingView all = m_whole->log();
    const bool by_expert = m_scope.layer >= 0 && m_scope.layer < all.shape().moe_layers && m_scope.expert >= 0;
    for (const auto& piece : all.pieces({m_followed, all.size()})) {
        // The whole one's runs keep the log.
        const std::shared_ptr<const RoutingLog> log(m_whole->m_runs, piece.log);
        for (std::size_t i = 0; i < piece.tokens.size(); ++i) {
            const std::size_t at = piece.tokens.begin + i;
            const auto index = static_cast<int>(piece.first + i);
            if (by_expert && !piece.log->experts(at, m_scope.layer).contains(m_scope.expert)) continue;
            if (!m_test->has(m_whole->partOf(index), piece.log->token(at).position, m_whole->text(index))) continue;
            m_part_runs->append(log, {at, at + 1});
            m_indices.push_back(index);
        }
    }
    m_followed = all.size();
}

Spot RoutingSource::ofWhole(Spot spot) const {
    if (!m_whole || spot.source != m_id || !spot.hasTokens()) return spot;
    const auto first = std::ranges::lower_bound(m_indices, spot.first);
    const auto last = std::ranges::upper_bound(m_indices, spot.last);
    if (first == last) {
        spot.source = 0;
        spot.first = spot.last = -1;
    } else {
        spot.first = static_cast<int>(first - m_indices.begin());
        spot.last = static_cast<int>(last - m_indices.begin()) - 1;
    }
    return spot;
}

Spot RoutingSource::inWhole(Spot spot) const {
    if (spot.source != m_id || !spot.hasTokens()) return spot;
    spot.first = inWhole(spot.first);
    spot.last = inWhole(spot.last);
    return spot;
}

TokenPart RoutingSource::partOf(int token) const {
    if (m_whole) return m_whole->partOf(inWhole(token));
    const auto at = static_cast<std::size_t>(token);
    if (at < m_words.size() && m_words[at].part) return *m_words[at].part;
    return log().token(at).phase == Phase::kPrefill ? TokenPart::kPrompt : TokenPart::kAnswer;
}

RoutingSource::Word& RoutingSource::word(std::size_t token) {
    if (token >= m_words.size()) m_words.resize(token + 1);
    return m_words[token];
}

void RoutingSource::place(qint64 message, std::string_view text, std::span<const TranscriptToken> tokens,
                          TokenRange part, int first_index, std::optional<TokenPart> of_prompt) {
    const RoutingView records = log();
    part.end = std::min(part.end, records.size());
    // While an answer streams, the part only grows: what is known of it is kept.
    if (part.begin != m_placed.begin || part.end < m_placed.end) {
        m_positions.clear();
        m_placed = {part.begin, part.begin};
    }
    for (std::size_t t = m_placed.end; t < part.end; ++t) m_positions[records.token(t).position] = t;
    m_placed = part;
    const auto thought = of_prompt ? std::nullopt : markdown::thinkingOf(text, true);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto found = m_positions.constFind(tokens[i].position);
        if (found == m_positions.constEnd()) continue;
        const std::size_t begin = std::min<std::size_t>(tokens[i].begin, text.size());
        const std::size_t end = std::clamp<std::size_t>(tokens[i].end, begin, text.size());
        const int index = first_index + static_cast<int>(i);
        const bool thinks = thought && begin < thought->answer;
        m_thinks |= thinks;
        word(*found) = {QString::fromUtf8(text.data() + begin, static_cast<qsizetype>(end - begin)),
                        {message, index},
                        of_prompt ? of_prompt
                        : thinks  ? TokenPart::kThinking
                                  : TokenPart::kAnswer};
        m_by_place.insert({message, index}, static_cast<int>(*found));
    }
}

void RoutingSource::setTexts(std::vector<QString> texts) {
    for (std::size_t i = 0; i < std::min(texts.size(), m_runs->size()); ++i) word(i).text = std::move(texts[i]);
}

QString RoutingSource::text(int token) const {
    if (m_whole) return token < 0 || token >= size() ? QString() : m_whole->text(inWhole(token));
    const auto at = static_cast<std::size_t>(token);
    if (token < 0 || at >= m_runs->size()) return {};
    if (at < m_words.size() && !m_words[at].text.isEmpty()) return m_words[at].text;
    const std::int32_t id = log().token(at).token;
    return m_vocabulary && id >= 0 ? m_vocabulary(id) : QString();
}

QString RoutingSource::quoted(int token) const {
    if (m_whole && token >= 0 && token < size()) return m_whole->quoted(inWhole(token));
    const QString all = text(token), trimmed = all.trimmed();
    if (!trimmed.isEmpty()) return QStringLiteral("“%1”").arg(trimmed);
    if (all.contains(QLatin1Char('\n'))) return Words::tr("“line break”");
    return all.isEmpty() ? Words::tr("token %1").arg(token + 1) : Words::tr("“blank”");
}

TokenPlace RoutingSource::placeOf(int token) const {
    if (m_whole) return token < 0 || token >= size() ? TokenPlace() : m_whole->placeOf(inWhole(token));
    const auto at = static_cast<std::size_t>(token);
    return token >= 0 && at < m_words.size() ? m_words[at].place : TokenPlace();
}

int RoutingSource::find(qint64 message, int index) const {
    if (m_whole) {
        const int token = m_whole->find(message, index);
        return token < 0 ? -1 : ofWhole(Spot::ofToken(m_id, token)).first;
    }
    return m_by_place.value({message, index}, -1);
}

std::vector<TokenRange> RoutingSource::ranges(PhaseFilter filter, std::size_t from) const {
    const RoutingView records = log();
    const std::size_t size = records.size();
    if (filter == PhaseFilter::kBoth)
        return from < size ? std::vector<TokenRange>{{from, size}} : std::vector<TokenRange>{};
    const Phase wanted = filter == PhaseFilter::kPrompt ? Phase::kPrefill : Phase::kDecode;
    std::vector<TokenRange> result;
    for (std::size_t t = from; t < size; ++t) {
        if (records.token(t).phase != wanted) continue;
        if (!result.empty() && result.back().end == t) {
            ++result.back().end;
        } else {
            result.push_back({t, t + 1});
        }
    }
    return result;
}

QString RoutingSource::missing() const {
    const RoutingShape& s = shape();
    if (empty()) return {};
    if (!s.has_gates)
        return Words::tr("This trace has the ids of the chosen experts only: no gates, margins or norms.");
    if (!s.has_runners_up && !s.has_norms) return Words::tr("This trace has ids and gates only: no margins or norms.");
    if (!s.has_norms) return Words::tr("This trace has no norms of the shared and routed outputs.");
    return s.has_runners_up ? QString() : Words::tr("This trace has no runners-up: no margins.");
}

}  // namespace moescope
