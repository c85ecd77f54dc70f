#pragma once
// Routing in the forms that other servers have:
//
//   vLLM     base64 of a .npy file, (tokens, layers, k); |u1 up to 256 experts, <u2 above
//   SGLang   base64 of bare int32, little-endian, of the same shape
//
// Layers are all of the model; dense ones hold zeros. Where tokens or layers differ in k, which no other server has,
// the .npy file is of <i4, and both have -1 past a layer's last expert. Our own extension has gates and norms as .npy
// files of <f4: (tokens, layers, k), and (tokens, layers).

#include <string>

#include "engine/routing/routing_log.h"

namespace moescope::serve {

std::string base64(std::string_view bytes);

/// Of the log's tokens from `first` on, at most `count`.
struct RoutingPart {
    const RoutingLog& log;
    std::size_t first = 0, count = 0;
};

std::string expertsNpy(const RoutingPart& part);
std::string expertsInt32(const RoutingPart& part);
std::string gatesNpy(const RoutingPart& part);
std::string sharedNormsNpy(const RoutingPart& part);
std::string routedNormsNpy(const RoutingPart& part);

}  // namespace moescope::serve
