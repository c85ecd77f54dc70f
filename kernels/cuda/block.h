#pragma once
// One block of 32 packed weights in a thread's registers: loaded, then taken apart. For .cu files only.

#include <cuda_fp16.h>

#include "kernels/cuda/activations.h"
#include "kernels/cuda/weights.h"

namespace moescope::cuda {

/// A matrix as kernels see it: its planes are worked out once, on the host.
struct MatrixView {
    const unsigned char* data = nullptr;
    Planes planes;
    int rows = 0;
    int columns = 0;
    TensorType type = TensorType::kF32;

    __host__ __device__ unsigned blocks() const { return static_cast<unsigned>(columns) / 32; }
};

inline MatrixView viewOf(TensorType type, int rows, int columns, const unsigned char* data) {
    return {data, planes(type, static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)), rows, columns, type};
}
inline MatrixView viewOf(const Matrix& m) {
    return viewOf(m.type, m.rows, m.columns, m.data);
}

__device__ inline float halfBits(unsigned bits) {
    return __half2float(__ushort_as_half(static_cast<unsigned short>(bits & 0xffffu)));
}

/// What a thread loads for one block, before anything waits for it. A type uses some of it.
struct LoadedBlock {
    uint4 main;  // nibbles, or the first 16 bytes
    uint4 high;  // the last 16 bytes
    uint2 pairs;
    unsigned bits;
    uint4 scales;
    unsigned super;
};

/// Loads block `at` (row * blocks + block in the row) of a matrix.
template <TensorType kType>
__device__ inline void loadBlock(const unsigned char* data, const Planes& planes, unsigned at, LoadedBlock& b) {
    constexpr Layout kLayout = layout(kType);
    if constexpr (kLayout.nibble_plane || kLayout.byte_planes)
        b.main = __ldg(reinterpret_cast<const uint4*>(data) + at);
    if constexpr (kLayout.byte_planes) b.high = __ldg(reinterpret_cast<const uint4*>(data + planes.high_bytes) + at);
    if constexpr (kLayout.pair_plane) b.pairs = __ldg(reinterpret_cast<const uint2*>(data + planes.pairs) + at);
    if constexpr (kLayout.bit_plane) b.bits = __ldg(reinterpret_cast<const unsigned*>(data + planes.bits) + at);
    const unsigned char* scales = data + planes.scales;
    if constexpr (kLayout.scales == Scales::kSixBits || kLayout.scales == Scales::kSixBits16) {
        b.scales = __ldg(reinterpret_cast<const uint4*>(scales) + at / 8);
    } else if constexpr (kLayout.scales == Scales::kIq4) {
        const uint2 words = __ldg(reinterpret_cast<const uint2*>(scales) + at / 8);
        b.scales.x = words.x;
        b.scales.y = words.y;
    } else if constexpr (kLayout.scale_bytes == 4) {
        b.scales.x = __ldg(reinterpret_cast<const unsigned*>(scales) + at);
    } else {
        b.scales.x = __ldg(reinterpret_cast<const unsigned short*>(scales) + at);
    }
    if constexpr (kLayout.super_bytes == 4)
        b.super = __ldg(reinterpret_cast<const unsigned*>(data + planes.supers) + at / 8);
    if constexpr (kLayout.super_bytes == 2) {
        b.super = __ldg(reinterpret_cast<const unsigned short*>(data + planes.supers) + at / 8);
    }
}

/// The IQ4 levels of eight nibbles: low nibbles of the four bytes in `low`, high ones in `high`.
__device__ inline void iq4Levels(unsigned nibbles, int& low, int& high) {
    // The 16 levels -127 -104 -83 -65 | -49 -35 -22 -10 | 1 13 25 38 | 53 69 89 113 as bytes.
    constexpr unsigned kLevels[4] = {0xbfad9881u, 0xf6eaddcfu, 0x26190d01u, 0x71594535u};
    // A selector's nibble picks one of eight bytes; its highest bit, then, one of the two halves of the table.
    const unsigned pick = nibbles & 0x77777777u, half = (nibbles >> 1) & 0x44444444u;
    const unsigned a = __byte_perm(__byte_perm(kLevels[0], kLevels[1], pick), __byte_perm(kLevels[2], kLevels[3], pick),
                                   0x3210u | half);
    const unsigned b = __byte_perm(__byte_perm(kLevels[0], kLevels[1], pick >> 16),
                                   __byte_perm(kLevels[2], kLevels[3], pick >> 16), 0x3210u | (half >> 16));
    low = static_cast<int>(__byte_perm(a, b, 0x6420u));
    high = static_cast<int>(__byte_perm(a, b, 0x7531u));
}

__device__ inline unsigned wordOf(const uint4& v, int i) {
    return i == 0 ? v.x : (i == 1 ? v.y : (i == 2 ? v.z : v.w));
}

/// The integers of a block, four neighbouring columns a word: unsigned with kLayout.offset to be taken off, or signed.
template <TensorType kType>
__device__ inline void blockWords(const LoadedBlock& b, int (&w)[8]) {
    constexpr Layout kLayout = layout(kType);
    if constexpr (kLayout.byte_planes) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            w[i] = static_cast<int>(wordOf(b.main, i));
            w[4 + i] = static_cast<int>(wordOf(b.high, i));
        }
    } else if constexpr (kLayout.levels) {
#pragma unroll
        for (int i = 0; i < 4; ++i) iq4Levels(wordOf(b.main, i), w[2 * i], w[2 * i + 1]);
    } else {
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            unsigned word = 0;
            if constexpr (kLayout.nibble_plane) word = (wordOf(b.main, i / 2) >> (4 * (i % 2))) & 0x0f0f0f0fu;
            if constexpr (kLayout.pair_plane) {
                const unsigned pairs = ((i < 4 ? b.pairs.x : b.pairs.y) >> (2 * (i % 4))) & 0x03030303u;
                word |= kLayout.nibble_plane ? pairs << 4 : pairs;
            }
            if constexpr (kLayout.bit_plane) word |= ((b.bits >> i) & 0x01010101u) << (kLayout.nibble_plane ? 4 : 2);
            w[i] = static_cast<int>(word);
        }
    }
}

/// Scales of a block's one or two sub-blocks, and what is added to scale * (q - offset).
struct BlockScales {
    float scale[2];
    float min[2];
};

/// `at` is the block's number, of which only the place in its super-block matters.
template <TensorType kType>
__device__ inline BlockScales blockScales(const LoadedBlock& b, unsigned at) {
    constexpr Layout kLayout = layout(kType);
    const unsigned j = at % 8;
    BlockScales s = {};
    if constexpr (kLayout.scales == Scales::kHalf) {
        s.scale[0] = halfBits(b.scales.x);
    } else if constexpr (kLayout.scales == Scales::kHalfMin) {
        s.scale[0] = halfBits(b.scales.x);
        s.min[0] = halfBits(b.scales.x >> 16);
    } else if constexpr (kLayout.scales == Scales::kSixBits) {
        const unsigned scale = ((b.scales.y >> (4 * j)) & 15u) | (((b.scales.w >> (2 * j)) & 3u) << 4);
        const unsigned min = ((b.scales.z >> (4 * j)) & 15u) | (((b.scales.w >> (2 * j + 16)) & 3u) << 4);
        s.scale[0] = halfBits(b.scales.x) * static_cast<float>(scale);
        s.min[0] = -halfBits(b.scales.x >> 16) * static_cast<float>(min);
    } else if constexpr (kLayout.scales == Scales::kSixBits16) {
        const unsigned low = (j < 4 ? b.scales.y : b.scales.z) >> (8 * (j % 4));
        const unsigned high = b.scales.w >> (4 * j);
        const float d = halfBits(b.scales.x);
        s.scale[0] = d * static_cast<float>(static_cast<int>((low & 15u) | ((high & 3u) << 4)) - 32);
        s.scale[1] = d * static_cast<float>(static_cast<int>(((low >> 4) & 15u) | (((high >> 2) & 3u) << 4)) - 32);
    } else if constexpr (kLayout.scales == Scales::kIq4) {
        const unsigned scale = ((b.scales.y >> (4 * j)) & 15u) | (((b.scales.x >> (2 * j + 16)) & 3u) << 4);
        s.scale[0] = halfBits(b.scales.x) * static_cast<float>(static_cast<int>(scale) - 32);
    } else if constexpr (kLayout.scales == Scales::kBytes) {
        const float d = halfBits(b.super);
        s.scale[0] = d * static_cast<float>(static_cast<signed char>(b.scales.x & 0xffu));
        s.scale[1] = d * static_cast<float>(static_cast<signed char>(b.scales.x >> 8));
    } else if constexpr (kLayout.scales == Scales::kNibbles) {
        const float d = halfBits(b.super), dmin = -halfBits(b.super >> 16);
        s.scale[0] = d * static_cast<float>(b.scales.x & 15u);
        s.min[0] = dmin * static_cast<float>((b.scales.x >> 4) & 15u);
        s.scale[1] = d * static_cast<float>((b.scales.x >> 8) & 15u);
        s.min[1] = dmin * static_cast<float>((b.scales.x >> 12) & 15u);
    }
    return s;
}

/// Calls f with the type as a constant. For kernels whose matrices differ in type from launch to launch or block to
/// block; the branch is the same for all threads of a block.
template <class F>
__device__ inline void withQuantizedType(TensorType type, F&& f) {
    switch (type) {
        case TensorType::kQ4_0:
            return f(std::integral_constant<TensorType, TensorType::kQ4_0>{});
        case TensorType::kQ4_1:
            return f(std::integral_constant<TensorType, TensorType::kQ4_1>{});
        case TensorType::kQ5_0:
            return f(std::integral_constant<TensorType, TensorType::kQ5_0>{});
        case TensorType::kQ5_1:
            return f(std::integral_constant<TensorType, TensorType::kQ5_1>{});
        case TensorType::kQ8_0:
            return f(std::integral_constant<TensorType, TensorType::kQ8_0>{});
        case TensorType::kQ2_K:
            return f(std::integral_constant<TensorType, TensorType::kQ2_K>{});
        case TensorType::kQ3_K:
            return f(std::integral_constant<TensorType, TensorType::kQ3_K>{});
        case TensorType::kQ4_K:
            return f(std::integral_constant<TensorType, TensorType::kQ4_K>{});
        case TensorType::kQ5_K:
            return f(std::integral_constant<TensorType, TensorType::kQ5_K>{});
        case TensorType::kQ6_K:
            return f(std::integral_constant<TensorType, TensorType::kQ6_K>{});
        case TensorType::kIQ4_NL:
            return f(std::integral_constant<TensorType, TensorType::kIQ4_NL>{});
        case TensorType::kIQ4_XS:
            return f(std::integral_constant<TensorType, TensorType::kIQ4_XS>{});
        case TensorType::kF32:
        case TensorType::kF16:
        case TensorType::kBF16:
            return;
        default:  // not on GPUs
            return;
    }
}

}  // namespace moescope::cuda
