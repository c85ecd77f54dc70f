// Norms, residual sums and the quantisation of activations on a GPU.

#include <algorithm>

#include "kernels/cpu/cpu_kernels.h"
#include "kernels/cuda/norm.h"
#include "tests/cuda_kernels/device.h"

using namespace moescope;
using namespace moescope::cuda;

TEST_CASE("quantised activations are the CPU's, bit by bit") {
    for (const std::size_t columns : {32, 64, 1408, 2048}) {
        const std::size_t rows = 3;
        std::vector<float> x = normals(rows * columns, 5);
        std::fill_n(x.begin(), 32, 0.0f);                 // a block of zeros
        if (columns > 64) x[40] = NAN, x[70] = INFINITY;  // blocks that must not pass for numbers
        x[columns] = 1e30f;                               // an outlier
        x[columns + 1] = 0.5f;
        const DeviceActivations a(rows, columns);
        const_cast<DeviceArray<float>&>(a.x).write(x);
        const auto q = sameInAnyOrder([&] {
            quantize(a.view(), static_cast<int>(rows), nullptr);
            return a.q.read();
        });
        const auto scales = a.scales.read();
        std::vector<std::int8_t> expected(rows * columns);
        std::vector<ActivationBlock> blocks(rows * columns / 32);
        cpuKernels(Isa::kScalar).quantize(x.data(), x.size(), expected.data(), blocks.data());
        CHECK(q == expected);
        for (std::size_t b = 0; b < blocks.size(); ++b) {
            CAPTURE(b);
            REQUIRE((scales[b].d == blocks[b].d || (std::isnan(scales[b].d) && std::isnan(blocks[b].d))));
            REQUIRE(scales[b].sums[0] == blocks[b].sums[0]);
            REQUIRE(scales[b].sums[1] == blocks[b].sums[1]);
        }
    }
}

TEST_CASE("RMS norm with residual sums and the record's norms") {
    for (const std::size_t columns : {1, 31, 32, 33, 512, 1408, 2048}) {
        CAPTURE(columns);
        const std::size_t tokens = 3;
        const auto x = normals(tokens * columns, 1), routed = normals(tokens * columns, 2),
                   elsewhere = normals(tokens * columns, 3), shared = normals(tokens * columns, 4),
                   weight = normals(columns, 6);
        DeviceArray<float> stream(x), routed_sum(routed), other_sum(elsewhere), shared_sum(shared), w(weight);
        const DeviceActivations out(tokens, columns);
        DeviceArray<RoutingRecord> records(2 * tokens);
        NormTask task;
        task.tokens = static_cast<int>(tokens);
        task.x = stream.data();
        task.weight = w.data();
        task.routed = routed_sum.data();
        task.elsewhere = other_sum.data();
        task.shared = shared_sum.data();
        task.records = records.data();
        task.record_stride = 2;
        task.out = out.view();
        const auto y = sameInAnyOrder([&] {
            stream.write(x);
            rmsNorm(task, nullptr);
            return out.x.read();
        });
        const auto after = stream.read();
        const auto found = records.read();
        for (std::size_t t = 0; t < tokens; ++t) {
            double squares = 0, routed_squares = 0, shared_squares = 0;
            std::vector<double> sum(columns);
            for (std::size_t i = 0; i < columns; ++i) {
                const std::size_t at = t * columns + i;
                const double r = static_cast<double>(routed[at]) + elsewhere[at];
                sum[i] = x[at] + r + shared[at];
                squares += sum[i] * sum[i];
                routed_squares += r * r;
                shared_squares += static_cast<double>(shared[at]) * shared[at];
                REQUIRE(std::abs(after[at] - sum[i]) <= 3 * 0x1p-24 * (std::abs(x[at]) + std::abs(r) + 8));
            }
            // Sums of squares are positive: their relative error is at most that of all roundings in a row.
            const double relative = (static_cast<double>(columns) / 512 + 20) * 0x1p-23;
            CHECK(std::abs(found[2 * t].routed_norm / std::sqrt(routed_squares) - 1) <= relative + 1e-6);
            CHECK(std::abs(found[2 * t].shared_norm / std::sqrt(shared_squares) - 1) <= relative + 1e-6);
            const double factor = 1 / std::sqrt(squares / static_cast<double>(columns) + 1e-6);
            for (std::size_t i = 0; i < columns; ++i) {
                const double expected = sum[i] * factor * weight[i];
                const double error = (relative * (std::abs(sum[i]) + 1) + 0x1p-21) * factor * std::abs(weight[i]);
                REQUIRE(std::abs(y[t * columns + i] - expected) <= error);
            }
        }
        if (columns % 32) continue;
        std::vector<std::int8_t> expected(y.size());
        std::vector<ActivationBlock> blocks(y.size() / 32);
        cpuKernels(Isa::kScalar).quantize(y.data(), y.size(), expected.data(), blocks.data());
        CHECK(out.q.read() == expected);
    }
}
