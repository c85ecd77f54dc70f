#include "kernels/packed_matrix.h"

#include <algorithm>
#include <cstring>

#include "kernels/packed_layout.h"
#include "kernels/row_block.h"

namespace moescope {
namespace {

void storeWord(Byte* at, std::uint32_t word) {
    std::memcpy(at, &word, sizeof word);
}

/// Four columns of a row are one 32-bit word, so that shifting a word shifts four weights.
void storePlanes(const PackedLayout& layout, const Byte* q, std::size_t r, std::size_t block, std::size_t blocks,
                 Byte* super) {
    // Where the bits of each further plane sit in q: after those of the plane before it.
    const int pair_at = layout.nibble_plane ? 4 : 0;
    const int bit_at = layout.nibble_plane ? 4 : 2;
    std::uint32_t w[8];
    std::memcpy(w, q, sizeof w);
    if (layout.nibble_plane) {
        Byte* plane = super + 256 * block + 4 * r;
        for (std::size_t l = 0; l < 4; ++l) {
            storeWord(plane + 64 * l, (w[2 * l] & 0x0f0f0f0fu) | ((w[2 * l + 1] & 0x0f0f0f0fu) << 4));
        }
    }
    if (layout.pair_plane) {
        Byte* plane = super + layout.pairOffset(blocks) + 128 * block + 4 * r;
        for (std::size_t v = 0; v < 2; ++v) {
            std::uint32_t word = 0;
            for (std::size_t f = 0; f < 4; ++f) word |= ((w[4 * v + f] >> pair_at) & 0x03030303u) << (2 * f);
            storeWord(plane + 64 * v, word);
        }
    }
    if (layout.bit_plane) {
        std::uint32_t word = 0;
        for (std::size_t j = 0; j < 8; ++j) word |= ((w[j] >> bit_at) & 0x01010101u) << j;
        storeWord(super + layout.bitOffset(blocks) + 64 * block + 4 * r, word);
    }
    if (layout.byte_plane) {
        Byte* plane = super + layout.byteOffset(blocks) + 512 * block + 4 * r;
        for (std::size_t j = 0; j < 8; ++j) storeWord(plane + 64 * j, w[j]);
    }
}

/// Numbers, signs and tags of a block of a type with a codebook.
void storeCodes(const PackedLayout& layout, const RowBlock::Codes& codes, std::size_t r, std::size_t block,
                std::size_t blocks, Byte* super) {
    for (std::size_t v = 0; v < layout.numberBytes() / 64; ++v) {
        std::memcpy(super + layout.numberBytes() * block + 64 * v + 4 * r, codes.numbers + 4 * v, 4);
    }
    if (layout.bit_plane) {
        std::uint32_t word = 0;
        for (int i = 0; i < 32; ++i) word |= ((codes.signs >> i) & 1u) << (8 * (i % 4) + i / 4);
        storeWord(super + layout.bitOffset(blocks) + 64 * block + 4 * r, word);
    }
    const auto tag_bytes = static_cast<std::size_t>(layout.codes.tag_bytes);
    Byte* tags = super + layout.scaleOffset(blocks) + 16 * tag_bytes * block;
    std::memcpy(tags + std::min<std::size_t>(tag_bytes, 2) * r, &codes.tags, std::min<std::size_t>(tag_bytes, 2));
    if (tag_bytes == 3) tags[32 + r] = static_cast<Byte>(codes.tags >> 16);
}

/// `block` is 0 for types with sub-scales, which have one d a super-block.
void storeScales(const PackedLayout& layout, const RowBlock& row, std::size_t r, std::size_t block, std::size_t blocks,
                 Byte* super) {
    if (layout.sub_scales == SubScales::kExponents) {
        super[layout.scaleOffset(blocks) + 16 * block + r] = row.scales[0];
        return;
    }
    const std::size_t scales = layout.codes ? 0 : layout.subScaleBytes(blocks) / kGroupRows;  // else they are tags
    for (std::size_t i = 0; i < scales; ++i) {
        super[layout.scaleOffset(blocks) + 16 * i + r] = row.scales[i];
        if (layout.sub_scales == SubScales::kScaleMin) super[layout.minOffset(blocks) + 16 * i + r] = row.mins[i];
    }
    std::memcpy(super + layout.dOffset(blocks) + 32 * block + 2 * r, &row.d, 2);
    if (layout.affine) std::memcpy(super + layout.dminOffset(blocks) + 32 * block + 2 * r, &row.dmin, 2);
}

}  // namespace

std::size_t packedGroupBytes(TensorType type, std::size_t columns) {
    if (isFloatType(type)) return kGroupRows * columns * info(type).block_bytes;
    const PackedLayout layout = packedLayout(type);
    const std::size_t blocks = columns / 32, rest = blocks % kSuperBlocks;
    return blocks / kSuperBlocks * layout.bytes(kSuperBlocks) + (rest > 0 ? layout.bytes(rest) : 0);
}

std::size_t PackedMatrix::groupBytes() const {
    return packedGroupBytes(type, columns);
}

void packGroup(TensorType type, std::size_t columns, const std::byte* source, std::size_t rows_present,
               unsigned char* group) {
    const std::size_t row_bytes = rowBytes(type, columns);
    const Byte* rows = reinterpret_cast<const Byte*>(source);
    if (rows_present < kGroupRows) std::memset(group, 0, packedGroupBytes(type, columns));
    if (isFloatType(type)) {
        const std::size_t element = info(type).block_bytes;
        for (std::size_t r = 0; r < rows_present; ++r) {
            for (std::size_t c = 0; c < columns; ++c) {
                std::memcpy(group + (c * kGroupRows + r) * element, rows + r * row_bytes + c * element, element);
            }
        }
        return;
    }
    const PackedLayout layout = packedLayout(type);
    const TensorTypeInfo& t = info(type);
    const std::size_t all_blocks = columns / 32;
    const std::size_t source_blocks = t.block_weights / 32;  // of 32 columns in a block of the file
    RowBlock row;
    for (std::size_t i = 0; i < columns / t.block_weights; ++i) {
        const std::size_t at = i * source_blocks, first = at % kSuperBlocks;
        const std::size_t blocks = std::min(kSuperBlocks, all_blocks - (at - first));
        Byte* super = group + at / kSuperBlocks * layout.bytes(kSuperBlocks);
        for (std::size_t r = 0; r < rows_present; ++r) {
            takeApart(type, rows + r * row_bytes + i * t.block_bytes, row);
            for (std::size_t j = 0; j < source_blocks; ++j) {
                if (layout.codes) {
                    storeCodes(layout, row.codes[j], r, first + j, blocks, super);
                } else {
                    storePlanes(layout, row.q + 32 * j, r, first + j, blocks, super);
                }
            }
            storeScales(layout, row, r, first, blocks, super);
        }
    }
}

}  // namespace moescope
