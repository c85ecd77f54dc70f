// Rotation, the KV cache and attention on a GPU against double precision.

#include <algorithm>

#include "engine/base/sizes.h"
#include "kernels/cuda/attention.h"
#include "tests/cuda_kernels/device.h"
#include "tests/cuda_kernels/stored.h"
#include "tests/kernels/rope_angles.h"

using namespace moescope;
using namespace moescope::cuda;

namespace {

struct Shape {
    KvType type;
    int heads, kv_heads, key_dim, value_dim, context;
};

/// A cache with its rope table, filled by rotateAndStore() as a session would.
struct Cache {
    Shape shape;
    DeviceArray<unsigned char> keys, values;
    DeviceArray<float> cosines, sines;
    DeviceArray<std::int32_t> position;

    explicit Cache(const Shape& s)
        : shape(s),
          keys(asSize(s.kv_heads * s.context) * kvBytes(s.type, asSize(s.key_dim))),
          values(asSize(s.kv_heads * s.context) * kvBytes(s.type, asSize(s.value_dim))),
          cosines(asSize(s.context * s.key_dim / 2)),
          sines(asSize(s.context * s.key_dim / 2)),
          position(1) {
        std::vector<float> c(cosines.size()), n(c.size());
        const std::size_t half = asSize(s.key_dim) / 2;
        for (int p = 0; p < s.context; ++p) anglesOf(p, 2 * half, 10000, &c[asSize(p) * half], &n[asSize(p) * half]);
        cosines.write(c);
        sines.write(n);
    }
    KvCache view() const {
        return {shape.type, shape.kv_heads, shape.context, shape.key_dim, shape.value_dim, keys.data(), values.data()};
    }
    RopeTable table() const { return {cosines.data(), sines.data(), shape.key_dim, 0, false}; }

    /// What the cache holds, as (heads, context, dim).
    std::vector<double> read(const DeviceArray<unsigned char>& memory, int dim) const {
        return readStored(shape.type, memory.read(), asSize(shape.kv_heads * shape.context * dim));
    }
};

/// Fills positions first .. first + tokens - 1 and returns the rotated queries.
std::vector<float> fill(Cache& cache, int first, int tokens, std::uint32_t seed,
                        std::vector<float>* raw_keys = nullptr) {
    const Shape& s = cache.shape;
    const DeviceArray<float> queries(normals(asSize(tokens * s.heads * s.key_dim), seed));
    const auto k = normals(asSize(tokens * s.kv_heads * s.key_dim), seed + 1);
    const DeviceArray<float> keys(k), values(normals(asSize(tokens * s.kv_heads * s.value_dim), seed + 2));
    cache.position.write(std::vector<std::int32_t>{first});
    RopeTask task;
    task.queries = queries.data();
    task.keys = keys.data();
    task.values = values.data();
    task.heads = s.heads;
    task.tokens = tokens;
    task.first_position = cache.position.data();
    task.table = cache.table();
    task.cache = cache.view();
    rotateAndStore(task, nullptr);
    if (raw_keys) *raw_keys = k;
    return queries.read();
}

void checkAttention(const Shape& s, int before, int tokens) {
    CAPTURE(static_cast<int>(s.type));
    CAPTURE(s.key_dim);
    CAPTURE(before);
    CAPTURE(tokens);
    Cache cache(s);
    if (before) fill(cache, 0, before, 3);
    const std::vector<float> queries = fill(cache, before, tokens, 77);
    const DeviceArray<float> q(queries);
    const DeviceArray<float> workspace(attentionWorkspaceBytes(s.heads, s.value_dim) / sizeof(float));
    const DeviceActivations out(asSize(tokens), asSize(s.heads * s.value_dim));
    AttentionTask task;
    task.queries = q.data();
    task.heads = s.heads;
    task.tokens = tokens;
    task.first_position = cache.position.data();
    task.scale = 1 / std::sqrt(static_cast<float>(s.key_dim));
    task.cache = cache.view();
    task.workspace = workspace.data();
    task.out = out.view();
    const auto found = sameInAnyOrder(
        [&] {
            attention(task, nullptr);
            return out.x.read();
        },
        2);
    const auto keys = cache.read(cache.keys, s.key_dim), values = cache.read(cache.values, s.value_dim);
    for (int t = 0; t < tokens; ++t) {
        for (int h = 0; h < s.heads; ++h) {
            const int kv = h / (s.heads / s.kv_heads), visible = before + t + 1;
            std::vector<double> score(asSize(visible));
            double largest = -1e300, total = 0, magnitude = 0;
            for (int p = 0; p < visible; ++p) {
                for (int i = 0; i < s.key_dim; ++i) {
                    const double product = static_cast<double>(queries[asSize((t * s.heads + h) * s.key_dim + i)]) *
                                           keys[asSize((kv * s.context + p) * s.key_dim + i)];
                    score[asSize(p)] += product * static_cast<double>(task.scale);
                    magnitude = std::max(magnitude, std::abs(product));
                }
                largest = std::max(largest, score[asSize(p)]);
            }
            for (auto& v : score) total += v = std::exp(v - largest);
            for (int i = 0; i < s.value_dim; ++i) {
                double expected = 0, size = 0;
                for (int p = 0; p < visible; ++p) {
                    const double v = values[asSize((kv * s.context + p) * s.value_dim + i)];
                    expected += score[asSize(p)] / total * v;
                    size += score[asSize(p)] / total * std::abs(v);
                }
                // A score's error, key_dim roundings of products, goes through exp as a relative one; then a rounding a
                // key (times two: of weights and of their total).
                const double score_error =
                    (s.key_dim + 4) * 0x1p-24 * magnitude * s.key_dim * static_cast<double>(task.scale);
                const double error = (2 * score_error + (2 * visible + 16) * 0x1p-24) * size;
                REQUIRE(std::abs(found[asSize((t * s.heads + h) * s.value_dim + i)] - expected) <= error + 1e-12);
            }
        }
    }
    if (out.columns % 32) return;
    const auto int8 = out.quantized();
    const auto scales = out.scales.read();
    for (std::size_t i = 0; i < int8.size(); ++i) {
        REQUIRE(std::abs(int8[i] - found[i]) <= static_cast<double>(scales[i / 32].d) * 0.5001);
    }
}

}  // namespace

TEST_CASE("rotation is the CPU's; caches hold what their type can") {
    for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8_0}) {
        const Shape s{type, 4, 2, 64, 32, 48};
        Cache cache(s);
        std::vector<float> raw;
        const int first = 9, tokens = 5;
        const auto seeds = normals(asSize(tokens * s.heads * s.key_dim), 21);
        const auto queries = fill(cache, first, tokens, 21, &raw);
        const auto keys = cache.read(cache.keys, s.key_dim);
        for (int t = 0; t < tokens; ++t) {
            std::vector<float> c(32), n(32);
            anglesOf(first + t, 64, 10000, c.data(), n.data());
            for (int h = 0; h < s.heads; ++h) {
                std::vector<float> expected(64);
                std::copy_n(&seeds[asSize((t * s.heads + h) * 64)], 64, expected.begin());
                rotatePairs(expected.data(), 64, c.data(), n.data());
                for (int i = 0; i < 64; ++i) {
                    REQUIRE(std::abs(queries[asSize((t * s.heads + h) * 64 + i)] - expected[asSize(i)]) <= 1e-6f);
                }
            }
            for (int h = 0; h < s.kv_heads; ++h) {
                std::vector<float> expected(64);
                std::copy_n(&raw[asSize((t * s.kv_heads + h) * 64)], 64, expected.begin());
                rotatePairs(expected.data(), 64, c.data(), n.data());
                for (int i = 0; i < 64; ++i) {
                    float largest = 0;
                    for (int j = i / 32 * 32; j < i / 32 * 32 + 32; ++j)
                        largest = std::max(largest, std::abs(expected[asSize(j)]));
                    const double error = type == KvType::kF32   ? 1e-6
                                         : type == KvType::kF16 ? std::abs(expected[asSize(i)]) * 0x1p-11 + 1e-6
                                                                : static_cast<double>(largest) / 127 * 0.501 + 1e-6;
                    REQUIRE(std::abs(keys[asSize((h * s.context + first + t) * 64 + i)] -
                                     static_cast<double>(expected[asSize(i)])) <= error);
                }
            }
        }
    }
}

TEST_CASE("pairs as Hugging Face has them, and heads that rotate in part") {
    Shape s{KvType::kF32, 2, 1, 48, 16, 8};
    Cache cache(s);
    const auto raw = normals(96, 4), k = normals(48, 5), v = normals(16, 6);
    for (const bool halves : {false, true}) {
        const DeviceArray<float> queries(raw), keys(k), values(v);
        cache.position.write(std::vector<std::int32_t>{3});
        RopeTask task;
        task.queries = queries.data();
        task.keys = keys.data();
        task.values = values.data();
        task.heads = 2;
        task.first_position = cache.position.data();
        task.table = {cache.cosines.data(), cache.sines.data(), 16, 32, halves};  // the last 16 of 48
        task.cache = cache.view();
        rotateAndStore(task, nullptr);
        const auto found = queries.read();
        const auto c = cache.cosines.read(), n = cache.sines.read();
        for (std::size_t h = 0; h < 2; ++h) {
            for (std::size_t i = 0; i < 32; ++i) CHECK(found[48 * h + i] == raw[48 * h + i]);
            for (std::size_t i = 0; i < 8; ++i) {
                const std::size_t a = 48 * h + 32 + (halves ? i : 2 * i), b = a + (halves ? 8 : 1);
                const float cosine = c[3 * 8 + i], sine = n[3 * 8 + i];
                CHECK(std::abs(found[a] - (raw[a] * cosine - raw[b] * sine)) <= 1e-6f);
                CHECK(std::abs(found[b] - (raw[b] * cosine + raw[a] * sine)) <= 1e-6f);
            }
        }
    }
}

TEST_CASE("one token's attention over caches of all types and lengths") {
    for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8_0}) {
        for (const int before : {0, 1, 7, 31, 32, 33, 260}) checkAttention({type, 4, 2, 128, 128, 320}, before, 1);
    }
    checkAttention({KvType::kF16, 2, 2, 192, 128, 64}, 40, 1);  // as MLA has it
    checkAttention({KvType::kF16, 2, 1, 256, 256, 64}, 63, 1);  // to the end of the context
    checkAttention({KvType::kF16, 3, 3, 16, 16, 64}, 20, 1);    // 48 columns: not quantised
    checkAttention({KvType::kF16, 1, 1, 64, 32, 1100}, 1050, 1);
}

TEST_CASE("attention of several tokens is causal and agrees with double precision") {
    for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8_0}) {
        for (const int tokens : {2, 31, 33}) {
            for (const int before : {0, 1, 40}) checkAttention({type, 2, 1, 128, 128, 80}, before, tokens);
        }
    }
    checkAttention({KvType::kF16, 2, 2, 192, 128, 64}, 3, 17);
    checkAttention({KvType::kQ8_0, 2, 2, 32, 32, 80}, 0, 70);
    checkAttention({KvType::kF32, 2, 2, 16, 16, 80}, 0, 40);
}

TEST_CASE("some heads of longer rows give the bits that they give among all") {
    const Shape s = {KvType::kF16, 3, 3, 32, 16, 48};
    constexpr int kBefore = 5, kTokens = 37;
    Cache cache(s);
    fill(cache, 0, kBefore, 3);
    const DeviceArray<float> queries(fill(cache, kBefore, kTokens, 77));
    const std::size_t values = asSize(kTokens * s.heads * s.value_dim);
    const DeviceArray<float> whole(values), parts(values);
    AttentionTask task;
    task.queries = queries.data();
    task.heads = s.heads;
    task.tokens = kTokens;
    task.first_position = cache.position.data();
    task.scale = 0.2f;
    task.cache = cache.view();
    task.out = {whole.data(), nullptr, nullptr, s.heads * s.value_dim};
    attention(task, nullptr);
    task.row_heads = s.heads;
    for (const auto& [first, count] : {std::pair(0, 2), std::pair(2, 1)}) {
        AttentionTask part = task;
        part.heads = part.cache.heads = count;
        part.queries += first * s.key_dim;
        part.out.x = parts.data() + first * s.value_dim;
        part.cache.keys += kvBytes(s.type, asSize(s.key_dim)) * asSize(first * s.context);
        part.cache.values += kvBytes(s.type, asSize(s.value_dim)) * asSize(first * s.context);
        attention(part, nullptr);
    }
    CHECK(parts.read() == whole.read());
}
