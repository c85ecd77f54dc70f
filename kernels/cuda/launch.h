#pragma once
// Starting kernels, and what their bodies share. For .cu files only: nvcc compiles them for a card, and in tests g++
// compiles the same source for the CPU (tests/cuda_emulation), where this file is replaced by one of the same name's
// macros: MOESCOPE_BLOCK_SHARED and launch are the two places at which the compilers differ.

#include <cuda_runtime.h>

#include <cstddef>
#include <type_traits>

#if defined(MOESCOPE_CUDA_EMULATION)

#define MOESCOPE_BLOCK_SHARED(Type, name) MOESCOPE_EMULATED_SHARED(Type, name)

namespace moescope::cuda {
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes, cudaStream_t stream,
            const Arguments&... arguments) {
    cuda_emulation::launch(kernel, grid, block, shared_bytes, stream, static_cast<Parameters>(arguments)...);
}
template <class T>
T* dynamicShared() {
    return static_cast<T*>(cuda_emulation::dynamicShared());
}
}  // namespace moescope::cuda

#else

/// Declares shared memory of a block: MOESCOPE_BLOCK_SHARED(float[32], partial).
#define MOESCOPE_BLOCK_SHARED(Type, name) __shared__ std::type_identity_t<Type> name

namespace moescope::cuda {

/// The only place where kernels are started.
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes, cudaStream_t stream,
            const Arguments&... arguments) {
    // clang-format off
    kernel<<<grid, block, shared_bytes, stream>>>(static_cast<Parameters>(arguments)...);
    // clang-format on
}

/// The shared memory whose size the launch gave, 16-byte aligned.
template <class T>
__device__ inline T* dynamicShared() {
    extern __shared__ __align__(16) unsigned char moescope_dynamic_shared[];
    return reinterpret_cast<T*>(moescope_dynamic_shared);
}

}  // namespace moescope::cuda

#endif
