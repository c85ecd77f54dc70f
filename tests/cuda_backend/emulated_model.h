#pragma once
// Models on a pretended GPU (or, linked with NVIDIA's runtime, on a real one), and what they compute.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/backend/plugin_loader.h"
#include "engine/engine.h"
#include "engine/format/safetensors.h"
#include "engine/routing/routing_log.h"

extern "C" const moescope::BackendPlugin* moescope_plugin();

namespace moescope {

inline const std::string kTinyFolder = std::string(MOESCOPE_TEST_DATA) + "/tiny-moe";

/// Loads on a GPU, with the backend that the test is linked with.
inline Result<std::shared_ptr<Model>> loadOnCard(const std::string& path, ModelOptions options = {},
                                                 const LoadControl& control = {}) {
    usePlugin(moescope_plugin());
    options.backend = BackendChoice::kCuda;
    options.threads = 2;
    return Model::load(path, options, control);
}

inline std::shared_ptr<Model> tinyOnCard(std::uint64_t gpu_memory = 0, KvType kv_type = KvType::kF32) {
    ModelOptions options;
    options.gpu_memory = gpu_memory;
    options.session.kv_type = kv_type;
    auto model = loadOnCard(kTinyFolder + "/model.gguf", options);
    REQUIRE_MESSAGE(model.ok(), model.status().message());
    return *model;
}

inline std::unique_ptr<Session> sessionOf(const std::shared_ptr<Model>& model, int chunk = 512,
                                          KvType kv_type = KvType::kF32) {
    SessionOptions options;
    options.chunk_tokens = chunk;
    options.kv_type = kv_type;
    auto session = Session::create(model, options);
    REQUIRE_MESSAGE(session.ok(), session.status().message());
    return std::move(session.value());
}

struct Run {
    std::vector<float> logits;  ///< of every token
    RoutingLog log;
};

/// Computes tokens, `step` of them a call.
inline Run evaluate(Session& session, std::span<const std::int32_t> tokens, std::size_t step = 1 << 20) {
    Run run{{}, RoutingLog(session.model().config().routingShape())};
    for (std::size_t at = 0; at < tokens.size(); at += step) {
        const auto part = tokens.subspan(at, std::min(step, tokens.size() - at));
        const Status status = session.evaluate(part, LogitsWanted::kAll, &run.log, Phase::kPrefill, {});
        REQUIRE_MESSAGE(status.ok(), status.message());
        run.logits.insert(run.logits.end(), session.logits().begin(), session.logits().end());
    }
    return run;
}

/// The largest difference as a share of the largest value; NaN counts as one.
inline double relativeError(std::span<const float> expected, std::span<const float> found) {
    REQUIRE(expected.size() == found.size());
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
        const double d = std::abs(static_cast<double>(expected[i]) - found[i]);
        difference = std::max(difference, std::isnan(d) ? 1e30 : d);
    }
    return difference / largest;
}

class Golden {
public:
    Golden() {
        REQUIRE_MESSAGE(file.ok(), file.status().message());
        m_tokens = file->tensor("tokens")->values<std::int32_t>();
        m_logits = file->tensor("logits")->values<float>();
    }
    Result<SafetensorsFile> file = SafetensorsFile::open(kTinyFolder + "/expected.safetensors");
    std::span<const std::int32_t> tokens() const { return m_tokens; }
    std::span<const float> logits() const { return m_logits; }

private:
    std::vector<std::int32_t> m_tokens;
    std::vector<float> m_logits;
};

/// All expert ids, gates, norms and logits are the golden ones.
inline void checkAgainst(const Golden& golden, const Run& run) {
    CHECK(relativeError(golden.logits(), run.logits) <= 1e-3);
    for (int l = 0; l < run.log.shape().moe_layers; ++l) {
        const std::string prefix = "layers." + std::to_string(run.log.shape().first_moe_layer + l) + ".";
        const auto experts = golden.file->tensor(prefix + "experts")->values<std::int32_t>();
        const auto gates = golden.file->tensor(prefix + "gates")->values<float>();
        const auto shared_norm = golden.file->tensor(prefix + "shared_norm")->values<float>();
        const auto routed_norm = golden.file->tensor(prefix + "routed_norm")->values<float>();
        const std::size_t k = experts.size() / run.log.size();
        for (std::size_t t = 0; t < run.log.size(); ++t) {
            const LayerRouting r = run.log.at(t, l);
            REQUIRE(static_cast<std::size_t>(r.count) == k);
            for (std::size_t i = 0; i < k; ++i) {
                REQUIRE(r.experts[i] == experts[t * k + i]);
                REQUIRE(std::abs(r.gates[i] - gates[t * k + i]) <= 1e-5f);
            }
            REQUIRE(std::abs(r.shared_norm / shared_norm[t] - 1) <= 1e-4f);
            REQUIRE(std::abs(r.routed_norm / routed_norm[t] - 1) <= 1e-4f);
        }
    }
}

}  // namespace moescope
