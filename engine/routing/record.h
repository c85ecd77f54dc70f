#pragma once
// What is known of the routing of one token: which experts ran in each MoE layer, and how nearly others did.

#include <array>
#include <cstdint>
#include <span>

#include "kernels/routing_limits.h"

namespace moescope {

/// The router's work for one token in one MoE layer. Entries past `count` are expert -1 with gate 0.
struct LayerRouting {
    int count = 0;  ///< experts chosen, at most kMaxActiveExperts
    /// Chosen experts, highest probability first (ties: the lower id first; forced experts keep their own probability).
    std::array<std::int32_t, kMaxActiveExperts> experts;
    /// The weight each chosen expert's output got: its probability, renormalised and scaled if the rules say so.
    std::array<float, kMaxActiveExperts> gates;
    std::array<float, kMaxActiveExperts> probabilities;  ///< the router's own, by softmax over all experts or sigmoid
    /// What the choice went by: the probability, plus the model's bias where it has one (DeepSeek-V3).
    std::array<float, kMaxActiveExperts> selections;
    std::array<std::int32_t, kRunnersUp> runners_up;  ///< next best experts that were not chosen; -1 if none
    std::array<float, kRunnersUp> runner_up_probabilities;
    std::array<float, kRunnersUp> runner_up_selections;
    /// Bit i: the i-th chosen expert was computed on a GPU, from its memory; otherwise by the CPU.
    std::uint16_t on_card = 0;
    float shared_norm = 0;  ///< Euclidean norm of the shared experts' output
    float routed_norm = 0;  ///< Euclidean norm of the gate-weighted sum of the routed experts' outputs

    LayerRouting() {
        experts.fill(-1);
        gates.fill(0);
        probabilities.fill(0);
        selections.fill(0);
        runners_up.fill(-1);
        runner_up_probabilities.fill(0);
        runner_up_selections.fill(0);
    }
};

enum class Phase : std::uint8_t { kPrefill, kDecode };

/// The record of one token. `layers` is only valid during the call that passes it.
struct TokenRouting {
    std::int32_t token = 0;     ///< id of the token that went in
    std::int32_t position = 0;  ///< in the session's context, from 0
    Phase phase = Phase::kPrefill;
    std::span<const LayerRouting> layers;  ///< one per MoE layer, first MoE layer first
};

/// What a model's records look like; the same for all of a session's tokens.
struct RoutingShape {
    int first_moe_layer = 0;  ///< number of leading dense layers, so `layers[i]` is layer first_moe_layer + i
    int moe_layers = 0;
    int experts = 0;       ///< routed experts per layer
    int experts_used = 0;  ///< the model's own k
    int shared_experts = 0;
    /// Neighbouring experts form groups, as large as each other; a token's experts come from the best `groups_used` of
    /// them (DeepSeek-V2 and V3). 1 and 1: no groups, or a record that does not know of them: those of other programs,
    /// and what this one kept before it told.
    int groups = 1;
    int groups_used = 1;
    // What the records say. A model of ours says all; traces of other programs may know ids only, and a view that needs
    // more says so.
    bool has_gates = true;
    bool has_probabilities = true;
    bool has_runners_up = true;  ///< with their probabilities
    bool has_norms = true;       ///< of the shared experts' output and of the routed sum
    bool has_order = true;   ///< experts are ordered by falling probability; otherwise as another program wrote them
    bool has_tokens = true;  ///< ids of tokens; -1 otherwise
    bool has_phases = true;  ///< otherwise all are prefill
    /// Choices went by other scores than the probabilities; otherwise selection scores read as the probabilities.
    bool has_selections = false;

    bool operator==(const RoutingShape&) const = default;
    /// Whether records of both may follow each other in one run: all is alike, but groups that only one knows of.
    bool continues(RoutingShape other) const {
        if (groups == 1 || other.groups == 1) {
            other.groups = groups;
            other.groups_used = groups_used;
        }
        return *this == other;
    }

    bool hasGroups() const { return groups > 1; }
    int groupSize() const { return experts / groups; }
    int groupOf(int expert) const { return expert / groupSize(); }
    /// Whether the numbers of groups go with each other and with the experts; for shapes that come from files.
    bool groupsFit() const {
        if (groups == 1) return groups_used == 1;
        return groups > 1 && groups <= experts && experts % groups == 0 && groups_used >= 1 && groups_used <= groups;
    }
};

/// Receives each token's record in the order of tokens, on the thread that computes. Must not block for long.
class RoutingSink {
public:
    virtual ~RoutingSink() = default;
    virtual void onToken(const TokenRouting& token) = 0;
};

}  // namespace moescope
