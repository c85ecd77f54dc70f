#pragma once
// A model's weights on a GPU, in the layout of its kernels.

#include <cstdint>
#include <variant>
#include <vector>

#include "engine/backend/cuda/device.h"
#include "engine/backend/cuda/planner.h"
#include "engine/backend/thread_pool.h"
#include "kernels/cuda/expert_ffn.h"

namespace moescope {

/// Attention's matrices; see MhaMatrices.
struct CudaMha {
    cuda::Matrix query, key, value;
};

/// See MlaMatrices; `key_b` and `value_b` have one matrix a head.
struct CudaMla {
    cuda::Matrix query, query_a, query_b, kv_a;
    cuda::ExpertMatrices key_b, value_b;
    cuda::ExpertMatrices key_up;  ///< key_b the other way: (plainDim(), latent) a head; none without expandFrom()
    const float* query_a_norm = nullptr;
    const float* kv_a_norm = nullptr;
};

struct CudaLayer {
    const float* attention_norm = nullptr;
    const float* ffn_norm = nullptr;
    std::variant<CudaMha, CudaMla> attention;
    cuda::Matrix attention_output;
    const float* router = nullptr;       ///< null in a dense layer
    const float* router_bias = nullptr;  ///< (experts), or null
    cuda::ExpertFfn ffn;
};

/// Owns all that is on the GPU for a model. Routed experts are in places: as many per layer as the placement gives
/// it. Where all have one, expert e is in place e; otherwise a table on the GPU says where each is.
class CudaWeights {
public:
    /// Packs and copies everything. Work goes through two pinned buffers, so that packing and copying overlap.
    /// `release_pages`: the file's pages are not needed after.
    static Result<CudaWeights> load(const ModelSource& source, const ModelConfig& config, const ModelMatrices& matrices,
                                    const Placement& placement, bool release_pages, ThreadPool& pool,
                                    const LoadControl& control);

    const std::vector<CudaLayer>& layers() const { return m_layers; }
    const cuda::Matrix& embedding() const { return m_embedding; }
    const cuda::Matrix& output() const { return m_output; }
    const float* outputNorm() const { return m_output_norm; }
    std::uint64_t bytes() const { return m_memory.bytes(); }

    /// Where the place of a MoE layer's expert holds its three matrices, for whoever moves experts.
    struct ExpertPlace {
        unsigned char *gate, *up, *down;
    };
    ExpertPlace place(int moe_layer, int slot) const;
    /// (MoE layers, experts) on the GPU: the place of each expert or -1; null if all have one.
    std::int32_t* slotTable() const { return m_slots; }

private:
    class Layouter;
    /// Where a matrix of attention goes; null for another role.
    static cuda::Matrix* attentionMatrix(CudaLayer& layer, MatrixRole role);
    /// Gives every matrix its place; see Arena.
    void layOut(Layouter& to, const ModelConfig& config, const ModelMatrices& matrices, const Placement& placement);

    DeviceBuffer m_memory;
    std::vector<CudaLayer> m_layers;
    cuda::Matrix m_embedding, m_output;
    const float* m_output_norm = nullptr;
    std::int32_t* m_slots = nullptr;
    int m_dense_layers = 0;
};

/// Bytes of a matrix on the GPU.
std::uint64_t cudaPackedBytes(TensorType type, std::uint64_t rows, std::uint64_t columns);

}  // namespace moescope
