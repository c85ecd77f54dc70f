#include "engine/format/transpose.h"

#include <cstring>

#include "kernels/dequantize.h"
#include "kernels/half.h"
#include "kernels/packed_layout.h"

namespace moescope {

TensorType transposedType(TensorType type) {
    return isFloatType(type) ? type : TensorType::kF16;
}

std::vector<std::byte> transposed(const MatrixSource& source, std::size_t index) {
    const std::byte* from = source.matrix(index).data();
    std::vector<std::uint16_t> halves;
    if (!isFloatType(source.type)) {
        std::vector<float> values(source.rows * source.columns);
        dequantize(source.type, from, values.size(), values.data());
        for (const float v : values) halves.push_back(floatToHalf(v));
        from = reinterpret_cast<const std::byte*>(halves.data());
    }
    const std::size_t size = rowBytes(transposedType(source.type), 1);
    std::vector<std::byte> to(source.rows * source.columns * size);
    for (std::size_t c = 0; c < source.columns; ++c) {
        for (std::size_t r = 0; r < source.rows; ++r) {
            std::memcpy(&to[(c * source.rows + r) * size], from + (r * source.columns + c) * size, size);
        }
    }
    return to;
}

}  // namespace moescope
