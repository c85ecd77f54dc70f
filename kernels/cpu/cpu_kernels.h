#pragma once
// The CPU's kernels behind one table of functions, chosen at run time for what the processor can do.
// All functions work on plain pointers, never allocate, never throw, and may run on several threads at once.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/kv_layout.h"
#include "kernels/packed_matrix.h"

namespace moescope {

/// Instruction sets that kernels are built for, worst first.
enum class Isa { kScalar, kAvx2, kAvxVnni, kAvx512, kAmx };

/// "scalar", "AVX2", "AVX2 + VNNI", "AVX-512 VNNI", "AVX-512 VNNI + AMX"
std::string_view isaName(Isa isa);
std::optional<Isa> parseIsa(std::string_view name);  ///< "scalar", "avx2", "avxvnni", "avx512", "amx"
bool isaAvailable(Isa isa);                          ///< on this processor
Isa bestIsa();                                       ///< on this processor

/// What products need to know of 32 quantized columns beside the int8 values: x = d * q, and the sums of q over the
/// first 16, the last 16 and all columns, as they are (for weights with an offset) and times d (for weights with mins).
struct ActivationBlock {
    float d;
    std::int32_t sums[3];
    float scaled_sums[3];
};

/// One row of activations in the two forms that products read: F32 for float weights, int8 for quantized ones.
struct ActivationRow {
    const float* x = nullptr;
    const std::int8_t* q = nullptr;
    const ActivationBlock* blocks = nullptr;  ///< one for 32 columns
};

/// Queries of one head against one head of the KV cache.
struct AttentionTask {
    KvHead head;
    int n_queries = 0;             ///< 1..kMaxAttentionQueries
    const float* const* queries;   ///< each head.key_dim floats
    const int* visible;            ///< positions 0..visible[i]-1 are seen by query i; at least 1
    float scale = 1;               ///< on the scores, before softmax
    float* scores;                 ///< workspace: n_queries * score_stride floats
    std::size_t score_stride = 0;  ///< at least the largest `visible`, rounded up to 16
    float* const* outputs;         ///< each head.value_dim floats
};
inline constexpr int kMaxAttentionQueries = 4;

/// 16 queries against the positions first..last - 1 of rows that they share: latents, of which all heads' queries see
/// the same and the first `value_width` values are summed up; or one head's keys, with its values apart.
struct LatentTask {
    KvType type = KvType::kF16;
    std::size_t width = 0;                ///< of rows and queries, a multiple of 32
    std::size_t value_width = 0;          ///< a multiple of 16
    const unsigned char* rows = nullptr;  ///< kvBytes(type, width) for each position
    const float* values = nullptr;        ///< (positions, value_width) in place of rows' first values; null: those
    int base = 0;                         ///< the position of the first row and value
    int n_queries = 0;                    ///< that count, 1..kLatentQueries
    const float* queries = nullptr;  ///< (width, kLatentQueries): queries side by side, 0 for those that do not count
    const int* visible = nullptr;    ///< (kLatentQueries): positions 0..visible[i] - 1 are seen, below 2^24
    int first = 0, last = 0;         ///< `first` is a multiple of kLatentBlock
    float scale = 1;                 ///< on the scores, before softmax
    float* workspace = nullptr;      ///< kLatentBlock * (width + kLatentQueries) floats
    // Results: sums are not yet divided by the total, so that parts can be joined.
    float* largest = nullptr;  ///< (kLatentQueries): the largest score
    float* total = nullptr;    ///< (kLatentQueries): sum of exp(score - largest) over what is seen
    float* sums = nullptr;     ///< (kLatentQueries, value_width): of exp(score - largest) * value
};
inline constexpr std::size_t kLatentQueries = 16;
inline constexpr std::size_t kLatentBlock = 32;  ///< positions that are looked at together

/// What a softmax over numbers needs, and its entropy. NaN counts as -inf, which has no share.
struct SoftmaxSums {
    float largest = 0;    ///< -inf if no number is larger
    double total = 0;     ///< sum of exp(x - largest); what is 87 below the largest may count as that
    double weighted = 0;  ///< sum of exp(x - largest) * (x - largest)
};

struct CpuKernels {
    Isa isa;

    /// outputs[t * output_stride + 16 g + lane] = the product of row 16 g + lane of the packed groups and
    /// activation row t. Writes whole groups of 16, padding rows too. F32 accumulation; a row's result does not
    /// depend on how many rows of activations are passed at once.
    void (*matmul)(TensorType type, const unsigned char* groups, std::size_t n_groups, std::size_t columns,
                   const ActivationRow* rows, std::size_t n_rows, float* outputs, std::size_t output_stride);

    /// Fills q (n) and blocks (n / 32) from x; n is a multiple of 32. Rounds to nearest; a block of zeros has d = 0;
    /// NaN or Inf in a block gives d = NaN, so that it is not lost.
    void (*quantize)(const float* x, std::size_t n, std::int8_t* q, ActivationBlock* blocks);

    /// y = x / sqrt(mean(x^2) + eps) * weight. x and y may be the same.
    void (*rmsNorm)(const float* x, const float* weight, std::size_t n, float eps, float* y);

    /// y = silu(gate) * up, where silu(v) = v / (1 + exp(-v)). y may be gate or up.
    void (*siluMultiply)(const float* gate, const float* up, std::size_t n, float* y);

    /// y += scale * x.
    void (*addScaled)(const float* x, float scale, std::size_t n, float* y);

    /// Euclidean norm, summed in double precision: the same bits with every instruction set.
    float (*norm)(const float* x, std::size_t n);

    /// The sums over x; n is at least 1. They mean nothing if one of x is +inf.
    SoftmaxSums (*softmaxSums)(const float* x, std::size_t n);

    /// Stores one position's key and value in a head of the cache.
    void (*storeKv)(const KvHead& head, std::size_t position, const float* key, const float* value);

    /// Softmax attention; a query's result does not depend on its companions.
    void (*attention)(const AttentionTask& task);

    /// Stores a row of latents (width a multiple of 32) in kvBytes(type, width).
    void (*storeLatent)(KvType type, std::size_t width, const float* x, unsigned char* row);

    /// Writes a stored row of latents as F32.
    void (*widenLatent)(KvType type, std::size_t width, const unsigned char* row, float* out);

    /// Attention over latents; a query's result does not depend on its companions.
    void (*latentAttention)(const LatentTask& task);

    // For benchmarks: the processor's limits, one thread.

    /// int8 multiply-adds from registers; returns how many were done.
    std::uint64_t (*int8Burst)(std::uint64_t rounds);
    /// Reads 64-byte aligned memory (bytes: a multiple of 256) front to back; the result depends on all of it.
    std::uint64_t (*readBurst)(const unsigned char* memory, std::size_t bytes);
};

/// The kernels for an available instruction set.
const CpuKernels& cpuKernels(Isa isa);

}  // namespace moescope
