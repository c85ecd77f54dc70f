// The tiny model's logits and routing against those of llama.cpp (and of a double-precision reference, which agree
// to 1e-6). If these fail, the program's answers and its picture of the routing are wrong.

#include <doctest/doctest.h>

#include <cmath>

#include "engine/engine.h"
#include "engine/format/safetensors.h"
#include "engine/routing/routing_log.h"

using namespace moescope;

namespace {

const std::string kFolder = std::string(MOESCOPE_TEST_DATA) + "/tiny-moe";

struct Run {
    std::vector<float> logits;
    RoutingLog log{{}};
};

/// Computes the golden tokens in chunks of the given size, or one call a token.
Run evaluate(Isa isa, const std::vector<std::int32_t>& tokens, int chunk, bool one_by_one,
             KvType kv_type = KvType::kF32) {
    ModelOptions options;
    options.threads = 2;
    options.isa = isa;
    const auto model = Model::load(kFolder + "/model.gguf", options);
    REQUIRE_MESSAGE(model.ok(), model.status().message());
    SessionOptions session_options;
    session_options.kv_type = kv_type;
    session_options.chunk_tokens = chunk;
    const auto session = Session::create(*model, session_options);
    REQUIRE(session.ok());
    Run run{{}, RoutingLog((*model)->config().routingShape())};
    const std::size_t step = one_by_one ? 1 : tokens.size();
    for (std::size_t at = 0; at < tokens.size(); at += step) {
        const Status status = (*session)->evaluate(std::span(tokens).subspan(at, step), LogitsWanted::kAll, &run.log,
                                                   Phase::kPrefill, {});
        REQUIRE_MESSAGE(status.ok(), status.message());
        const auto logits = (*session)->logits();
        run.logits.insert(run.logits.end(), logits.begin(), logits.end());
    }
    return run;
}

/// The largest difference as a share of the largest value.
double relativeError(std::span<const float> expected, std::span<const float> found) {
    REQUIRE(expected.size() == found.size());
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
        difference = std::max(difference, std::abs(static_cast<double>(expected[i]) - found[i]));
    }
    return difference / largest;
}

void checkAgainstGolden(const SafetensorsFile& golden, const Run& run) {
    CHECK(relativeError(golden.tensor("logits")->values<float>(), run.logits) <= 1e-4);
    for (int l = 0; l < run.log.shape().moe_layers; ++l) {
        const std::string prefix = "layers." + std::to_string(run.log.shape().first_moe_layer + l) + ".";
        const auto experts = golden.tensor(prefix + "experts")->values<std::int32_t>();
        const auto gates = golden.tensor(prefix + "gates")->values<float>();
        const auto shared_norm = golden.tensor(prefix + "shared_norm")->values<float>();
        const auto routed_norm = golden.tensor(prefix + "routed_norm")->values<float>();
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

template <class F>
void forEachIsa(F f) {
    for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512, Isa::kAmx}) {
        if (!isaAvailable(isa)) {
            MESSAGE("skipped: this processor lacks " << isaName(isa));
            continue;
        }
        CAPTURE(isaName(isa));
        f(isa);
    }
}

}  // namespace

TEST_CASE("logits, experts, gates and norms are those of the golden data") {
    const auto golden = SafetensorsFile::open(kFolder + "/expected.safetensors");
    REQUIRE_MESSAGE(golden.ok(), golden.status().message());
    const auto tokens = golden->tensor("tokens")->values<std::int32_t>();
    forEachIsa([&](Isa isa) {
        const Run at_once = evaluate(isa, tokens, 512, false);
        checkAgainstGolden(*golden, at_once);
        for (const int chunk : {1, 7, 24}) {
            CAPTURE(chunk);
            const Run chunked = evaluate(isa, tokens, chunk, false);
            checkAgainstGolden(*golden, chunked);
            CHECK(chunked.logits == at_once.logits);  // not only near: the same bits
        }
        const Run one_by_one = evaluate(isa, tokens, 512, true);
        checkAgainstGolden(*golden, one_by_one);
        CHECK(one_by_one.logits == at_once.logits);
    });
}

TEST_CASE("smaller caches stay near") {
    const auto golden = SafetensorsFile::open(kFolder + "/expected.safetensors");
    REQUIRE(golden.ok());
    const auto tokens = golden->tensor("tokens")->values<std::int32_t>();
    const auto logits = golden->tensor("logits")->values<float>();
    forEachIsa([&](Isa isa) {
        CHECK(relativeError(logits, evaluate(isa, tokens, 512, false, KvType::kF16).logits) <= 2e-3);
        CHECK(relativeError(logits, evaluate(isa, tokens, 512, false, KvType::kQ8_0).logits) <=
              0.1);  // a near tie of two experts may fall the other way
    });
}
