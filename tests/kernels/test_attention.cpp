// If these fail, a model looks at the wrong words of a conversation.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "kernels/cpu/cpu_kernels.h"
#include "kernels/half.h"
#include "tests/kernels/each_isa.h"

using namespace moescope;

namespace {

constexpr double kUnit = 0x1p-24;

struct FreeDeleter {
    void operator()(unsigned char* p) const { std::free(p); }
};
using Bytes = std::unique_ptr<unsigned char, FreeDeleter>;

Bytes aligned(std::size_t size) {
    return Bytes(static_cast<unsigned char*>(std::aligned_alloc(64, (size + 63) / 64 * 64)));
}

/// One head's cache, and the values that its storage rounds keys and values to.
struct Cache {
    KvHead head;
    Bytes keys, values;
    std::vector<float> key, value;  // (positions, dim) as stored

    Cache(const CpuKernels& kernels, KvType type, std::size_t dim, std::size_t positions) {
        std::mt19937 random(static_cast<std::uint32_t>(dim + positions));
        std::normal_distribution<float> normal;
        const std::size_t rounded = (positions + kKvGroup - 1) / kKvGroup * kKvGroup;
        keys = aligned(rounded * kvBytes(type, dim));
        values = aligned(rounded * kvBytes(type, dim));
        // What the last group holds past the end must not matter.
        std::fill_n(keys.get(), rounded * kvBytes(type, dim), static_cast<unsigned char>(0x7e));
        head = {type, dim, dim, keys.get(), values.get()};
        std::vector<float> k(dim), v(dim);
        for (std::size_t p = 0; p < positions; ++p) {
            for (float& x : k) x = normal(random);
            for (float& x : v) x = normal(random);
            kernels.storeKv(head, p, k.data(), v.data());
            for (const float x : asStored(kernels, type, k)) key.push_back(x);
            for (const float x : asStored(kernels, type, v)) value.push_back(x);
        }
    }

    static std::vector<float> asStored(const CpuKernels& kernels, KvType type, std::vector<float> x) {
        if (type == KvType::kF16) {
            for (float& v : x) v = halfToFloat(floatToHalf(v));
        } else if (type == KvType::kQ8_0) {
            std::vector<std::int8_t> q(x.size());
            std::vector<ActivationBlock> blocks(x.size() / 32);
            kernels.quantize(x.data(), x.size(), q.data(), blocks.data());
            for (std::size_t i = 0; i < x.size(); ++i) x[i] = blocks[i / 32].d * static_cast<float>(q[i]);
        }
        return x;
    }
};

void checkQuery(const Cache& cache, const std::vector<float>& query, int visible, float scale, const float* output) {
    const std::size_t dim = cache.head.key_dim, n = static_cast<std::size_t>(visible);
    std::vector<double> p(n);
    double largest = -1e300, total = 0, score_error = 0;
    for (std::size_t i = 0; i < n; ++i) {
        double dot = 0, magnitude = 0;
        for (std::size_t d = 0; d < dim; ++d) {
            const double product = static_cast<double>(query[d]) * static_cast<double>(cache.key[i * dim + d]);
            dot += product;
            magnitude += std::abs(product);
        }
        p[i] = dot * static_cast<double>(scale);
        largest = std::max(largest, p[i]);
        // Two sums of half the dimensions, their sum, Q8_0's scale, and the product with `scale`.
        score_error =
            std::max(score_error, magnitude * static_cast<double>(scale) * (static_cast<double>(dim) / 2 + 4) * kUnit);
    }
    for (double& x : p) total += x = std::exp(x - largest);
    // An error of a score is a relative one of its probability, and the largest's error moves all. Then the difference
    // (up to 30), the exponential (4 units), the sum of lanes, the quotient and the product; then the weighted sum.
    const double relative =
        2.1 * score_error + (30 + 4 + static_cast<double>(n) / 16 + 8 + static_cast<double>(n) + 2) * kUnit;
    for (std::size_t d = 0; d < dim; ++d) {
        double exact = 0, magnitude = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const double term = p[i] / total * static_cast<double>(cache.value[i * dim + d]);
            exact += term;
            magnitude += std::abs(term);
        }
        REQUIRE(std::abs(static_cast<double>(output[d]) - exact) <= relative * magnitude + 1e-30);
    }
}

}  // namespace

TEST_CASE("attention agrees with double precision for every cache, and for several queries at once") {
    forEachIsa([](const CpuKernels& kernels) {
        for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8_0}) {
            CAPTURE(static_cast<int>(type));
            for (const std::size_t dim : {32, 64, 96, 128}) {
                CAPTURE(dim);
                for (const int positions : {1, 15, 16, 17, 33, 300}) {
                    CAPTURE(positions);
                    const Cache cache(kernels, type, dim, static_cast<std::size_t>(positions));
                    std::mt19937 random(11);
                    std::normal_distribution<float> normal(0, 2);
                    std::vector<std::vector<float>> queries(kMaxAttentionQueries, std::vector<float>(dim));
                    for (auto& query : queries) {
                        for (float& x : query) x = normal(random);
                    }
                    const float scale = 1.0f / std::sqrt(static_cast<float>(dim));
                    const std::size_t stride = static_cast<std::size_t>(positions + 15) / 16 * 16;
                    std::vector<float> scores(kMaxAttentionQueries * stride);
                    for (int n = 1; n <= kMaxAttentionQueries; ++n) {
                        std::vector<float> out(static_cast<std::size_t>(n) * dim, NAN);
                        const float* query_rows[kMaxAttentionQueries] = {};
                        float* out_rows[kMaxAttentionQueries] = {};
                        int visible[kMaxAttentionQueries] = {};
                        for (int t = 0; t < n; ++t) {
                            query_rows[t] = queries[static_cast<std::size_t>(t)].data();
                            out_rows[t] = &out[static_cast<std::size_t>(t) * dim];
                            visible[t] = std::max(1, positions - n + 1 + t);
                        }
                        kernels.attention({cache.head, n, query_rows, visible, scale, scores.data(), stride, out_rows});
                        for (int t = 0; t < n; ++t) {
                            checkQuery(cache, queries[static_cast<std::size_t>(t)], visible[t], scale, out_rows[t]);
                        }
                    }
                }
            }
        }
    });
}
