// Repacking. The words of planes are the same in both layouts, four neighboring columns each; the CPU's has 16
// rows of them next to one another, the GPU's has a row after the other.

#include "kernels/cuda/launch.h"
#include "kernels/cuda/repack.h"
#include "kernels/packed_layout.h"
#include "kernels/packed_matrix.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kGroup = static_cast<unsigned>(kGroupRows), kSuper = static_cast<unsigned>(kSuperBlocks);
constexpr unsigned kThreads = kGroup * kSuper;

struct RepackArguments {
    const unsigned char* source;
    unsigned char* matrix;
    PackedLayout from;
    Layout to;
    Planes planes;
    std::size_t group_bytes, element, pitch;  ///< the last two of float types
    unsigned rows, columns;
};

__device__ inline void copyPlanes(const RepackArguments& a, const unsigned char* super, unsigned r, unsigned block,
                                  unsigned blocks, std::size_t at) {
    const auto word = [&](std::size_t offset) { return *reinterpret_cast<const unsigned*>(super + offset + 4 * r); };
    const auto store = [&](std::size_t offset, unsigned value) {
        *reinterpret_cast<unsigned*>(a.matrix + offset) = value;
    };
    for (unsigned i = 0; i < a.from.numberBytes() / 64; ++i) {
        store(a.to.firstPlane() * at + 4 * i, word(a.from.numberBytes() * block + 64 * i));
    }
    if (a.from.nibble_plane) {
        for (unsigned i = 0; i < 4; ++i) store(16 * at + 4 * i, word(256 * block + 64 * i));
    }
    if (a.from.pair_plane) {
        for (unsigned i = 0; i < 2; ++i) {
            store(a.planes.pairs + 8 * at + 4 * i, word(a.from.pairOffset(blocks) + 128 * block + 64 * i));
        }
    }
    if (a.from.bit_plane) store(a.planes.bits + 4 * at, word(a.from.bitOffset(blocks) + 64 * block));
    if (a.from.byte_plane) {
        for (unsigned i = 0; i < 8; ++i) {  // unsigned there, signed here
            store((i < 4 ? 0 : a.planes.high_bytes) + 16 * at + 4 * (i % 4),
                  word(a.from.byteOffset(blocks) + 512 * block + 64 * i) ^ 0x80808080u);
        }
    }
}

/// Those of a block, or with block 0 of a super-block.
__device__ inline void copyScales(const RepackArguments& a, const unsigned char* super, unsigned r, unsigned block,
                                  unsigned blocks, std::size_t at) {
    unsigned char scales[24] = {}, mins[16] = {};
    const unsigned char* from = super + a.from.scaleOffset(blocks);
    if (a.from.codes) {
        // Two bytes of a row are neighbors, those of 16 rows follow one another; then a third of each.
        const auto bytes = static_cast<unsigned>(a.from.codes.tag_bytes), pair = bytes < 2 ? bytes : 2;
        for (unsigned i = 0; i < bytes * blocks; ++i) {
            const unsigned char* tags = from + kGroup * bytes * (i / bytes);
            scales[i] = i % bytes < 2 ? tags[pair * r + i % bytes] : tags[2 * kGroup + r];
        }
    } else if (!a.from.hasD()) {
        scales[0] = from[kGroup * block + r];
    } else {
        const bool with_mins = a.from.sub_scales == SubScales::kScaleMin;
        for (unsigned i = 0; i < a.from.subScaleBytes(blocks) / kGroup; ++i) {
            scales[i] = from[kGroup * i + r];
            if (with_mins) mins[i] = super[a.from.minOffset(blocks) + kGroup * i + r];
        }
    }
    const auto half = [&](std::size_t offset) -> unsigned {
        return *reinterpret_cast<const unsigned short*>(super + offset + 32 * block + 2 * r);
    };
    const PackedScales packed = packScales(a.to, scales, mins, a.from.hasD() ? half(a.from.dOffset(blocks)) : 0,
                                           a.from.affine ? half(a.from.dminOffset(blocks)) : 0);
    const auto store = [](unsigned char* to, const std::uint32_t* words, std::size_t bytes) {
        for (unsigned i = 0; i < bytes; ++i) to[i] = static_cast<unsigned char>(words[i / 4] >> (8 * (i % 4)));
    };
    store(a.matrix + a.planes.scales + a.to.scaleOffset(at), packed.words, a.to.scaleRun());
    const auto super_bytes = static_cast<std::size_t>(a.to.super_bytes);
    store(a.matrix + a.planes.supers + at / kSuper * super_bytes, &packed.super, super_bytes);
}

/// A block for a super-block of 16 rows, a thread for 32 columns of a row.
__global__ void __launch_bounds__(kThreads) repackKernel(const __grid_constant__ RepackArguments a) {
    allowNext();
    waitForPrevious();
    const unsigned r = threadIdx.x % kGroup, row = blockIdx.y * kGroup + r, block = threadIdx.x / kGroup;
    if (row >= a.rows) return;
    const unsigned char* group = a.source + blockIdx.y * a.group_bytes;
    if (a.element) {
        const unsigned first = (blockIdx.x * kSuper + block) * 32;
        for (unsigned c = first; c < first + 32 && c * a.element < a.pitch; ++c) {
            const std::size_t from = static_cast<std::size_t>(c) * kGroup + r;
            unsigned char* to = a.matrix + row * a.pitch + c * a.element;
            if (a.element == 4) {
                *reinterpret_cast<unsigned*>(to) = c < a.columns ? reinterpret_cast<const unsigned*>(group)[from] : 0;
            } else {
                *reinterpret_cast<unsigned short*>(to) = c < a.columns
                                                             ? reinterpret_cast<const unsigned short*>(group)[from]
                                                             : static_cast<unsigned short>(0);
            }
        }
        return;
    }
    const unsigned all = a.columns / 32, left = all - blockIdx.x * kSuper, blocks = left < kSuper ? left : kSuper;
    if (block >= blocks) return;
    const unsigned char* super = group + blockIdx.x * a.from.bytes(kSuper);
    const std::size_t at = static_cast<std::size_t>(row) * all + blockIdx.x * kSuper + block;
    copyPlanes(a, super, r, block, blocks, at);
    if (block == 0 || !a.from.superBlocks()) copyScales(a, super, r, block, blocks, at);
}

}  // namespace

void repack(TensorType type, int rows, int columns, const unsigned char* source, unsigned char* matrix,
            cudaStream_t stream) {
    const auto r = static_cast<std::size_t>(rows), c = static_cast<std::size_t>(columns);
    RepackArguments a = {};
    a.source = source;
    a.matrix = matrix;
    a.rows = static_cast<unsigned>(rows);
    a.columns = static_cast<unsigned>(columns);
    a.group_bytes = packedGroupBytes(type, c);
    if (isFloat(type)) {
        a.element = info(type).block_bytes;
        a.pitch = floatPitch(type, c);
    } else {
        a.from = packedLayout(type);
        a.to = layout(type);
        a.planes = planes(type, r, c);
    }
    const unsigned blocks = (a.columns + 31) / 32;
    launch(repackKernel, dim3((blocks + kSuper - 1) / kSuper, (a.rows + kGroup - 1) / kGroup), kThreads, 0, stream, a);
}

}  // namespace moescope::cuda
