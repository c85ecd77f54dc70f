#pragma once
// Blocks of files' quantized types taken apart into bytes: where repacking for any device begins.

#include "kernels/blocks.h"
#include "kernels/tensor_type.h"

namespace moescope {

/// One row's block or super-block, taken apart.
struct RowBlock {
    alignas(
        64) Byte q[256];  ///< unsigned weights (of Q8_0 with 128 added), or level indices. With a codebook: not used
    Byte scales[16];      ///< sub-scales as bytes: signed for Q3_K, Q6_K and IQ4_XS, scale and min nibbles for Q2_K;
                          ///< the exponent of MXFP4; those of IQ3_S as two nibbles
    Byte mins[16];        ///< of Q4_K and Q5_K
    std::uint16_t d = 0, dmin = 0;

    /// Of types with a codebook (see codebooks.h), for each 32 columns.
    struct Codes {
        Byte numbers[8];      ///< lowest bits of the vectors' numbers
        std::uint32_t signs;  ///< bit i is that of column i
        std::uint32_t tags;
    } codes[8];
};

/// Takes a block of a quantized type apart.
void takeApart(TensorType type, const Byte* block, RowBlock& row);

}  // namespace moescope
