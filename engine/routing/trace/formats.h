#pragma once
// The readers and writers of each format, one file each. docs/trace-formats.md describes the formats.

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "engine/routing/trace.h"

namespace moescope {

using TraceBytes = std::span<const std::byte>;
/// Takes a file's bytes piece by piece.
using TraceSink = std::function<void(std::string_view)>;

Result<Trace> parseRouteTrace(std::string_view text, const TraceReadOptions& options);
Result<Trace> parseMoeTrace(std::string_view text, const TraceReadOptions& options);
Result<Trace> parseJsonlTrace(std::string_view text, const TraceReadOptions& options);
Result<Trace> parseTensorTrace(TraceBytes bytes, const TraceReadOptions& options);
Result<Trace> parseNpyTrace(TraceBytes bytes, const TraceReadOptions& options);
Result<Trace> parseNpzTrace(TraceBytes bytes, const TraceReadOptions& options);
Result<Trace> parseMegatronTrace(std::string_view text, const TraceReadOptions& options);
Result<Trace> parseMoeRoutes(std::string_view text, const TraceReadOptions& options);
/// Of vLLM, SGLang and those that hand on what these say.
Result<Trace> parseServedTrace(std::string_view text, const TraceReadOptions& options);

/// A file of a layer, with the layer's number.
struct EsftFile {
    std::string name;  ///< for errors
    int layer = 0;
    std::string_view text;
};
Result<Trace> parseEsftTrace(std::span<const EsftFile> files, const TraceReadOptions& options);

void writeRouteTrace(const RoutingLog& log, const TraceOptions& options, const TraceSink& out);
void writeJsonlTrace(const RoutingLog& log, const TraceOptions& options, const TraceSink& out);
Status writeTensorTrace(const std::string& path, const RoutingLog& log);
void writeNpyTrace(const RoutingLog& log, const TraceSink& out);
Status writeNpzTrace(const RoutingLog& log, const TraceSink& out);
/// One layer's file; error if tokens differ in K or gates are not known.
Status writeEsftLayer(const RoutingLog& log, int layer, const TraceSink& out);

/// Whether a token begins a sequence: the positions of a sequence grow.
inline bool beginsSequence(const RoutingLog& log, std::size_t token) {
    return token == 0 || log.token(token).position <= log.token(token - 1).position;
}

/// The largest number of experts that a token has in a layer; at least 1.
std::size_t largestCount(const RoutingLog& log);

}  // namespace moescope
