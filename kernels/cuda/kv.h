#pragma once
// Reading and writing the KV cache. For .cu files only.

#include <cuda_fp16.h>

#include "kernels/cuda/quantize_block.h"
#include "kernels/cuda/rope.h"

namespace moescope::cuda {

/// One head's keys or values.
template <KvType kType>
struct KvRows {
    const unsigned char* rows;  ///< (positions, dim)
    const float* scales;        ///< (positions, dim / 32), of Q8_0
    unsigned dim;
};

template <KvType kType>
__device__ inline KvRows<kType> headOf(const unsigned char* memory, unsigned heads, unsigned context, unsigned dim,
                                       unsigned head) {
    constexpr unsigned kBytes = kType == KvType::kF32 ? 4 : (kType == KvType::kF16 ? 2 : 1);
    const std::size_t first = static_cast<std::size_t>(head) * context * dim;
    const unsigned char* scales = memory + static_cast<std::size_t>(heads) * context * dim;
    return {memory + first * kBytes, reinterpret_cast<const float*>(scales) + first / 32, dim};
}

/// Values first .. first + 3 of a position; first is a multiple of 4.
template <KvType kType>
__device__ inline float4 load4(const KvRows<kType>& kv, unsigned position, unsigned first) {
    const std::size_t at = static_cast<std::size_t>(position) * kv.dim + first;
    if constexpr (kType == KvType::kF32) {
        return reinterpret_cast<const float4*>(kv.rows)[at / 4];
    } else if constexpr (kType == KvType::kF16) {
        const uint2 v = reinterpret_cast<const uint2*>(kv.rows)[at / 4];
        return make_float4(__half2float(__ushort_as_half(static_cast<unsigned short>(v.x & 0xffffu))),
                           __half2float(__ushort_as_half(static_cast<unsigned short>(v.x >> 16))),
                           __half2float(__ushort_as_half(static_cast<unsigned short>(v.y & 0xffffu))),
                           __half2float(__ushort_as_half(static_cast<unsigned short>(v.y >> 16))));
    } else {
        const unsigned v = reinterpret_cast<const unsigned*>(kv.rows)[at / 4];
        const float d = kv.scales[at / 32];
        return make_float4(d * static_cast<float>(static_cast<signed char>(v & 0xffu)),
                           d * static_cast<float>(static_cast<signed char>((v >> 8) & 0xffu)),
                           d * static_cast<float>(static_cast<signed char>((v >> 16) & 0xffu)),
                           d * static_cast<float>(static_cast<signed char>(v >> 24)));
    }
}

/// Value `i` of a position.
template <KvType kType>
__device__ inline float load1(const KvRows<kType>& kv, unsigned position, unsigned i) {
    const std::size_t at = static_cast<std::size_t>(position) * kv.dim + i;
    if constexpr (kType == KvType::kF32) {
        return reinterpret_cast<const float*>(kv.rows)[at];
    } else if constexpr (kType == KvType::kF16) {
        return __half2float(reinterpret_cast<const __half*>(kv.rows)[at]);
    } else {
        return kv.scales[at / 32] * static_cast<float>(static_cast<signed char>(kv.rows[at]));
    }
}

/// Stores value `i` of a position, one per lane: lane l of a warp calls it with i % 32 == l, for all 32 or (F32, F16)
/// for fewer.
__device__ inline void storeLane(KvType type, unsigned char* memory, unsigned heads, unsigned context, unsigned dim,
                                 unsigned head, unsigned position, unsigned i, float value) {
    const std::size_t at = (static_cast<std::size_t>(head) * context + position) * dim + i;
    if (type == KvType::kF32) {
        reinterpret_cast<float*>(memory)[at] = value;
    } else if (type == KvType::kF16) {
        reinterpret_cast<__half*>(memory)[at] = __float2half_rn(value);
    } else {
        float d;
        reinterpret_cast<signed char*>(memory)[at] = static_cast<signed char>(quantizeLane(value, d));
        float* scales = reinterpret_cast<float*>(memory + static_cast<std::size_t>(heads) * context * dim);
        if (i % 32 == 0) scales[at / 32] = d;
    }
}

}  // namespace moescope::cuda
