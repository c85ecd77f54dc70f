#pragma once
// Routing as files: our own, and those of other programs. docs/trace-formats.md says what each format can hold.

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/base/token_odds.h"
#include "engine/routing/routing_log.h"

namespace moescope {

enum class TraceFormat {
    kSafetensors,  ///< ours: everything, exactly
    kJsonl,        ///< ours: everything, an object a token
    kRouteTrace,   ///< `route_trace v1`, CSV with a row a chosen expert
    kNpz,          ///< NumPy arrays in a zip file: everything
    kNpy,          ///< a NumPy array of ids (tokens, layers, k)
    kEsft,         ///< a folder of ESFT's expert_weights_N.txt; or one such file
    kMoeTrace,     ///< llama.cpp's moe-trace, CSV of layer,expert; read only
    kMegatron,     ///< Megatron's JSONL of --moe-routing-trace-path; read only
    kVllm,         ///< a response of vLLM with routed_experts; read only
    kSglang,       ///< a response of SGLang with routed_experts; read only
    kMoeRoutes,    ///< moe_routes.jsonl of loggers in vLLM (VLLM_LOG_MOE); read only
};

struct TraceFormatInfo {
    TraceFormat format;
    std::string_view name;       ///< for options: "route_trace"
    std::string_view extension;  ///< ".csv"; "" for a folder, or if the format is not written
    bool written;                ///< not only read
};
std::span<const TraceFormatInfo> traceFormats();
const TraceFormatInfo& info(TraceFormat format);
/// By name.
Result<TraceFormat> parseTraceFormat(std::string_view name);

/// What a file may not say itself. What is not given is read from the file, or inferred and said in Trace::notes.
struct TraceReadOptions {
    std::optional<TraceFormat> format;  ///< otherwise told by the content
    int experts = 0;                    ///< routed experts per layer
    int experts_used = 0;               ///< K
    int layers = 0;                     ///< MoE layers, for SGLang's bare numbers
    int start = -1;                     ///< tokens of the prompt that a server's response left out before its first row
    int first_layer = -1;               ///< number of the first layer of the file
    std::size_t choice = 0;             ///< which of several answers of a server's response
};

struct Trace {
    TraceFormat format;
    RoutingLog log;
    std::vector<std::string> notes;  ///< sentences: what was inferred, what was left out
};

/// Most layers and experts that a trace may name: beyond any model, and small enough that tables can be made of them.
inline constexpr int kMaxTraceLayers = 1024, kMaxTraceExperts = 4096;

/// Reads bytes of any of the formats. They may be hostile: sizes are checked before they are used, and memory stays
/// within a small multiple of the bytes (of the unpacked ones in a zip file, at most 512 MiB an array). Error: one
/// sentence with the place.
Result<Trace> parseTrace(std::span<const std::byte> bytes, const TraceReadOptions& options = {});
/// Reads a file, or a folder of ESFT files. Errors begin with the path.
Result<Trace> readTrace(const std::string& path, const TraceReadOptions& options = {});

/// What a trace does not say: "no gates, no norms"; "" if it says all.
std::string missingParts(const RoutingShape& shape);

struct TraceOptions {
    std::optional<TraceFormat> format;                    ///< otherwise told by the extension
    int turn = 0;                                         ///< of the first sequence, for CSV and JSONL
    std::string model;                                    ///< name, for CSV; may be empty
    std::string architecture;                             ///< the same
    std::function<std::string(std::int32_t)> token_text;  ///< bytes of a token, for JSONL; may be empty, or give ""
    std::span<const TokenOdds> odds;                      ///< of the log's tokens, for JSONL; may be empty
};

/// Says whether a format is chosen or the extension names one, before work is done for it.
Status checkTracePath(const std::string& path, std::optional<TraceFormat> format = {});

/// Writes a log; the file appears whole or not at all. For ESFT `path` is a folder, whose files are replaced one by
/// one. Error: also if the format needs what the log does not know, or the log has no record and the format cannot say
/// so. A sequence (a row of ESFT, a turn of CSV and JSONL)
/// begins where positions do not grow.
Status writeTrace(const std::string& path, const RoutingLog& log, const TraceOptions& options);

}  // namespace moescope
