// Matrix-vector products: one token.

#include "kernels/cuda/dot.h"
#include "kernels/cuda/gemv.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kThreads = 128;
constexpr unsigned kBlockRows = kThreads / kRowLanes;

struct GemvArguments {
    MatrixView weights[kMaxProducts];
    float* y[kMaxProducts];
    bool add[kMaxProducts];
    unsigned first_block[kMaxProducts + 1];
    ActivationView input;
};

__global__ void __launch_bounds__(kThreads) gemvKernel(const __grid_constant__ GemvArguments a) {
    allowNext();
    unsigned p = 0;
    while (blockIdx.x >= a.first_block[p + 1]) ++p;
    const MatrixView& weights = a.weights[p];
    const unsigned row = (blockIdx.x - a.first_block[p]) * kBlockRows + threadIdx.x / kRowLanes;
    const unsigned last = static_cast<unsigned>(weights.rows) - 1;
    const float y =
        dotRow(weights.type, weights.data, weights.planes, weights.columns, row < last ? row : last, a.input);
    if (threadIdx.x % kRowLanes == 0 && row <= last) a.y[p][row] = a.add[p] ? a.y[p][row] + y : y;
}

}  // namespace

void multiplyVector(const Product* products, int count, const Activations& input, cudaStream_t stream) {
    GemvArguments a = {};
    a.input = {input.x, input.q, input.scales};
    unsigned blocks = 0;
    for (int p = 0; p < kMaxProducts; ++p) {
        a.first_block[p] = blocks;
        if (p >= count) continue;
        a.weights[p] = viewOf(products[p].weights);
        a.y[p] = products[p].y;
        a.add[p] = products[p].add;
        blocks += (static_cast<unsigned>(products[p].weights.rows) + kBlockRows - 1) / kBlockRows;
    }
    a.first_block[kMaxProducts] = blocks;
    launch(gemvKernel, blocks, kThreads, 0, stream, a);
}

}  // namespace moescope::cuda
