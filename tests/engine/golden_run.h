#pragma once
// What a model computes for the tokens of golden data, and how near that is to it.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/format/safetensors.h"
#include "engine/routing/routing_log.h"

namespace moescope {

struct GoldenRun {
    std::vector<float> logits;  ///< of every token
    RoutingLog log{{}};
};

/// How tokens are computed: in chunks of prefill, or (`chunk` 0) one call a token.
inline GoldenRun runGolden(const std::shared_ptr<Model>& model, const std::vector<std::int32_t>& tokens, int chunk,
                           KvType kv_type = KvType::kF32) {
    SessionOptions options;
    options.kv_type = kv_type;
    options.context = static_cast<int>(tokens.size()) + 1;
    options.chunk_tokens = chunk > 0 ? chunk : 512;
    const auto session = Session::create(model, options);
    REQUIRE_MESSAGE(session.ok(), session.status().message());
    GoldenRun run{{}, RoutingLog(model->config().routingShape())};
    const std::size_t step = chunk > 0 ? tokens.size() : 1;
    for (std::size_t at = 0; at < tokens.size(); at += step) {
        const Status status = (*session)->evaluate(std::span(tokens).subspan(at, std::min(step, tokens.size() - at)),
                                                   LogitsWanted::kAll, &run.log, Phase::kPrefill, {});
        REQUIRE_MESSAGE(status.ok(), status.message());
        run.logits.insert(run.logits.end(), (*session)->logits().begin(), (*session)->logits().end());
    }
    return run;
}

/// The largest difference as a share of the largest value; what is no number counts as one.
inline double goldenError(std::span<const float> expected, std::span<const float> found) {
    REQUIRE(expected.size() == found.size());
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
        const double d = std::abs(static_cast<double>(expected[i]) - static_cast<double>(found[i]));
        difference = std::max(difference, std::isnan(d) ? 1e30 : d);
    }
    return difference / largest;
}

/// Leading tokens for which two runs chose the same experts in every layer. What rounds differently may choose
/// otherwise where experts, or groups of them, are nearly equal; from there on the runs compute different things.
inline std::size_t tokensRoutedAlike(const GoldenRun& a, const GoldenRun& b) {
    const auto chosen = [](const GoldenRun& run, std::size_t token, int layer) {
        const LayerRouting r = run.log.at(token, layer);
        std::vector<std::int32_t> experts(r.experts.begin(), r.experts.begin() + r.count);
        std::ranges::sort(experts);
        return experts;
    };
    for (std::size_t t = 0; t < a.log.size(); ++t) {
        for (int l = 0; l < a.log.shape().moe_layers; ++l) {
            if (chosen(a, t, l) != chosen(b, t, l)) return t;
        }
    }
    return a.log.size();
}

/// goldenError() of the tokens that two runs route alike, which have to be at least `least`.
inline double errorWhereRoutedAlike(const GoldenRun& expected, const GoldenRun& found, std::size_t least) {
    const std::size_t tokens = tokensRoutedAlike(expected, found);
    CHECK(tokens >= least);
    const std::size_t count = tokens * (expected.logits.size() / expected.log.size());
    return goldenError(std::span(expected.logits).first(count), std::span(found.logits).first(count));
}

/// Relative error of many values: the norm of the differences over that of the values.
class NormError {
public:
    void add(float expected, float found) {
        const double e = static_cast<double>(expected), d = e - static_cast<double>(found);
        m_values += e * e;
        m_differences += std::isnan(d) ? 1e30 : d * d;
    }
    double value() const { return std::sqrt(m_differences / m_values); }

private:
    double m_values = 1e-300, m_differences = 0;
};

/// Logits within `tolerance`; all expert ids equal; a layer's gates and scores within 1e-5, norms within 1e-4 relative.
/// `golden` may have some positions only ("rows").
inline void checkGolden(const SafetensorsFile& golden, const GoldenRun& run, double tolerance) {
    std::vector<std::int32_t> rows;
    if (const auto* listed = golden.tensor("rows")) {
        rows = listed->values<std::int32_t>();
    } else {
        for (std::size_t t = 0; t < run.log.size(); ++t) rows.push_back(static_cast<std::int32_t>(t));
    }
    const std::size_t vocabulary = run.logits.size() / run.log.size();
    std::vector<float> logits;
    for (const std::int32_t t : rows) {
        const auto at = run.logits.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(t) * vocabulary);
        logits.insert(logits.end(), at, at + static_cast<std::ptrdiff_t>(vocabulary));
    }
    CHECK(goldenError(golden.tensor("logits")->values<float>(), logits) <= tolerance);
    for (int l = 0; l < run.log.shape().moe_layers; ++l) {
        CAPTURE(l);
        const std::string prefix = "layers." + std::to_string(run.log.shape().first_moe_layer + l) + ".";
        const auto experts = golden.tensor(prefix + "experts")->values<std::int32_t>();
        const auto gates = golden.tensor(prefix + "gates")->values<float>();
        const auto shared_norm = golden.tensor(prefix + "shared_norm")->values<float>();
        const auto routed_norm = golden.tensor(prefix + "routed_norm")->values<float>();
        const auto* probs = golden.tensor(prefix + "probs");
        const auto scores = probs ? probs->values<float>() : std::vector<float>();
        const std::size_t k = experts.size() / rows.size(), n = scores.size() / rows.size();
        NormError of_gates, of_scores;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const LayerRouting r = run.log.at(static_cast<std::size_t>(rows[i]), l);
            REQUIRE(static_cast<std::size_t>(r.count) == k);
            for (std::size_t j = 0; j < k; ++j) {
                const std::int32_t expert = experts[i * k + j];
                REQUIRE(r.experts[j] == expert);
                of_gates.add(gates[i * k + j], r.gates[j]);
                if (n > 0) of_scores.add(scores[i * n + static_cast<std::size_t>(expert)], r.probabilities[j]);
            }
            REQUIRE(std::abs(r.shared_norm / shared_norm[i] - 1) <= 1e-4f);
            REQUIRE(std::abs(r.routed_norm / routed_norm[i] - 1) <= 1e-4f);
        }
        CHECK(of_gates.value() <= 1e-5);
        CHECK(of_scores.value() <= 1e-5);
    }
}

}  // namespace moescope
