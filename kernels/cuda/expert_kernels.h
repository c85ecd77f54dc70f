#pragma once
// What the two ways of computing a feed-forward half share. For .cu files only.

#include "kernels/cuda/block.h"
#include "kernels/cuda/expert_ffn.h"

namespace moescope::cuda {

/// The matrices of one role as kernels see them.
struct ExpertView {
    MatrixView matrix;  ///< `data` is that of slot 0; null: there are none
    const std::int32_t* slots;

    /// An expert's matrix, or null if it is not on this GPU.
    __device__ const unsigned char* at(int expert) const {
        const int slot = slots ? slots[expert] : expert;
        return slot < 0 ? nullptr : matrix.data + static_cast<std::size_t>(slot) * matrix.planes.end;
    }
};

inline ExpertView expertView(const ExpertMatrices& m) {
    if (!m) return {};
    return {viewOf(m.type, m.rows, m.columns, m.data), m.slots};
}

void expertVector(const FfnTask& task, cudaStream_t stream);  ///< one token
void expertRows(const FfnTask& task, cudaStream_t stream);    ///< several tokens, sorted by expert

}  // namespace moescope::cuda
