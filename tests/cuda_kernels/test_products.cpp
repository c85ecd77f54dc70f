// Products on a GPU against double precision.

#include "kernels/cuda/gemv.h"
#include "kernels/cuda/heads.h"
#include "kernels/cuda/norm.h"
#include "kernels/dequantize.h"
#include "tests/cuda_kernels/device.h"

using namespace moescope;
using namespace moescope::cuda;

namespace {

/// Checks y (tokens, rows) against double precision, with two bounds of what F32 sums and int8 activations may differ.
void checkProduct(const DeviceWeights& w, const DeviceActivations& in, const std::vector<float>& y,
                  const std::vector<float>& added = {}) {
    const bool quantized = !isFloat(w.type);
    const std::size_t columns = w.columns;
    const auto x = in.x.read();
    const auto int8 = quantized ? in.quantized() : std::vector<double>();
    const auto scales = quantized ? in.scales.read() : std::vector<ActivationScale>();
    // F32 sums: each rounding is at most 2^-24 of a partial sum, which the sum of magnitudes bounds; see
    // tests/kernels/test_matmul.cpp.
    const double roundings = quantized ? static_cast<double>(columns) / 16 * 2 + 16 : static_cast<double>(columns) + 8;
    for (std::size_t t = 0; t < in.rows; ++t) {
        for (std::size_t r = 0; r < w.rows; ++r) {
            double exact = 0, with_int8 = 0, magnitude = 0, quantization_error = 0;
            for (std::size_t c = 0; c < columns; ++c) {
                const double weight = w.at(r, c);
                const std::size_t at = t * columns + c;
                exact += weight * x[at];
                if (quantized) {
                    const double d = scales[at / 32].d;
                    with_int8 += weight * int8[at];
                    quantization_error += std::abs(weight) * d * 0.5001;
                    magnitude += (std::abs(weight) + 4.0) * (std::abs(int8[at]) + d);
                } else {
                    magnitude += std::abs(weight * x[at]);
                }
            }
            const double before = added.empty() ? 0.0 : static_cast<double>(added[t * w.rows + r]);
            const double result = y[t * w.rows + r] - before;
            const double rounding = roundings * 0x1p-24 * magnitude + std::abs(before) * 0x1p-23;
            if (quantized) REQUIRE(std::abs(result - with_int8) <= rounding);
            REQUIRE(std::abs(result - exact) <= rounding + quantization_error);
        }
    }
}

DeviceActivations activations(std::size_t tokens, std::size_t columns, std::uint32_t seed) {
    DeviceActivations a(tokens, columns);
    a.x.write(normals(tokens * columns, seed));
    if (columns % 32 == 0) quantize(a.view(), static_cast<int>(tokens), nullptr);
    return a;
}

}  // namespace

TEST_CASE("one token: products of every type agree with double precision, whatever the order of threads") {
    for (const TensorTypeInfo& t : tensorTypes()) {
        CAPTURE(t.name);
        for (const std::size_t columns : {32, 256, 352, 1408, 2048}) {
            if (columns % t.block_weights) continue;
            CAPTURE(columns);
            const auto in = activations(1, columns, 7);
            for (const std::size_t rows : {1, 31, 33}) {
                CAPTURE(rows);
                const DeviceWeights w(t.type, rows, columns, static_cast<std::uint32_t>(rows * 31 + columns));
                DeviceArray<float> y(rows);
                const Product product{w.matrix(), y.data()};
                checkProduct(w, in, sameInAnyOrder([&] {
                                 multiplyVector(&product, 1, in.view(), nullptr);
                                 return y.read();
                             }));
            }
        }
    }
}

TEST_CASE("a float matrix may have any number of columns") {
    for (const TensorType type : {TensorType::kF32, TensorType::kF16, TensorType::kBF16}) {
        for (const std::size_t columns : {1, 31, 33, 300}) {
            CAPTURE(columns);
            const auto in = activations(1, columns, 7);
            const DeviceWeights w(type, 5, columns, 3);
            DeviceArray<float> y(5);
            const Product product{w.matrix(), y.data()};
            multiplyVector(&product, 1, in.view(), nullptr);
            checkProduct(w, in, y.read());
        }
    }
}

TEST_CASE("several products of different types in one launch, one of them added to what is there") {
    const auto in = activations(1, 512, 9);
    const DeviceWeights a(TensorType::kQ4_K, 65, 512, 1), b(TensorType::kF16, 1, 512, 2),
        c(TensorType::kQ6_K, 40, 512, 3), d(TensorType::kF32, 9, 512, 4);
    const auto before = normals(40, 8);
    DeviceArray<float> ya(65), yb(1), yc(before), yd(9);
    const Product products[] = {
        {a.matrix(), ya.data()}, {b.matrix(), yb.data()}, {c.matrix(), yc.data(), true}, {d.matrix(), yd.data()}};
    multiplyVector(products, 4, in.view(), nullptr);
    checkProduct(a, in, ya.read());
    checkProduct(b, in, yb.read());
    checkProduct(c, in, yc.read(), before);
    checkProduct(d, in, yd.read());
}

TEST_CASE("several tokens: tiles of every type agree with double precision, whatever the order of threads") {
    for (const TensorTypeInfo& t : tensorTypes()) {
        CAPTURE(t.name);
        for (const std::size_t columns : {32, 256, 352, 1408}) {
            if (columns % t.block_weights) continue;
            CAPTURE(columns);
            for (const auto& [rows, tokens] : {std::pair{33, 3}, std::pair{64, 17}, std::pair{65, 33}}) {
                if (columns == 1408 && rows == 65) continue;  // takes long, shows nothing more
                CAPTURE(rows);
                CAPTURE(tokens);
                const auto in = activations(static_cast<std::size_t>(tokens), columns, 7);
                const DeviceWeights w(t.type, static_cast<std::size_t>(rows), columns, 5);
                DeviceArray<float> y(static_cast<std::size_t>(rows * tokens));
                const Product product{w.matrix(), y.data()};
                checkProduct(w, in,
                             sameInAnyOrder(
                                 [&] {
                                     matmul(&product, 1, in.view(), tokens, nullptr);
                                     return y.read();
                                 },
                                 1));
            }
        }
    }
}

TEST_CASE("several tokens: more than a tile of them, added to what is there, and any number of float columns") {
    const auto in = activations(130, 64, 9);
    const DeviceWeights w(TensorType::kQ4_0, 70, 64, 1);
    const auto before = normals(70 * 130, 8);
    DeviceArray<float> y(before);
    const Product product{w.matrix(), y.data(), true};
    matmul(&product, 1, in.view(), 130, nullptr);
    checkProduct(w, in, y.read(), before);
    for (const std::size_t columns : {1, 31, 33}) {
        const auto odd = activations(19, columns, 3);
        const DeviceWeights f(TensorType::kF16, 66, columns, 4);
        DeviceArray<float> z(66 * 19);
        const Product other{f.matrix(), z.data()};
        matmul(&other, 1, odd.view(), 19, nullptr);
        checkProduct(f, odd, z.read());
    }
}

TEST_CASE("a matrix a head: each gives the bits that it would alone") {
    constexpr std::size_t kHeads = 3, kRows = 70, kColumns = 64;
    for (const TensorType type : {TensorType::kF32, TensorType::kF16, TensorType::kQ8_0, TensorType::kQ4_0}) {
        CAPTURE(info(type).name);
        std::vector<DeviceWeights> single;
        std::vector<unsigned char> all;
        for (std::uint32_t h = 0; h < kHeads; ++h) {
            const auto packed = single.emplace_back(type, kRows, kColumns, 50 + h).packed.read();
            all.insert(all.end(), packed.begin(), packed.end());
        }
        const DeviceArray<unsigned char> memory(all);
        const ExpertMatrices weights = {type, kRows, kColumns, memory.data(), nullptr};
        // All heads with a row each, and those after the first with rows that they share.
        for (const auto& [kind, first] :
             {std::pair(HeadInput::kEach, std::size_t{0}), std::pair(HeadInput::kShared, std::size_t{1})}) {
            const std::size_t heads = kHeads - first, step = kind == HeadInput::kEach ? heads : 1;
            for (const std::size_t tokens : {1, 3, 33}) {
                CAPTURE(tokens);
                const auto in = activations(tokens * step, kColumns, 7);
                DeviceArray<float> y(tokens * heads * kRows);
                const auto found = sameInAnyOrder(
                    [&] {
                        multiplyHeads(matricesFrom(weights, static_cast<int>(first)), static_cast<int>(heads), kind,
                                      in.view(), static_cast<int>(tokens), y.data(), nullptr);
                        return y.read();
                    },
                    1);
                const auto x = in.x.read();
                for (std::size_t h = 0; h < heads; ++h) {
                    DeviceActivations of_head(tokens, kColumns);
                    std::vector<float> rows;
                    for (std::size_t t = 0; t < tokens; ++t) {
                        const auto row = x.begin() + static_cast<std::ptrdiff_t>((t * step + h % step) * kColumns);
                        rows.insert(rows.end(), row, row + kColumns);
                    }
                    of_head.x.write(rows);
                    quantize(of_head.view(), static_cast<int>(tokens), nullptr);
                    DeviceArray<float> alone(tokens * kRows);
                    const Product product{single[first + h].matrix(), alone.data()};
                    matmul(&product, 1, of_head.view(), static_cast<int>(tokens), nullptr);
                    const auto expected = alone.read();
                    for (std::size_t t = 0; t < tokens; ++t) {
                        for (std::size_t r = 0; r < kRows; ++r) {
                            REQUIRE(found[(t * heads + h) * kRows + r] == expected[t * kRows + r]);
                        }
                    }
                }
            }
        }
    }
}

TEST_CASE("cuBLAS: float weights agree with double precision as our own kernels do") {
    if (!DeviceBlas::there()) return;
    for (const TensorType type : {TensorType::kF32, TensorType::kF16, TensorType::kBF16}) {
        CAPTURE(info(type).name);
        for (const std::size_t columns : {1, 31, 32, 33, 300, 1408}) {
            CAPTURE(columns);
            for (const auto& [rows, tokens] : {std::pair{1, 2}, std::pair{33, 3}, std::pair{65, 33}}) {
                CAPTURE(rows);
                const auto in = activations(static_cast<std::size_t>(tokens), columns, 7);
                const DeviceWeights w(type, static_cast<std::size_t>(rows), columns, 5);
                // Room for the results of seven tokens or of all.
                const std::size_t room = rows == 33 ? std::size_t{1} << 20 : 7 * 3 * 4 * w.rows;
                const DeviceBlas b(type, w.rows, columns, tokens, room);
                const auto before = normals(w.rows * in.rows, 8);
                for (const bool add : {false, true}) {
                    DeviceArray<float> y(w.rows * in.rows);
                    const Product product{w.matrix(), y.data(), add};
                    checkProduct(w, in,
                                 sameInAnyOrder(
                                     [&] {
                                         if (add) y.write(before);
                                         matmul(&product, 1, in.view(), tokens, nullptr, b.blas.get());
                                         return y.read();
                                     },
                                     1),
                                 add ? before : std::vector<float>());
                }
                CHECK_FALSE(b.blas->failed());
            }
        }
    }
}

TEST_CASE("cuBLAS: rows of very large and very small activations lose nothing, NaN is not lost") {
    if (!DeviceBlas::there()) return;
    for (const TensorType type : {TensorType::kF16, TensorType::kBF16}) {
        CAPTURE(info(type).name);
        constexpr std::size_t kColumns = 96, kTokens = 7, kRows = 33;
        const DeviceWeights w(type, kRows, kColumns, 5);
        const DeviceBlas b(type, kRows, kColumns, kTokens);
        DeviceActivations in(kTokens, kColumns);
        auto x = normals(kTokens * kColumns, 3);
        // A row each: as it is, past F16's range, below it, zeros, one value that dwarfs the others, very small.
        const float factors[kTokens] = {1, 1e6f, 1e-9f, 0, 1, 1e-30f, 1};
        for (std::size_t i = 0; i < x.size(); ++i) x[i] *= factors[i / kColumns];
        x[4 * kColumns + 5] = 30000;
        x[6 * kColumns + 1] = NAN;
        in.x.write(x);
        DeviceArray<float> y(kRows * kTokens);
        const Product product{w.matrix(), y.data()};
        matmul(&product, 1, in.view(), kTokens, nullptr, b.blas.get());
        const auto found = y.read();
        for (std::size_t r = 0; r < kRows; ++r) CHECK(std::isnan(found[6 * kRows + r]));
        DeviceActivations finite(kTokens - 1, kColumns);
        finite.x.write(std::span<const float>(x).first((kTokens - 1) * kColumns));
        checkProduct(w, finite, {found.begin(), found.end() - kRows});
    }
}
