// If these fail, answers are wrong in a way that no one sees: the text still looks like text.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <vector>

#include "kernels/cpu/cpu_kernels.h"
#include "kernels/dequantize.h"
#include "kernels/packed_layout.h"
#include "tests/kernels/each_isa.h"
#include "tests/kernels/emulated_unit.h"
#ifdef MOESCOPE_X86
#include "tests/kernels/emulated_vnni.h"
#endif
#include "tests/kernels/random_tensors.h"

using namespace moescope;

namespace {

struct FreeDeleter {
    void operator()(void* p) const { std::free(p); }
};
using AlignedBytes = std::unique_ptr<unsigned char, FreeDeleter>;

AlignedBytes pack(TensorType type, std::size_t rows, std::size_t columns, const std::vector<std::byte>& source) {
    const PackedMatrix matrix{type, rows, columns, nullptr};
    const std::size_t size = (matrix.bytes() + 63) / 64 * 64;
    AlignedBytes packed(static_cast<unsigned char*>(std::aligned_alloc(64, size)));
    for (std::size_t g = 0; g < matrix.groups(); ++g) {
        packGroup(type, columns, source.data() + g * kGroupRows * rowBytes(type, columns),
                  std::min(kGroupRows, rows - g * kGroupRows), packed.get() + g * matrix.groupBytes());
    }
    return packed;
}

/// Rows of activations with everything that a product may read.
struct Activations {
    std::size_t columns;
    std::vector<float> x;
    std::vector<std::int8_t> q;
    std::vector<ActivationBlock> blocks;
    std::vector<ActivationRow> rows;

    Activations(const CpuKernels& kernels, std::size_t n_rows, std::size_t n_columns, bool quantized)
        : columns(n_columns), x(n_rows * n_columns), q(n_rows * n_columns), blocks(n_rows * n_columns / 32) {
        std::mt19937 random(7);
        std::normal_distribution<float> normal;
        for (auto& v : x) v = normal(random);
        for (std::size_t t = 0; t < n_rows; ++t) {
            ActivationRow row{&x[t * columns], nullptr, nullptr};
            if (quantized) {
                row.q = &q[t * columns];
                row.blocks = &blocks[t * columns / 32];
                kernels.quantize(row.x, columns, &q[t * columns], &blocks[t * columns / 32]);
            }
            rows.push_back(row);
        }
    }
};

/// The product in double precision, and two bounds of what F32 arithmetic may differ from it by.
void checkProduct(const CpuKernels& kernels, TensorType type, std::size_t n_rows, std::size_t columns,
                  std::size_t tokens) {
    CAPTURE(info(type).name);
    CAPTURE(n_rows);
    CAPTURE(columns);
    const bool quantized = !isFloatType(type);
    const auto source = randomRows(type, n_rows, columns, static_cast<std::uint32_t>(n_rows * 31 + columns));
    std::vector<float> weights(n_rows * columns);
    for (std::size_t r = 0; r < n_rows; ++r) {
        dequantize(type, source.data() + r * rowBytes(type, columns), columns, &weights[r * columns]);
    }
    const AlignedBytes packed = pack(type, n_rows, columns, source);
    const Activations activations(kernels, tokens, columns, quantized);
    const PackedMatrix matrix{type, n_rows, columns, packed.get()};
    const std::size_t stride = matrix.groups() * kGroupRows;
    std::vector<float> out(tokens * stride, NAN);
    kernels.matmul(type, packed.get(), matrix.groups(), columns, activations.rows.data(), tokens, out.data(), stride);

    // F32 sums: each of the roundings is at most 2^-24 of a partial sum, which the sum of magnitudes bounds. Float
    // types round once or twice a column; quantised ones about four times a block of 16 or 32, where scale * q is
    // not larger than |w| + |min|.
    const double roundings = quantized ? static_cast<double>(columns) / 16 * 2 + 8 : static_cast<double>(columns) + 2;
    for (std::size_t t = 0; t < tokens; ++t) {
        for (std::size_t r = 0; r < n_rows; ++r) {
            double exact = 0, with_int8 = 0, magnitude = 0, quantization_error = 0;
            for (std::size_t c = 0; c < columns; ++c) {
                const double w = weights[r * columns + c], x = activations.x[t * columns + c];
                exact += w * x;
                if (quantized) {
                    const double d = activations.blocks[(t * columns + c) / 32].d;
                    with_int8 += w * d * activations.q[t * columns + c];
                    quantization_error += std::abs(w) * d * 0.5001;
                    magnitude += (std::abs(w) + 4.0) * d * (std::abs(activations.q[t * columns + c]) + 1);
                } else {
                    magnitude += std::abs(w * x);
                }
            }
            const double result = out[t * stride + r];
            const double rounding = roundings * 0x1p-24 * magnitude;
            if (quantized) REQUIRE(std::abs(result - with_int8) <= rounding);
            REQUIRE(std::abs(result - exact) <= rounding + quantization_error);
        }
        for (std::size_t r = n_rows; r < stride; ++r) REQUIRE(out[t * stride + r] == 0.0f);
    }
}

}  // namespace

TEST_CASE("products of every type agree with double precision") {
    forEachIsa([](const CpuKernels& kernels) {
        for (const TensorTypeInfo& t : tensorTypes()) {
            for (const std::size_t columns : {32, 256, 352, 1408, 2048}) {
                if (columns % t.block_weights) continue;
                for (const std::size_t rows : {1, 15, 16, 33}) checkProduct(kernels, t.type, rows, columns, 3);
            }
            checkProduct(kernels, t.type, 17, t.block_weights == 256 ? 10752 : 10944, 1);
        }
    });
}

TEST_CASE("a packed matrix takes little more than the file's") {
    for (const TensorTypeInfo& t : tensorTypes()) {
        CAPTURE(t.name);
        for (const std::size_t columns : {1408, 2048, 10240}) {
            if (columns % t.block_weights) continue;
            const PackedMatrix matrix{t.type, 1408, columns, nullptr};
            const double file = static_cast<double>(1408 * rowBytes(t.type, columns));
            CHECK(static_cast<double>(matrix.bytes()) >= file);
            CHECK(static_cast<double>(matrix.bytes()) <= 1.25 * file);
        }
    }
}

TEST_CASE("rows of random codes are unpacked to the weights that they stand for") {
    // One column of activations at a time is 1, the others 0: each product is one weight.
    forEachIsa([](const CpuKernels& kernels) {
        for (const TensorTypeInfo& t : tensorTypes()) {
            if (isFloatType(t.type)) continue;
            CAPTURE(t.name);
            const std::size_t columns = 512, rows = 19, stride = 32;
            const auto source = randomRows(t.type, rows, columns, 77);
            const AlignedBytes packed = pack(t.type, rows, columns, source);
            std::vector<float> weights(rows * columns);
            for (std::size_t r = 0; r < rows; ++r) {
                dequantize(t.type, source.data() + r * rowBytes(t.type, columns), columns, &weights[r * columns]);
            }
            std::vector<std::int8_t> q(columns);
            std::vector<ActivationBlock> blocks(columns / 32);
            for (std::size_t c = 0; c < columns; ++c) {
                std::vector<float> x(columns), y(stride);
                x[c] = 127;  // a scale of 1
                kernels.quantize(x.data(), columns, q.data(), blocks.data());
                const ActivationRow row{x.data(), q.data(), blocks.data()};
                kernels.matmul(t.type, packed.get(), 2, columns, &row, 1, y.data(), stride);
                CAPTURE(c);
                for (std::size_t r = 0; r < rows; ++r) {
                    const float w = 127 * weights[r * columns + c];
                    REQUIRE(y[r] == doctest::Approx(w).epsilon(packedLayout(t.type).affine ? 1e-5 : 3e-7).scale(0.5));
                }
            }
        }
    });
}

TEST_CASE("2048 rows") {
    forEachIsa([](const CpuKernels& kernels) {
        for (const TensorTypeInfo& t : tensorTypes()) checkProduct(kernels, t.type, 2048, 256, 1);
    });
}

TEST_CASE("a float matrix may have any number of columns") {
    forEachIsa([](const CpuKernels& kernels) {
        for (const TensorType type : {TensorType::kF32, TensorType::kF16, TensorType::kBF16}) {
            for (const std::size_t columns : {1, 31, 33, 300}) checkProduct(kernels, type, 5, columns, 2);
        }
    });
}

TEST_CASE("a row's result does not depend on how many rows are computed at once") {
    forEachIsa([](const CpuKernels& kernels) {
        for (const TensorTypeInfo& t : tensorTypes()) {
            CAPTURE(t.name);
            const std::size_t columns = 512, rows = 32, tokens = 23;
            const AlignedBytes packed = pack(t.type, rows, columns, randomRows(t.type, rows, columns, 3));
            const Activations a(kernels, tokens, columns, true);
            std::vector<float> at_once(tokens * rows), alone(tokens * rows);
            kernels.matmul(t.type, packed.get(), 2, columns, a.rows.data(), tokens, at_once.data(), rows);
            for (std::size_t i = 0; i < tokens; ++i) {
                kernels.matmul(t.type, packed.get(), 2, columns, &a.rows[i], 1, &alone[i * rows], rows);
            }
            CHECK(at_once == alone);
        }
    });
}

namespace {

/// Whether another product gives the bits of `isa`'s for matrices of a type.
template <class Matmul>
void compareBits(Isa isa, Matmul other, const TensorTypeInfo& t, std::size_t columns) {
    CAPTURE(t.name);
    CAPTURE(columns);
    const std::size_t groups = 2, stride = groups * kGroupRows;
    const AlignedBytes packed = pack(t.type, stride, columns, randomRows(t.type, stride, columns, 5));
    const Activations a(cpuKernels(isa), 83, columns, true);
    for (const std::size_t n : {1, 15, 16, 17, 38, 64, 83}) {
        CAPTURE(n);
        std::vector<float> expected(n * stride), out(n * stride, NAN);
        cpuKernels(isa).matmul(t.type, packed.get(), groups, columns, a.rows.data(), n, expected.data(), stride);
        other(t.type, packed.get(), groups, columns, a.rows.data(), n, out.data(), stride);
        REQUIRE(out == expected);
    }
}

template <class F>
void forEachQuantizedShape(F f) {
    for (const TensorTypeInfo& t : tensorTypes()) {
        if (isFloatType(t.type)) continue;
        for (const std::size_t columns : {32, 256, 352, 768, 1408}) {
            if (columns % t.block_weights == 0) f(t, columns);
        }
    }
}

}  // namespace

TEST_CASE("a matrix unit gives the same bits") {
    // Else an answer would depend on how a prompt was cut into batches: few rows are multiplied without the unit.
    if (!isaAvailable(Isa::kAmx)) MESSAGE("not on AMX itself, which this processor lacks");
    forEachQuantizedShape([](const TensorTypeInfo& t, std::size_t columns) {
        compareBits(Isa::kScalar, emulatedUnitMatmul, t, columns);
        if (isaAvailable(Isa::kAmx)) compareBits(Isa::kAvx512, cpuKernels(Isa::kAmx).matmul, t, columns);
    });
}

#ifdef MOESCOPE_X86
TEST_CASE("AVX-VNNI gives the same bits") {
    // Else two machines would answer differently for no reason that anybody could find.
    if (!isaAvailable(Isa::kAvx2)) return;
    if (!isaAvailable(Isa::kAvxVnni)) MESSAGE("not on AVX-VNNI itself, which this processor lacks");
    forEachQuantizedShape([](const TensorTypeInfo& t, std::size_t columns) {
        compareBits(Isa::kAvx2, emulatedVnniMatmul, t, columns);
        if (isaAvailable(Isa::kAvxVnni)) compareBits(Isa::kAvx2, cpuKernels(Isa::kAvxVnni).matmul, t, columns);
    });
}
#endif
