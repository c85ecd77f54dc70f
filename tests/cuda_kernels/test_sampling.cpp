// Sampling on a GPU chooses what the host's sampler chooses.

#include "engine/sampling/sampler.h"
#include "kernels/cuda/sampling.h"
#include "tests/cuda_kernels/device.h"

using namespace moescope;
using namespace moescope::cuda;

namespace {

/// Several tokens in a row from logits that change.
void compare(const SamplerSettings& settings, int vocabulary, int tokens = 12) {
    CAPTURE(vocabulary);
    CAPTURE(settings.top_k);
    Sampler host(settings);
    DeviceSampler state;
    state.temperature = settings.temperature;
    state.top_k = settings.top_k;
    state.top_p = settings.top_p;
    state.min_p = settings.min_p;
    state.repetition_penalty = settings.repetition_penalty;
    state.random = settings.seed;
    state.window = settings.repetition_window;
    const DeviceArray<DeviceSampler> sampler(std::vector{state});
    const DeviceArray<std::int32_t> token(1), history(1), position(std::vector<std::int32_t>{40});
    const DeviceArray<unsigned char> workspace(std::vector<unsigned char>(samplingWorkspaceBytes(vocabulary)));
    for (int i = 0; i < tokens; ++i) {
        auto logits = normals(static_cast<std::size_t>(vocabulary), static_cast<std::uint32_t>(i), 4);
        if (i % 4 == 1 && vocabulary > 2) logits[1] = NAN, logits[2] = INFINITY;
        if (i % 4 == 2 && vocabulary > 2) logits[static_cast<std::size_t>(vocabulary) / 2] = -INFINITY;
        if (i % 4 == 3) {  // ties
            for (auto& l : logits) l = std::round(l / 4);
        }
        const DeviceArray<float> device_logits(logits);
        SamplingTask task;
        task.logits = device_logits.data();
        task.vocabulary = vocabulary;
        task.sampler = sampler.data();
        task.token = token.data();
        task.history = history.data();
        task.position = position.data();
        task.workspace = workspace.data();
        sample(task, nullptr);
        const auto expected = host.sample(logits);
        REQUIRE(expected.ok());
        CAPTURE(i);
        REQUIRE(token.read()[0] == *expected);
        REQUIRE(history.read()[0] == *expected);
        REQUIRE(position.read()[0] == 41 + i);
        REQUIRE(device_logits.read()[0] == logits[0]);
        host.accept(*expected);
    }
}

SamplerSettings settings(float temperature, int top_k, float top_p, float min_p, float penalty, int window) {
    SamplerSettings s;
    s.temperature = temperature;
    s.top_k = top_k;
    s.top_p = top_p;
    s.min_p = min_p;
    s.repetition_penalty = penalty;
    s.repetition_window = window;
    s.seed = 11;
    return s;
}

}  // namespace

TEST_CASE("greedy: the highest logit, ties to the lower id") {
    for (const int vocabulary : {1, 31, 33, 300, 1024, 1025, 5000}) compare(settings(0, 40, 1, 0, 1, 0), vocabulary);
}

TEST_CASE("temperature, top-k, top-p, min-p and the repetition penalty as the host has them") {
    for (const int vocabulary : {300, 1025, 5000}) {
        compare(settings(0.7f, 40, 0.95f, 0.05f, 1, 64), vocabulary);
        compare(settings(1.5f, 200, 1, 0, 1.3f, 7), vocabulary);
        compare(settings(0.9f, 1, 1, 0, 1, 0), vocabulary);
        compare(settings(2, 256, 0.5f, 0, 1.1f, 256), vocabulary);
        compare(settings(0, 40, 1, 0, 1.5f, 3), vocabulary);
    }
}

TEST_CASE("the order of threads does not matter") {
    const auto logits = normals(9000, 3, 2);
    const DeviceArray<float> device_logits(logits);
    const DeviceArray<unsigned char> workspace(std::vector<unsigned char>(samplingWorkspaceBytes(9000)));
    const DeviceArray<std::int32_t> token(1);
    sameInAnyOrder([&] {
        DeviceSampler state;
        state.temperature = 1;
        state.top_k = 256;
        state.random = 5;
        const DeviceArray<DeviceSampler> sampler(std::vector{state});
        std::vector<std::int32_t> tokens;
        for (int i = 0; i < 3; ++i) {
            SamplingTask task;
            task.logits = device_logits.data();
            task.vocabulary = 9000;
            task.sampler = sampler.data();
            task.token = token.data();
            task.workspace = workspace.data();
            sample(task, nullptr);
            tokens.push_back(token.read()[0]);
        }
        return tokens;
    });
}

TEST_CASE("no finite logit: no token") {
    for (const float temperature : {0.0f, 1.0f}) {
        const DeviceArray<float> logits(std::vector<float>(100, NAN));
        DeviceSampler state;
        state.temperature = temperature;
        const DeviceArray<DeviceSampler> sampler(std::vector{state});
        const DeviceArray<std::int32_t> token(1);
        const DeviceArray<unsigned char> workspace(std::vector<unsigned char>(samplingWorkspaceBytes(100)));
        SamplingTask task;
        task.logits = logits.data();
        task.vocabulary = 100;
        task.sampler = sampler.data();
        task.token = token.data();
        task.workspace = workspace.data();
        sample(task, nullptr);
        CHECK(token.read()[0] == -1);
    }
}
