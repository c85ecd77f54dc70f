#include <fmt/format.h>

#include <charconv>

#include "app/cli/common.h"
#include "app/cli/output.h"
#include "engine/format/safetensors.h"

namespace moescope::cli {
namespace {

std::vector<std::int32_t> parseTokens(const std::string& text) {
    std::vector<std::int32_t> ids;
    const char* p = text.data();
    const char* const end = p + text.size();
    while (p < end) {
        if (*p == ' ' || *p == ',' || *p == '\n' || *p == '\t') {
            ++p;
            continue;
        }
        std::int32_t id = 0;
        const auto [next, error] = std::from_chars(p, end, id);
        if (error != std::errc{}) {
            throw Failure{fmt::format("--tokens: \"{}\" is not a number; expected ids separated by spaces.",
                                      std::string(p, std::min<std::size_t>(12, static_cast<std::size_t>(end - p))))};
        }
        ids.push_back(id);
        p = next;
    }
    if (ids.empty()) throw Failure{"--tokens is empty; give at least one id."};
    return ids;
}

/// One layer's columns of the records, as the tensors of the output.
struct LayerColumns {
    std::vector<std::int32_t> experts;
    std::vector<float> gates, shared_norm, routed_norm;
};

class ColumnSink : public RoutingSink {
public:
    explicit ColumnSink(const RoutingShape& shape)
        : m_used(static_cast<std::size_t>(shape.experts_used)), layers(static_cast<std::size_t>(shape.moe_layers)) {}

    void onToken(const TokenRouting& token) override {
        for (std::size_t l = 0; l < layers.size(); ++l) {
            const LayerRouting& r = token.layers[l];
            LayerColumns& c = layers[l];
            c.experts.insert(c.experts.end(), r.experts.begin(),
                             r.experts.begin() + static_cast<std::ptrdiff_t>(m_used));
            c.gates.insert(c.gates.end(), r.gates.begin(), r.gates.begin() + static_cast<std::ptrdiff_t>(m_used));
            c.shared_norm.push_back(r.shared_norm);
            c.routed_norm.push_back(r.routed_norm);
        }
    }

private:
    std::size_t m_used;

public:
    std::vector<LayerColumns> layers;
};

}  // namespace

void addEval(CLI::App& app) {
    CLI::App* command = app.add_subcommand("eval", "Write logits and routing of given tokens as safetensors");
    struct Options {
        ComputeOptions compute;
        std::string tokens, out;
    };
    const auto options = std::make_shared<Options>();
    options->compute.addTo(*command);
    command->add_option("--tokens", options->tokens, "Ids, separated by spaces")->required();
    command->add_option("--out", options->out, "The file to write; - is stdout")->required();
    command->callback([options] {
        refuseTerminal(options->out, false);
        const std::vector<std::int32_t> ids = parseTokens(options->tokens);
        const auto model = loadModel(options->compute);
        const auto session = require(Session::create(model, options->compute.sessionOptions()));
        const RoutingShape shape = model->config().routingShape();
        ColumnSink sink(shape);
        require(session->evaluate(ids, LogitsWanted::kAll, &sink, Phase::kPrefill, Interrupts::begin()));

        const std::uint64_t n = ids.size(), k = static_cast<std::uint64_t>(shape.experts_used);
        SafetensorsWriter writer;
        writer.add("tokens", {n}, std::span(ids));
        writer.add("logits", {n, static_cast<std::uint64_t>(model->config().vocabulary)}, session->logits());
        for (std::size_t l = 0; l < sink.layers.size(); ++l) {
            const std::string prefix = fmt::format("layers.{}.", static_cast<std::size_t>(shape.first_moe_layer) + l);
            const LayerColumns& c = sink.layers[l];
            writer.add(prefix + "experts", {n, k}, std::span<const std::int32_t>(c.experts));
            writer.add(prefix + "gates", {n, k}, std::span<const float>(c.gates));
            writer.add(prefix + "shared_norm", {n}, std::span<const float>(c.shared_norm));
            writer.add(prefix + "routed_norm", {n}, std::span<const float>(c.routed_norm));
        }
        require(writer.write(options->out));
    });
}

}  // namespace moescope::cli
