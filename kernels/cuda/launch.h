#pragma once
// Starting kernels, and what their bodies share. For .cu files only: nvcc compiles them for a GPU, and in tests g++
// compiles the same sources for the CPU (tests/cuda_emulation). This is the place where the two differ.
//
// Kernels overlap where the GPU can (programmatic dependent launch, sm_90 and later; see overlap.h): the next one
// starts while the last blocks of this one run, and loads weights, which nobody writes. So every kernel calls
// allowNext() when it begins, and waitForPrevious() before it reads or writes anything but weights.

#include <cuda_runtime.h>

#include <cstddef>
#include <type_traits>

#if defined(MOESCOPE_CUDA_EMULATION)

#define MOESCOPE_BLOCK_SHARED(Type, name) MOESCOPE_EMULATED_SHARED(Type, name)

namespace moescope::cuda {
inline void allowNext() {}
inline void waitForPrevious() {}

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

extern bool g_overlap;  ///< whether kernels are started before the one before them has ended

/// The only place where kernels are started.
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes, cudaStream_t stream,
            const Arguments&... arguments) {
    cudaLaunchAttribute overlap = {};
    overlap.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    overlap.val.programmaticStreamSerializationAllowed = 1;
    cudaLaunchConfig_t config = {};
    config.gridDim = grid;
    config.blockDim = block;
    config.dynamicSmemBytes = shared_bytes;
    config.stream = stream;
    config.attrs = &overlap;
    config.numAttrs = g_overlap ? 1 : 0;
    // A launch that is refused leaves the error for cudaGetLastError().
    static_cast<void>(cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...));
}

/// The next kernel on the stream may start.
__device__ inline void allowNext() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

/// What kernels before this one wrote is there, and they read nothing anymore.
__device__ inline void waitForPrevious() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

/// The shared memory whose size the launch gave, 16-byte aligned.
template <class T>
__device__ inline T* dynamicShared() {
    extern __shared__ __align__(16) unsigned char moescope_dynamic_shared[];
    return reinterpret_cast<T*>(moescope_dynamic_shared);
}

}  // namespace moescope::cuda

#endif
