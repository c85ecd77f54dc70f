#pragma once
// Rows of activations in the forms that products read, in device memory. Plain C++; no CUDA.

#include <cstddef>
#include <cstdint>

namespace moescope::cuda {

/// Beside 32 quantized columns: x = d * q, and the sums of the first and the last 16 q, for weights with offset or min.
struct alignas(8) ActivationScale {
    float d;
    std::int16_t sums[2];
};

/// (rows, columns) as F32 and as int8 with an F32 scale for each 32 columns. Each array 16-byte aligned; the memory
/// belongs to someone else. q and scales are null where columns is not a multiple of 32 or only float weights follow.
struct Activations {
    float* x = nullptr;                 ///< (rows, columns)
    std::int8_t* q = nullptr;           ///< (rows, columns)
    ActivationScale* scales = nullptr;  ///< (rows, columns / 32)
    int columns = 0;
};

/// Bytes for `rows` rows laid out as x, q, scales, each 256-byte aligned.
constexpr std::size_t activationBytes(std::size_t rows, std::size_t columns) {
    const auto aligned = [](std::size_t n) { return (n + 255) / 256 * 256; };
    return aligned(rows * columns * 4) + aligned(rows * columns) + aligned(rows * ((columns + 31) / 32) * 8);
}

/// Lays activations out in memory of activationBytes().
inline Activations activationsAt(void* memory, std::size_t rows, std::size_t columns) {
    const auto aligned = [](std::size_t n) { return (n + 255) / 256 * 256; };
    auto* bytes = static_cast<unsigned char*>(memory);
    Activations a;
    a.columns = static_cast<int>(columns);
    a.x = reinterpret_cast<float*>(bytes);
    if (columns % 32) return a;
    bytes += aligned(rows * columns * 4);
    a.q = reinterpret_cast<std::int8_t*>(bytes);
    a.scales = reinterpret_cast<ActivationScale*>(bytes + aligned(rows * columns));
    return a;
}

/// Rows from `first` on.
inline Activations rowsFrom(Activations a, int first) {
    const std::size_t at = static_cast<std::size_t>(first) * static_cast<std::size_t>(a.columns);
    a.x += at;
    if (a.q) {
        a.q += at;
        a.scales += at / 32;
    }
    return a;
}

}  // namespace moescope::cuda
