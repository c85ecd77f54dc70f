// A model of one dense and one MoE layer, computed with every kernel in 50 random orders of threads and blocks: the
// same bits. On a GPU, 50 times.

#include "kernels/cuda/attention.h"
#include "kernels/cuda/expert_ffn.h"
#include "kernels/cuda/matmul.h"
#include "kernels/cuda/norm.h"
#include "kernels/cuda/sampling.h"
#include "tests/cuda_kernels/device.h"
#include "tests/kernels/rope_angles.h"

using namespace moescope;
using namespace moescope::cuda;

namespace {

constexpr std::size_t kHidden = 128, kHeads = 4, kDim = 32, kContext = 48, kVocabulary = 300, kExperts = 20, kUsed = 4,
                      kWidth = 64, kMost = 24;
constexpr TensorType kType = TensorType::kQ4_1, kOther = TensorType::kQ8_0;

struct Layer {
    DeviceWeights query{kType, kHidden, kHidden, 1}, key{kType, kHidden, kHidden, 2},
        value{kOther, kHidden, kHidden, 3}, output{kType, kHidden, kHidden, 4};
    DeviceWeights shared_gate{kType, 2 * kWidth, kHidden, 5}, shared_up{kOther, 2 * kWidth, kHidden, 6},
        shared_down{kOther, kHidden, 2 * kWidth, 7};
    // Experts one below the other: a matrix's packed bytes are a multiple of what one expert's are.
    std::vector<DeviceArray<unsigned char>> routed;
    DeviceArray<unsigned char> keys{kHeads * kContext * kvBytes(KvType::kF16, kDim)},
        values{kHeads * kContext * kvBytes(KvType::kF16, kDim)};

    Layer() {
        for (const auto& [rows, columns] : {std::pair{kWidth, kHidden}, {kWidth, kHidden}, {kHidden, kWidth}}) {
            std::vector<unsigned char> all;
            for (std::uint32_t e = 0; e < kExperts; ++e) {
                const auto one = DeviceWeights(kType, rows, columns, 100 + e).packed.read();
                all.insert(all.end(), one.begin(), one.end());
            }
            routed.emplace_back(all);
        }
    }
};

struct Session {
    Layer layers[2];
    DeviceWeights embedding{kOther, kVocabulary, kHidden, 11}, output{kType, kVocabulary, kHidden, 12},
        router{TensorType::kF32, kExperts, kHidden, 13};
    DeviceArray<float> norm{std::vector<float>(kHidden, 0.5f)}, x{kMost * kHidden}, q{kMost * kHidden},
        k{kMost * kHidden}, v{kMost * kHidden}, workspace{attentionWorkspaceBytes(kHeads, kDim) / 4},
        logits{kVocabulary}, router_logits{kMost * kExperts}, routed{kMost * kHidden}, shared{kMost * kHidden},
        pairs{kMost * kUsed * kHidden}, cosines{kContext * kDim / 2}, sines{kContext * kDim / 2};
    DeviceActivations normed{kMost, kHidden}, attended{kMost, kHidden}, routed_middle{kMost * kUsed, kWidth},
        shared_middle{kMost, 2 * kWidth};
    DeviceArray<std::int32_t> tokens{kMost}, position{1}, order{expertOrderInts(kMost, kUsed, kExperts)};
    DeviceArray<DeviceRules> rules{1};
    DeviceArray<std::uint32_t> ticket{std::vector<std::uint32_t>{0}};
    DeviceArray<RoutingRecord> records{kMost};
    DeviceArray<DeviceSampler> sampler{1};
    DeviceArray<unsigned char> sampling{std::vector<unsigned char>(samplingWorkspaceBytes(kVocabulary))};

    Session() {
        std::vector<float> c(cosines.size()), n(c.size());
        for (std::size_t p = 0; p < kContext; ++p) {
            anglesOf(static_cast<int>(p), kDim, 10000, &c[p * kDim / 2], &n[p * kDim / 2]);
        }
        cosines.write(c);
        sines.write(n);
        RouterParameters parameters;
        parameters.experts = kExperts;
        parameters.used = kUsed;
        rules.write(std::vector{deviceRules(parameters, true)});
    }

    void computeLayer(const Layer& layer, bool dense, int count, bool add_experts) {
        NormTask normalise;
        normalise.x = x.data();
        normalise.tokens = count;
        normalise.weight = norm.data();
        normalise.out = normed.view();
        if (add_experts) normalise.shared = shared.data();
        rmsNorm(normalise, nullptr);
        const Product projections[] = {
            {layer.query.matrix(), q.data()}, {layer.key.matrix(), k.data()}, {layer.value.matrix(), v.data()}};
        matmul(projections, 3, normed.view(), count, nullptr);
        const KvCache cache = {KvType::kF16, kHeads, kContext, kDim, kDim, layer.keys.data(), layer.values.data()};
        rotateAndStore({q.data(),
                        k.data(),
                        v.data(),
                        kHeads,
                        count,
                        position.data(),
                        {cosines.data(), sines.data(), kDim, 0, false},
                        cache},
                       nullptr);
        attention({q.data(), kHeads, kHeads, count, position.data(), 0.18f, cache, workspace.data(), attended.view()},
                  nullptr);
        const Product projection = {layer.output.matrix(), x.data(), true};
        matmul(&projection, 1, attended.view(), count, nullptr);
        normalise.shared = nullptr;
        rmsNorm(normalise, nullptr);
        FfnTask task;
        task.ffn.shared_gate = layer.shared_gate.matrix();
        task.ffn.shared_up = layer.shared_up.matrix();
        task.ffn.shared_down = layer.shared_down.matrix();
        task.input = normed.view();
        task.tokens = count;
        task.work = {routed_middle.view(), shared_middle.view(), routed.data(),
                     shared.data(),        pairs.data(),         order.data()};
        if (!dense) {
            RouterTask choose;
            choose.x = normed.x.data();
            choose.weights = reinterpret_cast<const float*>(router.packed.data());
            choose.experts = kExperts;
            choose.hidden = kHidden;
            choose.tokens = count;
            choose.rules = rules.data();
            choose.logits = router_logits.data();
            choose.ticket = ticket.data();
            choose.records = records.data();
            route(choose, nullptr);
            task.ffn.experts = kExperts;
            task.ffn.gate = {kType, kWidth, kHidden, layer.routed[0].data(), nullptr};
            task.ffn.up = {kType, kWidth, kHidden, layer.routed[1].data(), nullptr};
            task.ffn.down = {kType, kHidden, kWidth, layer.routed[2].data(), nullptr};
            task.most_used = kUsed;
            task.rules = rules.data();
            task.records = records.data();
        }
        expertFfn(task, nullptr);
    }

    /// The prompt's tokens, then one by one; everything that a user would see of them.
    std::vector<float> run() {
        std::vector<std::int32_t> prompt(kMost);
        for (std::size_t i = 0; i < kMost; ++i) prompt[i] = static_cast<std::int32_t>(i * 37 % kVocabulary);
        tokens.write(prompt);
        DeviceSampler settings;
        settings.temperature = 0.8f;
        settings.random = 3;
        settings.window = 16;
        settings.repetition_penalty = 1.1f;
        sampler.write(std::vector{settings});
        std::vector<float> seen;
        int first = 0;
        for (const int count : {static_cast<int>(kMost), 1, 1}) {
            position.write(std::vector<std::int32_t>{first});
            embed(embedding.matrix(), tokens.data(), count, x.data(), nullptr);
            computeLayer(layers[0], true, count, false);
            computeLayer(layers[1], false, count, true);
            NormTask last;
            last.x = x.data();
            last.tokens = count;
            last.weight = norm.data();
            last.routed = routed.data();
            last.shared = shared.data();
            last.records = records.data();
            last.out = normed.view();
            rmsNorm(last, nullptr);
            Activations row = normed.view();
            row.x += (count - 1) * static_cast<int>(kHidden);
            row.q += (count - 1) * static_cast<int>(kHidden);
            row.scales += (count - 1) * static_cast<int>(kHidden) / 32;
            const Product head = {output.matrix(), logits.data()};
            matmul(&head, 1, row, 1, nullptr);
            SamplingTask choose;
            choose.logits = logits.data();
            choose.vocabulary = kVocabulary;
            choose.sampler = sampler.data();
            choose.token = tokens.data();
            choose.workspace = sampling.data();
            sample(choose, nullptr);
            first += count;
            const auto l = logits.read();
            seen.insert(seen.end(), l.begin(), l.end());
            seen.push_back(static_cast<float>(tokens.read()[0]));
            const auto all = records.read();
            for (int t = 0; t < count; ++t) {
                const RoutingRecord& r = all[static_cast<std::size_t>(t)];
                for (std::size_t i = 0; i < kUsed; ++i) {
                    seen.push_back(static_cast<float>(r.choice.experts[i]));
                    seen.push_back(r.choice.gates[i]);
                }
                seen.push_back(r.shared_norm);
                seen.push_back(r.routed_norm);
            }
        }
        return seen;
    }
};

}  // namespace

TEST_CASE("50 orders of threads and blocks give the same bits") {
    Session session;
    const auto seen = sameInAnyOrder([&] { return session.run(); }, 50);
    for (const float f : seen) REQUIRE(std::isfinite(f));
}
