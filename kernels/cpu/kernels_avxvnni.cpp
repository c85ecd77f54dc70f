// Products with AVX-VNNI, which desktop processors without AVX-512 have (Intel from Alder Lake on, AMD from Zen 5 on);
// all else is that of AVX2 (kernels_avx2.cpp). The compiler's flags for this file are in kernels/CMakeLists.txt, and as
// there, nothing compiled may be shared with other files.

#define MOESCOPE_ISA_NAMESPACE isa_avxvnni
#define MOESCOPE_DPBUSD _mm256_dpbusd_avx_epi32

#include <cstring>
#include <utility>

#include "kernels/cpu/cpu_kernels.h"
#include "kernels/cpu/simd_avx2.h"
#include "kernels/packed_layout.h"

namespace moescope::MOESCOPE_ISA_NAMESPACE {
namespace {

/// Activation rows in a tile: what the registers hold.
constexpr int kLargestTile = 4;

namespace products {
#include "kernels/cpu/unpack.inl"
// After unpack.inl.
#include "kernels/cpu/limits.inl"
#include "kernels/cpu/matmul.inl"
}  // namespace products

}  // namespace

void matmul(TensorType type, const unsigned char* groups, std::size_t n_groups, std::size_t columns,
            const ActivationRow* rows, std::size_t n_rows, float* outputs, std::size_t stride) {
    products::matmul(type, groups, n_groups, columns, rows, n_rows, outputs, stride);
}

std::uint64_t int8Burst(std::uint64_t rounds) {
    return products::int8Burst(rounds);
}

}  // namespace moescope::MOESCOPE_ISA_NAMESPACE
