// Products of several tokens with one matrix.

#include "kernels/cuda/blas.h"
#include "kernels/cuda/gemv.h"
#include "kernels/cuda/tile.h"

namespace moescope::cuda {
namespace {

struct GemmArguments {
    MatrixView weights;
    Activations input;
    float* y;
    int tokens;
    bool add;
};

template <TileKind kKind, unsigned kTokens>
__global__ void __launch_bounds__(kTileThreads, 2) gemmKernel(const __grid_constant__ GemmArguments a) {
    allowNext();
    waitForPrevious();
    const unsigned first_row = blockIdx.x * kTileRows, first_token = blockIdx.y * kTokens;
    const unsigned rows = static_cast<unsigned>(a.weights.rows), tokens = static_cast<unsigned>(a.tokens);
    const auto& result = multiplyTile<kKind, kTokens>(
        a.input,
        [&](unsigned r) {
            return TileWeights{&a.weights, a.weights.data, first_row + r};
        },
        [&](unsigned i) { return first_token + i < tokens ? static_cast<int>(first_token + i) : -1; });
    for (unsigned i = threadIdx.x; i < kTokens * kTileRows; i += kTileThreads) {
        const unsigned token = first_token + i / kTileRows, row = first_row + i % kTileRows;
        if (token >= tokens || row >= rows) continue;
        float& y = a.y[static_cast<std::size_t>(token) * rows + row];
        const float product = result.at[i / kTileRows][i % kTileRows];
        y = a.add ? y + product : product;
    }
}

}  // namespace

void multiplyRows(const Product* products, int count, const Activations& input, int tokens, cudaStream_t stream) {
    for (int p = 0; p < count; ++p) {
        const GemmArguments a = {viewOf(products[p].weights), input, products[p].y, tokens, products[p].add};
        withTile(tileKind(a.weights.type), tokens > 16, [&](auto kind, auto tile_tokens) {
            constexpr TileKind kKind = decltype(kind)::value;
            constexpr unsigned kTokens = decltype(tile_tokens)::value;
            const unsigned rows = static_cast<unsigned>(a.weights.rows);
            launch(gemmKernel<kKind, kTokens>,
                   dim3((rows + kTileRows - 1) / kTileRows, (static_cast<unsigned>(tokens) + kTokens - 1) / kTokens),
                   kTileThreads, tileBytes<kKind, kTokens>(), stream, a);
        });
    }
}

void matmul(const Product* products, int count, const Activations& input, int tokens, cudaStream_t stream, Blas* blas) {
    if (tokens == 1) return multiplyVector(products, count, input, stream);
    for (int p = 0; p < count; ++p) {
        if (blas && isFloat(products[p].weights.type)) {
            blas->multiply(products[p], input, tokens);
        } else {
            multiplyRows(products + p, 1, input, tokens, stream);
        }
    }
}

}  // namespace moescope::cuda
