// The products with AVX-VNNI, compiled with its one instruction made of AVX2's: they are tested on processors without.

#define MOESCOPE_ISA_NAMESPACE emulated_vnni
#define MOESCOPE_DPBUSD emulatedDpbusd

#include "tests/kernels/emulated_vnni.h"

#include <immintrin.h>

#include <cstring>
#include <utility>

namespace moescope::MOESCOPE_ISA_NAMESPACE {
namespace {

/// Each 32-bit sum gets the products of its four unsigned and four signed bytes.
inline __m256i emulatedDpbusd(__m256i sums, __m256i u, __m256i s) {
    for (int byte = 0; byte < 4; ++byte) {
        const __m256i a = _mm256_and_si256(_mm256_srli_epi32(u, 8 * byte), _mm256_set1_epi32(255));
        const __m256i b = _mm256_srai_epi32(_mm256_slli_epi32(s, 24 - 8 * byte), 24);
        sums = _mm256_add_epi32(sums, _mm256_mullo_epi32(a, b));
    }
    return sums;
}

}  // namespace
}  // namespace moescope::MOESCOPE_ISA_NAMESPACE

#include "kernels/cpu/simd_avx2.h"
#include "kernels/packed_layout.h"

namespace moescope {
namespace MOESCOPE_ISA_NAMESPACE {
namespace {

constexpr int kLargestTile = 4;

#include "kernels/cpu/unpack.inl"
// After unpack.inl.
#include "kernels/cpu/matmul.inl"

}  // namespace
}  // namespace MOESCOPE_ISA_NAMESPACE

void emulatedVnniMatmul(TensorType type, const unsigned char* groups, std::size_t n_groups, std::size_t columns,
                        const ActivationRow* rows, std::size_t n_rows, float* outputs, std::size_t stride) {
    emulated_vnni::matmul(type, groups, n_groups, columns, rows, n_rows, outputs, stride);
}

}  // namespace moescope
