#include "engine/routing/metrics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "engine/base/sizes.h"

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

/// Calls f(log, token) for each token of a range that has a record in a layer; gives their number.
template <class F>
double forEach(const RoutingView& view, int layer, TokenRange tokens, F f) {
    std::size_t known = 0;
    for (const RoutingView::Piece& piece : view.pieces(tokens)) {
        for (std::size_t t = piece.tokens.begin; t < piece.tokens.end; ++t) {
            if (piece.log->experts(t, layer).empty()) continue;
            f(*piece.log, t);
            ++known;
        }
    }
    return static_cast<double>(known);
}

double inverse(double n) {
    return n > 0 ? 1 / n : 0;
}

int common(const ExpertIds& a, const ExpertIds& b) {
    int n = 0;
    for (const std::int32_t e : a) n += b.contains(e);
    return n;
}

double entropyOf(std::span<const double> values, double sum) {
    double entropy = 0;
    for (const double v : values) {
        if (v > 0) entropy -= v / sum * std::log(v / sum);
    }
    return entropy / std::log(static_cast<double>(values.size()));
}

}  // namespace

TokenRange allTokens(const RoutingView& log) {
    return {0, log.size()};
}

std::vector<double> expertCounts(const RoutingView& log, int layer, TokenRange tokens) {
    std::vector<double> counts(asSize(log.shape().experts));
    forEach(log, layer, tokens, [&](const RoutingLog& part, std::size_t t) {
        for (const std::int32_t e : part.experts(t, layer)) ++counts[asSize(e)];
    });
    return counts;
}

std::vector<double> load(std::span<const double> counts) {
    return scaled(counts, inverse(total(counts)));
}

std::vector<double> gateMass(const RoutingView& log, int layer, TokenRange tokens) {
    std::vector<double> mass(asSize(log.shape().experts));
    const double n = forEach(log, layer, tokens, [&](const RoutingLog& part, std::size_t t) {
        const ExpertIds experts = part.experts(t, layer);
        const std::span<const float> gates = part.gates(t, layer);
        for (std::size_t i = 0; i < gates.size(); ++i) mass[asSize(experts[i])] += static_cast<double>(gates[i]);
    });
    return scaled(mass, inverse(n));
}

std::vector<double> relativeLoad(std::span<const double> counts) {
    // One sum of gates that is no number must not hide the others.
    double sum = 0;
    for (const double c : counts) sum += std::isfinite(c) ? c : 0;
    return scaled(counts, static_cast<double>(counts.size()) * inverse(sum));
}

std::vector<double> meanProbabilities(const RoutingView& log, int layer, TokenRange tokens) {
    std::vector<double> sums(asSize(log.shape().experts));
    const bool known = log.shape().has_probabilities;
    const double n = forEach(log, layer, tokens, [&](const RoutingLog& part, std::size_t t) {
        const LayerRouting r = part.at(t, layer);
        for (std::size_t i = 0; known && i < asSize(r.count); ++i) {
            sums[asSize(r.experts[i])] += static_cast<double>(r.probabilities[i]);
        }
        for (std::size_t i = 0; i < kRunnersUp; ++i) {
            if (r.runners_up[i] < 0) continue;
            sums[asSize(r.runners_up[i])] += static_cast<double>(r.runner_up_probabilities[i]);
        }
    });
    return scaled(sums, inverse(n));
}

double balanceLoss(std::span<const double> counts, std::span<const double> mean_probabilities) {
    double sum = 0;
    const std::vector<double> f = relativeLoad(counts);
    for (std::size_t e = 0; e < std::min(f.size(), mean_probabilities.size()); ++e) sum += f[e] * mean_probabilities[e];
    return sum;
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
    return entropyOf(counts, sum);
}

int neverChosen(std::span<const double> counts) {
    return static_cast<int>(std::ranges::count(counts, 0.0));
}

std::vector<int> neverChosenExperts(std::span<const double> counts) {
    std::vector<int> experts;
    for (std::size_t e = 0; e < counts.size(); ++e) {
        if (counts[e] == 0) experts.push_back(static_cast<int>(e));
    }
    return experts;
}

std::vector<int> topExperts(std::span<const double> values, std::size_t most) {
    std::vector<int> order;
    for (std::size_t e = 0; e < values.size(); ++e) {
        if (values[e] > 0) order.push_back(static_cast<int>(e));
    }
    std::ranges::stable_sort(order, [&](int a, int b) { return values[asSize(a)] > values[asSize(b)]; });
    order.resize(std::min(order.size(), most));
    return order;
}

std::vector<double> coActivation(const RoutingView& log, int layer, TokenRange tokens) {
    const std::size_t n = asSize(log.shape().experts);
    std::vector<double> pairs(n * n);
    forEach(log, layer, tokens, [&](const RoutingLog& part, std::size_t t) {
        const ExpertIds experts = part.experts(t, layer);
        for (const std::int32_t i : experts) {
            for (const std::int32_t j : experts) ++pairs[asSize(i) * n + asSize(j)];
        }
    });
    for (std::size_t i = 0; i < n; ++i) {
        const double own = pairs[i * n + i];
        for (std::size_t j = 0; own > 0 && j < n; ++j) pairs[i * n + j] /= own;
    }
    return pairs;
}

std::vector<double> expertFlow(const RoutingView& log, int from, int to, TokenRange tokens) {
    const std::size_t n = asSize(log.shape().experts);
    std::vector<double> flow(n * n);
    forEach(log, from, tokens, [&](const RoutingLog& part, std::size_t t) {
        const ExpertIds sources = part.experts(t, from), targets = part.experts(t, to);
        const double share = inverse(static_cast<double>(sources.size() * targets.size()));
        for (const std::int32_t i : sources) {
            for (const std::int32_t j : targets) flow[asSize(i) * n + asSize(j)] += share;
        }
    });
    return flow;
}

Repetition repetition(const RoutingView& log, int layer, TokenRange tokens) {
    Repetition result;
    double pairs = 0;
    for (std::size_t t = tokens.begin; t + 1 < tokens.end; ++t) {
        const ExpertIds a = log.experts(t, layer), b = log.experts(t + 1, layer);
        const bool neighbours = log.token(t).position + 1 == log.token(t + 1).position;
        if (a.empty() || b.empty() || !neighbours) continue;
        result.first += log.shape().has_order && a[0] == b[0];
        result.any += common(a, b) > 0;
        ++pairs;
    }
    return {result.first * inverse(pairs), result.any * inverse(pairs)};
}

std::optional<double> repeatedExperts(const RoutingView& log, std::size_t token, int layer) {
    if (token == 0 || log.token(token - 1).position + 1 != log.token(token).position) return {};
    const ExpertIds before = log.experts(token - 1, layer), own = log.experts(token, layer);
    if (before.empty() || own.empty()) return {};
    return static_cast<double>(common(own, before)) / static_cast<double>(own.size());
}

Repetition randomRepetition(int experts, int used) {
    // C(N - K, K) / C(N, K): the second token's experts all among the N - K that the first did not choose.
    double disjoint = 1;
    for (int i = 0; i < used; ++i) disjoint *= std::max(0.0, 1.0 - static_cast<double>(used) / (experts - i));
    return {inverse(experts), 1 - disjoint};
}

double agreement(const RoutingView& a, TokenRange of_a, const RoutingView& b, TokenRange of_b, int layer) {
    const std::size_t n = std::min(of_a.end - of_a.begin, of_b.end - of_b.begin);
    double sum = 0, known = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const ExpertIds ea = a.experts(of_a.begin + i, layer), eb = b.experts(of_b.begin + i, layer);
        if (ea.empty() || eb.empty()) continue;
        sum += static_cast<double>(common(ea, eb)) / static_cast<double>(std::max(ea.size(), eb.size()));
        ++known;
    }
    return sum * inverse(known);
}

std::vector<double> domainSpecialisation(const RoutingView& log, int layer, TokenRange tokens) {
    const double n = forEach(log, layer, tokens, [](const RoutingLog&, std::size_t) {});
    return scaled(expertCounts(log, layer, tokens), inverse(n));
}

std::vector<VocabularyShares> vocabularySpecialisation(const RoutingView& log, int layer, TokenRange tokens,
                                                       std::size_t least, VocabularyToken which) {
    if (!log.shape().has_tokens || log.size() == 0) return {};
    const std::size_t ahead = which == VocabularyToken::kNext ? 1 : 0;
    // Counted first, so that the many tokens that are too rare take no row of shares.
    std::map<std::int32_t, VocabularyShares> rows;
    // f(token, experts) for each token of the range that has a record, and a word to count it for.
    const auto forEachWord = [&](auto f) {
        for (std::size_t t = tokens.begin; t < std::min(tokens.end, log.size() - ahead); ++t) {
            const ExpertIds experts = log.experts(t, layer);
            if (!experts.empty()) f(log.token(t + ahead).token, experts);
        }
    };
    forEachWord([&](std::int32_t token, const ExpertIds&) { ++rows[token].count; });
    std::erase_if(rows, [&](const auto& row) { return row.second.count < least; });
    for (auto& [token, row] : rows) {
        row.token = token;
        row.shares.resize(asSize(log.shape().experts));
    }
    forEachWord([&](std::int32_t token, const ExpertIds& experts) {
        const auto row = rows.find(token);
        if (row == rows.end()) return;
        for (const std::int32_t e : experts) ++row->second.shares[asSize(e)];
    });
    std::vector<VocabularyShares> result;
    for (auto& [token, row] : rows) {
        row.shares = scaled(row.shares, inverse(static_cast<double>(row.count)));
        result.push_back(std::move(row));
    }
    return result;
}

std::int32_t topExpert(const RoutingView& log, std::size_t token, int layer) {
    const ExpertIds experts = log.experts(token, layer);
    return experts.empty() || !log.shape().has_order ? -1 : experts[0];
}

double margin(const LayerRouting& r) {
    if (r.count == 0 || r.runners_up[0] < 0) return 0;
    // Experts are ordered by probability, which is not the order of choice where there is a bias.
    float last = r.selections[asSize(r.count - 1)];
    for (std::size_t i = 0; i + 1 < asSize(r.count); ++i) last = r.selections[i] < last ? r.selections[i] : last;
    return static_cast<double>(last) - static_cast<double>(r.runner_up_selections[0]);
}

double gateEntropy(const LayerRouting& r) {
    const std::vector<double> gates(r.gates.begin(), r.gates.begin() + r.count);
    const double sum = total(gates);
    if (!(sum > 0)) return 0;
    return gates.size() == 1 ? 1 : entropyOf(gates, sum);
}

double sharedRatio(const LayerRouting& r) {
    return r.routed_norm != 0 ? static_cast<double>(r.shared_norm) / static_cast<double>(r.routed_norm) : 0;
}

double meanMargin(const RoutingView& log, int layer, TokenRange tokens) {
    if (!log.shape().has_runners_up || !log.shape().has_probabilities) return 0;
    double sum = 0, known = 0;
    forEach(log, layer, tokens, [&](const RoutingLog& part, std::size_t t) {
        const LayerRouting r = part.at(t, layer);
        if (r.runners_up[0] < 0) return;
        sum += margin(r);
        ++known;
    });
    return sum * inverse(known);
}

SharedRouted sharedAndRouted(const RoutingView& log, int layer, TokenRange tokens) {
    SharedRouted sums;
    double with_ratio = 0;
    const double n = forEach(log, layer, tokens, [&](const RoutingLog& part, std::size_t t) {
        const LayerRouting r = part.at(t, layer);
        sums.shared += static_cast<double>(r.shared_norm);
        sums.routed += static_cast<double>(r.routed_norm);
        sums.ratio += sharedRatio(r);
        with_ratio += r.routed_norm != 0;
    });
    return {sums.shared * inverse(n), sums.routed * inverse(n), sums.ratio * inverse(with_ratio)};
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
