#pragma once
// A model's weights in the packed form of the CPU kernels.

#include <cstdint>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/backend/cpu/huge_buffer.h"
#include "engine/backend/thread_pool.h"
#include "engine/model/tensors.h"
#include "kernels/packed_matrix.h"

namespace moescope {

/// A SwiGLU network; all three matrices are packed.
struct CpuFfn {
    PackedMatrix gate, up, down;
};

struct CpuLayer {
    const float* attention_norm = nullptr;
    const float* ffn_norm = nullptr;
    PackedMatrix query, key, value, attention_output;
    PackedMatrix router;
    std::vector<CpuFfn> ffns;  ///< dense: one; MoE: the routed experts in order, then the shared one if there is one
    bool moe = false;
    bool shared = false;  ///< the last of `ffns` is the shared experts' network
};

/// Which weights are packed: all, or the routed experts only, for a card that has no room for them. Of layers loaded
/// so, `ffns` holds the routed experts and `shared` is false; dense layers are empty.
enum class CpuWeightsPart { kAll, kRoutedExperts };

/// Owns the packed copy. The embedding stays in the file, a row of which is read for a token.
class CpuWeights {
public:
    /// Packs all tensors, dropping the file's pages as it goes, so that memory never holds both whole.
    static Result<CpuWeights> load(const GgufFile& file, const ModelConfig& config, const ModelTensors& tensors,
                                   ThreadPool& pool, const LoadControl& control,
                                   CpuWeightsPart part = CpuWeightsPart::kAll);

    const std::vector<CpuLayer>& layers() const { return m_layers; }
    const PackedMatrix& output() const { return m_output; }
    const float* outputNorm() const { return m_output_norm.data(); }
    const GgufTensor& embedding() const { return *m_embedding; }
    std::uint64_t bytes() const { return m_buffer.size(); }
    unsigned char* data() const { return m_buffer.data(); }  ///< where all packed matrices lie, bytes() of them

private:
    HugeBuffer m_buffer;
    std::vector<CpuLayer> m_layers;
    std::vector<std::vector<float>> m_norms;  // owns what the layers' norm pointers look at
    std::vector<float> m_output_norm;
    PackedMatrix m_output;
    const GgufTensor* m_embedding = nullptr;
};

}  // namespace moescope
