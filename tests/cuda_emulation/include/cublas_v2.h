#pragma once
// Stands in for NVIDIA's header of this name: the few calls that kernels/cuda/blas.cu makes.
//
// A product sums exact products of its columns in F32, from the first to the last, rounding after each: no better than
// any order that a GPU may choose. It fills the beginning of its workspace with bytes 0xff, so that whoever keeps
// something there sees it. Stricter than NVIDIA's: there must be a workspace, since without one results may differ from
// run to run.

#include <cstddef>

#include "tests/cuda_emulation/runtime.h"

enum cublasStatus_t { CUBLAS_STATUS_SUCCESS = 0, CUBLAS_STATUS_NOT_INITIALIZED = 1, CUBLAS_STATUS_INVALID_VALUE = 7 };
enum cublasOperation_t { CUBLAS_OP_N = 0, CUBLAS_OP_T = 1 };
enum cublasMath_t { CUBLAS_DEFAULT_MATH = 0, CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION = 16 };
enum cublasComputeType_t { CUBLAS_COMPUTE_32F = 68 };
enum cublasGemmAlgo_t { CUBLAS_GEMM_DEFAULT = -1 };
enum cudaDataType_t { CUDA_R_32F = 0, CUDA_R_16F = 2, CUDA_R_16BF = 14 };
struct EmulatedBlas;
using cublasHandle_t = EmulatedBlas*;

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle);
cublasStatus_t cublasDestroy_v2(cublasHandle_t handle);
cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream);
cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, std::size_t bytes);
cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode);
cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t a_operation, cublasOperation_t b_operation, int m,
                            int n, int k, const void* alpha, const void* a, cudaDataType_t a_type, int a_pitch,
                            const void* b, cudaDataType_t b_type, int b_pitch, const void* beta, void* c,
                            cudaDataType_t c_type, int c_pitch, cublasComputeType_t compute,
                            cublasGemmAlgo_t algorithm);

namespace cuda_emulation {
std::uint64_t blasProducts();  ///< computed so far
}
