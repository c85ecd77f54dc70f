// ESFT's expert_weights_N.txt, a file a layer: a row a sequence, K T ids parted by tabs, two tabs, as many weights.
// Slots of a token are in no order.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/id_cube.h"
#include "engine/routing/trace/text.h"

namespace moescope {
namespace {

struct Layer {
    const EsftFile* file = nullptr;
    std::vector<std::int32_t> experts;
    std::vector<float> weights;
    std::vector<std::size_t> row_ends;  // in experts
};

Status parseLayer(const EsftFile& file, Layer& layer) {
    layer.file = &file;
    LineReader lines(file.text);
    std::string_view line;
    while (lines.next(line)) {
        if (line.empty()) continue;
        const std::size_t middle = line.find("\t\t");
        if (middle == std::string_view::npos) {
            return invalid(
                fmt::format("{}, line {}: ids and weights are not separated by two tabs.", file.name, lines.number()));
        }
        std::string_view ids = line.substr(0, middle), weights = line.substr(middle + 2);
        const std::size_t before = layer.experts.size();
        while (!ids.empty()) {
            const std::string_view field = takeField(ids, '\t');
            const auto expert = integerField(field, -1, kMaxTraceExperts - 1);  // -1: none
            if (!expert) {
                return invalid(fmt::format("{}, line {}: \"{}\" is not an expert; expected 0 to {}.", file.name,
                                           lines.number(), shown(field), kMaxTraceExperts - 1));
            }
            layer.experts.push_back(static_cast<std::int32_t>(*expert));
        }
        while (!weights.empty()) {
            const std::string_view field = takeField(weights, '\t');
            const auto weight = floatField(field);
            if (!weight) {
                return invalid(
                    fmt::format("{}, line {}: \"{}\" is not a weight.", file.name, lines.number(), shown(field)));
            }
            layer.weights.push_back(*weight);
        }
        if (layer.experts.size() != layer.weights.size() || layer.experts.size() == before) {
            return invalid(fmt::format("{}, line {}: {} ids and {} weights; expected equal numbers.", file.name,
                                       lines.number(), layer.experts.size() - before, layer.weights.size() - before));
        }
        layer.row_ends.push_back(layer.experts.size());
    }
    return layer.experts.empty() ? invalid(fmt::format("{} has no rows.", file.name)) : Status();
}

}  // namespace

Result<Trace> parseEsftTrace(std::span<const EsftFile> files, const TraceReadOptions& options) {
    if (files.empty()) return notFound("There is no expert_weights_N.txt.");
    std::map<int, Layer> layers;
    const Layer* any = nullptr;  // the first that was read
    std::size_t divisor = 0;
    int k = options.experts_used > 0 ? options.experts_used : kMaxActiveExperts;
    for (const EsftFile& file : files) {
        if (file.layer < 0 || file.layer >= kMaxTraceLayers) {
            return outOfRange(
                fmt::format("{} is of layer {}; expected at most {}.", file.name, file.layer, kMaxTraceLayers - 1));
        }
        const auto [place, is_new] = layers.try_emplace(file.layer);
        if (!is_new) return invalid(fmt::format("{} is of layer {}, and so is another file.", file.name, file.layer));
        Layer& layer = place->second;
        if (Status status = parseLayer(file, layer); !status.ok()) return status;
        if (!any) any = &layer;
        if (layer.row_ends != any->row_ends) {
            return invalid(fmt::format("{} has different rows than {}; expected the same tokens in each layer.",
                                       file.name, any->file->name));
        }
        std::size_t begin = 0;
        for (const std::size_t end : layer.row_ends) {
            divisor = std::gcd(divisor, end - begin);
            begin = end;
        }
        // A K that fits all layers fits each.
        if (options.experts_used <= 0) k = std::min(k, inferExpertsUsed(layer.experts, divisor));
    }
    while (options.experts_used <= 0 && k > 1) {
        const bool fits = std::ranges::all_of(layers, [&](const auto& layer) {
            return divisor % static_cast<std::size_t>(k) == 0 &&
                   inferExpertsUsed(layer.second.experts, static_cast<std::size_t>(k)) == k;
        });
        if (fits) break;
        --k;
    }
    if (k < 1 || k > kMaxActiveExperts || divisor % static_cast<std::size_t>(k) != 0) {
        return invalid(
            fmt::format("The rows hold multiples of {} ids, which does not fit the number of experts per "
                        "token; the files are damaged, or the number is wrong.",
                        divisor));
    }
    std::vector<std::string> notes;
    if (options.experts_used <= 0) sayExpertsUsed(k, notes);

    const auto width = static_cast<std::size_t>(k);
    Choices choices;
    choices.shape = idsOnly();
    choices.shape.has_gates = choices.shape.has_order = true;
    choices.shape.experts_used = k;
    choices.sort_by_weight = true;
    std::size_t row_begin = 0;
    for (const std::size_t end : any->row_ends) {
        for (std::size_t i = 0; i < (end - row_begin) / width; ++i) {
            choices.tokens.push_back({-1, static_cast<std::int32_t>(i), Phase::kPrefill});
        }
        row_begin = end;
    }
    choices.choices.reserve(any->experts.size() * layers.size());
    for (std::size_t t = 0; t < choices.tokens.size(); ++t) {
        for (const auto& [number, layer] : layers) {
            for (std::size_t i = 0; i < width; ++i) {
                choices.choices.push_back(
                    {static_cast<std::uint32_t>(t), static_cast<std::uint16_t>(number), static_cast<std::uint16_t>(i),
                     static_cast<std::uint16_t>(layer.experts[t * width + i]), layer.weights[t * width + i]});
            }
        }
    }
    auto log = choices.build(options, notes);
    if (!log.ok()) return log.status();
    return Trace{TraceFormat::kEsft, std::move(*log), std::move(notes)};
}

Status writeEsftLayer(const RoutingLog& log, int layer, const TraceSink& out) {
    if (!log.shape().has_gates) {
        return unsupported("ESFT's files hold weights, which this trace does not have; choose another format.");
    }
    const std::size_t k = log.size() > 0 ? log.experts(0, layer).size() : 0;
    std::string ids, weights;
    const auto row = [&] {
        out(ids + "\t\t" + weights + "\n");
        ids.clear();
        weights.clear();
    };
    for (std::size_t t = 0; t < log.size(); ++t) {
        if (t > 0 && beginsSequence(log, t)) row();
        const ExpertIds experts = log.experts(t, layer);
        if (experts.size() != k || k == 0) {
            return unsupported(fmt::format(
                "ESFT's files hold the same number of experts for every token; token {} has {} in layer {}, "
                "the first {}; choose another format.",
                t, experts.size(), log.shape().first_moe_layer + layer, k));
        }
        const auto gates = log.gates(t, layer);
        for (std::size_t i = 0; i < k; ++i) {
            fmt::format_to(std::back_inserter(ids), "{}{}", ids.empty() ? "" : "\t", experts[i]);
            fmt::format_to(std::back_inserter(weights), "{}{}", weights.empty() ? "" : "\t", gates[i]);
        }
    }
    if (log.size() > 0) row();
    return {};
}

}  // namespace moescope
