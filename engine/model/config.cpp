#include "engine/model/config.h"

#include <fmt/format.h>

namespace moescope {

Status ModelConfig::check() const {
    const AttentionShape& a = attention;
    const auto fail = [](std::string_view pattern, auto... args) {
        return invalid(fmt::format(fmt::runtime(pattern), args...));
    };
    if (dense_layers >= layers) {
        return fail("The model has {} layers of which {} are dense; expected at least one with experts.", layers,
                    dense_layers);
    }
    if (experts_used > experts) {
        return fail("The model uses {} of {} experts; it cannot use more than it has.", experts_used, experts);
    }
    if (experts_used > kMaxActiveExperts) {
        return unsupported(fmt::format("The model uses {} experts per token; this program can use up to {}.",
                                       experts_used, kMaxActiveExperts));
    }
    if (a.heads % a.kv_heads) {
        return fail("{} heads cannot share {} key-value heads evenly.", a.heads, a.kv_heads);
    }
    for (const int dim : {a.latent > 0 ? a.value_dim : a.key_dim, a.value_dim}) {
        if (dim % 16) {
            return unsupported(fmt::format("Heads have {} values; this program needs a multiple of 16.", dim));
        }
    }
    if (a.latent % 16) {
        return unsupported(
            fmt::format("Keys and values are made from {} values; this program needs a multiple of 16.", a.latent));
    }
    if (a.rope_dim % 2 || a.rope_dim > a.key_dim) {
        return fail("{} of a head's {} values should rotate; expected an even number within the head.", a.rope_dim,
                    a.key_dim);
    }
    if (experts % expert_groups || expert_groups_used > expert_groups) {
        return fail("{} experts in {} groups, {} of them used, is not a valid grouping.", experts, expert_groups,
                    expert_groups_used);
    }
    return {};
}

}  // namespace moescope
