// Prints every metric of a trace as JSON, for compare_metrics.py: print_metrics TRACE OTHER
// OTHER is compared with TRACE; both have the same shape.

#include <cstdio>
#include <nlohmann/json.hpp>

#include "engine/routing/metrics.h"
#include "engine/routing/trace.h"

using namespace moescope;
using nlohmann::json;

namespace {

json ofLayer(const RoutingLog& log, const RoutingLog& other, int layer, TokenRange tokens) {
    const auto counts = expertCounts(log, layer, tokens);
    const auto probabilities = meanProbabilities(log, layer, tokens);
    const Repetition repeats = repetition(log, layer, tokens);
    const SharedRouted norms = sharedAndRouted(log, layer, tokens);
    json vocabulary = json::object();
    for (const auto which : {VocabularyToken::kInput, VocabularyToken::kNext}) {
        json& rows = vocabulary[which == VocabularyToken::kInput ? "input" : "next"] = json::array();
        for (const VocabularyShares& row : vocabularySpecialisation(log, layer, tokens, 5, which)) {
            rows.push_back({{"token", row.token}, {"count", row.count}, {"shares", row.shares}});
        }
    }
    json margins = json::array(), entropies = json::array(), ratios = json::array(), tops = json::array();
    for (std::size_t t = tokens.begin; t < tokens.end; ++t) {
        const LayerRouting r = log.at(t, layer);
        margins.push_back(margin(r));
        entropies.push_back(gateEntropy(r));
        ratios.push_back(sharedRatio(r));
        tops.push_back(topExpert(log, t, layer));
    }
    const int next = (layer + 1) % log.shape().moe_layers;
    return {{"counts", counts},
            {"load", load(counts)},
            {"gate_mass", gateMass(log, layer, tokens)},
            {"relative_load", relativeLoad(counts)},
            {"mean_probabilities", probabilities},
            {"balance_loss", balanceLoss(counts, probabilities)},
            {"jain", jainIndex(counts)},
            {"max_violation", maxViolation(counts)},
            {"variation", variation(counts)},
            {"entropy", normalisedEntropy(counts)},
            {"never_chosen", neverChosenExperts(counts)},
            {"top_experts", topExperts(counts, 5)},
            {"co_activation", coActivation(log, layer, tokens)},
            {"flow", expertFlow(log, layer, next, tokens)},
            {"repetition", {repeats.first, repeats.any}},
            {"agreement", agreement(log, tokens, other, tokens, layer)},
            {"domain", domainSpecialisation(log, layer, tokens)},
            {"vocabulary", vocabulary},
            {"margins", margins},
            {"gate_entropies", entropies},
            {"shared_ratios", ratios},
            {"top1", tops},
            {"mean_margin", meanMargin(log, layer, tokens)},
            {"norms", {norms.shared, norms.routed, norms.ratio}},
            {"divergence", divergence(load(counts), load(expertCounts(other, layer, tokens)))}};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const auto trace = readTrace(argv[1]), other = readTrace(argv[2]);
    for (const auto* t : {&trace, &other}) {
        if (t->ok()) continue;
        std::fprintf(stderr, "%s\n", t->status().message().c_str());
        return 1;
    }
    const RoutingLog& log = trace->log;
    json layers = json::array(), halves = json::array();
    for (int l = 0; l < log.shape().moe_layers; ++l) {
        layers.push_back(ofLayer(log, other->log, l, allTokens(log)));
        halves.push_back(ofLayer(log, other->log, l, {log.size() / 3, log.size() - 1}));
    }
    const Repetition random = randomRepetition(log.shape().experts, log.shape().experts_used);
    std::puts(
        json{{"layers", layers}, {"part", halves}, {"random_repetition", {random.first, random.any}}}.dump().c_str());
    return 0;
}
