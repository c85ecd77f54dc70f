// The routing of DeepSeek-V2 (160 experts in 8 groups) and V3 (256 in 8), and the 47 layers of GLM-4.7-Flash, against
// double precision. If these fail, these models answer from other experts than they were trained with, or the picture
// of their routing is wrong.

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "engine/base/sizes.h"
#include "tests/engine/golden_run.h"
#include "tests/support/family_model.h"

using namespace moescope;

namespace {

/// A model whose decisions no rounding of F32 could turn, and its file, which goes with it.
struct Stage {
    std::vector<std::int32_t> tokens;
    FamilyModel::Run expected;
    std::string path = fmt::format("/tmp/moescope-family-{}.gguf", getpid());

    explicit Stage(const FamilyShape& shape) {
        tokens = {259, 72, 101, 108, 108, 111, 44, 32, 119, 111, 114, 108, 100, 33};
        for (unsigned seed = 1;; ++seed) {
            const FamilyModel model(shape, seed);
            expected = model.run(tokens);
            REQUIRE(seed < 60);
            if (expected.least_gap < 1e-5) continue;
            model.write(path);
            return;
        }
    }
    ~Stage() { std::filesystem::remove(path); }
};

std::shared_ptr<Model> load(const std::string& path, Isa isa) {
    ModelOptions options;
    options.threads = 2;
    options.backend = BackendChoice::kCpu;
    options.isa = isa;
    auto model = Model::load(path, options);
    REQUIRE_MESSAGE(model.ok(), model.status().message());
    return *model;
}

}  // namespace

TEST_CASE("160 experts in 8 groups, 256 in 8, and 47 layers route as in double precision") {
    for (const FamilyShape* shape : kFamilyShapes) {
        CAPTURE(shape->name);
        const Stage stage(*shape);
        const std::vector<float> logits(stage.expected.logits.begin(), stage.expected.logits.end());
        for (const Isa isa : {Isa::kScalar, bestIsa()}) {
            CAPTURE(isaName(isa));
            const auto model = load(stage.path, isa);
            const RoutingShape routing = model->config().routingShape();
            CHECK(routing.moe_layers == shape->layers - shape->dense_layers);
            CHECK(routing.experts == shape->experts);
            CHECK(routing.groups == shape->groups);
            CHECK(routing.groups_used == shape->groups_used);
            CHECK(routing.has_selections == shape->sigmoid);
            for (const int chunk : {512, 5, 0}) {
                CAPTURE(chunk);
                const GoldenRun run = runGolden(model, stage.tokens, chunk);
                CHECK(goldenError(logits, run.logits) <= 5e-5);
                for (std::size_t t = 0; t < stage.tokens.size(); ++t) {
                    for (int l = 0; l < routing.moe_layers; ++l) {
                        CAPTURE(t);
                        CAPTURE(l);
                        const LayerRouting found = run.log.at(t, l);
                        const FamilyModel::Choice& choice = stage.expected.choices[t][asSize(l)];
                        REQUIRE(found.count == shape->used);
                        std::vector<bool> groups(asSize(shape->groups), false);
                        for (std::size_t i = 0; i < choice.experts.size(); ++i) {
                            REQUIRE(found.experts[i] == choice.experts[i]);
                            CHECK(static_cast<double>(found.gates[i]) ==
                                  doctest::Approx(choice.gates[i]).epsilon(1e-4));
                            groups[asSize(routing.groupOf(found.experts[i]))] = true;
                        }
                        CHECK(std::ranges::count(groups, true) <= shape->groups_used);
                    }
                }
            }
        }
    }
}
