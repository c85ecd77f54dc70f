#include <cublas_v2.h>

#include <string>

#include "kernels/cuda/blas.h"
#include "kernels/half.h"

struct EmulatedBlas {
    cudaStream_t stream = nullptr;
    void* workspace = nullptr;
    std::size_t workspace_bytes = 0;
};

namespace {

std::uint64_t g_products = 0;

float valueAt(const void* data, cudaDataType_t type, std::size_t at) {
    if (type == CUDA_R_32F) return static_cast<const float*>(data)[at];
    const std::uint16_t bits = static_cast<const std::uint16_t*>(data)[at];
    return type == CUDA_R_16F ? moescope::halfToFloat(bits) : moescope::bfloat16ToFloat(bits);
}

}  // namespace

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
    *handle = new EmulatedBlas;
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
    delete handle;
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
    *handle = {stream};
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, std::size_t bytes) {
    if (reinterpret_cast<std::uintptr_t>(workspace) % 256) return CUBLAS_STATUS_INVALID_VALUE;
    handle->workspace = workspace;
    handle->workspace_bytes = bytes;
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) {
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t a_operation, cublasOperation_t b_operation, int m,
                            int n, int k, const void* alpha, const void* a, cudaDataType_t a_type, int a_pitch,
                            const void* b, cudaDataType_t b_type, int b_pitch, const void* beta, void* c,
                            cudaDataType_t c_type, int c_pitch, cublasComputeType_t compute, cublasGemmAlgo_t) {
    if (!handle->workspace) return CUBLAS_STATUS_NOT_INITIALIZED;
    const bool valid = a_operation == CUBLAS_OP_T && b_operation == CUBLAS_OP_N && m > 0 && n > 0 && k > 0 &&
                       a_pitch >= k && b_pitch >= k && c_pitch >= m && a_type == b_type && c_type == CUDA_R_32F &&
                       compute == CUBLAS_COMPUTE_32F;
    if (!valid) return CUBLAS_STATUS_INVALID_VALUE;
    // Scalars are read now, everything else when the stream comes to it.
    const float scale = *static_cast<const float*>(alpha), before = *static_cast<const float*>(beta);
    const auto size = [](int i) { return static_cast<std::size_t>(i); };
    const auto run = [=, workspace = handle->workspace, workspace_bytes = handle->workspace_bytes] {
        ++g_products;
        std::memset(workspace, 0xff, std::min<std::size_t>(workspace_bytes, 4096));
        for (std::size_t column = 0; column < size(n); ++column) {
            for (std::size_t row = 0; row < size(m); ++row) {
                float sum = 0;
                for (std::size_t i = 0; i < size(k); ++i) {
                    sum += valueAt(a, a_type, row * size(a_pitch) + i) * valueAt(b, b_type, column * size(b_pitch) + i);
                }
                float& to = static_cast<float*>(c)[column * size(c_pitch) + row];
                to = before == 0 ? scale * sum : scale * sum + before * to;
            }
        }
    };
    cudaLaunchHostFunc(
        handle->stream,
        [](void* data) {
            const auto* work = static_cast<std::function<void()>*>(data);
            (*work)();
            delete work;
        },
        new std::function<void()>(run));
    return CUBLAS_STATUS_SUCCESS;
}

std::uint64_t cuda_emulation::blasProducts() {
    return g_products;
}

// In place of kernels/cuda/cublas_library.cpp.
namespace moescope::cuda {

std::string cublasName() {
    return "libcublas.so.13";
}

void* cublasFunction(const char* name) {
    if (!cuda_emulation::machine().cublas) return nullptr;
    const std::pair<const char*, void*> functions[] = {
        {"cublasCreate_v2", reinterpret_cast<void*>(&cublasCreate_v2)},
        {"cublasDestroy_v2", reinterpret_cast<void*>(&cublasDestroy_v2)},
        {"cublasSetStream_v2", reinterpret_cast<void*>(&cublasSetStream_v2)},
        {"cublasSetWorkspace_v2", reinterpret_cast<void*>(&cublasSetWorkspace_v2)},
        {"cublasSetMathMode", reinterpret_cast<void*>(&cublasSetMathMode)},
        {"cublasGemmEx", reinterpret_cast<void*>(&cublasGemmEx)},
    };
    for (const auto& [known, function] : functions) {
        if (std::string_view(known) == name) return function;
    }
    return nullptr;
}

}  // namespace moescope::cuda
