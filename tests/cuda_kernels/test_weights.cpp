// Repacking for GPUs loses nothing: a GPU computes with the file's own weights.

#include "kernels/cuda/norm.h"
#include "kernels/cuda/repack.h"
#include "kernels/dequantize.h"
#include "kernels/packed_matrix.h"
#include "tests/cuda_kernels/device.h"

using namespace moescope;
using namespace moescope::cuda;

namespace moescope::cuda {

DeviceWeights::DeviceWeights(TensorType t, std::size_t n_rows, std::size_t n_columns, std::uint32_t seed)
    : type(t), rows(n_rows), columns(n_columns), values(rows * columns), packed(packedBytes(t, rows, columns)) {
    const auto source = randomRows(type, rows, columns, seed);
    const std::size_t row_bytes = rowBytes(type, columns);
    std::vector<unsigned char> memory(packed.size());
    // In two parts, as threads would.
    const std::size_t half = rows / 2;
    packRows(type, rows, columns, half, rows - half, source.data() + half * row_bytes, memory.data());
    packRows(type, rows, columns, 0, half, source.data(), memory.data());
    packed.write(memory);
    for (std::size_t r = 0; r < rows; ++r) {
        dequantize(type, source.data() + r * row_bytes, columns, &values[r * columns]);
    }
}

}  // namespace moescope::cuda

TEST_CASE("rows that the embedding looks up are those of the file, bit by bit") {
    for (const TensorTypeInfo& t : tensorTypes()) {
        CAPTURE(t.name);
        for (const std::size_t columns : {std::size_t{256}, std::size_t{1408}, std::size_t{2048}, std::size_t{31}}) {
            if (columns % t.block_weights) continue;
            CAPTURE(columns);
            const std::size_t rows = 33;
            const DeviceWeights table(t.type, rows, columns, static_cast<std::uint32_t>(columns));
            const std::vector<std::int32_t> tokens = {32, 0, 7, 31, 7};
            const DeviceArray<std::int32_t> ids(tokens);
            DeviceArray<float> x(tokens.size() * columns);
            embed(table.matrix(), ids.data(), static_cast<int>(tokens.size()), x.data(), nullptr);
            const auto found = x.read();
            for (std::size_t i = 0; i < found.size(); ++i) {
                const float expected = table.at(static_cast<std::size_t>(tokens[i / columns]), i % columns);
                REQUIRE(found[i] == expected);
            }
        }
    }
}

TEST_CASE("a packed matrix is hardly larger than the file's") {
    const auto most = [](TensorType type) {
        switch (type) {
            case TensorType::kQ3_K:
                return 1.02;
            case TensorType::kIQ1_M:
                return 1.04;
            case TensorType::kIQ3_XXS:
                return 1.09;
            case TensorType::kIQ2_XS:
            case TensorType::kIQ2_XXS:
                return 1.13;
            case TensorType::kIQ3_S:
                return 1.22;
            default:
                return 1.002;
        }
    };
    for (const TensorTypeInfo& t : tensorTypes()) {
        CAPTURE(t.name);
        const double file = static_cast<double>(1408 * rowBytes(t.type, 2048));
        const double packed = static_cast<double>(packedBytes(t.type, 1408, 2048));
        CHECK(packed >= file);
        CHECK(packed <= file * most(t.type));
    }
}

TEST_CASE("a matrix in the CPU's layout becomes the same bytes as one that is packed for the GPU") {
    for (const TensorTypeInfo& t : tensorTypes()) {
        CAPTURE(t.name);
        for (const std::size_t columns : {32, 256, 352, 1408, 2048, 31, 1}) {
            if (columns % t.block_weights) continue;
            CAPTURE(columns);
            for (const std::size_t rows : {1, 16, 33}) {
                CAPTURE(rows);
                const auto source = randomRows(t.type, rows, columns, 11);
                const std::size_t row_bytes = rowBytes(t.type, columns);
                const PackedMatrix of_cpu{t.type, rows, columns, nullptr};
                std::vector<unsigned char> memory(of_cpu.bytes()), expected(packedBytes(t.type, rows, columns));
                for (std::size_t g = 0; g < of_cpu.groups(); ++g) {
                    packGroup(t.type, columns, source.data() + g * kGroupRows * row_bytes,
                              std::min(kGroupRows, rows - g * kGroupRows), &memory[g * of_cpu.groupBytes()]);
                }
                packRows(t.type, rows, columns, 0, rows, source.data(), expected.data());
                const DeviceArray<unsigned char> from(memory);
                // What lies between planes is nobody's.
                DeviceArray<unsigned char> to(std::vector<unsigned char>(expected.size(), 0));
                repack(t.type, static_cast<int>(rows), static_cast<int>(columns), from.data(), to.data(), nullptr);
                REQUIRE(to.read() == expected);
            }
        }
    }
}
