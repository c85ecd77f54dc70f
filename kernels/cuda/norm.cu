// Embedding, residual sums and RMS norm.

#include "kernels/cuda/block.h"
#include "kernels/cuda/dot.h"
#include "kernels/cuda/norm.h"
#include "kernels/cuda/quantize_block.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kEmbedThreads = 128;

/// A thread a block of 32 columns (quantized), or a 16-byte chunk (float types).
__global__ void __launch_bounds__(kEmbedThreads)
    embedKernel(const __grid_constant__ MatrixView table, const std::int32_t* tokens, float* x) {
    allowNext();
    waitForPrevious();
    const unsigned columns = static_cast<unsigned>(table.columns), blocks = table.blocks();
    const std::int32_t token = tokens[blockIdx.y];
    const unsigned row = token < 0 || token >= table.rows ? 0u : static_cast<unsigned>(token);
    const unsigned at = blockIdx.x * kEmbedThreads + threadIdx.x;
    float* out = x + static_cast<std::size_t>(blockIdx.y) * columns;
    const auto floats = [&](auto constant) {
        constexpr TensorType kType = decltype(constant)::value;
        constexpr unsigned kPer = kType == TensorType::kF32 ? 4 : 8;
        const unsigned chunks = (columns + kPer - 1) / kPer;
        if (at >= chunks) return;
        float f[kPer];
        floatsOf<kType>(__ldg(reinterpret_cast<const uint4*>(table.data) + static_cast<std::size_t>(row) * chunks + at),
                        f);
        for (unsigned i = 0; i < kPer && at * kPer + i < columns; ++i) out[at * kPer + i] = f[i];
    };
    switch (table.type) {
        case TensorType::kF32:
            return floats(std::integral_constant<TensorType, TensorType::kF32>{});
        case TensorType::kF16:
            return floats(std::integral_constant<TensorType, TensorType::kF16>{});
        case TensorType::kBF16:
            return floats(std::integral_constant<TensorType, TensorType::kBF16>{});
        default:
            break;
    }
    if (at >= blocks) return;
    withQuantizedType(table.type, [&](auto constant) {
        constexpr TensorType kType = decltype(constant)::value;
        constexpr Layout kLayout = layout(kType);
        LoadedBlock block;
        loadBlock<kType>(table.data, table.planes, row * blocks + at, block);
        const BlockScales scales = blockScales<kType>(block, at);
        int w[8];
        blockWords<kType>(block, w);
        for (int i = 0; i < 32; ++i) {
            const int sub = kLayout.sub_blocks == 2 ? i / 16 : 0;
            const int q = static_cast<signed char>(static_cast<unsigned>(w[i / 4]) >> (8 * (i % 4)));
            const float product = __fmul_rn(scales.scale[sub], static_cast<float>(q - kLayout.offset));
            out[32 * at + static_cast<unsigned>(i)] = kLayout.mins ? __fadd_rn(product, scales.min[sub]) : product;
        }
    });
}

constexpr unsigned kNormThreads = 512;

/// A block a token. Rows are read again from the cache rather than kept: a row may be of any length.
__global__ void __launch_bounds__(kNormThreads) normKernel(const __grid_constant__ NormTask task) {
    allowNext();
    waitForPrevious();
    MOESCOPE_BLOCK_SHARED(float[32], partial);
    const unsigned columns = static_cast<unsigned>(task.out.columns), token = blockIdx.x;
    const std::size_t row = static_cast<std::size_t>(token) * columns;
    float* x = task.x + row;
    float squares = 0, routed_squares = 0, shared_squares = 0;
    for (unsigned i = threadIdx.x; i < columns; i += kNormThreads) {
        float v = x[i];
        if (task.routed || task.elsewhere) {
            float routed = task.routed ? task.routed[row + i] : 0.0f;
            if (task.elsewhere) routed += task.elsewhere[row + i];
            routed_squares += routed * routed;
            v += routed;
        }
        if (task.shared) {
            const float shared = task.shared[row + i];
            shared_squares += shared * shared;
            v += shared;
        }
        if (task.routed || task.elsewhere || task.shared) x[i] = v;
        squares += v * v;
    }
    if (task.records) {
        routed_squares = sumBlock(routed_squares, partial);
        __syncthreads();
        shared_squares = sumBlock(shared_squares, partial);
        __syncthreads();
        if (threadIdx.x == 0) {
            RoutingRecord& record =
                task.records[static_cast<std::size_t>(token) * static_cast<unsigned>(task.record_stride)];
            record.routed_norm = sqrtf(routed_squares);
            record.shared_norm = sqrtf(shared_squares);
        }
    }
    if (!task.weight) return;
    const float factor = 1.0f / sqrtf(sumBlock(squares, partial) / static_cast<float>(columns) + task.eps);
    const bool quantized = task.out.q != nullptr;
    // Whole warps, since quantizing needs all lanes; a thread reads what it wrote itself.
    const unsigned end = quantized ? columns : (columns + 31) / 32 * 32;
    for (unsigned i = threadIdx.x; i < end; i += kNormThreads) {
        const float y = i < columns ? x[i] * factor * task.weight[i] : 0.0f;
        if (i < columns) task.out.x[row + i] = y;
        if (quantized) quantizeLanes(y, task.out.q + row + i / 32 * 32, task.out.scales + (row + i) / 32);
    }
}

constexpr unsigned kQuantizeThreads = 256;

/// A warp a block of 32.
__global__ void __launch_bounds__(kQuantizeThreads) quantizeKernel(Activations rows, std::size_t blocks) {
    allowNext();
    waitForPrevious();
    const std::size_t block = static_cast<std::size_t>(blockIdx.x) * (kQuantizeThreads / 32) + threadIdx.x / 32;
    if (block >= blocks) return;
    quantizeLanes(rows.x[32 * block + threadIdx.x % 32], rows.q + 32 * block, rows.scales + block);
}

}  // namespace

void embed(const Matrix& table, const std::int32_t* tokens, int count, float* x, cudaStream_t stream) {
    const unsigned per_thread = isFloat(table.type) ? (table.type == TensorType::kF32 ? 4 : 8) : 32;
    const unsigned parts = (static_cast<unsigned>(table.columns) + per_thread - 1) / per_thread;
    launch(embedKernel, dim3((parts + kEmbedThreads - 1) / kEmbedThreads, static_cast<unsigned>(count)), kEmbedThreads,
           0, stream, viewOf(table), tokens, x);
}

void rmsNorm(const NormTask& task, cudaStream_t stream) {
    launch(normKernel, static_cast<unsigned>(task.tokens), kNormThreads, 0, stream, task);
}

void quantize(const Activations& rows, int count, cudaStream_t stream) {
    const std::size_t blocks = static_cast<std::size_t>(count) * static_cast<std::size_t>(rows.columns) / 32;
    const std::size_t warps = kQuantizeThreads / 32;
    launch(quantizeKernel, static_cast<unsigned>((blocks + warps - 1) / warps), kQuantizeThreads, 0, stream, rows,
           blocks);
}

}  // namespace moescope::cuda
