#pragma once
// Figures of routing that the field uses, as plain functions over records. N experts a layer, K chosen a token, T
// tokens; a layer is counted from 0 at the first MoE layer. Of no tokens every figure is 0. Sources: ESFT (arXiv
// 2407.01906), DeepSeekMoE (2401.06066), DeepSeek-V3 (2412.19437), OLMoE (2409.02060), Mixtral (2401.04088).

#include <cstddef>
#include <span>
#include <vector>

#include "engine/routing/routing_log.h"

namespace moescope {

/// Which tokens of a log count.
struct TokenRange {
    std::size_t begin = 0;
    std::size_t end = 0;  ///< one past the last
};
TokenRange allTokens(const RoutingLog& log);

/// c_e: how often each expert was chosen (N).
std::vector<double> expertCounts(const RoutingLog& log, int layer, TokenRange tokens);
/// Token selection ratio c_e / (sum of c) (N; sums to 1). ESFT.
std::vector<double> load(std::span<const double> counts);
/// Average gate score: sum over tokens of the applied gate / T (N). ESFT.
std::vector<double> gateMass(const RoutingLog& log, int layer, TokenRange tokens);
/// Relative expert load c_e N / (sum of c); 1 is balanced (N). DeepSeek-V3, figure 9.
std::vector<double> relativeLoad(std::span<const double> counts);

/// (sum c)^2 / (N sum c^2): 1 balanced, 1/N all on one. Jain's index.
double jainIndex(std::span<const double> counts);
/// max c / mean c - 1.
double maxViolation(std::span<const double> counts);
/// Standard deviation (of the population) / mean.
double variation(std::span<const double> counts);
/// Entropy of c / sum c, divided by ln N: 1 balanced, 0 all on one. 1 for a single expert.
double normalisedEntropy(std::span<const double> counts);
/// The number of experts that were never chosen.
int neverChosen(std::span<const double> counts);

/// N_ij / N_i: of the tokens that chose i, the share that also chose j (N x N, row i; 1 on the diagonal of experts
/// that were chosen, 0 in rows of others). OLMoE, equation 6, over all pairs.
std::vector<double> coActivation(const RoutingLog& log, int layer, TokenRange tokens);

/// Shares of neighbouring tokens that repeat: the best expert, and at least one of the chosen. Mixtral, table 5.
struct Repetition {
    double first = 0;
    double any = 0;
};
Repetition repetition(const RoutingLog& log, int layer, TokenRange tokens);

/// Router saturation: the mean share of the K experts that two runs chose alike. The ranges have the same length;
/// the shorter counts otherwise. OLMoE, equation 5.
double agreement(const RoutingLog& a, TokenRange of_a, const RoutingLog& b, TokenRange of_b, int layer);

/// Gate margin of one record: p of the last chosen minus p of the first runner-up (0 if there is none).
double margin(const LayerRouting& routing);
/// Norm of the shared experts' output over that of the routed sum; 0 if the latter is 0.
double sharedRatio(const LayerRouting& routing);

/// OLMoE, equation 7: of the tokens, the share that chose each expert (N; sums to K). K / N if routing is even.
std::vector<double> domainSpecialisation(const RoutingLog& log, int layer, TokenRange tokens);

/// Jensen-Shannon divergence of two distributions in bits, 0..1: how differently two kinds of text are routed.
double divergence(std::span<const double> p, std::span<const double> q);

}  // namespace moescope
