#include "kernels/cuda/launch.h"
#include "kernels/cuda/overlap.h"

namespace moescope::cuda {

#if defined(MOESCOPE_CUDA_EMULATION)

bool overlapKernels(bool) {
    return false;
}

#else

bool g_overlap = false;

namespace {

__global__ void probeKernel() {}

}  // namespace

bool overlapKernels(bool allowed) {
    // Code that the driver made from PTX for older GPUs does not wait for the kernel before it.
    cudaFuncAttributes built = {};
    int device = 0, major = 0;
    g_overlap = allowed && cudaGetDevice(&device) == cudaSuccess &&
                cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) == cudaSuccess &&
                major >= 9 && cudaFuncGetAttributes(&built, probeKernel) == cudaSuccess && built.ptxVersion >= 90;
    return g_overlap;
}

#endif

}  // namespace moescope::cuda
