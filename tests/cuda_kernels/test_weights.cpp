// Repacking for cards loses nothing: a card computes with the file's own weights.

#include "kernels/cuda/norm.h"
#include "kernels/dequantize.h"
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
    for (const TensorTypeInfo& t : tensorTypes()) {
        CAPTURE(t.name);
        const double file = static_cast<double>(1408 * rowBytes(t.type, 2048));
        const double packed = static_cast<double>(packedBytes(t.type, 1408, 2048));
        CHECK(packed >= file);
        CHECK(packed <= file * (t.type == TensorType::kQ3_K ? 1.02 : 1.002));
    }
}
