#pragma once
// Stands in for NVIDIA's header of this name: half, and the conversions that kernels use.
#include "kernels/half.h"
#include "tests/cuda_emulation/device.h"

struct alignas(2) __half {
    unsigned short bits;
};
struct alignas(4) __half2 {
    __half x, y;
};
using half = __half;

inline float __half2float(__half h) {
    return moescope::halfToFloat(h.bits);
}
inline __half __float2half_rn(float f) {
    return {moescope::floatToHalf(f)};
}
inline float2 __half22float2(__half2 h) {
    return {__half2float(h.x), __half2float(h.y)};
}
inline __half2 __floats2half2_rn(float a, float b) {
    return {__float2half_rn(a), __float2half_rn(b)};
}
inline __half __ushort_as_half(unsigned short bits) {
    return {bits};
}
inline unsigned short __half_as_ushort(__half h) {
    return h.bits;
}
