#pragma once
// Stands in for NVIDIA's header of this name: bfloat16, and the conversions that kernels use.
#include "kernels/half.h"
#include "tests/cuda_emulation/device.h"

struct alignas(2) __nv_bfloat16 {
    unsigned short bits;
};
struct alignas(4) __nv_bfloat162 {
    __nv_bfloat16 x, y;
};

inline float __bfloat162float(__nv_bfloat16 b) {
    return moescope::bfloat16ToFloat(b.bits);
}
/// Rounds to nearest even; NaN stays NaN.
inline __nv_bfloat16 __float2bfloat16_rn(float f) {
    const unsigned bits = std::bit_cast<unsigned>(f);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return {0x7fff};
    return {static_cast<unsigned short>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16)};
}
inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) {
    return {bits};
}
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 b) {
    return b.bits;
}
