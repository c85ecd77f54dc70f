#pragma once
// Weights repacked for the CPU's vector units: 16 rows interleaved, so that one 64-byte load holds weights of 16
// rows, a product needs no shuffles and no horizontal sums, and a matrix is read once from front to back.
//
// A matrix is a sequence of groups of 16 rows (the last one padded with rows of zero). Columns come in blocks of 32,
// eight of which make a super-block (the last of a row may have fewer). So memory is read from front to back, scales
// with the weights that they belong to. A super-block holds planes, one after another, each with its part of every
// block:
//
//   nibble plane, 256 bytes per block byte 64 l + 4 r + c: low nibble is column 8 l + c of row r, high 8 l + 4 + c
//   pair plane, 128 bytes             byte 64 v + 4 r + c: bits 2f, 2f + 1 are those of column 16 v + 4 f + c
//   bit plane, 64 bytes               byte 4 r + c: bit j is that of column 4 j + c
//   byte plane, 512 bytes             byte 64 j + 4 r + c: column 4 j + c
//   number plane, 64 or 128 bytes     byte 64 v + 4 r + c: lowest bits of vector 4 v + c of row r (codebooks.h)
//   sub-scales, then mins             a byte per row, 16 rows next to one another, for each sub-block
//                                     (IQ3_S: for two)
//   tags, with a codebook             1 or 2 bytes per row, 16 rows next to one another, for each block; then a third
//   d, then dmin                      a half per row: once, or for each block where there are no sub-scales
//
// and is padded to 64 bytes. Float types have one column after another, 16 rows each. Repacking is lossless:
// integers and scales are those of the file.

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/tensor_type.h"

namespace moescope {

inline constexpr std::size_t kGroupRows = 16;

/// A view of a packed matrix of (rows, columns); the memory belongs to someone else and is 64-byte aligned.
struct PackedMatrix {
    TensorType type = TensorType::kF32;
    std::size_t rows = 0;
    std::size_t columns = 0;
    const unsigned char* data = nullptr;

    std::size_t groups() const { return (rows + kGroupRows - 1) / kGroupRows; }
    std::size_t groupBytes() const;
    std::size_t bytes() const { return groups() * groupBytes(); }
};

/// Bytes of one group of 16 rows of `columns` weights; a multiple of 32 (64 for quantized types).
std::size_t packedGroupBytes(TensorType type, std::size_t columns);

/// Packs 16 rows into one group. `source` is the first row in the file's layout; `rows_present` of the 16 exist
/// (1..16), the rest become zero. `group` has packedGroupBytes() bytes.
void packGroup(TensorType type, std::size_t columns, const std::byte* source, std::size_t rows_present,
               unsigned char* group);

}  // namespace moescope
