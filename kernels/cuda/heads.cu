// Products with a matrix per head.

#include "kernels/cuda/dot.h"
#include "kernels/cuda/expert_kernels.h"
#include "kernels/cuda/heads.h"
#include "kernels/cuda/tile.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kThreads = 128;
constexpr unsigned kBlockRows = kThreads / kRowLanes;

struct HeadArguments {
    ExpertView weights;
    Activations input;
    float* y;
    unsigned heads, tokens;
    bool shared;

    __device__ int rowOfInput(unsigned token, unsigned head) const {
        return static_cast<int>(shared ? token : token * heads + head);
    }
};

/// One token: blocks go by rows and heads.
__global__ void __launch_bounds__(kThreads) headVectorKernel(const __grid_constant__ HeadArguments a) {
    allowNext();
    const MatrixView& weights = a.weights.matrix;
    const unsigned head = blockIdx.y, rows = static_cast<unsigned>(weights.rows);
    const unsigned row = blockIdx.x * kBlockRows + threadIdx.x / kRowLanes;
    const float y = dotRow(weights.type, a.weights.at(static_cast<int>(head)), weights.planes, weights.columns,
                           row < rows ? row : rows - 1, rowOf(a.input, a.rowOfInput(0, head)));
    if (threadIdx.x % kRowLanes == 0 && row < rows) a.y[static_cast<std::size_t>(head) * rows + row] = y;
}

/// Several tokens: a tile of rows and tokens of one head a block.
template <TileKind kKind, unsigned kTokens>
__global__ void __launch_bounds__(kTileThreads, 2) headRowsKernel(const __grid_constant__ HeadArguments a) {
    allowNext();
    waitForPrevious();
    const unsigned first_row = blockIdx.x * kTileRows, first_token = blockIdx.y * kTokens, head = blockIdx.z;
    const unsigned rows = static_cast<unsigned>(a.weights.matrix.rows);
    const unsigned char* data = a.weights.at(static_cast<int>(head));
    const auto& result = multiplyTile<kKind, kTokens>(
        a.input,
        [&](unsigned r) {
            return TileWeights{&a.weights.matrix, data, first_row + r};
        },
        [&](unsigned i) {
            const unsigned token = first_token + i;
            return token < a.tokens ? a.rowOfInput(token, head) : -1;
        });
    for (unsigned i = threadIdx.x; i < kTokens * kTileRows; i += kTileThreads) {
        const unsigned token = first_token + i / kTileRows, row = first_row + i % kTileRows;
        if (token >= a.tokens || row >= rows) continue;
        a.y[(static_cast<std::size_t>(token) * a.heads + head) * rows + row] = result.at[i / kTileRows][i % kTileRows];
    }
}

}  // namespace

void multiplyHeads(const ExpertMatrices& weights, int heads, HeadInput rows_of, const Activations& input, int tokens,
                   float* y, cudaStream_t stream) {
    const HeadArguments a = {
        expertView(weights),          input, y, static_cast<unsigned>(heads), static_cast<unsigned>(tokens),
        rows_of == HeadInput::kShared};
    const unsigned rows = static_cast<unsigned>(weights.rows);
    if (tokens == 1) {
        launch(headVectorKernel, dim3((rows + kBlockRows - 1) / kBlockRows, a.heads), kThreads, 0, stream, a);
        return;
    }
    withTile(tileKind(weights.type), tokens > 16, [&](auto kind, auto tile_tokens) {
        constexpr TileKind kKind = decltype(kind)::value;
        constexpr unsigned kTokens = decltype(tile_tokens)::value;
        launch(headRowsKernel<kKind, kTokens>,
               dim3((rows + kTileRows - 1) / kTileRows, (a.tokens + kTokens - 1) / kTokens, a.heads), kTileThreads,
               tileBytes<kKind, kTokens>(), stream, a);
    });
}

}  // namespace moescope::cuda
