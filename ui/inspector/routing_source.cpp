#include "ui/inspector/routing_source.h"

#include <QCoreApplication>

namespace moescope {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("RoutingSource", text);
}

}  // namespace

RoutingSource::RoutingSource(qint64 id, QString name, std::shared_ptr<const RoutingLog> log)
    : m_id(id), m_name(std::move(name)), m_log(std::move(log)) {}

RoutingSource::Word& RoutingSource::word(std::size_t token) {
    if (token >= m_words.size()) m_words.resize(token + 1);
    return m_words[token];
}

void RoutingSource::place(qint64 message, std::string_view text, std::span<const TranscriptToken> tokens,
                          TokenRange part, int first_index) {
    part.end = std::min(part.end, m_log->size());
    // While an answer streams, the part only grows: what is known of it is kept.
    if (part.begin != m_placed.begin || part.end < m_placed.end) {
        m_positions.clear();
        m_placed = {part.begin, part.begin};
    }
    for (std::size_t t = m_placed.end; t < part.end; ++t) m_positions[m_log->token(t).position] = t;
    m_placed = part;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto found = m_positions.constFind(tokens[i].position);
        if (found == m_positions.constEnd()) continue;
        const std::size_t begin = std::min<std::size_t>(tokens[i].begin, text.size());
        const std::size_t end = std::clamp<std::size_t>(tokens[i].end, begin, text.size());
        const int index = first_index + static_cast<int>(i);
        word(*found) = {QString::fromUtf8(text.data() + begin, static_cast<qsizetype>(end - begin)), {message, index}};
        m_in_log.insert({message, index}, static_cast<int>(*found));
    }
}

void RoutingSource::setTexts(std::vector<QString> texts) {
    for (std::size_t i = 0; i < std::min(texts.size(), m_log->size()); ++i) word(i).text = std::move(texts[i]);
}

QString RoutingSource::text(int token) const {
    const auto at = static_cast<std::size_t>(token);
    if (token < 0 || at >= m_log->size()) return {};
    if (at < m_words.size() && !m_words[at].text.isNull()) return m_words[at].text;
    return m_vocabulary && m_log->token(at).token >= 0 ? m_vocabulary(m_log->token(at).token) : QString();
}

QString RoutingSource::quoted(int token) const {
    const QString all = text(token), trimmed = all.trimmed();
    if (!trimmed.isEmpty()) return QStringLiteral("“%1”").arg(trimmed);
    if (all.contains(QLatin1Char('\n'))) return tr("“line break”");
    return all.isEmpty() ? tr("token %1").arg(token + 1) : tr("“blank”");
}

TokenPlace RoutingSource::placeOf(int token) const {
    const auto at = static_cast<std::size_t>(token);
    return token >= 0 && at < m_words.size() ? m_words[at].place : TokenPlace();
}

int RoutingSource::find(qint64 message, int index) const {
    return m_in_log.value({message, index}, -1);
}

std::vector<TokenRange> RoutingSource::ranges(PhaseFilter filter, std::size_t from) const {
    const std::size_t size = m_log->size();
    if (filter == PhaseFilter::kBoth)
        return from < size ? std::vector<TokenRange>{{from, size}} : std::vector<TokenRange>{};
    const Phase wanted = filter == PhaseFilter::kPrompt ? Phase::kPrefill : Phase::kDecode;
    std::vector<TokenRange> result;
    for (std::size_t t = from; t < size; ++t) {
        if (m_log->token(t).phase != wanted) continue;
        if (!result.empty() && result.back().end == t) {
            ++result.back().end;
        } else {
            result.push_back({t, t + 1});
        }
    }
    return result;
}

RoutingSource::Known RoutingSource::known() const {
    if (empty()) return {};
    for (; m_scanned < m_log->size(); ++m_scanned) {
        if (m_known.gates && m_known.probabilities && m_known.norms) break;
        for (int l = 0; l < shape().moe_layers; ++l) {
            const LayerRouting r = m_log->at(m_scanned, l);
            m_known.gates |= r.gates[0] != 0;
            m_known.probabilities |= r.probabilities[0] != 0;
            m_known.norms |= r.routed_norm != 0 || r.shared_norm != 0;
        }
    }
    return m_known;
}

QString RoutingSource::missing() const {
    const Known k = known();
    if (k.gates && k.probabilities && k.norms) return {};
    if (!k.gates) return tr("This trace has the ids of the chosen experts only: no gates, margins or norms.");
    if (!k.probabilities && !k.norms) return tr("This trace has ids and gates only: no margins or norms.");
    return k.norms ? tr("This trace has no probabilities: no margins.") : tr("This trace has no norms.");
}

}  // namespace moescope
