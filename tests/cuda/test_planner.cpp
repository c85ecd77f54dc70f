// What of a 16B model lies where on GPUs of 4 to 80 GB. If these fail, loading runs out of the GPU's memory, or the
// GPU is left half empty.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "engine/backend/cpu/kv_cache.h"
#include "engine/backend/cuda/mla_forms.h"
#include "engine/backend/cuda/planner.h"

using namespace moescope;

namespace {

constexpr std::uint64_t kGB = 1000000000;

/// DeepSeekMoE 16B as its files describe it, without data.
struct Made {
    ModelConfig config;
    ModelMatrices matrices;
};

enum class Quant { kQ4_K_M, kQ8_0, kBF16 };

std::string nameOf(Quant quant) {
    return quant == Quant::kQ4_K_M ? "Q4_K_M" : quant == Quant::kQ8_0 ? "Q8_0" : "BF16";
}

Made sixteenB(Quant quant) {
    Made m;
    ModelConfig& c = m.config;
    c.layers = 28;
    c.dense_layers = 1;
    c.hidden = 2048;
    c.attention = {.heads = 16, .kv_heads = 16, .key_dim = 128, .value_dim = 128, .rope_first = 0, .rope_dim = 128};
    c.dense_ff = 10944;
    c.expert_ff = 1408;
    c.experts = 64;
    c.experts_used = 6;
    c.shared_experts = 2;
    c.vocabulary = 102400;
    c.context_length = 4096;

    // Q4_K_M: rows that are no multiple of 256 fall back to Q5_0; some layers keep attn_v and ffn_down in Q6_K, which
    // falls back to Q8_0.
    const auto type = [&](std::uint64_t columns, bool more_bits) {
        if (quant == Quant::kBF16) return TensorType::kBF16;
        if (quant == Quant::kQ8_0) return TensorType::kQ8_0;
        if (columns % 256 == 0) return more_bits ? TensorType::kQ6_K : TensorType::kQ4_K;
        return more_bits ? TensorType::kQ8_0 : TensorType::kQ5_0;
    };
    const auto add = [&](TensorType t, std::uint64_t columns, std::uint64_t rows = 1, std::uint64_t count = 1) {
        return MatrixSource{
            .name = "", .type = t, .columns = columns, .rows = rows, .count = count, .stride = 0, .bytes = {}};
    };
    const auto matrix = [&](std::uint64_t columns, std::uint64_t rows, bool more_bits = false) {
        return add(type(columns, more_bits), columns, rows);
    };
    m.matrices.embedding = matrix(2048, 102400);
    m.matrices.output = matrix(2048, 102400, true);
    m.matrices.output_norm = add(TensorType::kF32, 2048);
    for (int i = 0; i < c.layers; ++i) {
        const bool more = i < 3.5 || i >= 24.5 || i * 24 / 28 % 3 == 2;
        LayerMatrices l;
        l.attention_norm = add(TensorType::kF32, 2048);
        l.ffn_norm = add(TensorType::kF32, 2048);
        l.attention = MhaMatrices{matrix(2048, 2048), matrix(2048, 2048), matrix(2048, 2048, more)};
        l.attention_output = matrix(2048, 2048);
        if (i == 0) {
            l.dense = {matrix(2048, 10944), matrix(2048, 10944), matrix(10944, 2048, more)};
        } else {
            l.router = add(TensorType::kF32, 2048, 64);
            const auto experts = [&](std::uint64_t columns, std::uint64_t rows, bool more_bits) {
                return add(type(columns, more_bits), columns, rows, 64);
            };
            l.routed = {experts(2048, 1408, false), experts(2048, 1408, false), experts(1408, 2048, more)};
            l.shared = {matrix(2048, 2816), matrix(2048, 2816), matrix(2816, 2048, more)};
        }
        m.matrices.layers.push_back(l);
    }
    return m;
}

PlacementSizes sizesOf(Quant quant) {
    const Made m = sixteenB(quant);
    PlacementSizes sizes = placementSizes(
        m.config, m.matrices,
        [](TensorType type, std::uint64_t rows, std::uint64_t columns) { return rows * rowBytes(type, columns); });
    sizes.cache = KvCache::bytesFor(m.config, KvType::kF16, 4096);
    sizes.workspace = 150u << 20;
    if (quant == Quant::kBF16) sizes.workspace += 171u << 20;  // about what cuBLAS needs for batches of 512
    sizes.exchange = *std::max_element(sizes.expert_bytes.begin(), sizes.expert_bytes.end());
    return sizes;
}

int placed(const Placement& p) {
    return std::accumulate(p.on_card.begin(), p.on_card.end(), 0);
}

}  // namespace

TEST_CASE("the sizes are those of the published files") {
    // The routed experts are 14.3 of 16.4 B parameters.
    CHECK(sizesOf(Quant::kBF16).routed() == 27ull * 64 * 3 * 1408 * 2048 * 2);
    CHECK(sizesOf(Quant::kBF16).expert_bytes.size() == 27);
    const PlacementSizes q4 = sizesOf(Quant::kQ4_K_M);
    CHECK(static_cast<double>(q4.always + q4.routed()) / 1e9 == doctest::Approx(10.8).epsilon(0.02));
    CHECK(q4.cache == 28ull * 2 * 16 * 128 * 2 * 4096);
}

TEST_CASE("what lies where on GPUs of 4 to 80 GB") {
    struct Expected {
        Quant quant;
        int gigabytes;
        int experts;  ///< of 1728; -1: not even what every token reads fits
    };
    // From the sizes by a script of its own: what is free, less the reserve, what every token reads
    // and where an expert arrives, in experts.
    const Expected table[] = {
        {Quant::kQ4_K_M, 4, 289},   {Quant::kQ4_K_M, 8, 989},   {Quant::kQ4_K_M, 12, 1690}, {Quant::kQ4_K_M, 16, 1728},
        {Quant::kQ4_K_M, 24, 1728}, {Quant::kQ4_K_M, 80, 1728}, {Quant::kQ8_0, 4, 112},     {Quant::kQ8_0, 8, 547},
        {Quant::kQ8_0, 12, 982},    {Quant::kQ8_0, 16, 1417},   {Quant::kQ8_0, 24, 1728},   {Quant::kQ8_0, 80, 1728},
        {Quant::kBF16, 4, -1},      {Quant::kBF16, 8, 202},     {Quant::kBF16, 12, 434},    {Quant::kBF16, 16, 665},
        {Quant::kBF16, 24, 1127},   {Quant::kBF16, 80, 1728},
    };
    for (const Expected& e : table) {
        CAPTURE(nameOf(e.quant));
        CAPTURE(e.gigabytes);
        const PlacementSizes sizes = sizesOf(e.quant);
        const std::uint64_t free = static_cast<std::uint64_t>(e.gigabytes) * kGB;
        const Placement p = plan(sizes, "Made-up", free, 0);
        if (std::getenv("MOESCOPE_PRINT_PLANS")) {
            fmt::print("{:7} {:2} GB  {}\n", nameOf(e.quant), e.gigabytes,
                       p.status.ok() ? p.sentence : p.status.message());
        }
        if (e.experts < 0) {
            CHECK(p.status.code() == StatusCode::kOutOfMemory);
            CHECK(p.status.message().find("smaller context") != std::string::npos);
            continue;
        }
        REQUIRE_MESSAGE(p.status.ok(), p.status.message());
        CHECK(placed(p) == e.experts);
        CHECK(p.whole == (e.experts == 1728));
        // Never more than fits, and what is said to be taken is what is taken.
        CHECK(p.card_bytes + kCardReserve <= free);
        std::uint64_t taken = sizes.always + sizes.cache + sizes.workspace + (p.whole ? 0 : sizes.exchange);
        for (std::size_t l = 0; l < p.on_card.size(); ++l) {
            taken += static_cast<std::uint64_t>(p.on_card[l]) * sizes.expert_bytes[l];
        }
        CHECK(p.card_bytes == taken);
        // Nothing that would fit is left out.
        const auto smallest = *std::min_element(sizes.expert_bytes.begin(), sizes.expert_bytes.end());
        if (!p.whole) CHECK(p.card_bytes + kCardReserve + smallest > free);
        CHECK(p.ram_bytes == (p.whole ? 0 : sizes.routed()));
        // Even over the layers: where a layer has an expert less, it is because the last did not fit.
        const auto [least, most] = std::minmax_element(p.on_card.begin(), p.on_card.end());
        CHECK(*most - *least <= 1);
        CHECK(p.sentence.find(p.whole ? "whole model" : "of 1,728 routed experts") != std::string::npos);
    }
}

TEST_CASE("a limit set by hand is obeyed, and cannot exceed what is free") {
    const PlacementSizes sizes = sizesOf(Quant::kQ4_K_M);
    const Placement limited = plan(sizes, "Made-up", 80 * kGB, 6 * kGB);
    CHECK(limited.card_bytes <= 6 * kGB);
    CHECK(placed(limited) > 0);
    CHECK_FALSE(limited.whole);
    const Placement greedy = plan(sizes, "Made-up", 4 * kGB, 80 * kGB);
    CHECK(greedy.card_bytes + kCardReserve <= 4 * kGB);
    CHECK(placed(greedy) == placed(plan(sizes, "Made-up", 4 * kGB, 0)));
    CHECK(plan(sizes, "Made-up", 0, 0).status.code() == StatusCode::kOutOfMemory);
}

TEST_CASE("a larger context leaves room for fewer experts") {
    PlacementSizes sizes = sizesOf(Quant::kQ4_K_M);
    const int before = placed(plan(sizes, "Made-up", 8 * kGB, 0));
    sizes.cache *= 4;
    CHECK(placed(plan(sizes, "Made-up", 8 * kGB, 0)) < before);
}

TEST_CASE("experts of different layers may differ in size; small ones use what is left") {
    PlacementSizes sizes;
    sizes.experts = 2;
    sizes.always = 100;
    sizes.expert_bytes = {1000, 10};
    const Placement p = plan(sizes, "Made-up", kCardReserve + 100 + 1000 + 25, 0);
    REQUIRE(p.status.ok());
    CHECK(p.on_card == std::vector<int>{1, 2});
    CHECK(p.card_bytes == 1120);
}

TEST_CASE("latents are expanded for batches that save more than it costs") {
    // DeepSeek-V2-Lite and V3: 512 x 256 multiply-adds a position and head, and 1088 - 320 less per token.
    AttentionShape a = {
        .heads = 16, .key_dim = 192, .value_dim = 128, .rope_first = 128, .rope_dim = 64, .latent = 512};
    CHECK(expandFrom(a) == 171);
    // GLM-4.7-Flash.
    a.key_dim = a.value_dim = 256;
    CHECK(expandFrom(a) == 399);
    // Never: where keys are wider than attention's kernels take, where latents are narrow, and where there are none.
    a.key_dim = 320;
    CHECK(expandFrom(a) == 0);
    CHECK(expandFrom({.heads = 4, .key_dim = 64, .value_dim = 64, .rope_dim = 32, .latent = 32}) == 0);
    CHECK(expandFrom({.heads = 4, .kv_heads = 4, .key_dim = 64, .value_dim = 64, .rope_dim = 64}) == 0);
}
