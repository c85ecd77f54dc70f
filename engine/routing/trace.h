#pragma once
// Routing as files for other programs.

#include <functional>
#include <string>

#include "engine/base/status.h"
#include "engine/routing/routing_log.h"

namespace moescope {

struct TraceOptions {
    int turn = 0;
    std::uint64_t expert_bytes = 0;                       ///< of one routed expert
    std::function<std::string(std::int32_t)> token_text;  ///< bytes of a token, for JSONL; may be empty
};

/// Says whether the extension is one of .csv, .jsonl and .safetensors, before work is done for it.
Status checkTracePath(const std::string& path);

/// Writes a log in the format that the extension names; the file appears whole or not at all.
///
/// .csv: `route_trace v1`: a row a chosen expert, columns
///   turn,phase,step,layer,slot,expert,weight,residency,expert_bytes,dropped; step is the position.
/// .jsonl: an object a token: turn, phase, position, token, text, layers [{layer, experts, gates, runners_up,
///   runner_up_probabilities, shared_norm, routed_norm}].
/// .safetensors: tokens, positions (I32 [T]), phases (U8 [T]: 0 prefill, 1 decode) and layers.N.experts (I32 [T, K]),
///   .gates (F32 [T, K]), .runners_up, .runner_up_probabilities ([T, 2]), .shared_norm, .routed_norm (F32 [T]).
///   K is the largest count; slots not used hold expert -1 and gate 0.
Status writeTrace(const std::string& path, const RoutingLog& log, const TraceOptions& options);

}  // namespace moescope
