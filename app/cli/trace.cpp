// `trace export` and `trace import`.

#include <fmt/format.h>

#include <filesystem>

#include "app/cli/common.h"
#include "app/cli/output.h"
#include "app/cli/trace_source.h"
#include "engine/base/foreign_text.h"

namespace moescope::cli {
namespace {

/// Notes and what is missing go to stderr: they are no part of what was asked for.
void sayLimits(const Trace& trace) {
    for (const std::string& note : trace.notes) cli::note(note);
    if (const std::string missing = missingParts(trace.log.shape()); !missing.empty()) {
        note(fmt::format("The trace has {}; views that need them will say so.", missing));
    }
}

void say(const std::string& path, const RoutingLog& log) {
    sayBesides(path, fmt::format("{}: {}", isStandardOutput(path) ? "stdout" : harmless(path, true), describe(log)));
}

bool isText(TraceFormat format) {
    return format == TraceFormat::kJsonl || format == TraceFormat::kRouteTrace;
}

TraceOptions writeOptions(const std::string& format, const std::string& path) {
    TraceOptions options;
    if (!format.empty()) options.format = require(parseTraceFormat(format));
    if (isStandardOutput(path)) {
        if (!options.format)
            throw Failure{"--out -: stdout has no extension that tells the format; choose one with --format."};
        if (options.format == TraceFormat::kEsft) throw Failure{"ESFT's format is a folder; name one with --out."};
        refuseTerminal(path, isText(*options.format));
    }
    require(checkTracePath(path, options.format));
    return options;
}

void addExport(CLI::App& trace) {
    CLI::App* command =
        trace.add_subcommand("export", "Export the routing of a stored answer, or of a file, in any format");
    struct Options {
        TraceSource source;
        std::string out, format;
    };
    const auto options = std::make_shared<Options>();
    options->source.addTo(*command);
    command->add_option("--out", options->out, "The file to write, or for ESFT the folder; - is stdout")->required();
    command->add_option("--to,--format", options->format,
                        "safetensors, jsonl, route_trace, npz, npy or esft (default: by the file's extension)");
    command->footer(
        "safetensors, jsonl and npz keep everything. docs/trace-formats.md lists what the "
        "other formats and sources leave out.");
    command->callback([options] {
        TraceOptions write = writeOptions(options->format, options->out);
        TraceWords words;
        const Trace read = options->source.load(&words);
        write.token_text = [&](std::int32_t id) {
            const auto found = words.texts.find(id);
            return found == words.texts.end() ? std::string() : found->second;
        };
        write.odds = words.odds;
        require(writeTrace(options->out, read.log, write));
        say(options->out, read.log);
        if (!options->source.file.empty()) sayLimits(read);
    });
}

void addImport(CLI::App& trace) {
    CLI::App* command = trace.add_subcommand("import", "Convert a trace of another program to one of our own formats");
    struct Options {
        std::string file, out, format;
        TraceFileOptions read;
    };
    const auto options = std::make_shared<Options>();
    command->add_option("FILE", options->file, "A trace in any of the formats, or a folder of expert_weights_N.txt")
        ->required();
    options->read.addTo(*command);
    command->add_option("--out", options->out,
                        "The file to write, .safetensors, .jsonl or .npz, or - for stdout (default: FILE's name with "
                        ".safetensors)");
    command->add_option("--to,--format", options->format,
                        "safetensors, jsonl or npz (default: by the file's extension)");
    command->callback([options] {
        std::string out = options->out;
        if (out.empty()) {
            std::filesystem::path path(options->file);
            if (!path.has_filename()) path = path.parent_path();  // "folder/"
            const std::string extension(
                options->format.empty() ? ".safetensors" : info(require(parseTraceFormat(options->format))).extension);
            out = path.replace_extension(extension).string();
        }
        const bool named = !options->format.empty() || isStandardOutput(out);
        if (!named && (!std::filesystem::path(out).has_extension() || !checkTracePath(out).ok())) {
            throw Failure{
                fmt::format("{}: our own formats are .safetensors, .jsonl and .npz; `trace export` writes others.",
                            harmless(out, true))};
        }
        const TraceOptions write = writeOptions(options->format, out);
        const auto is_of = [&](TraceFormat format, const char* extension) {
            return write.format ? write.format == format : out.ends_with(extension);
        };
        if (!is_of(TraceFormat::kSafetensors, ".safetensors") && !is_of(TraceFormat::kJsonl, ".jsonl") &&
            !is_of(TraceFormat::kNpz, ".npz")) {
            throw Failure{
                fmt::format("{}: our own formats are .safetensors, .jsonl and .npz; `trace export` writes others.",
                            harmless(out, true))};
        }
        std::error_code error;
        if (std::filesystem::equivalent(out, options->file, error)) {
            throw Failure{fmt::format("{}: this would overwrite the input; name another file with --out.", out)};
        }
        const Trace read = options->read.load(options->file);
        require(writeTrace(out, read.log, write));
        say(out, read.log);
        sayBesides(out, fmt::format("read as {}", info(read.format).name));
        sayLimits(read);
    });
}

}  // namespace

void addTrace(CLI::App& app) {
    CLI::App* command = app.add_subcommand("trace", "Routing as files: convert, measure and draw it");
    command->require_subcommand(1);
    addExport(*command);
    addImport(*command);
    addTraceStats(*command);
    addTracePlot(*command);
}

}  // namespace moescope::cli
