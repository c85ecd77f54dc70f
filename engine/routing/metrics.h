#pragma once
// Figures of routing that the field uses, as plain functions over the records of a log or of runs of several. N experts
// a layer, S_t the experts chosen for token t, K of them, T tokens, p_{e,t} the router's probability, g_{e,t} the gate
// that is applied (0 if not chosen); a layer is counted from 0 at the first MoE layer. Tokens without a record in a
// layer (traces of other programs have such) do not count there. Of no tokens every figure is 0, and so is every figure
// of what the shape says is not known. Sources: ESFT (arXiv 2407.01906), DeepSeekMoE (2401.06066), DeepSeek-V3
// (2412.19437), OLMoE (2409.02060), Mixtral (2401.04088), Jain et al. (DEC-TR-301).

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "engine/routing/routing_runs.h"

namespace moescope {

TokenRange allTokens(const RoutingView& log);

// ---- How work is spread over experts

/// c_e = number of t with e in S_t (N).
std::vector<double> expertCounts(const RoutingView& log, int layer, TokenRange tokens);
/// Token selection ratio c_e / (K T), K T being the sum of c (N; sums to 1). ESFT, equation 6.
std::vector<double> load(std::span<const double> counts);
/// Average gate score sum_t g_{e,t} / T (N; sums to the mean of a token's gates, which need not be 1). ESFT,
/// equation 5.
std::vector<double> gateMass(const RoutingView& log, int layer, TokenRange tokens);
/// Relative expert load c_e N / (K T); 1 is balanced (N). DeepSeek-V3, figure 9.
std::vector<double> relativeLoad(std::span<const double> counts);

/// P_e = sum_t p_{e,t} / T (N), as far as p was recorded: of the chosen and the runners-up; the rest counts as 0, so
/// this is a lower bound unless K + 2 >= N.
std::vector<double> meanProbabilities(const RoutingView& log, int layer, TokenRange tokens);
/// sum_e f_e P_e with f_e = N c_e / (K T): 1 balanced (if P is whole), N all on one. The expert-level balance loss
/// without its factor. DeepSeekMoE, equations 12 to 14.
double balanceLoss(std::span<const double> counts, std::span<const double> mean_probabilities);

/// (sum c)^2 / (N sum c^2): 1 balanced, 1/N all on one. Jain's index.
double jainIndex(std::span<const double> counts);
/// max c / mean c - 1: 0 balanced, N - 1 all on one.
double maxViolation(std::span<const double> counts);
/// Coefficient of variation: standard deviation (of the population) / mean.
double variation(std::span<const double> counts);
/// Entropy of c / sum c, divided by ln N: 1 balanced, 0 all on one. 1 for a single expert.
double normalisedEntropy(std::span<const double> counts);
/// The number of experts that were never chosen.
int neverChosen(std::span<const double> counts);
/// Those experts, by rising id.
std::vector<int> neverChosenExperts(std::span<const double> counts);
/// The experts with the largest values, largest first, ties to the lower id; at most `most`, none with value 0.
std::vector<int> topExperts(std::span<const double> values, std::size_t most);

// ---- Which experts run together, one after another, and in two runs

/// N_ij / N_i: of the tokens that chose i, the share that also chose j (N x N, row i; 1 on the diagonal of experts
/// that were chosen, 0 in rows of others). OLMoE, equation 6, over all pairs.
std::vector<double> coActivation(const RoutingView& log, int layer, TokenRange tokens);

/// How tokens pass from the experts of one layer to those of another: sum_t [i in S_t(from)] [j in S_t(to)] / (K_from
/// K_to) (N x N, row i). Sums to the tokens that have both records; what leaves i is sum_t [i in S_t(from)] / K_from.
std::vector<double> expertFlow(const RoutingView& log, int from, int to, TokenRange tokens);

/// Shares of neighboring tokens t, t + 1 (in the log, and by position: not the last of one text and the first of the
/// next) that repeat: top1_t = top1_{t+1} (0 unless experts are ordered); S_t and S_{t+1} not disjoint. Mixtral,
/// table 5.
struct Repetition {
    double first = 0;
    double any = 0;
};
Repetition repetition(const RoutingView& log, int layer, TokenRange tokens);
/// The same for choices at random: 1 / N; 1 - C(N - K, K) / C(N, K).
Repetition randomRepetition(int experts, int used);
/// Of one token's experts, the share that the token before it (by position, as above) chose too: |S_t and S_{t-1}| / K.
/// Nothing for the first of a text, and where either has no record. At random: K / N.
std::optional<double> repeatedExperts(const RoutingView& log, std::size_t token, int layer);

/// Router saturation: mean_t |S_t(a) and S_t(b)| / K, the share of experts that two runs chose alike (K: the larger of
/// both). The ranges have the same length; the shorter counts otherwise. At random: K / N. OLMoE, equation 5.
double agreement(const RoutingView& a, TokenRange of_a, const RoutingView& b, TokenRange of_b, int layer);

// ---- Specialization

/// Of the tokens of a domain, the share that chose each expert: c_e / T (N; sums to K). K / N if routing is even.
/// OLMoE, equation 7.
std::vector<double> domainSpecialisation(const RoutingView& log, int layer, TokenRange tokens);

/// Of the times that a token of the vocabulary occurs, the share that chose each expert (N; sums to K).
struct VocabularyShares {
    std::int32_t token = 0;
    std::size_t count = 0;
    std::vector<double> shares;
};
/// What a token is: the one that went in, or the one that came next in the log (of the last one none is known).
enum class VocabularyToken { kInput, kNext };
/// N_{x,e} / N_x of each token x that occurs at least `least` times, by rising id. OLMoE, equation 8, which leaves out
/// what occurs less than 10 times.
std::vector<VocabularyShares> vocabularySpecialisation(const RoutingView& log, int layer, TokenRange tokens,
                                                       std::size_t least = 10,
                                                       VocabularyToken which = VocabularyToken::kInput);

// ---- One record

/// Its best expert; -1 if there is none, or if experts are not ordered.
std::int32_t topExpert(const RoutingView& log, std::size_t token, int layer);
/// Margin of the choice: the selection score of the K-th minus that of the (K+1)-th, the first runner-up (0 if there is
/// none). Scores are the probabilities unless the model adds a bias. Negative where an expert was forced or masked.
double margin(const LayerRouting& routing);
/// Entropy of the gates over their sum, divided by ln K: 1 if all are the same, 0 if one has all. 1 for a single one.
double gateEntropy(const LayerRouting& routing);
/// Norm of the shared experts' output over that of the routed sum; 0 if the latter is 0.
double sharedRatio(const LayerRouting& routing);

// ---- Means over records

/// Of the margins of records that have a runner-up.
double meanMargin(const RoutingView& log, int layer, TokenRange tokens);
/// Of the norms of the shared experts' output and of the routed sum, and of their ratio where the latter is not 0.
struct SharedRouted {
    double shared = 0;
    double routed = 0;
    double ratio = 0;
};
SharedRouted sharedAndRouted(const RoutingView& log, int layer, TokenRange tokens);

/// Jensen-Shannon divergence of two distributions in bits, 0..1: how differently two kinds of text are routed.
double divergence(std::span<const double> p, std::span<const double> q);

}  // namespace moescope
