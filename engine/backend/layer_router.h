#pragma once
// The router's rules of one layer, ready for a kernel: what the model says, changed by what the user asks.

#include <cstdint>
#include <vector>

#include "engine/model/config.h"
#include "engine/routing/record.h"
#include "engine/routing/router_rules.h"
#include "kernels/router.h"

namespace moescope {

/// Move-only: the parameters point to the marks.
struct LayerRouter {
    RouterParameters parameters;
    std::vector<std::uint8_t> masked, forced;  ///< one per expert; empty: none

    LayerRouter() = default;
    LayerRouter(LayerRouter&&) = default;
    LayerRouter& operator=(LayerRouter&&) = default;
};

/// `layer` is a layer's number in the model; it has experts. `bias` (experts), or null, stays where it is.
LayerRouter layerRouter(const ModelConfig& config, const RouterRules& rules, int layer, const float* bias = nullptr);

/// A choice as it is recorded; norms are 0.
LayerRouting recordOf(const RouterChoice& choice);

}  // namespace moescope
