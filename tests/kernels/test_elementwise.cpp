// If these fail, a number is wrong between the products: an answer drifts, or a record shows norms that never were.

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/cpu/cpu_kernels.h"
#include "kernels/rope.h"
#include "tests/kernels/each_isa.h"
#include "tests/kernels/rope_angles.h"

using namespace moescope;

namespace {

constexpr double kUnit = 0x1p-24;  // the largest relative error of one rounding to F32
constexpr std::size_t kSizes[] = {1, 15, 16, 17, 31, 32, 33, 1408, 2048};

std::vector<float> normals(std::size_t n, std::uint32_t seed, float scale = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, scale);
    std::vector<float> x(n);
    for (float& v : x) v = normal(random);
    return x;
}

bool near(double result, double exact, double tolerance) {
    return std::abs(result - exact) <= tolerance;
}

}  // namespace

TEST_CASE("RMS norm agrees with double precision, in place too") {
    forEachIsa([](const CpuKernels& kernels) {
        for (const std::size_t n : kSizes) {
            CAPTURE(n);
            const auto x = normals(n, 1, 3), weight = normals(n, 2);
            constexpr float kEps = 1e-6f;
            double squares = 0;
            for (const float v : x) squares += static_cast<double>(v) * v;
            const double factor = 1 / std::sqrt(squares / static_cast<double>(n) + static_cast<double>(kEps));
            std::vector<float> y(n, NAN), in_place = x;
            kernels.rmsNorm(x.data(), weight.data(), n, kEps, y.data());
            kernels.rmsNorm(in_place.data(), weight.data(), n, kEps, in_place.data());
            // A lane adds n / 16 squares, then the lanes are added; the square root halves the relative error. Mean,
            // eps, root, quotient and two products round once each.
            const double relative = ((static_cast<double>(n) / 16 + 6) / 2 + 7) * kUnit;
            for (std::size_t i = 0; i < n; ++i) {
                const double exact = static_cast<double>(x[i]) * factor * static_cast<double>(weight[i]);
                REQUIRE(near(y[i], exact, std::abs(exact) * relative));
                REQUIRE(in_place[i] == y[i]);
            }
        }
    });
}

TEST_CASE("the sums of a softmax agree with double precision, whatever is no number") {
    forEachIsa([](const CpuKernels& kernels) {
        for (const std::size_t n : {1, 15, 16, 17, 31, 32, 33, 1024, 1025, 1408, 2048, 102400}) {
            for (const float scale : {0.01f, 3.0f, 40.0f}) {
                CAPTURE(n);
                CAPTURE(scale);
                auto x = normals(n, 5, scale);
                if (n > 16) {
                    x[3] = NAN;
                    x[n - 1] = -INFINITY;
                }
                double largest = -INFINITY, total = 0, weighted = 0;
                for (const float v : x) largest = std::isnan(v) ? largest : std::max(largest, static_cast<double>(v));
                for (const float v : x) {
                    if (!std::isfinite(v)) continue;
                    const double below = static_cast<double>(v) - largest;
                    total += std::exp(below);
                    weighted += std::exp(below) * below;
                }
                const SoftmaxSums sums = kernels.softmaxSums(x.data(), n);
                CHECK(static_cast<double>(sums.largest) == largest);
                // The difference rounds once, by at most its size (up to 87 that count); the exponential has 2 ulp (4
                // units); a lane adds at most 64 of them, and 16 lanes are added.
                constexpr double kRelative = (87 + 4 + 64 + 16) * kUnit;
                CHECK(near(sums.total, total, total * kRelative));
                CHECK(near(sums.weighted, weighted, std::abs(weighted) * (kRelative + 2 * kUnit) + 1e-30));
            }
        }
        const float none[] = {NAN, -INFINITY, NAN};
        CHECK(kernels.softmaxSums(none, 3).largest == -INFINITY);
    });
}

TEST_CASE("SwiGLU's product agrees with double precision, and NaN is not lost") {
    forEachIsa([](const CpuKernels& kernels) {
        for (const std::size_t n : kSizes) {
            CAPTURE(n);
            auto gate = normals(n, 3, 10);
            const auto up = normals(n, 4);
            gate[0] = -100.0f;
            gate[n - 1] = 80.0f;
            std::vector<float> y(n, NAN);
            kernels.siluMultiply(gate.data(), up.data(), n, y.data());
            for (std::size_t i = 0; i < n; ++i) {
                const double g = gate[i];
                const double exact = g / (1 + std::exp(-g)) * static_cast<double>(up[i]);
                // The exponential is within 2 ulp (4 units), then a sum, a quotient and a product. Below -87 it stays
                // where it is, so that a result that ought to be 1e-42 is 1e-36.
                REQUIRE(near(y[i], exact, std::abs(exact) * 8 * kUnit + 1e-34));
            }
            gate[n / 2] = std::numeric_limits<float>::quiet_NaN();
            kernels.siluMultiply(gate.data(), up.data(), n, y.data());
            CHECK(std::isnan(y[n / 2]));
        }
    });
}

TEST_CASE("a scaled vector is added with one or two roundings") {
    forEachIsa([](const CpuKernels& kernels) {
        for (const std::size_t n : kSizes) {
            const auto x = normals(n, 5), before = normals(n, 6);
            std::vector<float> y = before;
            kernels.addScaled(x.data(), 0.3f, n, y.data());
            for (std::size_t i = 0; i < n; ++i) {
                const double product = static_cast<double>(0.3f) * static_cast<double>(x[i]);
                const double exact = product + static_cast<double>(before[i]);
                REQUIRE(near(y[i], exact, (std::abs(product) + std::abs(exact)) * 1.01 * kUnit));
            }
        }
    });
}

TEST_CASE("activations are rounded to the nearest of 255 steps, and their sums are exact") {
    forEachIsa([](const CpuKernels& kernels) {
        for (const std::size_t n : {32, 64, 1408, 2048}) {
            auto x = normals(n, 7, 5);
            for (std::size_t i = 0; i < 32; ++i) x[i] = 0;
            std::vector<std::int8_t> q(n, 99);
            std::vector<ActivationBlock> blocks(n / 32);
            kernels.quantize(x.data(), n, q.data(), blocks.data());
            CHECK(blocks[0].d == 0);
            for (std::size_t b = 0; b < n / 32; ++b) {
                const ActivationBlock& block = blocks[b];
                std::int32_t halves[2] = {};
                for (std::size_t i = 32 * b; i < 32 * (b + 1); ++i) {
                    // Half a step, and the roundings of the inverse and of the product (127 * 2 units of a step).
                    REQUIRE(near(block.d * static_cast<float>(q[i]), x[i], block.d * (0.5 + 260 * kUnit)));
                    halves[i / 16 % 2] += q[i];
                }
                CHECK(block.sums[0] == halves[0]);
                CHECK(block.sums[1] == halves[1]);
                CHECK(block.sums[2] == halves[0] + halves[1]);
                for (int i = 0; i < 3; ++i) {
                    CHECK(block.scaled_sums[i] == block.d * static_cast<float>(block.sums[i]));
                }
            }
        }
    });
}

TEST_CASE("a block with NaN or infinity says so in its scale") {
    forEachIsa([](const CpuKernels& kernels) {
        for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                                -std::numeric_limits<float>::infinity()}) {
            for (const std::size_t at : {0, 15, 16, 31}) {
                auto x = normals(64, 8);
                x[at] = bad;
                std::vector<std::int8_t> q(64);
                std::vector<ActivationBlock> blocks(2);
                kernels.quantize(x.data(), 64, q.data(), blocks.data());
                CHECK(std::isnan(blocks[0].d));
                CHECK(std::isfinite(blocks[1].d));
            }
        }
    });
}

TEST_CASE("a norm is the double-precision one, with the same bits everywhere") {
    for (const std::size_t n : kSizes) {
        CAPTURE(n);
        const auto x = normals(n, 9, 100);
        double squares = 0;
        for (const float v : x) squares += static_cast<double>(v) * v;
        const float scalar = cpuKernels(Isa::kScalar).norm(x.data(), n);
        CHECK(near(scalar, std::sqrt(squares), std::sqrt(squares) * 1.0001 * kUnit));
        forEachIsa([&](const CpuKernels& kernels) { CHECK(kernels.norm(x.data(), n) == scalar); });
    }
}

TEST_CASE("rotary embedding turns neighbours by the angle of their position") {
    constexpr std::size_t kDim = 128;
    std::vector<float> cosines(kDim / 2), sines(kDim / 2);
    for (const int position : {0, 1, 4095, 163839}) {
        CAPTURE(position);
        anglesOf(position, kDim, 10000.0, cosines.data(), sines.data());
        const auto before = normals(kDim, 10);
        auto x = before;
        rotatePairs(x.data(), kDim, cosines.data(), sines.data());
        for (std::size_t i = 0; i < kDim / 2; ++i) {
            const double angle = position * std::pow(10000.0, -2.0 * static_cast<double>(i) / kDim);
            const double a = before[2 * i], b = before[2 * i + 1];
            // The angle is a double: at 163,839 its own rounding is 2e-11. Then two roundings of sine and cosine,
            // two of products, one of the sum.
            const double tolerance = (std::abs(a) + std::abs(b)) * (3 * kUnit + 1e-10);
            REQUIRE(near(x[2 * i], a * std::cos(angle) - b * std::sin(angle), tolerance));
            REQUIRE(near(x[2 * i + 1], a * std::sin(angle) + b * std::cos(angle), tolerance));
        }
    }
}
