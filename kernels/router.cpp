#include "kernels/router.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace moescope {
namespace {

void probabilitiesOf(const RouterParameters& rules, const float* logits, float* p) {
    const int n = rules.experts;
    if (rules.function == GateFunction::kSigmoid) {
        for (int e = 0; e < n; ++e) p[e] = 1.0f / (1.0f + std::exp(-logits[e]));
        return;
    }
    const float largest = *std::max_element(logits, logits + n);
    float total = 0;
    for (int e = 0; e < n; ++e) {
        p[e] = std::exp(logits[e] - largest);
        total += p[e];
    }
    for (int e = 0; e < n; ++e) p[e] /= total;
}

float rank(float p) {
    return std::isnan(p) ? -std::numeric_limits<float>::infinity() : p;
}

/// Masks the best experts, one after another; forced ones stay.
void maskTop(const RouterParameters& rules, const float* p, std::uint8_t* eligible) {
    for (int i = 0; i < rules.masked_top; ++i) {
        int best = -1;
        for (int e = 0; e < rules.experts; ++e) {
            if (!eligible[e] || (rules.forced && rules.forced[e])) continue;
            if (best < 0 || rank(p[e]) > rank(p[best])) best = e;
        }
        if (best < 0) return;
        eligible[best] = 0;
    }
}

/// What a group is worth; -infinity if none of its experts may be chosen.
float worthOf(GroupScore kind, const float* selections, const std::uint8_t* eligible, int first, int size) {
    constexpr float kNone = -std::numeric_limits<float>::infinity();
    float best = kNone, second = kNone;
    int found = 0;
    for (int e = first; e < first + size; ++e) {
        if (!eligible[e]) continue;
        ++found;
        const float s = rank(selections[e]);
        if (s > best) {
            second = best;
            best = s;
        } else {
            second = std::max(second, s);
        }
    }
    if (kind == GroupScore::kBest) return best;
    return best + (found == 1 ? best : second);
}

/// Marks the experts outside the best groups as not eligible.
void limitToGroups(const RouterParameters& rules, const float* selections, std::uint8_t* eligible) {
    const int size = rules.experts / rules.groups;
    std::uint8_t kept[256] = {};
    float worth[256];
    for (int g = 0; g < rules.groups; ++g) {
        worth[g] = worthOf(rules.group_score, selections, eligible, g * size, size);
    }
    for (int chosen = 0; chosen < rules.groups_used; ++chosen) {
        int best = -1;
        for (int g = 0; g < rules.groups; ++g) {
            if (!kept[g] && (best < 0 || worth[g] > worth[best])) best = g;
        }
        kept[best] = 1;
    }
    for (int e = 0; e < size * rules.groups; ++e) eligible[e] &= kept[e / size];
}

}  // namespace

void route(const RouterParameters& rules, const float* logits, float* probabilities, RouterChoice& choice) {
    const int n = rules.experts;
    probabilitiesOf(rules, logits, probabilities);
    float biased[kMaxRouterExperts];
    for (int e = 0; rules.bias && e < n; ++e) biased[e] = probabilities[e] + rules.bias[e];
    const float* selections = rules.bias ? biased : probabilities;

    std::uint8_t eligible[kMaxRouterExperts];
    for (int e = 0; e < n; ++e) eligible[e] = !rules.masked || !rules.masked[e];
    maskTop(rules, selections, eligible);
    if (rules.groups > 1 && rules.groups_used < rules.groups) limitToGroups(rules, selections, eligible);

    // Forced experts first, then the best of the rest; a strict comparison keeps the lower id in a tie.
    const auto best = [&](bool forced_only) {
        int found = -1;
        for (int e = 0; e < n; ++e) {
            const bool candidate = forced_only ? eligible[e] < 2 && rules.forced && rules.forced[e] : eligible[e] == 1;
            if (candidate && (found < 0 || rank(selections[e]) > rank(selections[found]))) found = e;
        }
        return found;
    };
    choice.count = 0;
    constexpr std::uint8_t kTaken = 2;
    for (const bool forced : {true, false}) {
        while (choice.count < rules.used) {
            const int e = best(forced);
            if (e < 0) break;
            eligible[e] = kTaken;
            choice.experts[choice.count++] = e;
        }
    }
    std::sort(choice.experts, choice.experts + choice.count, [&](int a, int b) {
        const float pa = rank(probabilities[a]), pb = rank(probabilities[b]);
        return pa != pb ? pa > pb : a < b;
    });
    for (int r = 0; r < kRunnersUp; ++r) {
        const int e = best(false);
        choice.runners_up[r] = e;
        choice.runner_up_probabilities[r] = e < 0 ? 0.0f : probabilities[e];
        choice.runner_up_selections[r] = e < 0 ? 0.0f : selections[e];
        if (e >= 0) eligible[e] = kTaken;
    }

    float total = 0;
    for (int i = 0; i < choice.count; ++i) total += probabilities[choice.experts[i]];
    const float factor = (rules.renormalise && total > 0 ? 1.0f / total : 1.0f) * rules.scale;
    for (int i = 0; i < choice.count; ++i) {
        choice.probabilities[i] = probabilities[choice.experts[i]];
        choice.selections[i] = selections[choice.experts[i]];
        choice.gates[i] = choice.probabilities[i] * factor;
    }
}

}  // namespace moescope
