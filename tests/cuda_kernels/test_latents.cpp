// Multi-head Latent Attention on a GPU against double precision. If these fail, answers of DeepSeek-V2, V3 and their
// kin are wrong on GPUs.

#include <algorithm>

#include "engine/base/sizes.h"
#include "kernels/cuda/latents.h"
#include "kernels/half.h"
#include "tests/cuda_kernels/device.h"
#include "tests/cuda_kernels/stored.h"
#include "tests/kernels/rope_angles.h"

using namespace moescope;
using namespace moescope::cuda;

namespace {

struct Shape {
    KvType type;
    int heads, plain, rope, latent, context;
    int keyDim() const { return plain + rope; }
};

constexpr float kEps = 1e-6f;

/// A cache with its angles, filled by storeLatents() as a session would.
struct Cache {
    Shape shape;
    DeviceArray<unsigned char> rows;
    DeviceArray<float> cosines, sines, weight;
    DeviceArray<std::int32_t> position{1};

    explicit Cache(const Shape& s)
        : shape(s),
          rows(asSize(s.context) * kvBytes(s.type, asSize(view(nullptr).width()))),
          cosines(asSize(s.context * s.rope / 2)),
          sines(asSize(s.context * s.rope / 2)),
          weight(normals(asSize(s.latent), 2)) {
        std::vector<float> c(cosines.size()), n(c.size());
        const std::size_t half = asSize(s.rope) / 2;
        for (int p = 0; p < s.context; ++p) anglesOf(p, 2 * half, 10000, &c[asSize(p) * half], &n[asSize(p) * half]);
        cosines.write(c);
        sines.write(n);
    }
    LatentCache view(unsigned char* memory) const {
        return {shape.type, shape.context, shape.latent, shape.rope, memory};
    }
    LatentCache view() const { return view(rows.data()); }

    /// What the cache holds, as (context, width).
    std::vector<double> read() const {
        return readStored(shape.type, rows.read(), asSize(shape.context * view().width()));
    }
};

struct Stored {
    std::vector<float> queries, latents;  ///< as they went in
    std::vector<float> turned;            ///< queries as they came out
    DeviceActivations plain;
};

Stored fill(Cache& cache, int first, int tokens, std::uint32_t seed) {
    const Shape& s = cache.shape;
    Stored stored = {normals(asSize(tokens * s.heads * s.keyDim()), seed),
                     normals(asSize(tokens * (s.latent + s.rope)), seed + 1),
                     {},
                     DeviceActivations(asSize(tokens * s.heads), asSize(s.plain))};
    const DeviceArray<float> queries(stored.queries), latents(stored.latents);
    cache.position.write(std::vector<std::int32_t>{first});
    LatentStoreTask task;
    task.queries = queries.data();
    task.latents = latents.data();
    task.weight = cache.weight.data();
    task.eps = kEps;
    task.heads = s.heads;
    task.tokens = tokens;
    task.first_position = cache.position.data();
    task.table = {cache.cosines.data(), cache.sines.data(), s.rope, 0, false};
    task.cache = cache.view();
    task.plain = stored.plain.view();
    storeLatents(task, nullptr);
    stored.turned = queries.read();
    return stored;
}

void checkAttention(const Shape& s, int before, int tokens, int first_token = 0) {
    CAPTURE(static_cast<int>(s.type));
    CAPTURE(s.heads);
    CAPTURE(s.latent);
    CAPTURE(before);
    CAPTURE(tokens);
    Cache cache(s);
    if (before) fill(cache, 0, before, 3);
    const std::vector<float> queries = fill(cache, before, first_token + tokens, 77).turned;
    const std::size_t heads = asSize(s.heads), latent = asSize(s.latent), key_dim = asSize(s.keyDim());
    const auto absorbed = normals(asSize(tokens) * heads * latent, 9, 0.3f);
    const DeviceArray<float> q(std::span<const float>(queries).subspan(asSize(first_token) * heads * key_dim)),
        a(absorbed), workspace(latentWorkspaceBytes(s.latent) / sizeof(float));
    const DeviceActivations out(asSize(tokens) * heads, latent);
    LatentAttentionTask task;
    task.absorbed = a.data();
    task.queries = q.data();
    task.heads = s.heads;
    task.key_dim = s.keyDim();
    task.tokens = tokens;
    task.first_token = first_token;
    task.first_position = cache.position.data();
    task.scale = 0.1f;
    task.cache = cache.view();
    task.workspace = workspace.data();
    task.out = out.view();
    const auto found = sameInAnyOrder(
        [&] {
            attendLatents(task, nullptr);
            return out.x.read();
        },
        2);
    const auto rows = cache.read();
    const std::size_t width = asSize(cache.view().width());
    for (std::size_t query = 0; query < asSize(tokens) * heads; ++query) {
        const std::size_t visible = asSize(before + first_token) + query / heads + 1;
        const float* turned = &queries[(asSize(first_token) * heads + query) * key_dim + asSize(s.plain)];
        std::vector<double> score(visible);
        double largest = -1e300, total = 0, magnitude = 0;
        for (std::size_t p = 0; p < visible; ++p) {
            for (std::size_t i = 0; i < latent + asSize(s.rope); ++i) {
                const float value = i < latent ? absorbed[query * latent + i] : turned[i - latent];
                const double product = static_cast<double>(value) * rows[p * width + i];
                score[p] += product * static_cast<double>(task.scale);
                magnitude = std::max(magnitude, std::abs(product));
            }
            largest = std::max(largest, score[p]);
        }
        for (auto& v : score) total += v = std::exp(v - largest);
        // As in test_attention.cpp: a score's error goes through exp as a relative one; then a rounding a position.
        const double columns = static_cast<double>(latent) + s.rope;
        const double score_error = (columns + 4) * 0x1p-24 * magnitude * columns * static_cast<double>(task.scale);
        for (std::size_t i = 0; i < latent; ++i) {
            double expected = 0, size = 0;
            for (std::size_t p = 0; p < visible; ++p) {
                expected += score[p] / total * rows[p * width + i];
                size += score[p] / total * std::abs(rows[p * width + i]);
            }
            const double error = (2 * score_error + (2 * static_cast<double>(visible) + 16) * 0x1p-24) * size;
            REQUIRE(std::abs(found[query * latent + i] - expected) <= error + 1e-12);
        }
    }
    const auto int8 = out.quantized();
    const auto scales = out.scales.read();
    for (std::size_t i = 0; i < int8.size(); ++i) {
        REQUIRE(std::abs(int8[i] - found[i]) <= static_cast<double>(scales[i / 32].d) * 0.5001);
    }
}

}  // namespace

TEST_CASE("latents are normed, what rotates is rotated, and caches hold what their type can") {
    for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8_0}) {
        for (const Shape& s : {Shape{type, 5, 32, 16, 64, 48}, Shape{type, 2, 24, 8, 32, 48}}) {
            CAPTURE(static_cast<int>(type));
            Cache cache(s);
            const int first = 9, tokens = 5;
            const Stored stored = fill(cache, first, tokens, 21);
            const auto rows = cache.read();
            const auto weight = cache.weight.read();
            const std::size_t width = asSize(cache.view().width()), latent = asSize(s.latent), rope = asSize(s.rope);
            const std::size_t key_dim = asSize(s.keyDim()), plain = asSize(s.plain), pairs = rope / 2;
            const auto plain_x = stored.plain.x.read();
            const auto plain_int8 = s.plain % 32 ? std::vector<double>() : stored.plain.quantized();
            const auto plain_scales = stored.plain.scales.read();
            for (std::size_t t = 0; t < asSize(tokens); ++t) {
                std::vector<float> c(pairs), n(pairs), expected(width);
                anglesOf(first + static_cast<int>(t), rope, 10000, c.data(), n.data());
                const float* x = &stored.latents[t * (latent + rope)];
                double squares = 0;
                for (std::size_t i = 0; i < latent; ++i) squares += static_cast<double>(x[i]) * x[i];
                const double factor = 1 / std::sqrt(squares / static_cast<double>(latent) + 1e-6);
                for (std::size_t i = 0; i < latent; ++i) {
                    expected[i] = static_cast<float>(x[i] * factor * weight[i]);
                }
                std::copy_n(x + latent, rope, &expected[latent]);
                rotatePairs(&expected[latent], rope, c.data(), n.data());
                for (std::size_t i = 0; i < width; ++i) {
                    float largest = 0;
                    for (std::size_t j = i / 32 * 32; j < i / 32 * 32 + 32; ++j)
                        largest = std::max(largest, std::abs(expected[j]));
                    const double error = type == KvType::kF32   ? 2e-6
                                         : type == KvType::kF16 ? std::abs(expected[i]) * 0x1p-11 + 2e-6
                                                                : static_cast<double>(largest) / 127 * 0.501 + 2e-6;
                    REQUIRE(std::abs(rows[(asSize(first) + t) * width + i] - static_cast<double>(expected[i])) <=
                            error);
                }
                for (std::size_t h = 0; h < asSize(s.heads); ++h) {
                    const std::size_t row = t * asSize(s.heads) + h;
                    const float* in = &stored.queries[row * key_dim];
                    std::vector<float> turned(in + plain, in + key_dim);
                    rotatePairs(turned.data(), rope, c.data(), n.data());
                    for (std::size_t i = 0; i < rope; ++i) {
                        REQUIRE(std::abs(stored.turned[row * key_dim + plain + i] - turned[i]) <= 1e-6f);
                    }
                    for (std::size_t i = 0; i < plain; ++i) {
                        REQUIRE(plain_x[row * plain + i] == in[i]);
                        if (plain_int8.empty()) continue;
                        const double d = plain_scales[(row * plain + i) / 32].d;
                        REQUIRE(std::abs(plain_int8[row * plain + i] - in[i]) <= d * 0.5001);
                    }
                }
            }
        }
    }
}

TEST_CASE("one token's attention over latents of all types and lengths") {
    for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8_0}) {
        for (const int before : {0, 1, 7, 8, 33, 260}) checkAttention({type, 5, 32, 16, 64, 280}, before, 1);
        checkAttention({type, 16, 128, 64, 512, 90}, 77, 1);  // DeepSeek-V2-Lite's
    }
    checkAttention({KvType::kF16, 3, 24, 8, 32, 1100}, 1050, 1);
    checkAttention({KvType::kF16, 4, 64, 128, 512, 24}, 20, 1);  // as wide as it may be
}

TEST_CASE("attention of several tokens over latents is causal and agrees with double precision") {
    for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8_0}) {
        for (const int tokens : {2, 31}) {
            for (const int before : {0, 1, 40}) checkAttention({type, 3, 24, 8, 32, 80}, before, tokens);
        }
    }
    checkAttention({KvType::kF32, 32, 16, 16, 32, 80}, 5, 33);    // so many that nothing is shared out
    checkAttention({KvType::kF32, 3, 24, 8, 32, 80}, 11, 9, 20);  // the last part of a batch
}

TEST_CASE("latents come out of caches of all types as they are there, and keys and values into others") {
    for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8_0}) {
        CAPTURE(static_cast<int>(type));
        const Shape s = {type, 5, 24, 8, 64, 40};
        Cache cache(s);
        fill(cache, 0, s.context, 5);
        constexpr int kFirst = 3, kCount = 9;
        const std::size_t count = kCount, latent = asSize(s.latent), width = asSize(cache.view().width());
        const auto rows = cache.read();
        const DeviceActivations out(count, latent);
        loadLatents(cache.view(), kFirst, kCount, out.view(), nullptr);
        const auto found = out.x.read();
        const auto int8 = out.quantized();
        const auto scales = out.scales.read();
        for (std::size_t i = 0; i < found.size(); ++i) {
            REQUIRE(found[i] == static_cast<float>(rows[(kFirst + i / latent) * width + i % latent]));
            REQUIRE(std::abs(int8[i] - static_cast<double>(found[i])) <=
                    static_cast<double>(scales[i / 32].d) * 0.5001);
        }

        const KvType to = type == KvType::kF32 ? KvType::kF32 : KvType::kF16;
        constexpr int kHeads = 3, kValue = 16;
        const auto plain = normals(count * asSize(kHeads * s.plain), 6), values = normals(count * kHeads * kValue, 7);
        const DeviceArray<float> p(plain), v(values);
        const std::size_t key_row = asSize(s.keyDim()), rows_of_all = asSize(kHeads * s.context);
        const DeviceArray<unsigned char> keys_to(rows_of_all * kvBytes(to, key_row)),
            values_to(rows_of_all * kvBytes(to, kValue));
        ExpandedStoreTask task;
        task.plain = p.data();
        task.values = v.data();
        task.from = cache.view();
        task.to = {to, kHeads, s.context, s.keyDim(), kValue, keys_to.data(), values_to.data()};
        task.first = kFirst;
        task.count = kCount;
        const auto stored = sameInAnyOrder([&] {
            storeExpanded(task, nullptr);
            return keys_to.read();
        });
        const auto stored_values = values_to.read();
        const auto valueOf = [&](const std::vector<unsigned char>& bytes, std::size_t i) {
            float f = 0;
            std::uint16_t h = 0;
            if (to == KvType::kF32) std::memcpy(&f, &bytes[4 * i], 4);
            if (to == KvType::kF16) std::memcpy(&h, &bytes[2 * i], 2), f = halfToFloat(h);
            return f;
        };
        const auto rounded = [&](float x) { return to == KvType::kF32 ? x : halfToFloat(floatToHalf(x)); };
        for (std::size_t r = 0; r < count; ++r) {
            for (std::size_t h = 0; h < kHeads; ++h) {
                const std::size_t row = h * asSize(s.context) + kFirst + r, from = r * kHeads + h;
                for (std::size_t i = 0; i < key_row; ++i) {
                    const float expected =
                        i < asSize(s.plain)
                            ? plain[from * asSize(s.plain) + i]
                            : static_cast<float>(rows[(kFirst + r) * width + latent + i - asSize(s.plain)]);
                    REQUIRE(valueOf(stored, row * key_row + i) == rounded(expected));
                }
                for (std::size_t i = 0; i < kValue; ++i) {
                    REQUIRE(valueOf(stored_values, row * kValue + i) == rounded(values[from * kValue + i]));
                }
            }
        }
    }
}
