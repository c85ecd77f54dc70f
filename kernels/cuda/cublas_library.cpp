// Finds cuBLAS on this machine. Tests have another source in place of this one (tests/cuda_emulation).

#include <dlfcn.h>

#include <cstdlib>
#include <string>

#include "kernels/cuda/blas.h"

#if __has_include(<cublas_api.h>)
#include <cublas_api.h>
#endif

namespace moescope::cuda {
namespace {

void* openLibrary() {
    const std::string name = cublasName();
    // Where the loader looks, then where CUDA's installers put it.
    if (void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    for (const char* variable : {"CUDA_PATH", "CUDA_HOME"}) {
        const char* folder = std::getenv(variable);
        if (!folder) continue;
        if (void* library = dlopen((std::string(folder) + "/lib64/" + name).c_str(), RTLD_NOW | RTLD_LOCAL)) {
            return library;
        }
    }
    return dlopen(("/usr/local/cuda/lib64/" + name).c_str(), RTLD_NOW | RTLD_LOCAL);
}

}  // namespace

std::string cublasName() {
#if defined(CUBLAS_VER_MAJOR)
    return "libcublas.so." + std::to_string(CUBLAS_VER_MAJOR);
#else
    return "libcublas.so";
#endif
}

void* cublasFunction(const char* name) {
    static void* const library = openLibrary();
    return library ? dlsym(library, name) : nullptr;
}

}  // namespace moescope::cuda
