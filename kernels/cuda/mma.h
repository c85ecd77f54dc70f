#pragma once
// Tensor cores: the product of 16 rows of weights and 8 tokens over 16 or 32 columns of int8. For .cu files only.
//
// Fragments are those of PTX's mma.m16n8k32 (PTX ISA, "Matrix Fragments for mma.m16n8k32"): with g = lane / 4 and
// t = lane % 4, word a[0] holds columns 4 t .. 4 t + 3 of row g, a[1] those of row g + 8, a[2] and a[3] the same 16
// columns further on; b[0] columns 4 t .. of token g, b[1] 16 further on; c[0], c[1] are row g, tokens 2 t, 2 t + 1,
// and c[2], c[3] row g + 8. All 32 lanes take part.

#include "kernels/cuda/launch.h"

namespace moescope::cuda {

#if defined(MOESCOPE_CUDA_EMULATION)

/// The plain version: every lane hands over its words and computes its four sums from all.
template <int kHalves>
inline void multiplyPlain(int (&c)[4], const int* a, const int* b) {
    struct Words {
        int a[4], b[2];
    };
    Words mine = {};
    for (int i = 0; i < 2 * kHalves; ++i) mine.a[i] = a[i];
    for (int i = 0; i < kHalves; ++i) mine.b[i] = b[i];
    const cuda_emulation::Exchange<Words> all(mine, 0xffffffffu, __LINE__);
    const unsigned g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned row = g, token = 2 * t + i % 2;
        for (unsigned k = 0; k < 4; ++k) {
            const Words of_row = all[4 * row + k], of_token = all[4 * token + k];
            for (unsigned half = 0; half < static_cast<unsigned>(kHalves); ++half) {
                c[i] = __dp4a(of_row.a[2 * half + i / 2], of_token.b[half], c[i]);
            }
        }
    }
}

#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800

/// Turing's tensor cores: 8 rows, 8 tokens, 16 columns.
__device__ inline void multiply8(int& c0, int& c1, int a, int b) {
    asm("mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%0, %1}, {%2}, {%3}, {%0, %1};"
        : "+r"(c0), "+r"(c1)
        : "r"(a), "r"(b));
}

#endif

/// c += a * b over 16 columns: a[0], a[1] and b[0] of the fragments.
__device__ inline void multiply16(int (&c)[4], const int* a, const int* b) {
#if defined(MOESCOPE_CUDA_EMULATION)
    multiplyPlain<1>(c, a, b);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
    multiply8(c[0], c[1], a[0], b[0]);
    multiply8(c[2], c[3], a[1], b[0]);
#else
    asm("mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(b[0]));
#endif
}

/// c += a * b over 32 columns.
__device__ inline void multiply32(int (&c)[4], const int* a, const int* b) {
#if defined(MOESCOPE_CUDA_EMULATION)
    multiplyPlain<2>(c, a, b);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
    multiply16(c, a, b);
    multiply16(c, a + 2, b + 1);
#else
    asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
        "%3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

}  // namespace moescope::cuda
