// The order in which a GPU runs threads and blocks is nobody's to choose: 50 drawn orders give the same bits.

#include "tests/cuda_backend/emulated_model.h"
#include "tests/cuda_backend/golden_models.h"
#include "tests/cuda_emulation/scheduler.h"

using namespace moescope;

namespace {

/// Six tokens at once and two by one, as a chat does.
Run someTokens(const std::shared_ptr<Model>& model, const std::vector<std::int32_t>& tokens) {
    const auto session = sessionOf(model);
    Run run = evaluate(*session, std::span(tokens).first(6));
    for (int i = 6; i < 8; ++i) {
        const auto token = std::span(tokens).subspan(static_cast<std::size_t>(i), 1);
        REQUIRE(session->evaluate(token, LogitsWanted::kLast, &run.log, Phase::kDecode, {}).ok());
        run.logits.insert(run.logits.end(), session->logits().begin(), session->logits().end());
    }
    return run;
}

bool same(const RoutingLog& a, const RoutingLog& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t t = 0; t < a.size(); ++t) {
        for (int l = 0; l < a.shape().moe_layers; ++l) {
            const LayerRouting x = a.at(t, l), y = b.at(t, l);
            if (x.count != y.count || x.experts != y.experts || x.gates != y.gates ||
                x.probabilities != y.probabilities || x.runners_up != y.runners_up || x.selections != y.selections ||
                x.shared_norm != y.shared_norm || x.routed_norm != y.routed_norm) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

TEST_CASE("50 orders of threads and blocks give the same bits") {
    // Heads with keys and values; latents with and without low-rank queries, all routers.
    for (const std::string& folder : {kTinyFolder, kFamily + "tiny-v2-groups", kFamily + "tiny-v3",
                                      kFamily + "tiny-glm-flash", kFamily + "tiny-moonlight-tied"}) {
        CAPTURE(folder);
        ModelOptions options;
        options.session.kv_type = KvType::kF32;
        const auto model = loadOnCard(folder + "/model.gguf", options);
        REQUIRE_MESSAGE(model.ok(), model.status().message());
        const auto golden = SafetensorsFile::open(folder + "/expected.safetensors");
        REQUIRE_MESSAGE(golden.ok(), golden.status().message());
        const auto tokens = golden->tensor("tokens")->values<std::int32_t>();
        const unsigned before = cuda_emulation::seed();
        cuda_emulation::setSeed(0);
        const Run expected = someTokens(*model, tokens);
        for (unsigned seed = 1; seed <= 50; ++seed) {
            CAPTURE(seed);
            cuda_emulation::setSeed(seed);
            const Run run = someTokens(*model, tokens);
            CHECK(run.logits == expected.logits);
            CHECK(same(run.log, expected.log));
        }
        cuda_emulation::setSeed(before);
    }
}
