// If these fail, a model with latent attention (DeepSeek-V2 and its kin) looks at the wrong words of a conversation.

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/half.h"
#include "tests/kernels/each_isa.h"

using namespace moescope;

namespace {

constexpr double kUnit = 0x1p-24;

/// Rows of latents in a cache, and the values that its storage rounds them to.
struct Rows {
    KvType type;
    std::size_t width;
    std::vector<unsigned char> bytes;
    std::vector<float> values;  // (positions, width)

    Rows(const CpuKernels& kernels, KvType t, std::size_t w, std::size_t positions)
        : type(t), width(w), bytes(positions * kvBytes(t, w)) {
        std::mt19937 random(static_cast<std::uint32_t>(w + positions));
        std::normal_distribution<float> normal;
        std::vector<float> x(w);
        for (std::size_t p = 0; p < positions; ++p) {
            for (float& v : x) v = normal(random);
            kernels.storeLatent(type, w, x.data(), &bytes[p * kvBytes(type, w)]);
            if (type == KvType::kF16) {
                for (float& v : x) v = halfToFloat(floatToHalf(v));
            } else if (type == KvType::kQ8_0) {
                std::vector<std::int8_t> q(w);
                std::vector<ActivationBlock> blocks(w / 32);
                kernels.quantize(x.data(), w, q.data(), blocks.data());
                for (std::size_t i = 0; i < w; ++i) x[i] = blocks[i / 32].d * static_cast<float>(q[i]);
            }
            values.insert(values.end(), x.begin(), x.end());
        }
    }
};

struct Result {
    std::vector<float> largest = std::vector<float>(kLatentQueries), total = largest, sums;
};

Result attend(const CpuKernels& kernels, const Rows& rows, std::size_t value_width, const std::vector<float>& queries,
              const std::vector<int>& visible, int n_queries, int first, int last, float scale) {
    Result r;
    r.sums.assign(kLatentQueries * value_width, NAN);
    std::vector<float> workspace(kLatentBlock * (rows.width + kLatentQueries), NAN);
    LatentTask task;
    task.type = rows.type;
    task.width = rows.width;
    task.value_width = value_width;
    task.rows = rows.bytes.data();
    task.n_queries = n_queries;
    task.queries = queries.data();
    task.visible = visible.data();
    task.first = first;
    task.last = last;
    task.scale = scale;
    task.workspace = workspace.data();
    task.largest = r.largest.data();
    task.total = r.total.data();
    task.sums = r.sums.data();
    kernels.latentAttention(task);
    return r;
}

void check(const Rows& rows, std::size_t value_width, const std::vector<float>& queries, std::size_t lane, int first,
           int last, float scale, const Result& found) {
    if (first >= last) {
        REQUIRE(found.total[lane] == 0);
        return;
    }
    const auto n = static_cast<std::size_t>(last - first);
    std::vector<double> p(n);
    double largest = -1e300, total = 0, score_error = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const float* row = &rows.values[(static_cast<std::size_t>(first) + i) * rows.width];
        double dot = 0, magnitude = 0;
        for (std::size_t d = 0; d < rows.width; ++d) {
            const double product =
                static_cast<double>(queries[d * kLatentQueries + lane]) * static_cast<double>(row[d]);
            dot += product;
            magnitude += std::abs(product);
        }
        p[i] = dot * static_cast<double>(scale);
        largest = std::max(largest, p[i]);
        // One sum of all values, and the product with `scale`.
        score_error = std::max(score_error,
                               magnitude * static_cast<double>(scale) * (static_cast<double>(rows.width) + 2) * kUnit);
    }
    for (double& x : p) total += x = std::exp(x - largest);
    REQUIRE(std::abs(static_cast<double>(found.largest[lane]) - largest) <= score_error);
    // As for plain attention; what was summed before a block is rescaled for each (an exponential and a product).
    const double blocks = static_cast<double>(n) / kLatentBlock + 1;
    const double relative = 2.1 * score_error * 2 + (30 + 4 + 2 * static_cast<double>(n) + 40 * blocks + 8) * kUnit;
    for (std::size_t d = 0; d < value_width; ++d) {
        double exact = 0, magnitude = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const double term =
                p[i] / total * static_cast<double>(rows.values[(static_cast<std::size_t>(first) + i) * rows.width + d]);
            exact += term;
            magnitude += std::abs(term);
        }
        const double got =
            static_cast<double>(found.sums[lane * value_width + d]) / static_cast<double>(found.total[lane]);
        REQUIRE(std::abs(got - exact) <= relative * magnitude + 1e-30);
    }
}

}  // namespace

TEST_CASE("attention over latents agrees with double precision, whatever is asked together") {
    struct Shape {
        std::size_t width, value_width;
    };
    forEachIsa([](const CpuKernels& kernels) {
        for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8_0}) {
            CAPTURE(static_cast<int>(type));
            for (const Shape shape : {Shape{64, 32}, Shape{64, 48}, Shape{576, 512}}) {
                CAPTURE(shape.width);
                for (const int positions : {1, 31, 32, 33, 100, 257}) {
                    CAPTURE(positions);
                    const Rows rows(kernels, type, shape.width, static_cast<std::size_t>(positions));
                    std::mt19937 random(11);
                    std::normal_distribution<float> normal(0, 2);
                    std::vector<float> queries(shape.width * kLatentQueries);
                    for (float& q : queries) q = normal(random);
                    std::vector<int> visible(kLatentQueries);
                    for (std::size_t i = 0; i < kLatentQueries; ++i) {
                        visible[i] = std::max(1, positions - static_cast<int>(i) * 3);
                    }
                    const float scale = 1.0f / std::sqrt(static_cast<float>(shape.width));
                    for (const int first : {0, 32, 96}) {
                        if (first >= positions) continue;
                        const Result all =
                            attend(kernels, rows, shape.value_width, queries, visible, 16, first, positions, scale);
                        for (std::size_t lane = 0; lane < kLatentQueries; ++lane) {
                            check(rows, shape.value_width, queries, lane, first, visible[lane], scale, all);
                        }
                        // Alone, with other numbers beside it: the same bits.
                        std::vector<float> alone(queries.size());
                        for (std::size_t d = 0; d < shape.width; ++d) {
                            alone[d * kLatentQueries] = queries[d * kLatentQueries + 5];
                        }
                        const std::vector<int> its(kLatentQueries, visible[5]);
                        const Result one = attend(kernels, rows, shape.value_width, alone, its, 1, first,
                                                  std::max(first, visible[5]), scale);
                        CHECK(one.total[0] == all.total[5]);
                        CHECK(std::equal(one.sums.begin(),
                                         one.sums.begin() + static_cast<std::ptrdiff_t>(shape.value_width),
                                         all.sums.begin() + static_cast<std::ptrdiff_t>(5 * shape.value_width)));
                    }
                }
            }
        }
    });
}
