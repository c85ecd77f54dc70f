// The feed-forward half of a layer on a GPU against double precision: routed and shared experts, one token and many.

#include <algorithm>
#include <optional>

#include "engine/base/sizes.h"
#include "kernels/cuda/expert_ffn.h"
#include "kernels/cuda/norm.h"
#include "tests/cuda_kernels/device.h"

using namespace moescope;
using namespace moescope::cuda;

namespace {

struct Network {
    DeviceWeights gate, up, down;
};

struct Types {
    TensorType gate, up, down;
};

struct Case {
    int experts, most_used, hidden, width, shared_width, tokens;
    Types routed, shared;
};

/// Experts' matrices one after another in the order of `slots`.
DeviceArray<unsigned char> together(const std::vector<Network>& networks, const std::vector<std::int32_t>& slots,
                                    const DeviceWeights Network::*role) {
    const std::size_t bytes = (networks[0].*role).packed.size();
    std::vector<unsigned char> memory(networks.size() * bytes);
    for (std::size_t e = 0; e < networks.size(); ++e) {
        if (slots[e] < 0) continue;
        const auto one = (networks[e].*role).packed.read();
        std::copy(one.begin(), one.end(), memory.begin() + slots[e] * static_cast<std::ptrdiff_t>(bytes));
    }
    return memory;
}

ExpertMatrices matrices(const DeviceWeights& any, const DeviceArray<unsigned char>& data, const std::int32_t* slots) {
    return {any.type, static_cast<int>(any.rows), static_cast<int>(any.columns), data.data(), slots};
}

/// Random choices of `most_used` or fewer experts.
std::vector<RoutingRecord> randomChoices(const Case& c) {
    std::mt19937 random(17);
    std::vector<RoutingRecord> records(asSize(2 * c.tokens));
    for (int t = 0; t < c.tokens; ++t) {
        RouterChoice& choice = records[asSize(2 * t)].choice;
        std::vector<int> ids(asSize(c.experts));
        for (int e = 0; e < c.experts; ++e) ids[asSize(e)] = e;
        std::shuffle(ids.begin(), ids.end(), random);
        choice.count = t % 3 == 1 ? std::max(1, c.most_used - 1) : c.most_used;
        for (int i = 0; i < kMaxActiveExperts; ++i) {
            choice.experts[i] = i < choice.count ? ids[asSize(i)] : -1;
            choice.gates[i] = i < choice.count ? 0.1f + 0.05f * static_cast<float>(i) : 0.0f;
        }
    }
    return records;
}

/// What rounding may add: to a product of quantised activations at each stage. In the middle values are quantised too,
/// so that errors of half a step add up as the square root of their number; six times that is never seen.
struct Reference {
    std::vector<double> y, error;
};

void addNetwork(const Network& n, const std::vector<double>& x, double gate, bool quantized, Reference& r) {
    const std::size_t width = n.gate.rows, hidden = n.down.rows;
    std::vector<double> middle(width), middle_error(width);
    for (std::size_t i = 0; i < width; ++i) {
        double g = 0, u = 0, size_g = 0, size_u = 0;
        for (std::size_t c = 0; c < x.size(); ++c) {
            g += n.gate.at(i, c) * x[c];
            u += n.up.at(i, c) * x[c];
            size_g += (std::abs(n.gate.at(i, c)) + 2) * (std::abs(x[c]) + 0.02);
            size_u += (std::abs(n.up.at(i, c)) + 2) * (std::abs(x[c]) + 0.02);
        }
        const double roundings = static_cast<double>(x.size()) / 8 + 24;
        const double eg = roundings * 0x1p-24 * size_g, eu = roundings * 0x1p-24 * size_u;
        const double silu = g / (1 + std::exp(-g));
        middle[i] = silu * u;
        middle_error[i] = 1.1 * eg * std::abs(u) + std::abs(silu) * eu + std::abs(middle[i]) * 0x1p-21;
    }
    if (quantized) {
        for (std::size_t b = 0; b < width / 32; ++b) {
            double largest = 0;
            for (std::size_t i = 32 * b; i < 32 * b + 32; ++i) largest = std::max(largest, std::abs(middle[i]));
            for (std::size_t i = 32 * b; i < 32 * b + 32; ++i) middle_error[i] += largest / 127 * 0.51;
        }
    }
    for (std::size_t o = 0; o < hidden; ++o) {
        double y = 0, worst = 0, size = 0;
        for (std::size_t i = 0; i < width; ++i) {
            const double w = n.down.at(o, i);
            y += w * middle[i];
            worst += std::abs(w) * middle_error[i];
            size += (std::abs(w) + 2) * std::abs(middle[i]);
        }
        r.y[o] += gate * y;
        r.error[o] +=
            gate * (worst + (static_cast<double>(width) / 8 + 24) * 0x1p-24 * size) + std::abs(r.y[o]) * 0x1p-22;
    }
}

void checkExperts(const Case& c, bool with_slots = false, bool use_shared = true, bool by_blas = false) {
    CAPTURE(c.experts);
    CAPTURE(c.hidden);
    CAPTURE(c.width);
    CAPTURE(c.tokens);
    CAPTURE(info(c.routed.gate).name);
    const auto network = [&](const Types& types, int width, std::uint32_t seed) {
        return Network{DeviceWeights(types.gate, asSize(width), asSize(c.hidden), seed),
                       DeviceWeights(types.up, asSize(width), asSize(c.hidden), seed + 1),
                       DeviceWeights(types.down, asSize(c.hidden), asSize(width), seed + 2)};
    };
    std::vector<Network> routed;
    std::vector<std::int32_t> slots;
    for (int e = 0; e < c.experts; ++e) {
        routed.push_back(network(c.routed, c.width, static_cast<std::uint32_t>(10 * e)));
        // Some experts are elsewhere, the others in another order.
        slots.push_back(!with_slots ? e : (e % 3 == 1 ? -1 : c.experts - 1 - e));
    }
    std::vector<Network> shared;
    if (c.shared_width) shared.push_back(network(c.shared, c.shared_width, 999));

    DeviceActivations input(asSize(c.tokens), asSize(c.hidden));
    input.x.write(normals(asSize(c.tokens * c.hidden), 5, 0.3f));
    const bool quantized = !isFloat(c.experts ? c.routed.gate : c.shared.gate);
    if (c.hidden % 32 == 0) quantize(input.view(), c.tokens, nullptr);

    FfnTask task;
    task.ffn.experts = c.experts;
    const DeviceArray<std::int32_t> device_slots(slots);
    std::vector<DeviceArray<unsigned char>> memory;
    const std::int32_t* slot_table = with_slots ? device_slots.data() : nullptr;
    if (c.experts) {
        memory.push_back(together(routed, slots, &Network::gate));
        memory.push_back(together(routed, slots, &Network::up));
        memory.push_back(together(routed, slots, &Network::down));
        task.ffn.gate = matrices(routed[0].gate, memory[0], slot_table);
        task.ffn.up = matrices(routed[0].up, memory[1], slot_table);
        task.ffn.down = matrices(routed[0].down, memory[2], slot_table);
    }
    if (c.shared_width) {
        task.ffn.shared_gate = shared[0].gate.matrix();
        task.ffn.shared_up = shared[0].up.matrix();
        task.ffn.shared_down = shared[0].down.matrix();
    }
    const auto choices = c.experts ? randomChoices(c) : std::vector<RoutingRecord>(1);
    const DeviceArray<RoutingRecord> records(choices);
    DeviceRules rules;
    rules.use_shared = use_shared;
    const DeviceArray<DeviceRules> device_rules(std::vector{rules});
    const DeviceActivations routed_middle(asSize(c.tokens * std::max(1, c.most_used)), asSize(std::max(1, c.width)));
    const DeviceActivations shared_middle(asSize(c.tokens), asSize(std::max(1, c.shared_width)));
    const DeviceArray<float> routed_sum(asSize(c.tokens * c.hidden)), shared_sum(asSize(c.tokens * c.hidden)),
        pairs(asSize(c.tokens * std::max(1, c.most_used) * c.hidden));
    const DeviceArray<std::int32_t> order(expertOrderInts(c.tokens, c.most_used, c.experts));
    task.input = input.view();
    task.tokens = c.tokens;
    task.most_used = c.most_used;
    task.rules = c.experts ? device_rules.data() : nullptr;
    task.records = records.data();
    task.record_stride = 2;
    task.work = {routed_middle.view(),
                 shared_middle.view(),
                 routed_sum.data(),
                 shared_sum.data(),
                 pairs.data(),
                 order.data(),
                 nullptr};
    std::optional<DeviceBlas> blas;
    const DeviceArray<float> gate_up(asSize(2 * c.tokens * std::max(1, c.shared_width)));
    if (by_blas) {
        const auto widest = asSize(std::max(c.hidden, c.shared_width));
        blas.emplace(c.shared.gate, widest, widest, c.tokens);
        task.blas = blas->blas.get();
        task.work.gate_up = gate_up.data();
    }
    const auto found = sameInAnyOrder(
        [&] {
            expertFfn(task, nullptr);
            auto both = c.experts ? routed_sum.read() : std::vector<float>();
            if (c.shared_width) {
                const auto s = shared_sum.read();
                both.insert(both.end(), s.begin(), s.end());
            }
            return both;
        },
        2);

    const auto x = input.x.read();
    const auto int8 = quantized ? input.quantized() : std::vector<double>(x.begin(), x.end());
    for (int t = 0; t < c.tokens; ++t) {
        const std::vector<double> row(int8.begin() + t * c.hidden, int8.begin() + (t + 1) * c.hidden);
        const auto compare = [&](const Reference& r, std::size_t first) {
            for (std::size_t i = 0; i < asSize(c.hidden); ++i) {
                CAPTURE(t);
                CAPTURE(i);
                REQUIRE(std::abs(found[first + asSize(t * c.hidden) + i] - r.y[i]) <= r.error[i]);
            }
        };
        const Reference zero{std::vector<double>(asSize(c.hidden)), std::vector<double>(asSize(c.hidden))};
        if (c.experts) {
            Reference r = zero;
            const RouterChoice& choice = choices[asSize(2 * t)].choice;
            for (int i = 0; i < choice.count; ++i) {
                const auto e = asSize(choice.experts[i]);
                if (slots[e] >= 0) addNetwork(routed[e], row, static_cast<double>(choice.gates[i]), quantized, r);
            }
            compare(r, 0);
        }
        if (c.shared_width) {
            Reference r = zero;
            if (use_shared) addNetwork(shared[0], row, 1, !isFloat(c.shared.gate), r);
            compare(r, c.experts ? asSize(c.tokens * c.hidden) : 0);
        }
    }
}

constexpr Types kAll(TensorType t) {
    return {t, t, t};
}

}  // namespace

TEST_CASE("experts of every type: one token and several") {
    for (const TensorTypeInfo& t : tensorTypes()) {
        // K-quants fall back in `down`, as in published files.
        const int width = t.block_weights == 256 ? 256 : 96;
        for (const int tokens : {1, 5}) checkExperts({8, 3, 256, width, 2 * width, tokens, kAll(t.type), kAll(t.type)});
    }
}

TEST_CASE("types that differ from role to role, as in published files") {
    const Types q4_k_m = {TensorType::kQ4_K, TensorType::kQ4_K, TensorType::kQ5_0};
    const Types mixed = {TensorType::kQ6_K, TensorType::kQ4_K, TensorType::kQ8_0};
    for (const int tokens : {1, 20}) {
        checkExperts({12, 6, 256, 160, 320, tokens, q4_k_m, mixed});
        checkExperts({4, 2, 256, 32, 64, tokens, mixed, q4_k_m});
        checkExperts({4, 2, 96, 40, 33, tokens, kAll(TensorType::kF32), kAll(TensorType::kBF16)});
    }
}

TEST_CASE("8 to 160 experts, up to 16 of them a token, and wide tiles") {
    checkExperts({8, 8, 64, 64, 0, 1, kAll(TensorType::kQ8_0), {}});
    checkExperts({160, 16, 32, 32, 64, 1, kAll(TensorType::kQ8_0), kAll(TensorType::kQ8_0)});
    checkExperts({160, 6, 32, 32, 64, 9, kAll(TensorType::kQ8_0), kAll(TensorType::kQ8_0)});
    checkExperts({8, 4, 64, 32, 32, 130, kAll(TensorType::kQ4_0), kAll(TensorType::kIQ4_NL)});  // 64 tokens a tile
    checkExperts({3, 1, 1408, 32, 0, 2, kAll(TensorType::kQ5_0), {}});
}

TEST_CASE("experts that are elsewhere add nothing; shared ones can be switched off; a dense layer has no others") {
    for (const int tokens : {1, 7}) {
        checkExperts({9, 4, 64, 64, 64, tokens, kAll(TensorType::kQ4_1), kAll(TensorType::kQ5_1)}, true);
        checkExperts({9, 4, 64, 64, 64, tokens, kAll(TensorType::kQ4_1), kAll(TensorType::kQ5_1)}, false, false);
        checkExperts({0, 0, 64, 0, 352, tokens, {}, kAll(TensorType::kQ8_0)});
        checkExperts({0, 0, 64, 0, 352, tokens, {}, kAll(TensorType::kF32)});
    }
}

TEST_CASE("a network of float weights by cuBLAS, beside routed experts, switched off, and alone") {
    if (!DeviceBlas::there()) return;
    for (const TensorType type : {TensorType::kF32, TensorType::kF16, TensorType::kBF16}) {
        CAPTURE(info(type).name);
        checkExperts({4, 2, 96, 40, 33, 7, kAll(type), kAll(type)}, false, true, true);
        checkExperts({4, 2, 64, 32, 64, 3, kAll(type), kAll(type)}, false, false, true);
        checkExperts({0, 0, 64, 0, 352, 18, {}, kAll(type)}, false, true, true);
    }
    // What is quantised goes its own way.
    checkExperts({4, 2, 96, 32, 64, 7, kAll(TensorType::kQ8_0), kAll(TensorType::kQ8_0)}, false, true, true);
}
