#include "engine/routing/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace moescope {
namespace {

double total(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

std::vector<double> scaled(std::span<const double> values, double factor) {
    std::vector<double> result(values.begin(), values.end());
    for (double& v : result) v *= factor;
    return result;
}

std::size_t asSize(int n) {
    return static_cast<std::size_t>(n);
}

/// Calls f(record) for each token of a range.
template <class F>
void forEach(const RoutingLog& log, int layer, TokenRange tokens, F f) {
    for (std::size_t t = tokens.begin; t < tokens.end; ++t) f(log.at(t, layer));
}

std::span<const std::int32_t> chosen(const LayerRouting& r) {
    return std::span(r.experts).first(asSize(r.count));
}

int common(const LayerRouting& a, const LayerRouting& b) {
    int n = 0;
    for (const std::int32_t e : chosen(a)) n += std::ranges::find(chosen(b), e) != chosen(b).end();
    return n;
}

}  // namespace

TokenRange allTokens(const RoutingLog& log) {
    return {0, log.size()};
}

std::vector<double> expertCounts(const RoutingLog& log, int layer, TokenRange tokens) {
    std::vector<double> counts(asSize(log.shape().experts));
    forEach(log, layer, tokens, [&](const LayerRouting& r) {
        for (const std::int32_t e : chosen(r)) ++counts[asSize(e)];
    });
    return counts;
}

std::vector<double> load(std::span<const double> counts) {
    const double sum = total(counts);
    return scaled(counts, sum > 0 ? 1 / sum : 0);
}

std::vector<double> gateMass(const RoutingLog& log, int layer, TokenRange tokens) {
    std::vector<double> mass(asSize(log.shape().experts));
    forEach(log, layer, tokens, [&](const LayerRouting& r) {
        for (int i = 0; i < r.count; ++i) mass[asSize(r.experts[asSize(i)])] += static_cast<double>(r.gates[asSize(i)]);
    });
    const std::size_t n = tokens.end - tokens.begin;
    return scaled(mass, n > 0 ? 1 / static_cast<double>(n) : 0);
}

std::vector<double> relativeLoad(std::span<const double> counts) {
    const double sum = total(counts);
    return scaled(counts, sum > 0 ? static_cast<double>(counts.size()) / sum : 0);
}

double jainIndex(std::span<const double> counts) {
    const double sum = total(counts);
    double squares = 0;
    for (const double c : counts) squares += c * c;
    return squares > 0 ? sum * sum / (static_cast<double>(counts.size()) * squares) : 0;
}

double maxViolation(std::span<const double> counts) {
    const double sum = total(counts);
    return sum > 0 ? *std::ranges::max_element(counts) * static_cast<double>(counts.size()) / sum - 1 : 0;
}

double variation(std::span<const double> counts) {
    const double n = static_cast<double>(counts.size()), sum = total(counts);
    if (sum <= 0) return 0;
    const double mean = sum / n;
    double squares = 0;
    for (const double c : counts) squares += (c - mean) * (c - mean);
    return std::sqrt(squares / n) / mean;
}

double normalisedEntropy(std::span<const double> counts) {
    const double sum = total(counts);
    if (sum <= 0) return 0;
    if (counts.size() == 1) return 1;
    double entropy = 0;
    for (const double c : counts) {
        if (c > 0) entropy -= c / sum * std::log(c / sum);
    }
    return entropy / std::log(static_cast<double>(counts.size()));
}

int neverChosen(std::span<const double> counts) {
    return static_cast<int>(std::ranges::count(counts, 0.0));
}

std::vector<double> coActivation(const RoutingLog& log, int layer, TokenRange tokens) {
    const std::size_t n = asSize(log.shape().experts);
    std::vector<double> pairs(n * n);
    forEach(log, layer, tokens, [&](const LayerRouting& r) {
        for (const std::int32_t i : chosen(r)) {
            for (const std::int32_t j : chosen(r)) ++pairs[asSize(i) * n + asSize(j)];
        }
    });
    for (std::size_t i = 0; i < n; ++i) {
        const double own = pairs[i * n + i];
        for (std::size_t j = 0; own > 0 && j < n; ++j) pairs[i * n + j] /= own;
    }
    return pairs;
}

Repetition repetition(const RoutingLog& log, int layer, TokenRange tokens) {
    Repetition result;
    if (tokens.end < tokens.begin + 2) return result;
    for (std::size_t t = tokens.begin; t + 1 < tokens.end; ++t) {
        const LayerRouting a = log.at(t, layer), b = log.at(t + 1, layer);
        result.first += a.count > 0 && b.count > 0 && a.experts[0] == b.experts[0];
        result.any += common(a, b) > 0;
    }
    const double pairs = static_cast<double>(tokens.end - tokens.begin - 1);
    return {result.first / pairs, result.any / pairs};
}

double agreement(const RoutingLog& a, TokenRange of_a, const RoutingLog& b, TokenRange of_b, int layer) {
    const std::size_t n = std::min(of_a.end - of_a.begin, of_b.end - of_b.begin);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const LayerRouting ra = a.at(of_a.begin + i, layer), rb = b.at(of_b.begin + i, layer);
        const int k = std::max(ra.count, rb.count);
        if (k > 0) sum += static_cast<double>(common(ra, rb)) / k;
    }
    return n > 0 ? sum / static_cast<double>(n) : 0;
}

double margin(const LayerRouting& r) {
    if (r.count == 0 || r.runners_up[0] < 0) return 0;
    return static_cast<double>(r.probabilities[asSize(r.count - 1)]) -
           static_cast<double>(r.runner_up_probabilities[0]);
}

double sharedRatio(const LayerRouting& r) {
    return r.routed_norm != 0 ? static_cast<double>(r.shared_norm) / static_cast<double>(r.routed_norm) : 0;
}

std::vector<double> domainSpecialisation(const RoutingLog& log, int layer, TokenRange tokens) {
    const std::size_t n = tokens.end - tokens.begin;
    return scaled(expertCounts(log, layer, tokens), n > 0 ? 1 / static_cast<double>(n) : 0);
}

double divergence(std::span<const double> p, std::span<const double> q) {
    double sum = 0;
    for (std::size_t i = 0; i < std::min(p.size(), q.size()); ++i) {
        const double middle = (p[i] + q[i]) / 2;
        if (p[i] > 0) sum += p[i] / 2 * std::log2(p[i] / middle);
        if (q[i] > 0) sum += q[i] / 2 * std::log2(q[i] / middle);
    }
    return sum;
}

}  // namespace moescope
