#pragma once
// The product of one row of weights and one row of activations, by 16 lanes of a warp. For .cu files only.
//
// Sixteen lanes per row: 2048 columns are four blocks per lane, loaded before the first is used, so that a small matrix
// is in flight from memory all at once; 1408 columns leave 8 % of the lanes' work idle.

#include <cuda_bf16.h>

#include "kernels/cuda/block.h"
#include "kernels/cuda/reduce.h"

namespace moescope::cuda {

inline constexpr int kRowLanes = 16;
inline constexpr int kRowsPerWarp = 32 / kRowLanes;

/// One row of activations.
struct ActivationView {
    const float* x;
    const std::int8_t* q;
    const ActivationScale* scales;
};

__device__ inline ActivationView rowOf(const Activations& a, int row) {
    const std::size_t at = static_cast<std::size_t>(row) * static_cast<std::size_t>(a.columns);
    if (!a.q) return {a.x + at, nullptr, nullptr};
    return {a.x + at, a.q + at, a.scales + at / 32};
}

/// A lane's part of the product: blocks lane, lane + 16, ... of row `row`.
template <TensorType kType>
__device__ inline float quantizedPart(const unsigned char* data, const Planes& planes, unsigned blocks, unsigned row,
                                      unsigned lane, const ActivationView& in) {
    constexpr Layout kLayout = layout(kType);
    constexpr unsigned kAhead = 4;  // blocks on their way from memory
    float sum = 0;
    for (unsigned first = lane; first < blocks; first += kAhead * kRowLanes) {
        LoadedBlock loaded[kAhead];
#pragma unroll
        for (unsigned i = 0; i < kAhead; ++i) {
            const unsigned b = first + i * kRowLanes;
            if (b < blocks) loadBlock<kType>(data, planes, row * blocks + b, loaded[i]);
        }
        waitForPrevious();  // weights may come while the kernel before ends; activations may not
#pragma unroll
        for (unsigned i = 0; i < kAhead; ++i) {
            const unsigned b = first + i * kRowLanes;
            if (b >= blocks) break;
            const uint4* q = reinterpret_cast<const uint4*>(in.q) + 2 * b;
            const uint4 low = q[0], high = q[1];
            const int x[8] = {static_cast<int>(low.x),  static_cast<int>(low.y),  static_cast<int>(low.z),
                              static_cast<int>(low.w),  static_cast<int>(high.x), static_cast<int>(high.y),
                              static_cast<int>(high.z), static_cast<int>(high.w)};
            const ActivationScale s = in.scales[b];
            const BlockScales scales = blockScales<kType>(loaded[i], b);
            int w[8];
            blockWords<kType>(loaded[i], w);
#pragma unroll
            for (int part = 0; part < kLayout.sub_blocks; ++part) {
                constexpr int kWords = 8 / kLayout.sub_blocks;
                const int x_sum = kLayout.sub_blocks == 1 ? s.sums[0] + s.sums[1] : s.sums[part];
                int dot = -kLayout.offset * x_sum;
#pragma unroll
                for (int j = 0; j < kWords; ++j) dot = __dp4a(w[part * kWords + j], x[part * kWords + j], dot);
                sum += static_cast<float>(dot) * (s.d * scales.scale[part]);
                if constexpr (kLayout.mins) sum += static_cast<float>(x_sum) * (s.d * scales.min[part]);
            }
        }
    }
    return sum;
}

/// The floats that 16 bytes of a float type hold.
template <TensorType kType>
__device__ inline void floatsOf(const uint4& v, float (&f)[kType == TensorType::kF32 ? 4 : 8]) {
    const unsigned words[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        if constexpr (kType == TensorType::kF32) {
            f[i] = __uint_as_float(words[i]);
        } else if constexpr (kType == TensorType::kF16) {
            f[2 * i] = halfBits(words[i]);
            f[2 * i + 1] = halfBits(words[i] >> 16);
        } else {
            f[2 * i] = __uint_as_float(words[i] << 16);
            f[2 * i + 1] = __uint_as_float(words[i] & 0xffff0000u);
        }
    }
}

/// A lane's part of the product with a row of floats, which is padded with zeros to whole 16 bytes.
template <TensorType kType>
__device__ inline float floatPart(const unsigned char* data, int columns, unsigned row, unsigned lane, const float* x) {
    constexpr unsigned kAhead = 4, kPer = kType == TensorType::kF32 ? 4 : 8;
    const unsigned chunks = (static_cast<unsigned>(columns) + kPer - 1) / kPer;
    const uint4* weights = reinterpret_cast<const uint4*>(data) + static_cast<std::size_t>(row) * chunks;
    const bool whole = static_cast<unsigned>(columns) % kPer == 0;
    float sum = 0;
    for (unsigned first = lane; first < chunks; first += kAhead * kRowLanes) {
        uint4 loaded[kAhead] = {};
#pragma unroll
        for (unsigned i = 0; i < kAhead; ++i) {
            if (first + i * kRowLanes < chunks) loaded[i] = __ldg(weights + first + i * kRowLanes);
        }
        waitForPrevious();
#pragma unroll
        for (unsigned i = 0; i < kAhead; ++i) {
            const unsigned c = first + i * kRowLanes;
            if (c >= chunks) break;
            float w[kPer];
            floatsOf<kType>(loaded[i], w);
            if (whole) {
#pragma unroll
                for (unsigned j = 0; j < kPer / 4; ++j) {
                    const float4 v = reinterpret_cast<const float4*>(x)[c * (kPer / 4) + j];
                    sum += w[4 * j] * v.x;
                    sum += w[4 * j + 1] * v.y;
                    sum += w[4 * j + 2] * v.z;
                    sum += w[4 * j + 3] * v.w;
                }
            } else {
                for (unsigned j = 0; j < kPer && c * kPer + j < static_cast<unsigned>(columns); ++j) {
                    sum += w[j] * x[c * kPer + j];
                }
            }
        }
    }
    return sum;
}

/// weights.row * in, known to all 16 lanes. Waits for the kernels before it. All lanes of the warp call it, each 16
/// with a row of their own; a row past the end must be given as one that exists. `data` is the matrix (an expert's,
/// where there are several).
__device__ inline float dotRow(TensorType type, const unsigned char* data, const Planes& planes, int columns,
                               unsigned row, const ActivationView& in) {
    const unsigned lane = threadIdx.x % kRowLanes, blocks = static_cast<unsigned>(columns) / 32;
    float part = 0;
    if (type == TensorType::kF32) {
        part = floatPart<TensorType::kF32>(data, columns, row, lane, in.x);
    } else if (type == TensorType::kF16) {
        part = floatPart<TensorType::kF16>(data, columns, row, lane, in.x);
    } else if (type == TensorType::kBF16) {
        part = floatPart<TensorType::kBF16>(data, columns, row, lane, in.x);
    } else {
        withQuantizedType(type, [&](auto constant) {
            part = quantizedPart<decltype(constant)::value>(data, planes, blocks, row, lane, in);
        });
    }
    waitForPrevious();  // lanes without columns, too
    return sumLanes<kRowLanes>(part);
}

}  // namespace moescope::cuda
