// Products on AMX tiles; all else is that of AVX-512 (kernels_avx512.cpp). The compiler's flags for this file are in
// kernels/CMakeLists.txt, and as there, nothing compiled may be shared with other files.

#define MOESCOPE_ISA_NAMESPACE isa_amx

#include <cstring>
#include <utility>

#include "kernels/cpu/cpu_kernels.h"
#include "kernels/cpu/simd_avx512.h"
#include "kernels/packed_layout.h"

namespace moescope {
namespace isa_avx512 {
extern const CpuKernels kKernels;
}

namespace MOESCOPE_ISA_NAMESPACE {
namespace {

#include "kernels/cpu/unpack.inl"

/// What `ldtilecfg` reads.
struct alignas(64) TileConfig {
    std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
    std::uint16_t row_bytes[16] = {};
    std::uint8_t rows[16] = {};
};

// Tiles 0 and 1 hold sums, 2 and 3 activations, 4 and 5 weights: the intrinsics want their numbers as literals.
class MatrixUnit {
public:
    explicit MatrixUnit(std::size_t columns) {
        TileConfig config;
        for (int slot = 0; slot < 2; ++slot) {
            config.rows[slot] = config.rows[2 + slot] = 16;
            config.rows[4 + slot] = static_cast<std::uint8_t>(columns / 4);
            config.row_bytes[slot] = config.row_bytes[4 + slot] = 64;
            config.row_bytes[2 + slot] = static_cast<std::uint16_t>(columns);
        }
        _tile_loadconfig(&config);
    }
    ~MatrixUnit() { _tile_release(); }
    MatrixUnit(const MatrixUnit&) = delete;
    MatrixUnit& operator=(const MatrixUnit&) = delete;

    template <int kSlot>
    void multiply(const std::int8_t* rows, const std::int8_t* weights, std::int32_t (*sums)[16]) {
        if constexpr (kSlot == 0) {
            _tile_zero(0);
            _tile_loadd(2, rows, 32);
            _tile_loadd(4, weights, 64);
            _tile_dpbssd(0, 2, 4);
            _tile_stored(0, sums, 64);
        } else {
            _tile_zero(1);
            _tile_loadd(3, rows, 32);
            _tile_loadd(5, weights, 64);
            _tile_dpbssd(1, 3, 5);
            _tile_stored(1, sums, 64);
        }
    }
};

#include "kernels/cpu/matrix_unit.inl"

}  // namespace

/// Fewer rows are done sooner without tiles.
constexpr std::size_t kFewestRows = 6;

void matmul(TensorType type, const unsigned char* groups, std::size_t n_groups, std::size_t columns,
            const ActivationRow* rows, std::size_t n_rows, float* outputs, std::size_t stride) {
    const std::size_t last = n_rows % kUnitRows, few = last < kFewestRows ? last : 0;
    const std::size_t many = isFloatType(type) ? 0 : n_rows - few;
    if (many > 0) unitMatmul(type, groups, n_groups, columns, rows, many, outputs, stride);
    if (many == n_rows) return;
    isa_avx512::kKernels.matmul(type, groups, n_groups, columns, rows + many, n_rows - many, outputs + many * stride,
                                stride);
}

/// Multiply-adds of whole tiles from registers alone; returns how many were done.
std::uint64_t int8Burst(std::uint64_t rounds) {
    TileConfig config;
    for (int i = 0; i < 8; ++i) {
        config.rows[i] = 16;
        config.row_bytes[i] = 64;
    }
    _tile_loadconfig(&config);
    alignas(64) std::int8_t ones[16 * 64];
    std::memset(ones, 1, sizeof ones);
    _tile_loadd(4, ones, 64);
    _tile_loadd(5, ones, 64);
    _tile_loadd(6, ones, 64);
    _tile_loadd(7, ones, 64);
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (std::uint64_t i = 0; i < rounds; ++i) {
        _tile_dpbssd(0, 4, 6);
        _tile_dpbssd(1, 4, 7);
        _tile_dpbssd(2, 5, 6);
        _tile_dpbssd(3, 5, 7);
    }
    _tile_stored(0, ones, 64);
    _tile_release();
    return rounds * 4 * 16 * 16 * 64;
}

}  // namespace MOESCOPE_ISA_NAMESPACE
}  // namespace moescope
