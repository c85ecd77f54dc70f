#include "engine/sampling/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace moescope {
namespace {

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
std::uint64_t nextRandom(std::uint64_t& state) {
    std::uint64_t z = state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/// 53 random bits as a number in [0, 1).
double uniform(std::uint64_t& state) {
    return static_cast<double>(nextRandom(state) >> 11) * 0x1p-53;
}

/// In the value's own type: 0.01f is a little less than 0.01.
template <class T>
Status checkRange(std::string_view name, T value, std::type_identity_t<T> lowest, std::type_identity_t<T> highest) {
    if (value >= lowest && value <= highest) return {};  // false for NaN
    return invalid(fmt::format("{} is {}; expected {} to {}.", name, value, lowest, highest));
}

}  // namespace

Status validate(const SamplerSettings& s) {
    for (const Status& status :
         {checkRange("The temperature", s.temperature, 0, 100), checkRange("top-k", s.top_k, 0, 1 << 30),
          checkRange("top-p", s.top_p, 0, 1), checkRange("min-p", s.min_p, 0, 1),
          checkRange("The repetition penalty", s.repetition_penalty, 0.01f, 100),
          checkRange("The repetition window", s.repetition_window, 0, 1 << 20),
          checkRange("The presence penalty", s.presence_penalty, -2, 2),
          checkRange("The frequency penalty", s.frequency_penalty, -2, 2)}) {
        if (!status.ok()) return status;
    }
    for (const auto& [token, bias] : s.logit_bias) {
        if (Status status = checkRange(fmt::format("The bias of token {}", token), bias, -100, 100); !status.ok()) {
            return status;
        }
    }
    return {};
}

Sampler::Sampler(const SamplerSettings& settings) : m_settings(settings), m_state(settings.seed) {}

void Sampler::accept(std::int32_t token) {
    if (m_settings.repetition_window == 0) return;
    if (m_recent.size() >= static_cast<std::size_t>(m_settings.repetition_window)) m_recent.erase(m_recent.begin());
    m_recent.push_back(token);
}

void Sampler::acceptAnswer(std::int32_t token) {
    accept(token);
    if (m_settings.presence_penalty != 0 || m_settings.frequency_penalty != 0) ++m_answer[token];
}

void Sampler::adjust() {
    const auto find = [&](std::int32_t token) -> Candidate* {
        const auto at = std::ranges::lower_bound(m_candidates, token, {}, &Candidate::token);
        return at != m_candidates.end() && at->token == token ? &*at : nullptr;
    };
    for (const auto& [token, bias] : m_settings.logit_bias) {
        if (Candidate* c = find(token)) c->value += bias;
    }
    if (m_settings.repetition_penalty != 1.0f) {
        std::vector<std::int32_t> recent = m_recent;
        std::ranges::sort(recent);
        for (Candidate& c : m_candidates) {
            if (!std::ranges::binary_search(recent, c.token)) continue;
            c.value = c.value > 0 ? c.value / m_settings.repetition_penalty : c.value * m_settings.repetition_penalty;
        }
    }
    for (const auto& [token, times] : m_answer) {
        Candidate* c = find(token);
        if (c) c->value -= m_settings.presence_penalty + m_settings.frequency_penalty * static_cast<float>(times);
    }
}

Result<std::int32_t> Sampler::sample(std::span<const float> logits) {
    m_candidates.clear();
    for (std::size_t i = 0; i < logits.size(); ++i) {
        // -inf is a legal "never"; +inf and NaN come from damaged weights.
        if (std::isfinite(logits[i])) m_candidates.push_back({static_cast<std::int32_t>(i), logits[i]});
    }
    if (m_candidates.empty()) {
        return invalid("The model's output holds no numbers; its weights may be damaged (NaN or infinite).");
    }
    adjust();
    const auto better = [](const Candidate& a, const Candidate& b) {
        return a.value != b.value ? a.value > b.value : a.token < b.token;
    };
    if (m_settings.temperature == 0) return std::ranges::min_element(m_candidates, better)->token;

    const auto all = m_candidates.size();
    const std::size_t kept = m_settings.top_k > 0 ? std::min(all, static_cast<std::size_t>(m_settings.top_k)) : all;
    if (kept < all || m_settings.top_p < 1) {
        std::partial_sort(m_candidates.begin(), m_candidates.begin() + static_cast<std::ptrdiff_t>(kept),
                          m_candidates.end(), better);
        m_candidates.resize(kept);
    } else {  // the order does not matter, and sorting a whole vocabulary takes longer than a small model's token
        std::iter_swap(m_candidates.begin(), std::ranges::min_element(m_candidates, better));
        const double lowest = m_candidates.front().value + m_settings.temperature * std::log(m_settings.min_p);
        std::erase_if(m_candidates, [&](const Candidate& c) { return c.value < lowest; });
    }

    // Softmax at the temperature, in double precision; the best is first.
    const double largest = m_candidates.front().value;
    std::vector<double> weights;
    double total = 0;
    for (const Candidate& c : m_candidates) {
        weights.push_back(std::exp((c.value - largest) / m_settings.temperature));
        total += weights.back();
    }
    // top-p: the shortest start that reaches p, the one that crosses it included.
    std::size_t count = weights.size();
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        sum += weights[i];
        if (sum >= m_settings.top_p * total) {
            count = i + 1;
            break;
        }
    }
    while (count > 1 && weights[count - 1] < m_settings.min_p * weights[0]) --count;
    total = 0;
    for (std::size_t i = 0; i < count; ++i) total += weights[i];
    double at = uniform(m_state) * total;
    for (std::size_t i = 0; i < count; ++i) {
        at -= weights[i];
        if (at < 0) return m_candidates[i].token;
    }
    return m_candidates[count - 1].token;
}

}  // namespace moescope
