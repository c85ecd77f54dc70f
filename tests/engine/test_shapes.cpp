// Shapes at the edge of what models have. If these fail, a model without shared experts, or whose heads do not rotate,
// ends the program (where the standard library checks its containers).

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "engine/engine.h"
#include "tests/text/vocabularies.h"

using namespace moescope;

namespace {

constexpr std::uint32_t kF32 = 0;

/// A model of zeros; what it says does not matter.
GgufBuilder model(std::uint32_t shared_experts, std::uint32_t rope, std::uint32_t dense_layers) {
    constexpr std::uint64_t kHidden = 32, kExperts = 4;
    GgufBuilder b = byteLevelBuilder();
    b.text("general.architecture", "deepseek");
    b.integer("deepseek.block_count", dense_layers + 1);
    b.integer("deepseek.leading_dense_block_count", dense_layers);
    b.integer("deepseek.embedding_length", kHidden);
    b.integer("deepseek.attention.head_count", 2);
    b.integer("deepseek.attention.key_length", 16);
    b.integer("deepseek.attention.value_length", 16);
    b.integer("deepseek.rope.dimension_count", rope);
    b.real("deepseek.attention.layer_norm_rms_epsilon", 1e-6f);
    b.integer("deepseek.feed_forward_length", kHidden);
    b.integer("deepseek.expert_feed_forward_length", kHidden);
    b.integer("deepseek.expert_count", kExperts);
    b.integer("deepseek.expert_used_count", 2);
    b.integer("deepseek.expert_shared_count", shared_experts);
    b.integer("deepseek.context_length", 64);
    const auto tensor = [&](const std::string& name, std::vector<std::uint64_t> dims) {
        std::uint64_t bytes = 4;
        for (const auto n : dims) bytes *= n;
        b.tensor(name, dims, kF32, bytes);
    };
    tensor("token_embd.weight", {kHidden, 261});
    tensor("output_norm.weight", {kHidden});
    for (std::uint32_t layer = 0; layer <= dense_layers; ++layer) {
        const std::string at = fmt::format("blk.{}.", layer);
        for (const char* norm : {"attn_norm", "ffn_norm"}) tensor(at + norm + ".weight", {kHidden});
        for (const char* matrix : {"attn_q", "attn_k", "attn_v", "attn_output"}) {
            tensor(at + matrix + ".weight", {kHidden, kHidden});
        }
        for (const char* matrix : {"ffn_gate", "ffn_up", "ffn_down"}) {
            if (layer < dense_layers) {
                tensor(at + matrix + ".weight", {kHidden, kHidden});
                continue;
            }
            tensor(at + matrix + "_exps.weight", {kHidden, kHidden, kExperts});
            if (shared_experts > 0) tensor(at + matrix + "_shexp.weight", {kHidden, kHidden * shared_experts});
        }
        if (layer == dense_layers) tensor(at + "ffn_gate_inp.weight", {kHidden, kExperts});
    }
    return b;
}

}  // namespace

TEST_CASE("models without shared experts, rotation or dense layers") {
    const std::string path = fmt::format("/tmp/moescope-shapes-{}.gguf", getpid());
    for (const std::uint32_t shared : {0u, 1u}) {
        for (const std::uint32_t rope : {0u, 16u}) {
            for (const std::uint32_t dense : {0u, 1u}) {
                INFO(shared, " ", rope, " ", dense);
                const auto bytes = model(shared, rope, dense).build();
                std::ofstream(path, std::ios::binary)
                    .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
                ModelOptions options;
                options.threads = 2;
                options.backend = BackendChoice::kCpu;
                const auto loaded = Model::load(path, options);
                std::filesystem::remove(path);
                REQUIRE_MESSAGE(loaded.ok(), loaded.status().message());
                const auto session = Session::create(*loaded, {});
                REQUIRE(session.ok());
                const std::vector<std::int32_t> tokens = {1, 2, 3};
                REQUIRE((*session)->evaluate(tokens, LogitsWanted::kAll, nullptr, Phase::kPrefill, {}).ok());
                CHECK((*session)->logits().size() == 3 * 261);
                for (const float x : (*session)->logits()) REQUIRE(std::isfinite(x));
            }
        }
    }
}
