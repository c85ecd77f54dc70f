#include "engine/backend/cuda/cards.h"

#include <cuda_runtime.h>

namespace moescope {

CudaFacts cudaFacts() {
    CudaFacts facts;
    if (cudaRuntimeGetVersion(&facts.runtime_version) != cudaSuccess) return facts;
    if (cudaDriverGetVersion(&facts.driver_version) != cudaSuccess) facts.driver_version = 0;
    if (facts.driver_version == 0) {
        facts.card_without_driver = hasNvidiaCard();
        return facts;
    }
    int count = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    cudaGetLastError();
    if (error == cudaErrorNoDevice || error == cudaErrorInsufficientDriver) return facts;
    if (error != cudaSuccess) {
        facts.error = cudaGetErrorString(error);
        return facts;
    }
    for (int i = 0; i < count; ++i) {
        CudaCard card;
        card.device = i;
        cudaDeviceProp properties = {};
        if (cudaGetDeviceProperties(&properties, i) != cudaSuccess) {
            cudaGetLastError();
            continue;
        }
        card.name = properties.name;
        card.major = properties.major;
        card.minor = properties.minor;
        card.memory_bytes = properties.totalGlobalMem;
        std::size_t free = 0, total = 0;
        if (cudaSetDevice(i) == cudaSuccess && cudaMemGetInfo(&free, &total) == cudaSuccess) card.free_bytes = free;
        cudaGetLastError();
        facts.cards.push_back(std::move(card));
    }
    return facts;
}

}  // namespace moescope
