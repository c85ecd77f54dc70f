#pragma once
// Products of float weights and many tokens by cuBLAS, which is loaded when a model with such weights is: the library
// is larger than everything else together, and most models that a GPU is used for have quantized weights only.
//
// Nothing is rounded that our own kernels do not round. Weights stay as they are; tensor cores multiply 16-bit
// activations, so an F32 row goes in as a sum of 16-bit rows: of three for BF16 (24 bits in all), of two for F16 (22
// bits), scaled by a power of two so that neither large nor small values leave F16's range. All parts are rows of one
// product, whose F32 results are added. F32 weights are multiplied as F32, never as TF32. Sums are F32.

#include <cuda_runtime.h>

#include <memory>
#include <string>

#include "kernels/cuda/activations.h"
#include "kernels/cuda/matmul.h"
#include "kernels/cuda/weights.h"

namespace moescope::cuda {

/// What the products of a model need, in bytes.
struct BlasNeeds {
    std::size_t part_row = 0;     ///< the 16-bit parts of the widest token
    std::size_t product_row = 0;  ///< the results of one token's parts
    std::size_t network_row = 0;  ///< gate and up of one token in the widest network
    bool any = false;

    /// Counts a matrix, if it is one for cuBLAS.
    void add(TensorType type, std::size_t rows, std::size_t columns);
};

/// Device memory that products use, one after another.
struct BlasWorkspace {
    unsigned char* library = nullptr;  ///< cuBLAS's own; with it, the same input gives the same bits
    unsigned char* parts = nullptr;
    float* scales = nullptr;
    float* products = nullptr;
    std::size_t products_bytes = 0;
    int tokens = 0;  ///< rows that fit into `parts` and `scales`
};
inline constexpr std::size_t kBlasLibraryBytes = 32u << 20;  ///< what NVIDIA recommends for the largest GPUs
/// Bytes of BlasWorkspace::products: results of 64 MiB or of one token at a time.
std::size_t blasProductsBytes(const BlasNeeds& needs, int tokens);

/// A handle of cuBLAS on the current GPU. One thread at a time.
class Blas {
public:
    /// Null where the library cannot be used; `problem` is then the sentence's middle: "libcublas.so.13 is missing".
    static std::unique_ptr<Blas> create(std::string& problem);
    ~Blas();
    Blas(const Blas&) = delete;
    Blas& operator=(const Blas&) = delete;

    /// Products from now on go to this stream and use this memory.
    void use(cudaStream_t stream, const BlasWorkspace& work);
    /// As matmul() of one product with float weights. Not while the stream is being recorded.
    void multiply(const Product& product, const Activations& input, int tokens);
    /// Whether anything was refused since the last use(): results are worthless then.
    bool failed() const { return m_failed; }

private:
    Blas() = default;
    struct Library;
    void call(const void* weights, int type, int pitch, const void* rows, int row_pitch, int columns, int weight_rows,
              int count, float* y, bool add);

    std::unique_ptr<Library> m_library;
    cudaStream_t m_stream = nullptr;
    BlasWorkspace m_work;
    bool m_failed = false;
};

/// The function of cuBLAS of that name; null if the library is not there or lacks it. The library stays loaded.
void* cublasFunction(const char* name);
/// What the library's file is called, for sentences.
std::string cublasName();

}  // namespace moescope::cuda
