#include "engine/backend/cuda/cuda_weights.h"

#include "engine/backend/cuda/mla_forms.h"
#include "engine/backend/cuda/uploader.h"
#include "engine/format/transpose.h"

namespace moescope {

/// Gives every matrix its place, first to count bytes and then for good.
class CudaWeights::Layouter {
public:
    struct Job {
        const MatrixSource* source;
        std::size_t index;
        unsigned char* target;
        bool transpose;
    };

    explicit Layouter(unsigned char* memory) : m_arena(memory) {}

    cuda::Matrix matrix(const MatrixSource& m, std::size_t index = 0) {
        auto* at = m_arena.take<unsigned char>(cudaPackedBytes(m.type, m.rows, m.columns));
        m_jobs.push_back({&m, index, at, false});
        return {m.type, static_cast<int>(m.rows), static_cast<int>(m.columns), at};
    }
    const float* floats(const MatrixSource& m) { return reinterpret_cast<const float*>(matrix(m).data); }

    /// The first `count` matrices of a source, one after another.
    cuda::ExpertMatrices stack(const MatrixSource& m, std::size_t count, bool transpose = false) {
        cuda::ExpertMatrices e{m.type, static_cast<int>(m.rows), static_cast<int>(m.columns), nullptr, nullptr};
        if (transpose) {
            std::swap(e.rows, e.columns);
            e.type = transposedType(m.type);
        }
        const std::size_t bytes =
            cudaPackedBytes(e.type, static_cast<std::uint64_t>(e.rows), static_cast<std::uint64_t>(e.columns));
        auto* at = m_arena.take<unsigned char>(bytes * count);
        e.data = at;
        for (std::size_t i = 0; i < count; ++i) m_jobs.push_back({&m, i, at ? at + i * bytes : nullptr, transpose});
        return e;
    }

    Arena& arena() { return m_arena; }
    const std::vector<Job>& jobs() const { return m_jobs; }

private:
    Arena m_arena;
    std::vector<Job> m_jobs;
};

std::uint64_t cudaPackedBytes(TensorType type, std::uint64_t rows, std::uint64_t columns) {
    return cuda::packedBytes(type, rows, columns);
}

cuda::Matrix* CudaWeights::attentionMatrix(CudaLayer& layer, MatrixRole role) {
    auto* mha = std::get_if<CudaMha>(&layer.attention);
    auto* mla = std::get_if<CudaMla>(&layer.attention);
    switch (role) {
        case MatrixRole::kQuery:
            return mla ? &mla->query : &mha->query;
        case MatrixRole::kKey:
            return &mha->key;
        case MatrixRole::kValue:
            return &mha->value;
        case MatrixRole::kQueryA:
            return &mla->query_a;
        case MatrixRole::kQueryB:
            return &mla->query_b;
        case MatrixRole::kKvA:
            return &mla->kv_a;
        case MatrixRole::kAttentionOutput:
            return &layer.attention_output;
        default:
            return nullptr;
    }
}

void CudaWeights::layOut(Layouter& to, const ModelConfig& config, const ModelMatrices& matrices,
                         const Placement& placement) {
    if (!placement.whole) {
        m_slots = to.arena().take<std::int32_t>(static_cast<std::size_t>(config.moeLayers()) *
                                                static_cast<std::size_t>(config.experts));
    }
    forEachMatrix(matrices, [&](const MatrixSource& m, MatrixRole role, std::size_t index) {
        using enum MatrixRole;
        if (role == kEmbedding) {
            m_embedding = to.matrix(m);
            if (!matrices.output) m_output = m_embedding;
            return;
        }
        if (role == kOutput) return void(m_output = to.matrix(m));
        if (role == kOutputNorm) return void(m_output_norm = to.floats(m));
        CudaLayer& layer = m_layers[index];
        auto* mla = std::get_if<CudaMla>(&layer.attention);
        const auto routed = [&] {
            const std::size_t moe_layer = index - static_cast<std::size_t>(config.dense_layers);
            cuda::ExpertMatrices experts = to.stack(m, static_cast<std::size_t>(placement.on_card[moe_layer]));
            if (m_slots) experts.slots = m_slots + moe_layer * static_cast<std::size_t>(config.experts);
            return experts;
        };
        if (cuda::Matrix* matrix = attentionMatrix(layer, role)) return void(*matrix = to.matrix(m));
        switch (role) {
            case kAttentionNorm:
                layer.attention_norm = to.floats(m);
                break;
            case kFfnNorm:
                layer.ffn_norm = to.floats(m);
                break;
            case kQueryANorm:
                mla->query_a_norm = to.floats(m);
                break;
            case kKvANorm:
                mla->kv_a_norm = to.floats(m);
                break;
            case kKeyB:
                mla->key_b = to.stack(m, m.count, usedTransposed(matrices, role, index));
                if (expandFrom(config.attention) > 0) {
                    mla->key_up = to.stack(m, m.count, !usedTransposed(matrices, role, index));
                }
                break;
            case kValueB:
                mla->value_b = to.stack(m, m.count);
                break;
            case kRouter:
                layer.router = to.floats(m);
                layer.ffn.experts = config.experts;
                break;
            case kRouterBias:
                layer.router_bias = to.floats(m);
                break;
            case kDenseGate:
            case kSharedGate:
                layer.ffn.shared_gate = to.matrix(m);
                break;
            case kDenseUp:
            case kSharedUp:
                layer.ffn.shared_up = to.matrix(m);
                break;
            case kDenseDown:
            case kSharedDown:
                layer.ffn.shared_down = to.matrix(m);
                break;
            case kRoutedGate:
                layer.ffn.gate = routed();
                break;
            case kRoutedUp:
                layer.ffn.up = routed();
                break;
            case kRoutedDown:
                layer.ffn.down = routed();
                break;
            default:
                break;
        }
    });
}

Result<CudaWeights> CudaWeights::load(const ModelSource& source, const ModelConfig& config,
                                      const ModelMatrices& matrices, const Placement& placement, bool release_pages,
                                      ThreadPool& pool, const LoadControl& control) {
    CudaWeights w;
    w.m_dense_layers = config.dense_layers;
    w.m_layers.resize(matrices.layers.size());
    for (CudaLayer& layer : w.m_layers) {
        if (config.attention.latent > 0) layer.attention = CudaMla();
    }
    Layouter counting(nullptr);
    w.layOut(counting, config, matrices, placement);
    auto memory = DeviceBuffer::allocate(counting.arena().used(), "hold the model");
    if (!memory.ok()) return memory.status();
    w.m_memory = std::move(*memory);
    Layouter placing(w.m_memory.data());
    w.layOut(placing, config, matrices, placement);

    // What a whole placement leaves to do after this is nothing; otherwise the CPU's copy follows.
    const double share =
        placement.whole ? 1.0 : static_cast<double>(w.bytes()) / static_cast<double>(w.bytes() + placement.ram_bytes);
    auto uploader = Uploader::create(source, pool, control, w.bytes(), share, release_pages);
    if (!uploader.ok()) return uploader.status();
    for (const Layouter::Job& job : placing.jobs()) {
        if (control.stop.stop_requested()) return stopped("Loading the model was stopped.");
        if (Status s = uploader->add(*job.source, job.index, job.target, job.transpose); !s.ok()) return s;
    }
    if (Status s = uploader->finish(); !s.ok()) return s;

    if (w.m_slots) {
        std::vector<std::int32_t> slots;
        for (const int on_card : placement.on_card) {
            for (int e = 0; e < config.experts; ++e) slots.push_back(e < on_card ? e : -1);
        }
        const cudaError_t error =
            cudaMemcpy(w.m_slots, slots.data(), slots.size() * sizeof(std::int32_t), cudaMemcpyHostToDevice);
        if (Status s = check(error, "copy weights"); !s.ok()) return s;
        if (Status s = check(cudaDeviceSynchronize(), "copy weights"); !s.ok()) return s;
    }
    return w;
}

CudaWeights::ExpertPlace CudaWeights::place(int moe_layer, int slot) const {
    const cuda::ExpertFfn& ffn = m_layers[static_cast<std::size_t>(m_dense_layers + moe_layer)].ffn;
    const auto at = [&](const cuda::ExpertMatrices& m) {
        const std::size_t bytes =
            cuda::packedBytes(m.type, static_cast<std::size_t>(m.rows), static_cast<std::size_t>(m.columns));
        return const_cast<unsigned char*>(m.data) + bytes * static_cast<std::size_t>(slot);
    };
    return {at(ffn.gate), at(ffn.up), at(ffn.down)};
}

}  // namespace moescope
