#include "ui/inspector/comparison.h"

#include <algorithm>

#include "engine/base/sizes.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

int firstAt(const RoutingView& log, std::int32_t position) {
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (log.token(i).position == position) return static_cast<int>(i);
    }
    return -1;
}

int firstOfAnswer(const RoutingView& log) {
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (log.token(i).phase == Phase::kDecode) return static_cast<int>(i);
    }
    return -1;
}

}  // namespace

void Comparison::setSources(SharedSource a, SharedSource b) {
    m_a = std::move(a);
    m_b = std::move(b);
    update();
}

void Comparison::update() {
    m_pairs = m_begin_a = m_begin_b = m_same = 0;
    m_first_routing = m_first_routing_layer = -1;
    m_sentence.clear();
    if (!m_a || !m_b) {
        m_sentence = tr("Choose two answers, conversations or traces above to compare their routing.");
    } else if (m_a == m_b || m_a->id() == m_b->id()) {
        m_sentence = tr("Both sides are the same; choose another on one of them.");
    } else if (m_a->empty() || m_b->empty()) {
        m_sentence = tr("%1 has no routing that was recorded.").arg(m_a->empty() ? m_a->name() : m_b->name());
    } else if (m_a->shape().moe_layers != m_b->shape().moe_layers || m_a->shape().experts != m_b->shape().experts) {
        m_sentence =
            tr("These come from different models: %1 layers of %2 experts, and %3 of %4. Compare answers of one model.")
                .arg(m_a->shape().moe_layers)
                .arg(m_a->shape().experts)
                .arg(m_b->shape().moe_layers)
                .arg(m_b->shape().experts);
    } else {
        align();
    }
    emit changed();
}

void Comparison::align() {
    const RoutingView a = m_a->log(), b = m_b->log();
    if (!a.shape().has_tokens || !b.shape().has_tokens) return;
    const std::int32_t start = std::max(a.token(0).position, b.token(0).position);
    const int at_a = firstAt(a, start), at_b = firstAt(b, start);
    const int answer_a = firstOfAnswer(a), answer_b = firstOfAnswer(b);
    if (at_a >= 0 && at_b >= 0 && a.token(asSize(at_a)).token == b.token(asSize(at_b)).token) {
        m_begin_a = at_a;
        m_begin_b = at_b;
    } else if (answer_a >= 0 && answer_b >= 0) {
        m_begin_a = answer_a;
        m_begin_b = answer_b;
    }
    m_pairs = std::min(m_a->size() - m_begin_a, m_b->size() - m_begin_b);
    m_same = m_pairs;
    for (int i = 0; i < m_pairs; ++i) {
        if (a.token(asSize(m_begin_a + i)).token == b.token(asSize(m_begin_b + i)).token) continue;
        m_same = i;
        break;
    }
    if (m_same < m_pairs && differentQuestions()) m_pairs = m_same = 0;
    for (int i = 0; i < m_pairs && m_first_routing < 0; ++i) {
        for (int l = 0; l < a.shape().moe_layers; ++l) {
            if (agreementOfPair(i, l) >= 1 - 1e-9) continue;
            m_first_routing = i;
            m_first_routing_layer = l;
            break;
        }
    }
}

bool Comparison::differentQuestions() const {
    // What chats have in common before the first word of their questions is the template's.
    const auto decoded = [this](int pair) {
        return m_a->log().token(asSize(m_begin_a + pair)).phase == Phase::kDecode &&
               m_b->log().token(asSize(m_begin_b + pair)).phase == Phase::kDecode;
    };
    const bool answers_share_a_start = m_same > 0 && decoded(m_same - 1);
    const bool answers_to_one_prompt = m_same > 0 && decoded(m_same);
    return !answers_share_a_start && !answers_to_one_prompt;
}

TokenRange Comparison::rangeA(int first, int count) const {
    return {asSize(m_begin_a + first), asSize(m_begin_a + first + count)};
}

TokenRange Comparison::rangeB(int first, int count) const {
    return {asSize(m_begin_b + first), asSize(m_begin_b + first + count)};
}

double Comparison::agreementOf(int layer, int first, int count) const {
    return agreement(m_a->log(), rangeA(first, count), m_b->log(), rangeB(first, count), layer);
}

double Comparison::agreementOfPair(int pair) const {
    double sum = 0;
    const int layers = m_a->shape().moe_layers;
    for (int l = 0; l < layers; ++l) sum += agreementOfPair(pair, l);
    return sum / layers;
}

double Comparison::divergenceOf(int layer) const {
    const RoutingView a = m_a->log(), b = m_b->log();
    return divergence(load(expertCounts(a, layer, allTokens(a))), load(expertCounts(b, layer, allTokens(b))));
}

double Comparison::chance() const {
    return m_a && m_a->shape().experts > 0 ? static_cast<double>(m_a->shape().experts_used) / m_a->shape().experts : 0;
}

QString Comparison::summary() const {
    if (!possible()) return m_sentence;
    if (!aligned()) {
        return !m_a->shape().has_tokens || !m_b->shape().has_tokens
                   ? tr("A trace does not name its tokens, so only how often each expert was chosen is compared.")
                   : tr("The texts differ from the start, so only how often each expert was chosen is compared.");
    }
    QStringList sentences;
    if (m_same == m_pairs) {
        sentences << tr("The texts are the same for all %Ln token(s) that both have.", nullptr, m_pairs);
    } else {
        sentences << tr("The texts are the same for %Ln token(s), then diverge: %1 vs. %2.", nullptr, m_same)
                         .arg(m_a->quoted(m_begin_a + m_same), m_b->quoted(m_begin_b + m_same));
    }
    if (m_first_routing < 0) {
        sentences << tr("All their experts are the same.");
    } else {
        sentences << tr("The experts first differ at token %1, %2, in layer %3.")
                         .arg(QString::number(m_first_routing + 1), m_a->quoted(m_begin_a + m_first_routing),
                              QString::number(m_a->shape().first_moe_layer + m_first_routing_layer));
    }
    return sentences.join(QLatin1Char(' '));
}

}  // namespace moescope
