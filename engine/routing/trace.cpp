#include "engine/routing/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "engine/base/atomic_file.h"
#include "engine/base/foreign_text.h"
#include "engine/format/mapped_file.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/served_events.h"
#include "engine/routing/trace/text.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr auto kFormats = std::to_array<TraceFormatInfo>({
    {TraceFormat::kSafetensors, "safetensors", ".safetensors", true},
    {TraceFormat::kJsonl, "jsonl", ".jsonl", true},
    {TraceFormat::kRouteTrace, "route_trace", ".csv", true},
    {TraceFormat::kNpz, "npz", ".npz", true},
    {TraceFormat::kNpy, "npy", ".npy", true},
    {TraceFormat::kEsft, "esft", "", true},
    {TraceFormat::kMoeTrace, "moe_trace", "", false},
    {TraceFormat::kMegatron, "megatron", "", false},
    {TraceFormat::kVllm, "vllm", "", false},
    {TraceFormat::kSglang, "sglang", "", false},
    {TraceFormat::kMoeRoutes, "moe_routes", "", false},
});

std::optional<TraceFormat> formatOfPath(const std::string& path) {
    const std::string extension = fs::path(path).extension();
    for (const TraceFormatInfo& f : kFormats) {
        if (f.written && !f.extension.empty() && extension == f.extension) return f.format;
    }
    return std::nullopt;
}

std::string names(bool written) {
    std::string list;
    for (const TraceFormatInfo& f : kFormats) {
        if (f.written || !written) list += fmt::format("{}{}", list.empty() ? "" : ", ", f.name);
    }
    return list;
}

std::string_view asText(TraceBytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The length of a JSON header, then the header.
bool isSafetensors(std::string_view text) {
    return text.size() > 8 && text[8] == '{' && text[5] == 0 && text[6] == 0 && text[7] == 0;
}

/// Told by how the bytes begin, and for JSON by the keys that occur.
std::optional<TraceFormat> detect(TraceBytes bytes) {
    std::string_view text = asText(bytes);
    if (text.starts_with("\x93NUMPY")) return TraceFormat::kNpy;
    if (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")) return TraceFormat::kNpz;
    if (isSafetensors(text)) return TraceFormat::kSafetensors;
    while (!text.empty() && std::string_view(" \t\r\n").find(text.front()) != std::string_view::npos)
        text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    if (text.starts_with('{') || text.starts_with('[')) {
        const std::string_view first_line = text.substr(0, text.find('\n'));
        if (first_line.find("\"moescope_trace\"") != std::string_view::npos) return TraceFormat::kJsonl;
        if (first_line.find("\"top_indices\"") != std::string_view::npos) return TraceFormat::kMegatron;
        for (const std::string_view key : {"\"topk_ids\"", "\"layers_logged\""}) {
            if (first_line.find(key) != std::string_view::npos) return TraceFormat::kMoeRoutes;
        }
    }
    if (looksServed(text)) return TraceFormat::kVllm;
    if (text.starts_with('{') || text.starts_with('[')) return std::nullopt;
    const std::string_view first_line = text.substr(0, text.find('\n'));
    if (text.starts_with("# route_trace") || first_line.find("slot") != std::string_view::npos)
        return TraceFormat::kRouteTrace;
    if (first_line.find('\t') != std::string_view::npos) return TraceFormat::kEsft;
    if (first_line.starts_with("layer,expert") || first_line.find(',') != std::string_view::npos)
        return TraceFormat::kMoeTrace;
    return std::nullopt;
}

/// The layer that the name of an ESFT file gives.
std::optional<int> esftLayer(const std::string& name) {
    std::string_view rest = name;
    constexpr std::string_view kBefore = "expert_weights_", kAfter = ".txt";
    if (!rest.starts_with(kBefore) || !rest.ends_with(kAfter) || rest.size() < kBefore.size() + kAfter.size())
        return {};
    rest.remove_prefix(kBefore.size());
    rest.remove_suffix(kAfter.size());
    const auto number = integerField(rest, 0, kMaxTraceLayers - 1);
    return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

Result<Trace> readFolder(const std::string& path, const TraceReadOptions& options) {
    std::vector<std::pair<int, std::string>> names;
    std::error_code error;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename();
        if (const auto layer = esftLayer(name)) names.emplace_back(*layer, name);
    }
    if (error) return ioError(fmt::format("the folder cannot be read: {}.", error.message()));
    if (names.empty()) {
        return notFound("the folder has no expert_weights_N.txt; give a file, or a folder of ESFT's files.");
    }
    std::ranges::sort(names);
    std::vector<MappedFile> files;
    std::vector<EsftFile> layers;
    for (const auto& [layer, name] : names) {
        auto file = MappedFile::open((fs::path(path) / name).string());
        if (!file.ok()) return file.status();
        files.push_back(std::move(*file));
        layers.push_back({name, layer, asText(files.back().bytes())});
    }
    auto trace = parseEsftTrace(layers, options);
    for (const MappedFile& file : files) {
        if (Status status = file.intact(); !status.ok()) return status;
    }
    return trace;
}

Status writeEsftFolder(const std::string& path, const RoutingLog& log) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) return ioError(fmt::format("{}: the folder cannot be created: {}.", path, error.message()));
    for (int layer = 0; layer < log.shape().moe_layers; ++layer) {
        const int number = log.shape().first_moe_layer + layer;
        AtomicFile file((fs::path(path) / fmt::format("expert_weights_{}.txt", number)).string());
        Status status = writeEsftLayer(log, layer, [&](std::string_view text) { file.write(text); });
        if (status.ok()) status = file.commit();
        if (!status.ok()) return status;
    }
    return {};
}

}  // namespace

std::span<const TraceFormatInfo> traceFormats() {
    return kFormats;
}

const TraceFormatInfo& info(TraceFormat format) {
    return *std::ranges::find(kFormats, format, &TraceFormatInfo::format);
}

Result<TraceFormat> parseTraceFormat(std::string_view name) {
    for (const TraceFormatInfo& f : kFormats) {
        if (f.name == name) return f.format;
    }
    return invalid(fmt::format("There is no trace format {}; expected one of {}.", quoted(name), names(false)));
}

std::size_t largestCount(const RoutingLog& log) {
    std::size_t largest = 1;
    for (std::size_t t = 0; t < log.size(); ++t) {
        for (int l = 0; l < log.shape().moe_layers; ++l) largest = std::max(largest, log.experts(t, l).size());
    }
    return largest;
}

std::string missingParts(const RoutingShape& shape) {
    std::string list;
    const auto add = [&](bool known, std::string_view part) {
        if (!known) list += fmt::format("{}no {}", list.empty() ? "" : ", ", part);
    };
    add(shape.has_gates, "gates");
    add(shape.has_probabilities, "probabilities");
    add(shape.has_runners_up, "runners-up");
    add(shape.has_norms, "norms");
    add(shape.has_order, "order of experts");
    add(shape.has_tokens, "ids of tokens");
    add(shape.has_phases, "phases");
    return list;
}

Result<Trace> parseTrace(std::span<const std::byte> bytes, const TraceReadOptions& options) {
    if (const std::string_view text = asText(bytes); !isSafetensors(text)) {
        if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
            return unsupported("The file is text in UTF-16; save it as UTF-8.");
        }
        // Editors put a byte order mark before UTF-8.
        if (text.starts_with("\xef\xbb\xbf")) bytes = bytes.subspan(3);
    }
    const auto format = options.format ? options.format : detect(bytes);
    if (!format) {
        return unsupported(
            fmt::format("This is not a trace in a known format; if it is a trace, name its format: {}.", names(false)));
    }
    const std::string_view text = asText(bytes);
    switch (*format) {
        case TraceFormat::kSafetensors:
            return parseTensorTrace(bytes, options);
        case TraceFormat::kJsonl:
            return parseJsonlTrace(text, options);
        case TraceFormat::kRouteTrace:
            return parseRouteTrace(text, options);
        case TraceFormat::kNpz:
            return parseNpzTrace(bytes, options);
        case TraceFormat::kNpy:
            return parseNpyTrace(bytes, options);
        case TraceFormat::kEsft: {
            const EsftFile file{"The file", std::max(0, options.first_layer), text};
            return parseEsftTrace(std::span(&file, 1), options);
        }
        case TraceFormat::kMoeTrace:
            return parseMoeTrace(text, options);
        case TraceFormat::kMegatron:
            return parseMegatronTrace(text, options);
        case TraceFormat::kVllm:
        case TraceFormat::kSglang:
            return parseServedTrace(text, options);
        case TraceFormat::kMoeRoutes:
            return parseMoeRoutes(text, options);
    }
    return unsupported("This is not a trace in a known format.");
}

Result<Trace> readTrace(const std::string& path, const TraceReadOptions& options) {
    const auto named = [&](Result<Trace> trace) -> Result<Trace> {
        if (trace.ok()) return trace;
        return Status(trace.status().code(), fmt::format("{}: {}", harmless(path, true), trace.status().message()));
    };
    std::error_code error;
    if (fs::is_directory(path, error)) return named(readFolder(path, options));
    const auto file = MappedFile::open(path);
    if (!file.ok()) return file.status();
    TraceReadOptions chosen = options;
    const std::string name = fs::path(path).filename();
    if (const auto layer = esftLayer(name); layer && chosen.first_layer < 0) chosen.first_layer = *layer;
    auto trace = parseTrace(file->bytes(), chosen);
    if (Status status = file->intact(); !status.ok()) return status;
    return named(std::move(trace));
}

Status checkTracePath(const std::string& path, std::optional<TraceFormat> format) {
    if (!format) format = formatOfPath(path);
    if (format && info(*format).written) return {};
    if (format) {
        return unsupported(
            fmt::format("The format {} can only be read; choose one of {}.", info(*format).name, names(true)));
    }
    return invalid(
        fmt::format("{}: a trace is written as .safetensors, .jsonl, .csv, .npz or .npy; choose one of these "
                    "extensions, or a format.",
                    path));
}

namespace {

bool hasRecords(const RoutingLog& log) {
    for (std::size_t t = 0; t < log.size(); ++t) {
        for (int l = 0; l < log.shape().moe_layers; ++l) {
            if (!log.experts(t, l).empty()) return true;
        }
    }
    return false;
}

}  // namespace

Status writeTrace(const std::string& path, const RoutingLog& log, const TraceOptions& options) {
    if (Status status = checkTracePath(path, options.format); !status.ok()) return status;
    const TraceFormat format = options.format ? *options.format : *formatOfPath(path);
    // Formats of others cannot say that nothing is there; what they would be given could not be read again.
    const bool own =
        format == TraceFormat::kSafetensors || format == TraceFormat::kJsonl || format == TraceFormat::kNpz;
    if (!own && !hasRecords(log)) {
        return unsupported(
            fmt::format("{}: the trace has no records, which the format {} cannot express; choose "
                        "safetensors, jsonl or npz.",
                        harmless(path, true), info(format).name));
    }
    if (format == TraceFormat::kSafetensors) return writeTensorTrace(path, log);
    if (format == TraceFormat::kEsft) return writeEsftFolder(path, log);
    AtomicFile file(path);
    const TraceSink out = [&](std::string_view bytes) { file.write(bytes); };
    Status status = file.status();
    if (status.ok() && format == TraceFormat::kJsonl) writeJsonlTrace(log, options, out);
    if (status.ok() && format == TraceFormat::kRouteTrace) writeRouteTrace(log, options, out);
    if (status.ok() && format == TraceFormat::kNpy) writeNpyTrace(log, out);
    if (status.ok() && format == TraceFormat::kNpz) status = writeNpzTrace(log, out);
    return status.ok() ? file.commit() : status;
}

}  // namespace moescope
