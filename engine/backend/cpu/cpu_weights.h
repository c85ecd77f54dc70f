#pragma once
// A model's weights in the packed form of the CPU kernels.

#include <cstdint>
#include <deque>
#include <variant>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/backend/cpu/huge_buffer.h"
#include "engine/backend/cpu/packed_store.h"
#include "engine/backend/thread_pool.h"
#include "engine/model/model_source.h"
#include "kernels/packed_matrix.h"

namespace moescope {

/// A SwiGLU network; all three matrices are packed.
struct CpuFfn {
    PackedMatrix gate, up, down;
};

/// Attention's matrices; see MhaMatrices.
struct CpuMha {
    PackedMatrix query, key, value;
};

/// See MlaMatrices; `key_b` and `value_b` have one matrix a head.
struct CpuMla {
    PackedMatrix query, query_a, query_b, kv_a;
    std::vector<PackedMatrix> key_b, value_b;
    std::vector<PackedMatrix> key_up;  ///< key_b the other way: (plainDim(), latent) a head
    const float* query_a_norm = nullptr;
    const float* kv_a_norm = nullptr;
};

struct CpuLayer {
    const float* attention_norm = nullptr;
    const float* ffn_norm = nullptr;
    std::variant<CpuMha, CpuMla> attention;
    PackedMatrix attention_output;
    PackedMatrix router;
    const float* router_bias = nullptr;  ///< (experts), or null
    std::vector<CpuFfn> ffns;  ///< dense: one; MoE: the routed experts in order, then the shared one if there is one
    bool moe = false;
    bool shared = false;  ///< the last of `ffns` is the shared experts' network
};

/// Which weights are packed: all, or the routed experts only, for a GPU that has no room for them. Of layers loaded
/// so, `ffns` holds the routed experts and `shared` is false; dense layers are empty.
enum class CpuWeightsPart { kAll, kRoutedExperts };

/// Owns the packed copy, and one of the embedding's rows as they are in the file: nothing is read from the file after
/// loading, so that it may be moved, overwritten or lost with its drive. Or has both mapped from a store.
class CpuWeights {
public:
    /// Packs all matrices, dropping the file's pages as it goes, so that memory never holds both whole. Ends early if
    /// the file cannot be read on. All of a model is mapped, and nothing packed, if `store` has it.
    static Result<CpuWeights> load(const ModelSource& source, const ModelConfig& config, const ModelMatrices& matrices,
                                   ThreadPool& pool, const LoadControl& control,
                                   CpuWeightsPart part = CpuWeightsPart::kAll, const PackedStore* store = nullptr);

    /// bytes() of a model, all of it, before it is loaded.
    static std::uint64_t bytesFor(const ModelMatrices& matrices);

    const std::vector<CpuLayer>& layers() const { return m_layers; }
    const PackedMatrix& output() const { return m_output; }
    const float* outputNorm() const { return m_output_norm; }
    TensorType embeddingType() const { return m_embedding_type; }
    /// The row of a token, as the file has it. Only if all was loaded.
    const std::byte* embeddingRow(std::size_t token) const { return m_embedding + token * m_embedding_row_bytes; }
    std::uint64_t bytes() const { return m_bytes; }
    unsigned char* data() const { return m_buffer.data(); }  ///< where all of it is, bytes() of it; null if mapped

    bool mapped() const { return !m_mapped.bytes.empty(); }
    /// Whether what is mapped is still what it was; see MappedFile. Ok if nothing is.
    Status intact() const { return m_mapped.file.intact(); }
    /// Brings all that is mapped into memory, in its order, until a stop.
    void readAhead(const std::stop_token& stop) const;
    /// All of it as a store has it, and what to keep it under. Only if all was loaded.
    std::span<const std::byte> packed() const { return {m_embedding, m_bytes}; }
    const PackedKey& key() const { return m_key; }

private:
    class PackList;
    /// Reads the source and packs all of the list into the buffer.
    Status pack(const ModelSource& file, const MatrixSource* embedding, const PackList& list, ThreadPool& pool,
                const LoadControl& control);
    /// Layers with room for what the model has in each.
    void makeLayers(const ModelConfig& config, const ModelMatrices& matrices, bool all);
    /// Where matrix `index` of a role goes; null for what is not packed.
    PackedMatrix* place(MatrixRole role, std::size_t layer, std::size_t index);
    /// Where a vector of F32 of that role goes; null for what is none.
    const float** vector(MatrixRole role, std::size_t layer);
    const float* keepFloats(const MatrixSource& source);

    HugeBuffer m_buffer;
    PackedWeights m_mapped;
    std::uint64_t m_bytes = 0;
    PackedKey m_key;
    std::vector<CpuLayer> m_layers;
    std::deque<std::vector<float>> m_norms;  // owns what the pointers to norms look at
    const float* m_output_norm = nullptr;
    PackedMatrix m_output;
    TensorType m_embedding_type = TensorType::kF32;
    std::size_t m_embedding_row_bytes = 0;
    const std::byte* m_embedding = nullptr;
};

}  // namespace moescope
