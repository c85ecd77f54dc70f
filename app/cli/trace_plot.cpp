// `trace plot`: pictures of a trace.

#include <fmt/format.h>

#include <cmath>

#include "app/cli/common.h"
#include "app/cli/output.h"
#include "app/cli/plot.h"
#include "app/cli/trace_source.h"
#include "engine/base/foreign_text.h"
#include "engine/routing/metrics.h"

namespace moescope::cli {
namespace {

struct Options {
    TraceSource source;
    std::string view = "layers", out, format, with, metric, map = "cividis", scale = "linear";
    int layer = -1, to_layer = -1, width = 1200, height = 760, first = 0, count = 0;
    bool dark = false, mean = false;
};

/// A MoE layer from 0, of the number that the model counts with; the first one if none is given.
int layerIndex(const RoutingShape& shape, int number, const char* option) {
    if (number < 0) return 0;
    const int index = number - shape.first_moe_layer;
    if (index < 0 || index >= shape.moe_layers) {
        throw Failure{fmt::format("{} {}: the trace has the MoE layers {} to {}.", option, number,
                                  shape.first_moe_layer, shape.first_moe_layer + shape.moe_layers - 1)};
    }
    return index;
}

void needs(bool known, const char* view, const char* part) {
    if (!known)
        throw Failure{
            fmt::format("The trace has no {}, which the view \"{}\" shows; choose another view.", part, view)};
}

/// One of the metrics that a view can show; the first by default.
template <class T>
T chosen(const Options& options, std::initializer_list<std::pair<const char*, T>> metrics) {
    std::string names;
    for (const auto& [name, metric] : metrics) {
        if (options.metric == name || options.metric.empty()) return metric;
        names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    }
    throw Failure{fmt::format("--metric {}: the view \"{}\" shows one of {}.", options.metric, options.view, names)};
}

MatrixAxis axis(AxisKind kind, int count, int first, std::string title) {
    return {kind, count, first, std::move(title), {}};
}

MatrixAxis expertAxis(const RoutingShape& shape) {
    return {AxisKind::kExpert, shape.experts, 0, "expert", {}, shape.groups};
}

std::vector<float> asFloats(const std::vector<double>& values) {
    return {values.begin(), values.end()};
}

class Plot {
public:
    Plot(const Options& options, Trace trace)
        : m_options(options),
          m_log(std::move(trace.log)),
          m_canvas(options.out, options.format, options.width, options.height, plotColours(options.dark)) {
        m_heading.subtitle = fmt::format("{}: {}", options.source.name(), describe(m_log));
        m_scene.view.map = ColourMap::kCividis;
        for (int i = 0; i < kColourMaps; ++i) {
            const auto map = static_cast<ColourMap>(i);
            if (options.map == colourMapName(map)) m_scene.view.map = map;
        }
        m_scene.view.scale = options.scale == "log" ? Scale::kLog : Scale::kLinear;
        m_scene.view.aggregation = options.mean ? Aggregation::kMean : Aggregation::kMax;
    }

    void draw() {
        if (m_options.view == "tokens") tokens();
        if (m_options.view == "layers") layers();
        if (m_options.view == "balance") balance();
        if (m_options.view == "shared") shared();
        if (m_options.view == "coactivation") coactivation();
        if (m_options.view == "flow") flow();
        if (m_options.view == "compare") compare();
        require(m_canvas.write());
    }

private:
    const RoutingShape& shape() const { return m_log.shape(); }
    TokenRange all() const { return allTokens(m_log); }
    int number(int layer) const { return shape().first_moe_layer + layer; }

    RoutingMatrix matrix() const {
        RoutingMatrix result(shape());
        require(result.append(m_log));
        return result;
    }

    void drawMatrix(MatrixAxis columns, MatrixAxis rows, std::vector<float> values, std::string quantity) {
        auto dense = std::make_shared<DenseMatrix>(std::move(columns), std::move(rows), std::move(values));
        dense->quantity = std::move(quantity);
        draw(std::move(dense));
    }
    void draw(std::shared_ptr<const DenseMatrix> dense) {
        m_scene.view.kind = HeatmapKind::kMatrix;
        m_scene.matrix = std::move(dense);
        require(drawHeatmap(m_canvas, m_heading, m_scene));
    }

    void tokens() {
        if (m_options.layer >= 0) m_scene.view.layer = layerIndex(shape(), m_options.layer, "--layer");
        using enum CellMetric;
        m_scene.view.metric =
            m_options.metric.empty() && !shape().has_gates
                ? kChosen
                : chosen(m_options, {std::pair("gate", kGate), {"chosen", kChosen}, {"probability", kProbability}});
        needs(m_scene.view.metric != kGate || shape().has_gates, "tokens", "gates");
        needs(m_scene.view.metric != kProbability || shape().has_probabilities, "tokens", "probabilities");
        m_scene.view.lanes = shape().has_norms;
        m_scene.routing = matrix();
        const auto total = static_cast<int>(m_log.size());
        if (m_options.first > 0 || m_options.count > 0) {
            if (m_options.first >= total) {
                throw Failure{
                    fmt::format("--first {}: the trace has {} tokens, counted from 0.", m_options.first, total)};
            }
            const int left = total - m_options.first,
                      count = m_options.count > 0 ? std::min(m_options.count, left) : left;
            m_scene.view.rect = wholeRect(m_scene);
            m_scene.view.rect.x = m_options.first;
            m_scene.view.rect.width = count;
        }
        m_heading.title = m_options.layer >= 0 ? fmt::format("Tokens × experts of layer {}", m_options.layer)
                                               : "Tokens × experts, all layers";
        m_heading.subtitle +=
            m_options.mean ? "; a pixel shows the mean of its tokens" : "; a pixel shows the largest of its tokens";
        require(drawHeatmap(m_canvas, m_heading, m_scene));
    }

    void layers() {
        using enum LoadMetric;
        const LoadMetric metric = chosen(m_options, {std::pair("relative_load", kRelativeLoad),
                                                     {"load", kLoad},
                                                     {"gate_mass", kGateMass},
                                                     {"relative_gate", kRelativeGate},
                                                     {"count", kCount}});
        needs(shape().has_gates || (metric != kGateMass && metric != kRelativeGate), "layers", "gates");
        m_heading.title = "Layers × experts";
        draw(layersByExperts(matrix(), metric));
    }

    /// A figure of each layer.
    template <class F>
    std::vector<double> perLayer(F f) const {
        std::vector<double> values;
        for (int l = 0; l < shape().moe_layers; ++l) values.push_back(f(l));
        return values;
    }

    void balance() {
        std::vector<std::vector<double>> counts;
        for (int l = 0; l < shape().moe_layers; ++l) counts.push_back(expertCounts(m_log, l, all()));
        const auto of = [&](auto f) {
            return perLayer([&](int l) { return static_cast<double>(f(counts[static_cast<std::size_t>(l)])); });
        };
        const PlotColours& c = m_canvas.colours();
        m_heading.title = "Balance of the experts by layer";
        drawCurves(m_canvas, m_heading, number(0),
                   {{{"Jain index", of([](const auto& x) { return jainIndex(x); }), 1, "even load", c.blue},
                     {"entropy / ln N", of([](const auto& x) { return normalisedEntropy(x); }), 0, "", c.amber}},
                    {{"MaxVio", of([](const auto& x) { return maxViolation(x); }), 0, "", c.blue},
                     {"variation (CV)", of([](const auto& x) { return variation(x); }), 0, "", c.amber}},
                    {{"never chosen", of([](const auto& x) { return neverChosen(x); }), 0, "", c.danger, true}}});
    }

    void shared() {
        needs(shape().has_norms, "shared", "norms");
        const auto of = [&](double SharedRouted::*part) {
            return perLayer([&](int l) { return sharedAndRouted(m_log, l, all()).*part; });
        };
        const PlotColours& c = m_canvas.colours();
        m_heading.title = "Shared and routed experts by layer";
        drawCurves(m_canvas, m_heading, number(0),
                   {{{"shared, mean norm", of(&SharedRouted::shared), 0, "", c.amber},
                     {"routed, mean norm", of(&SharedRouted::routed), 0, "", c.blue}},
                    {{"mean of shared / routed", of(&SharedRouted::ratio), 1, "alike", c.text}}});
    }

    void coactivation() {
        const int layer = layerIndex(shape(), m_options.layer, "--layer");
        const int n = shape().experts;
        std::vector<double> pairs = coActivation(m_log, layer, all());
        for (int e = 0; e < n; ++e)
            pairs[static_cast<std::size_t>(e * n + e)] = 0;  // always 1, and would hide the rest
        m_heading.title = fmt::format("Co-activation in layer {}", number(layer));
        m_heading.subtitle +=
            "; of the tokens that chose the row's expert, the share that also chose the column's "
            "(the diagonal is left out)";
        drawMatrix(expertAxis(shape()), expertAxis(shape()), asFloats(pairs), "share of tokens");
    }

    void flow() {
        const int from = layerIndex(shape(), m_options.layer, "--layer");
        const int to = m_options.to_layer < 0 ? from + 1 : layerIndex(shape(), m_options.to_layer, "--to-layer");
        if (to >= shape().moe_layers)
            throw Failure{"The trace has no layer after this one; name another with --to-layer."};
        m_heading.title = fmt::format("Flow of tokens from layer {} to layer {}", number(from), number(to));
        drawFlow(m_canvas, m_heading, fmt::format("layer {}", number(from)), fmt::format("layer {}", number(to)),
                 shape().experts, expertFlow(m_log, from, to, all()));
    }

    void compare() {
        if (m_options.with.empty()) throw Failure{"The view \"compare\" needs a second trace; name it with --with."};
        TraceFileOptions read = m_options.source.options;
        const Trace other = read.load(m_options.with);
        const RoutingShape& b = other.log.shape();
        if (b.experts != shape().experts || b.moe_layers != shape().moe_layers) {
            throw Failure{fmt::format("{} has {} layers of {} experts, and {} {} of {}; expected the same.",
                                      m_options.source.name(), shape().moe_layers, shape().experts, m_options.with,
                                      b.moe_layers, b.experts)};
        }
        std::vector<float> values;
        double apart = 0;
        for (int l = 0; l < shape().moe_layers; ++l) {
            const auto mine = expertCounts(m_log, l, all()), theirs = expertCounts(other.log, l, allTokens(other.log));
            const auto first = relativeLoad(mine), second = relativeLoad(theirs);
            for (std::size_t e = 0; e < first.size(); ++e) values.push_back(static_cast<float>(second[e] - first[e]));
            apart += divergence(load(mine), load(theirs)) / shape().moe_layers;
        }
        m_scene.view.map = ColourMap::kDiverging;
        m_heading.title = fmt::format("Relative load: {} minus {}", traceName(m_options.with), m_options.source.name());
        m_heading.subtitle = fmt::format("{} and {} tokens; mean Jensen-Shannon divergence per layer {:.3f} bits",
                                         grouped(other.log.size()), grouped(m_log.size()), apart);
        drawMatrix(expertAxis(shape()), axis(AxisKind::kLayer, shape().moe_layers, number(0), "layer"),
                   std::move(values), "difference, in even shares");
    }

    const Options& m_options;
    RoutingLog m_log;
    Canvas m_canvas;
    PlotHeading m_heading;
    HeatmapScene m_scene;
};

}  // namespace

void addTracePlot(CLI::App& trace) {
    CLI::App* command = trace.add_subcommand("plot", "Draw a view of a trace as PNG, SVG or PDF");
    const auto options = std::make_shared<Options>();
    options->source.addTo(*command);
    command
        ->add_option("--view", options->view,
                     "tokens: tokens x experts, of --layer or all; layers: layers x experts; balance, shared: figures "
                     "by layer; coactivation: of --layer; flow: from --layer to --to-layer; compare: load of --with "
                     "minus that of FILE")
        ->check(CLI::IsMember({"tokens", "layers", "balance", "shared", "coactivation", "flow", "compare"}))
        ->capture_default_str();
    command->add_option("--out", options->out, "The picture: .png, .svg or .pdf; - is stdout")->required();
    command->add_option("--format", options->format, "png, svg or pdf (default: by the file's extension)")
        ->check(CLI::IsMember({"png", "svg", "pdf"}));
    command
        ->add_option("--layer", options->layer,
                     "A layer, as the model numbers them (default: the first MoE layer, or all)")
        ->check(CLI::Range(0, 2 * kMaxTraceLayers));
    command->add_option("--to-layer", options->to_layer, "The second layer of the flow (default: the next)")
        ->check(CLI::Range(0, 2 * kMaxTraceLayers));
    command->add_option("--with", options->with, "The other trace of compare");
    command->add_option(
        "--metric", options->metric,
        "tokens: gate, chosen, probability; layers: relative_load, load, gate_mass, relative_gate, count");
    command->add_option("--map", options->map, "Colors")
        ->check(CLI::IsMember({"cividis", "viridis", "magma", "diverging"}))
        ->capture_default_str();
    command->add_option("--scale", options->scale, "Scale of the colors")
        ->check(CLI::IsMember({"linear", "log"}))
        ->capture_default_str();
    command->add_flag("--mean", options->mean, "Show means where tokens share a pixel (default: the largest)");
    command->add_option("--first", options->first, "First token that the view \"tokens\" shows, from 0")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--count", options->count, "Number of tokens that it shows (default: all)")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--width", options->width, "Width of the picture, in pixels")
        ->check(CLI::Range(320, 8192))
        ->capture_default_str();
    command->add_option("--height", options->height, "Height of the picture, in pixels")
        ->check(CLI::Range(240, 8192))
        ->capture_default_str();
    command->add_flag("--dark", options->dark, "Light text on a dark background");
    command->callback([options] {
        if (options->format.empty()) options->format = require(Canvas::formatOf(options->out));
        refuseTerminal(options->out, options->format == "svg");
        Trace read = options->source.load();
        if (read.log.size() == 0) throw Failure{fmt::format("{} has no tokens to draw.", options->source.name())};
        Plot(*options, std::move(read)).draw();
        if (!isStandardOutput(options->out)) fmt::print("{}\n", harmless(options->out, true));
    });
}

}  // namespace moescope::cli
