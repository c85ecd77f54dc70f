// llama.cpp's moe-trace: CSV `layer,expert`, a row a chosen expert. A batch writes layer by layer, in each its tokens,
// for each token its K experts; the last layer of a prompt only those of its last token.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/id_cube.h"
#include "engine/routing/trace/text.h"

namespace moescope {
namespace {

/// Rows of the same layer that follow each other.
struct Run {
    int layer = 0;
    std::size_t begin = 0, end = 0;
};

}  // namespace

Result<Trace> parseMoeTrace(std::string_view text, const TraceReadOptions& options) {
    std::vector<std::int32_t> experts;
    std::vector<Run> runs;
    LineReader lines(text);
    std::string_view line;
    while (lines.next(line)) {
        if (line.empty() || (lines.number() == 1 && line == "layer,expert")) continue;
        std::string_view rest = line;
        const auto layer = integerField(takeField(rest, ','), 0, kMaxTraceLayers - 1);
        const auto expert = integerField(rest, -1, kMaxTraceExperts - 1);
        if (!layer || !expert) {
            return invalid(
                fmt::format("Line {} is \"{}\"; expected layer,expert with layers below {} and experts below "
                            "{}.",
                            lines.number(), shown(line), kMaxTraceLayers, kMaxTraceExperts));
        }
        if (runs.empty() || runs.back().layer != *layer) {
            runs.push_back({static_cast<int>(*layer), experts.size(), experts.size()});
        }
        experts.push_back(static_cast<std::int32_t>(*expert));
        runs.back().end = experts.size();
    }
    if (experts.empty()) return invalid("The trace has no records.");

    std::vector<std::string> notes;
    std::size_t divisor = 0;
    for (const Run& run : runs) divisor = std::gcd(divisor, run.end - run.begin);
    auto k = static_cast<std::size_t>(std::max(0, options.experts_used));
    if (k == 0) {
        k = static_cast<std::size_t>(inferExpertsUsed(experts, divisor));
        if (k > 0) sayExpertsUsed(static_cast<int>(k), notes);
    }
    if (k == 0 || k > kMaxActiveExperts || divisor % k != 0) {
        return invalid(
            fmt::format("The rows of a layer come in multiples of {}, which does not fit the number of "
                        "experts per token; the file is damaged, or the number is wrong.",
                        divisor));
    }

    Choices choices;
    choices.shape = idsOnly();
    choices.shape.has_order = true;
    choices.shape.experts_used = static_cast<int>(k);
    choices.choices.reserve(experts.size());
    for (std::size_t first = 0; first < runs.size();) {
        // A batch ends where layers do not rise.
        std::size_t last = first + 1;
        std::size_t most = runs[first].end - runs[first].begin;
        for (; last < runs.size() && runs[last].layer > runs[last - 1].layer; ++last) {
            most = std::max(most, runs[last].end - runs[last].begin);
        }
        const std::size_t begin = choices.tokens.size(), count = most / k;
        for (std::size_t t = begin; t < begin + count; ++t) {
            choices.tokens.push_back({-1, static_cast<std::int32_t>(t), Phase::kPrefill});
        }
        for (; first < last; ++first) {
            const Run& run = runs[first];
            const std::size_t skipped = count - (run.end - run.begin) / k;
            for (std::size_t i = run.begin; i < run.end; ++i) {
                const std::size_t at = i - run.begin;
                choices.choices.push_back({static_cast<std::uint32_t>(begin + skipped + at / k),
                                           static_cast<std::uint16_t>(run.layer), static_cast<std::uint16_t>(at % k),
                                           static_cast<std::uint16_t>(experts[i]), 0});  // -1: kNoExpert
            }
        }
    }
    auto log = choices.build(options, notes);
    if (!log.ok()) return log.status();
    return Trace{TraceFormat::kMoeTrace, std::move(*log), std::move(notes)};
}

}  // namespace moescope
