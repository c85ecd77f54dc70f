#include "kernels/cuda/weights.h"

#include <cstring>

#include "kernels/row_block.h"

namespace moescope::cuda {
namespace {

void storeWord(unsigned char* at, std::uint32_t word) {
    std::memcpy(at, &word, sizeof word);
}

/// The integers of 32 columns, block `at` of the whole matrix.
void storeBlock(const Layout& l, const Planes& p, const Byte* q, std::size_t at, unsigned char* matrix) {
    std::uint32_t w[8];
    std::memcpy(w, q, sizeof w);
    if (l.nibble_plane) {
        for (std::size_t i = 0; i < 4; ++i) {
            storeWord(matrix + 16 * at + 4 * i, (w[2 * i] & 0x0f0f0f0fu) | ((w[2 * i + 1] & 0x0f0f0f0fu) << 4));
        }
    }
    if (l.byte_planes) {
        for (std::size_t i = 0; i < 4; ++i) {
            storeWord(matrix + 16 * at + 4 * i, w[i] ^ 0x80808080u);
            storeWord(matrix + p.high_bytes + 16 * at + 4 * i, w[4 + i] ^ 0x80808080u);
        }
    }
    if (l.pair_plane) {
        const int shift = l.nibble_plane ? 4 : 0;
        for (std::size_t v = 0; v < 2; ++v) {
            std::uint32_t word = 0;
            for (std::size_t f = 0; f < 4; ++f) word |= ((w[4 * v + f] >> shift) & 0x03030303u) << (2 * f);
            storeWord(matrix + p.pairs + 8 * at + 4 * v, word);
        }
    }
    if (l.bit_plane) {
        const int shift = l.nibble_plane ? 4 : 2;
        std::uint32_t word = 0;
        for (std::size_t j = 0; j < 8; ++j) word |= ((w[j] >> shift) & 0x01010101u) << j;
        storeWord(matrix + p.bits + 4 * at, word);
    }
}

/// Numbers and signs of a block of a type with a codebook.
void storeCodes(const Layout& l, const Planes& p, const RowBlock::Codes& codes, std::size_t at, unsigned char* matrix) {
    std::memcpy(matrix + at * l.firstPlane(), codes.numbers, l.firstPlane());
    if (!l.bit_plane) return;
    std::uint32_t word = 0;
    for (int i = 0; i < 32; ++i) word |= ((codes.signs >> i) & 1u) << (8 * (i % 4) + i / 4);
    storeWord(matrix + p.bits + 4 * at, word);
}

/// Scales of block `at` of the matrix, or of super-block at / 8 for the types that have one.
void storeScales(const Layout& l, const Planes& p, const RowBlock& row, std::size_t at, unsigned char* matrix) {
    unsigned char tags[24] = {};
    const auto tag_bytes = static_cast<std::size_t>(l.codes.tag_bytes);
    for (std::size_t j = 0; j < 8; ++j) std::memcpy(tags + tag_bytes * j, &row.codes[j].tags, tag_bytes);
    const PackedScales packed = packScales(l, l.codes ? tags : row.scales, row.mins, row.d, row.dmin);
    std::memcpy(matrix + p.scales + l.scaleOffset(at), packed.words, l.scaleRun());
    const auto super_bytes = static_cast<std::size_t>(l.super_bytes);
    std::memcpy(matrix + p.supers + at / 8 * super_bytes, &packed.super, super_bytes);
}

}  // namespace

void packRows(TensorType type, std::size_t rows, std::size_t columns, std::size_t first, std::size_t count,
              const std::byte* source, unsigned char* matrix) {
    const std::size_t row_bytes = rowBytes(type, columns);
    if (isFloat(type)) {
        const std::size_t pitch = floatPitch(type, columns);
        for (std::size_t r = 0; r < count; ++r) {
            unsigned char* to = matrix + (first + r) * pitch;
            std::memcpy(to, source + r * row_bytes, row_bytes);
            std::memset(to + row_bytes, 0, pitch - row_bytes);
        }
        return;
    }
    const Layout l = layout(type);
    const Planes p = planes(type, rows, columns);
    const TensorTypeInfo& t = info(type);
    const Byte* block = reinterpret_cast<const Byte*>(source);
    const std::size_t blocks = t.block_weights / 32;  // of 32 columns in a block of the file
    RowBlock row;
    std::size_t at = first * (columns / 32);
    for (std::size_t i = 0; i < count * (columns / t.block_weights); ++i, block += t.block_bytes, at += blocks) {
        takeApart(type, block, row);
        for (std::size_t j = 0; j < blocks; ++j) {
            if (l.codes) {
                storeCodes(l, p, row.codes[j], at + j, matrix);
            } else {
                storeBlock(l, p, row.q + 32 * j, at + j, matrix);
            }
        }
        storeScales(l, p, row, at, matrix);
    }
}

}  // namespace moescope::cuda
