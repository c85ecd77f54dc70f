// The kernels for one instruction set; the compiler's flags for this file are in kernels/CMakeLists.txt.
// Nothing from the standard library that is compiled may be shared with other files: the linker could pick the copy
// made here, with instructions that the processor lacks.

#define MOESCOPE_ISA_NAMESPACE isa_avx512

#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "kernels/cpu/cpu_kernels.h"
#include "kernels/cpu/simd_avx512.h"
#include "kernels/packed_layout.h"

namespace moescope::MOESCOPE_ISA_NAMESPACE {
namespace {

/// Activation rows in a tile: what the registers hold.
constexpr int kLargestTile = 8;

#include "kernels/cpu/unpack.inl"
// After unpack.inl.
#include "kernels/cpu/elementwise.inl"
#include "kernels/cpu/matmul.inl"
// After elementwise.inl: attention needs the exponential and quantizes.
#include "kernels/cpu/attention.inl"
#include "kernels/cpu/latent_attention.inl"
#include "kernels/cpu/limits.inl"

}  // namespace

extern const CpuKernels kKernels = {Isa::kAvx512, matmul,      quantize,        rmsNorm,   siluMultiply,
                                    addScaled,    norm,        softmaxSums,     storeKv,   attention,
                                    storeLatent,  widenLatent, latentAttention, int8Burst, readBurst};

}  // namespace moescope::MOESCOPE_ISA_NAMESPACE
