#pragma once
// The language of kernels for the CPU: CUDA's qualifiers, built-in variables, vector types and intrinsics, as far as
// kernels/cuda uses them. What they mean is in NVIDIA's CUDA C++ Programming Guide.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "tests/cuda_emulation/scheduler.h"

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(n) alignas(n)
#define __restrict__

#define threadIdx (cuda_emulation::g_thread->index)
#define blockIdx (cuda_emulation::g_block.index)
#define blockDim (cuda_emulation::g_block.size)
#define gridDim (cuda_emulation::g_block.grid)
inline constexpr int warpSize = 32;

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
};
struct alignas(8) int2 {
    int x, y;
};
struct alignas(16) int4 {
    int x, y, z, w;
};
struct alignas(4) short2 {
    short x, y;
};
struct alignas(8) uint2 {
    unsigned x, y;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};
inline int2 make_int2(int x, int y) {
    return {x, y};
}
inline int4 make_int4(int x, int y, int z, int w) {
    return {x, y, z, w};
}
inline uint2 make_uint2(unsigned x, unsigned y) {
    return {x, y};
}
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) {
    return {x, y, z, w};
}
inline float2 make_float2(float x, float y) {
    return {x, y};
}
inline float4 make_float4(float x, float y, float z, float w) {
    return {x, y, z, w};
}
inline int min(int a, int b) {
    return a < b ? a : b;
}
inline int max(int a, int b) {
    return a > b ? a : b;
}

// Barriers, shuffles, votes.

inline void __syncthreads(int line = __builtin_LINE()) {
    cuda_emulation::wait(cuda_emulation::Barrier::kBlock, line);
}
inline void __syncwarp(unsigned mask = 0xffffffffu, int line = __builtin_LINE()) {
    if (mask != 0xffffffffu) cuda_emulation::fail("A warp operation names fewer than 32 lanes.");
    cuda_emulation::wait(cuda_emulation::Barrier::kWarp, line);
}
template <class T>
T __shfl_sync(unsigned mask, T value, int from, int width = 32, int line = __builtin_LINE()) {
    const unsigned lane = cuda_emulation::g_thread->lane, w = static_cast<unsigned>(width);
    const cuda_emulation::Exchange<T> all(value, mask, line);
    return all[lane / w * w + static_cast<unsigned>(from) % w];
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, int line = __builtin_LINE()) {
    const unsigned lane = cuda_emulation::g_thread->lane, from = lane ^ static_cast<unsigned>(bits);
    const unsigned w = static_cast<unsigned>(width);
    const cuda_emulation::Exchange<T> all(value, mask, line);
    return from / w == lane / w ? all[from] : value;
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32, int line = __builtin_LINE()) {
    const unsigned lane = cuda_emulation::g_thread->lane, w = static_cast<unsigned>(width);
    const cuda_emulation::Exchange<T> all(value, mask, line);
    return lane % w >= by ? all[lane - by] : value;
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32, int line = __builtin_LINE()) {
    const unsigned lane = cuda_emulation::g_thread->lane, w = static_cast<unsigned>(width);
    const cuda_emulation::Exchange<T> all(value, mask, line);
    return lane % w + by < w ? all[lane + by] : value;
}
inline unsigned __ballot_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
    const cuda_emulation::Exchange<int> all(predicate, mask, line);
    unsigned votes = 0;
    for (unsigned lane = 0; lane < 32; ++lane) votes |= (all[lane] ? 1u : 0u) << lane;
    return votes;
}
inline int __any_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
    return __ballot_sync(mask, predicate, line) != 0;
}
inline int __all_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
    return __ballot_sync(mask, predicate, line) == 0xffffffffu;
}

// Memory.

inline void __threadfence() {}
inline void __threadfence_block() {}
template <class T>
T __ldg(const T* p) {
    return *p;
}
template <class T>
T __ldcg(const T* p) {
    return *p;
}
/// Blocks run one after another and threads change only at barriers, so every access is atomic.
template <class T>
T atomicAdd(T* p, std::type_identity_t<T> value) {
    const T old = *p;
    *p = static_cast<T>(old + value);
    return old;
}
template <class T>
T atomicMax(T* p, std::type_identity_t<T> value) {
    const T old = *p;
    if (value > old) *p = value;
    return old;
}
template <class T>
T atomicExch(T* p, std::type_identity_t<T> value) {
    const T old = *p;
    *p = value;
    return old;
}
template <class T>
T atomicCAS(T* p, std::type_identity_t<T> expected, std::type_identity_t<T> value) {
    const T old = *p;
    if (old == expected) *p = value;
    return old;
}

// Arithmetic.

inline int __dp4a(int a, int b, int sum) {
    for (int i = 0; i < 4; ++i) {
        sum += static_cast<std::int8_t>(static_cast<unsigned>(a) >> (8 * i)) *
               static_cast<std::int8_t>(static_cast<unsigned>(b) >> (8 * i));
    }
    return sum;
}
/// Byte i of the result is byte selector[i] & 7 of the eight bytes of x (0..3) and y (4..7).
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
    const std::uint64_t both = (static_cast<std::uint64_t>(y) << 32) | x;
    unsigned result = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned from = (selector >> (4 * i)) & 15u;
        unsigned byte = static_cast<unsigned>(both >> (8 * (from & 7u))) & 0xffu;
        if (from & 8u) byte = byte & 0x80u ? 0xffu : 0u;
        result |= byte << (8 * i);
    }
    return result;
}
inline int __popc(unsigned x) {
    return std::popcount(x);
}
inline int __ffs(int x) {
    return x ? std::countr_zero(static_cast<unsigned>(x)) + 1 : 0;
}
inline int __clz(int x) {
    return std::countl_zero(static_cast<unsigned>(x));
}
inline int __float_as_int(float f) {
    return std::bit_cast<int>(f);
}
inline unsigned __float_as_uint(float f) {
    return std::bit_cast<unsigned>(f);
}
inline float __int_as_float(int i) {
    return std::bit_cast<float>(i);
}
inline float __uint_as_float(unsigned i) {
    return std::bit_cast<float>(i);
}
inline float __fmul_rn(float a, float b) {
    return a * b;
}
inline float __fadd_rn(float a, float b) {
    return a + b;
}
inline float rsqrtf(float x) {
    return 1.0f / std::sqrt(x);
}
