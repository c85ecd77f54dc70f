// Products by cuBLAS, and the kernels that take activations apart before and add results after.

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <algorithm>

#include "kernels/cuda/blas.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/reduce.h"

#if __has_include(<cublas_v2.h>)
#include <cublas_v2.h>
#define MOESCOPE_HAS_CUBLAS
#endif

namespace moescope::cuda {
namespace {

/// Parts of an F32 row of activations.
constexpr int partsOf(TensorType type) {
    return type == TensorType::kF16 ? 2 : type == TensorType::kBF16 ? 3 : 0;
}

/// Rows of parts are padded with zeros, as rows of weights are.
constexpr std::size_t paddedColumns(std::size_t columns) {
    return floatPitch(TensorType::kF16, columns) / 2;
}

}  // namespace

void BlasNeeds::add(TensorType type, std::size_t rows, std::size_t columns) {
    if (!isFloat(type)) return;
    any = true;
    const auto parts = static_cast<std::size_t>(partsOf(type));
    part_row = std::max(part_row, parts * paddedColumns(columns) * 2);
    product_row = std::max(product_row, parts * rows * sizeof(float));
}

std::size_t blasProductsBytes(const BlasNeeds& needs, int tokens) {
    constexpr std::size_t kMost = 64u << 20;
    return std::min(static_cast<std::size_t>(tokens) * needs.product_row, std::max(kMost, needs.product_row));
}

#if defined(MOESCOPE_HAS_CUBLAS)

namespace {

constexpr unsigned kSplitThreads = 256;
constexpr unsigned kAddThreads = 256;

struct SplitArguments {
    const float* x;  ///< (tokens, columns)
    unsigned columns, padded, tokens;
    unsigned short* parts;  ///< (parts, tokens, padded)
    float* scales;          ///< (tokens) what results are multiplied by; F16 only
};

/// A power of two under which the largest value lies between 2^13 and 2^14.
__device__ inline float scaleFor(float largest) {
    if (!(largest > 0) || !(largest * 0.0f == 0.0f)) return 1;
    int exponent = 0;
    frexpf(largest, &exponent);
    return ldexpf(1.0f, min(126, max(-126, 14 - exponent)));
}

/// A block a token.
template <TensorType kType>
__global__ void __launch_bounds__(kSplitThreads) splitKernel(const __grid_constant__ SplitArguments a) {
    allowNext();
    waitForPrevious();
    const float* x = a.x + static_cast<std::size_t>(blockIdx.x) * a.columns;
    unsigned short* out = a.parts + static_cast<std::size_t>(blockIdx.x) * a.padded;
    const std::size_t part = static_cast<std::size_t>(a.tokens) * a.padded;
    float scale = 1;
    if constexpr (kType == TensorType::kF16) {
        MOESCOPE_BLOCK_SHARED(float[kSplitThreads / 32], partial);
        float largest = 0;
        for (unsigned i = threadIdx.x; i < a.columns; i += kSplitThreads) largest = fmaxf(largest, fabsf(x[i]));
        largest = maxLanes(largest);
        if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = largest;
        __syncthreads();
        for (unsigned w = 0; w < kSplitThreads / 32; ++w) largest = fmaxf(largest, partial[w]);
        scale = scaleFor(largest);
        if (threadIdx.x == 0) a.scales[blockIdx.x] = 1 / scale;
    }
    for (unsigned i = threadIdx.x; i < a.padded; i += kSplitThreads) {
        float rest = i < a.columns ? x[i] * scale : 0.0f;
#pragma unroll
        for (int p = 0; p < partsOf(kType); ++p) {
            if constexpr (kType == TensorType::kF16) {
                const __half h = __float2half_rn(rest);
                out[static_cast<std::size_t>(p) * part + i] = __half_as_ushort(h);
                rest -= __half2float(h);
            } else {
                const __nv_bfloat16 h = __float2bfloat16_rn(rest);
                out[static_cast<std::size_t>(p) * part + i] = __bfloat16_as_ushort(h);
                rest -= __bfloat162float(h);
            }
        }
    }
}

struct AddArguments {
    const float* products;  ///< (parts, tokens, rows)
    const float* scales;    ///< (tokens), or null
    float* y;               ///< (tokens, rows)
    unsigned rows, parts;
    bool add;
};

/// A thread a result: the small parts first.
__global__ void __launch_bounds__(kAddThreads) addPartsKernel(const __grid_constant__ AddArguments a) {
    allowNext();
    waitForPrevious();
    const unsigned row = blockIdx.x * kAddThreads + threadIdx.x, token = blockIdx.y;
    if (row >= a.rows) return;
    const std::size_t at = static_cast<std::size_t>(token) * a.rows + row;
    const std::size_t part = static_cast<std::size_t>(gridDim.y) * a.rows;
    float sum = 0;
    for (unsigned p = a.parts; p-- > 0;) sum += a.products[p * part + at];
    if (a.scales) sum *= a.scales[token];
    a.y[at] = a.add ? a.y[at] + sum : sum;
}

}  // namespace

struct Blas::Library {
    cublasHandle_t handle = nullptr;
    decltype(&cublasCreate_v2) create = nullptr;
    decltype(&cublasDestroy_v2) destroy = nullptr;
    decltype(&cublasSetStream_v2) set_stream = nullptr;
    decltype(&cublasSetWorkspace_v2) set_workspace = nullptr;
    decltype(&cublasSetMathMode) set_math_mode = nullptr;
    // Written out, since NVIDIA's header has it in two forms.
    cublasStatus_t (*gemm)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k, const void* alpha,
                           const void* a, cudaDataType_t, int, const void* b, cudaDataType_t, int, const void* beta,
                           void* c, cudaDataType_t, int, cublasComputeType_t, cublasGemmAlgo_t) = nullptr;

    ~Library() {
        if (handle) destroy(handle);
    }
    template <class Function>
    bool find(Function& function, const char* name) {
        function = reinterpret_cast<Function>(cublasFunction(name));
        return function != nullptr;
    }
};

std::unique_ptr<Blas> Blas::create(std::string& problem) {
    auto library = std::make_unique<Library>();
    const bool found =
        library->find(library->create, "cublasCreate_v2") && library->find(library->destroy, "cublasDestroy_v2") &&
        library->find(library->set_stream, "cublasSetStream_v2") &&
        library->find(library->set_workspace, "cublasSetWorkspace_v2") &&
        library->find(library->set_math_mode, "cublasSetMathMode") && library->find(library->gemm, "cublasGemmEx");
    if (!found) {
        problem = cublasName() + " is missing";
        return nullptr;
    }
    // Neither TF32 nor sums of less than F32.
    const auto exact =
        static_cast<cublasMath_t>(CUBLAS_DEFAULT_MATH | CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION);
    if (library->create(&library->handle) != CUBLAS_STATUS_SUCCESS) library->handle = nullptr;
    if (!library->handle || library->set_math_mode(library->handle, exact) != CUBLAS_STATUS_SUCCESS) {
        problem = cublasName() + " does not start";
        return nullptr;
    }
    std::unique_ptr<Blas> blas(new Blas);
    blas->m_library = std::move(library);
    return blas;
}

void Blas::use(cudaStream_t stream, const BlasWorkspace& work) {
    m_failed = false;
    m_stream = stream;
    m_work = work;
    // In this order: a change of stream takes the workspace away.
    if (m_library->set_stream(m_library->handle, stream) != CUBLAS_STATUS_SUCCESS ||
        m_library->set_workspace(m_library->handle, work.library, kBlasLibraryBytes) != CUBLAS_STATUS_SUCCESS) {
        m_failed = true;
    }
}

void Blas::call(const void* weights, int type, int pitch, const void* rows, int row_pitch, int columns, int weight_rows,
                int count, float* y, bool add) {
    // cuBLAS counts columns first: our rows are its columns.
    const float one = 1, before = add ? 1.0f : 0.0f;
    const auto kind = static_cast<cudaDataType_t>(type);
    const cublasStatus_t status = m_library->gemm(m_library->handle, CUBLAS_OP_T, CUBLAS_OP_N, weight_rows, count,
                                                  columns, &one, weights, kind, pitch, rows, kind, row_pitch, &before,
                                                  y, CUDA_R_32F, weight_rows, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
    if (status != CUBLAS_STATUS_SUCCESS) m_failed = true;
}

void Blas::multiply(const Product& product, const Activations& input, int tokens) {
    const Matrix& w = product.weights;
    const auto columns = static_cast<std::size_t>(w.columns), rows = static_cast<std::size_t>(w.rows);
    if (w.type == TensorType::kF32) {
        call(w.data, CUDA_R_32F, static_cast<int>(floatPitch(w.type, columns) / 4), input.x, w.columns, w.columns,
             w.rows, tokens, product.y, product.add);
        return;
    }
    const int parts = partsOf(w.type), padded = static_cast<int>(paddedColumns(columns));
    const bool half = w.type == TensorType::kF16;
    const std::size_t fit = m_work.products_bytes / (static_cast<std::size_t>(parts) * rows * sizeof(float));
    const int at_once = std::max(1, std::min(m_work.tokens, static_cast<int>(std::min<std::size_t>(fit, 1 << 20))));
    for (int first = 0; first < tokens; first += at_once) {
        const int count = std::min(at_once, tokens - first);
        auto* taken_apart = reinterpret_cast<unsigned short*>(m_work.parts);
        const SplitArguments split = {input.x + static_cast<std::size_t>(first) * columns,
                                      static_cast<unsigned>(w.columns),
                                      static_cast<unsigned>(padded),
                                      static_cast<unsigned>(count),
                                      taken_apart,
                                      m_work.scales};
        launch(half ? splitKernel<TensorType::kF16> : splitKernel<TensorType::kBF16>, static_cast<unsigned>(count),
               kSplitThreads, 0, m_stream, split);
        call(w.data, half ? CUDA_R_16F : CUDA_R_16BF, padded, taken_apart, padded, padded, w.rows, parts * count,
             m_work.products, false);
        const AddArguments add = {m_work.products,
                                  half ? m_work.scales : nullptr,
                                  product.y + static_cast<std::size_t>(first) * rows,
                                  static_cast<unsigned>(w.rows),
                                  static_cast<unsigned>(parts),
                                  product.add};
        launch(addPartsKernel,
               dim3((static_cast<unsigned>(w.rows) + kAddThreads - 1) / kAddThreads, static_cast<unsigned>(count)),
               kAddThreads, 0, m_stream, add);
    }
}

#else

struct Blas::Library {};

std::unique_ptr<Blas> Blas::create(std::string& problem) {
    problem = "this build has no cuBLAS";
    return nullptr;
}
void Blas::use(cudaStream_t, const BlasWorkspace&) {}
void Blas::multiply(const Product&, const Activations&, int) {}

#endif

Blas::~Blas() = default;

}  // namespace moescope::cuda
