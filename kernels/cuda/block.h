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
    uint4 main;  // numbers, nibbles, or the first 16 bytes
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
    if constexpr (kLayout.codes.vectors == 4) b.main.x = __ldg(reinterpret_cast<const unsigned*>(data) + at);
    if constexpr (kLayout.codes.vectors == 8) {
        const uint2 numbers = __ldg(reinterpret_cast<const uint2*>(data) + at);
        b.main.x = numbers.x;
        b.main.y = numbers.y;
    }
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
    } else if constexpr (kLayout.scales == Scales::kOdd) {
        b.scales.x = __ldg(reinterpret_cast<const unsigned*>(scales) + at / 8);
    } else if constexpr (kLayout.scale_bytes == 4) {
        b.scales.x = __ldg(reinterpret_cast<const unsigned*>(scales) + at);
    } else if constexpr (kLayout.scale_bytes == 3) {
        const unsigned char* tags = scales + 3 * static_cast<std::size_t>(at);
        b.scales.x =
            __ldg(tags) | static_cast<unsigned>(__ldg(tags + 1)) << 8 | static_cast<unsigned>(__ldg(tags + 2)) << 16;
    } else if constexpr (kLayout.scale_bytes == 1) {
        b.scales.x = __ldg(scales + at);
    } else {
        b.scales.x = __ldg(reinterpret_cast<const unsigned short*>(scales) + at);
    }
    if constexpr (kLayout.super_bytes == 4)
        b.super = __ldg(reinterpret_cast<const unsigned*>(data + planes.supers) + at / 8);
    if constexpr (kLayout.super_bytes == 2) {
        b.super = __ldg(reinterpret_cast<const unsigned short*>(data + planes.supers) + at / 8);
    }
}

/// What 16 levels as bytes say of eight nibbles: those of the low nibbles of four bytes in `low`, of the high ones in
/// `high`.
__device__ inline void lookUpLevels(const unsigned (&levels)[4], unsigned nibbles, int& low, int& high) {
    // A selector's nibble picks one of eight bytes; its highest bit, then, one of the two halves of the table.
    const unsigned pick = nibbles & 0x77777777u, half = (nibbles >> 1) & 0x44444444u;
    const unsigned a =
        __byte_perm(__byte_perm(levels[0], levels[1], pick), __byte_perm(levels[2], levels[3], pick), 0x3210u | half);
    const unsigned b = __byte_perm(__byte_perm(levels[0], levels[1], pick >> 16),
                                   __byte_perm(levels[2], levels[3], pick >> 16), 0x3210u | (half >> 16));
    low = static_cast<int>(__byte_perm(a, b, 0x6420u));
    high = static_cast<int>(__byte_perm(a, b, 0x7531u));
}

__device__ inline unsigned wordOf(const uint4& v, int i) {
    return i == 0 ? v.x : (i == 1 ? v.y : (i == 2 ? v.z : v.w));
}

/// The codebooks in the GPU's memory, of each file that looks anything up.
static __device__ const Codebooks kDeviceCodebooks = makeCodebooks();

/// blockWords() for types with a codebook: vectors are looked up, then signs or deltas put to them.
template <TensorType kType>
__device__ inline void codeWords(const LoadedBlock& b, int (&w)[8]) {
    constexpr CodebookUse kUse = codebookUse(kType);
    const auto* vectors = vectorsOf<kType>(kDeviceCodebooks);
#pragma unroll
    for (int v = 0; v < kUse.vectors; ++v) {
        const unsigned numbers = v < 4 ? b.main.x : b.main.y;
        const unsigned number = ((numbers >> (8 * (v % 4))) & 0xffu) | kUse.highBits(b.scales.x, v);
        if constexpr (kUse.vectors == 8) {
            w[v] = static_cast<int>(__ldg(vectors + number));
        } else {
            const uint2 words = __ldg(reinterpret_cast<const uint2*>(vectors) + number);
            const unsigned delta = kUse.signs ? 0u : 0x01010101u * kUse.delta(b.scales.x, v);
            w[2 * v] = static_cast<int>(words.x + delta);
            w[2 * v + 1] = static_cast<int>(words.y + delta);
        }
    }
    if constexpr (kUse.signs) {
#pragma unroll
        for (int j = 0; j < 8; ++j) {
            // Bytes from 4 to 62 become negative without carrying: all bits flipped, and one added.
            const unsigned negative = (b.bits >> j) & 0x01010101u;
            w[j] = static_cast<int>((static_cast<unsigned>(w[j]) ^ (negative * 0xffu)) + negative);
        }
    }
}

/// The integers of a block, four neighboring columns per word: signed, or unsigned with kLayout.offset to subtract.
template <TensorType kType>
__device__ inline void blockWords(const LoadedBlock& b, int (&w)[8]) {
    constexpr Layout kLayout = layout(kType);
    if constexpr (kLayout.byte_planes) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            w[i] = static_cast<int>(wordOf(b.main, i));
            w[4 + i] = static_cast<int>(wordOf(b.high, i));
        }
    } else if constexpr (kLayout.codes) {
        codeWords<kType>(b, w);
    } else if constexpr (kLayout.levels == Levels::kIq4 || kLayout.levels == Levels::kMxfp4) {
        // -127 -104 -83 -65 | -49 -35 -22 -10 | 1 13 25 38 | 53 69 89 113, and 0 1 2 3 | 4 6 8 12 | the same negative.
        constexpr unsigned kIq4[4] = {0xbfad9881u, 0xf6eaddcfu, 0x26190d01u, 0x71594535u};
        constexpr unsigned kMxfp4[4] = {0x03020100u, 0x0c080604u, 0xfdfeff00u, 0xf4f8fafcu};
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            lookUpLevels(kLayout.levels == Levels::kIq4 ? kIq4 : kMxfp4, wordOf(b.main, i), w[2 * i], w[2 * i + 1]);
        }
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
            if constexpr (kLayout.levels == Levels::kOdd) word *= 2;  // -15, -13 ... 15, with the offset
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
    } else if constexpr (kLayout.scales == Scales::kExponents) {
        // Two to a byte less 128; below two to -126 numbers are subnormal.
        s.scale[0] = __uint_as_float(b.scales.x < 2 ? 0x00200000u << b.scales.x : (b.scales.x - 1) << 23);
    } else if constexpr (kLayout.scales == Scales::kOdd) {
        s.scale[0] = halfBits(b.super) * static_cast<float>(2 * ((b.scales.x >> (4 * j)) & 15u) + 1);
    } else if constexpr (kLayout.scales == Scales::kTags) {
        const float unit = halfBits(b.super) * kLayout.codes.factor;
        s.scale[0] = unit * static_cast<float>(kLayout.codes.scaleOf(b.scales.x, 0));
        s.scale[1] = unit * static_cast<float>(kLayout.codes.scaleOf(b.scales.x, 1));
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
        case TensorType::kIQ1_S:
            return f(std::integral_constant<TensorType, TensorType::kIQ1_S>{});
        case TensorType::kIQ1_M:
            return f(std::integral_constant<TensorType, TensorType::kIQ1_M>{});
        case TensorType::kIQ2_XXS:
            return f(std::integral_constant<TensorType, TensorType::kIQ2_XXS>{});
        case TensorType::kIQ2_XS:
            return f(std::integral_constant<TensorType, TensorType::kIQ2_XS>{});
        case TensorType::kIQ2_S:
            return f(std::integral_constant<TensorType, TensorType::kIQ2_S>{});
        case TensorType::kIQ3_XXS:
            return f(std::integral_constant<TensorType, TensorType::kIQ3_XXS>{});
        case TensorType::kIQ3_S:
            return f(std::integral_constant<TensorType, TensorType::kIQ3_S>{});
        case TensorType::kMXFP4:
            return f(std::integral_constant<TensorType, TensorType::kMXFP4>{});
        case TensorType::kF32:
        case TensorType::kF16:
        case TensorType::kBF16:
            return;
    }
}

}  // namespace moescope::cuda
