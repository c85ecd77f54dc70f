#include "engine/backend/cuda/cuda_weights.h"

#include "engine/backend/cuda/uploader.h"

namespace moescope {
namespace {

std::size_t rowsOf(const GgufTensor& t) {
    return t.dims.size() > 1 ? t.dims[1] : 1;
}

/// Gives every matrix its place, first to count bytes and then for good.
class Layouter {
public:
    struct Job {
        const GgufTensor* tensor;
        std::size_t index;
        unsigned char* target;
    };

    explicit Layouter(unsigned char* memory) : m_arena(memory) {}

    cuda::Matrix matrix(const GgufTensor* t, std::size_t index = 0) {
        auto* at = m_arena.take<unsigned char>(cudaPackedBytes(t->type, rowsOf(*t), t->columns()));
        m_jobs.push_back({t, index, at});
        return {t->type, static_cast<int>(rowsOf(*t)), static_cast<int>(t->columns()), at};
    }
    const float* floats(const GgufTensor* t) { return reinterpret_cast<const float*>(matrix(t).data); }

    /// The first `slots` experts of a tensor, one after another.
    cuda::ExpertMatrices experts(const GgufTensor* t, int slots, const std::int32_t* table) {
        cuda::ExpertMatrices e{t->type, static_cast<int>(rowsOf(*t)), static_cast<int>(t->columns()), nullptr, table};
        const std::size_t bytes = cudaPackedBytes(t->type, rowsOf(*t), t->columns());
        auto* at = m_arena.take<unsigned char>(bytes * static_cast<std::size_t>(slots));
        e.data = at;
        for (int s = 0; s < slots; ++s) {
            const auto index = static_cast<std::size_t>(s);
            m_jobs.push_back({t, index, at ? at + index * bytes : nullptr});
        }
        return e;
    }

    Arena& arena() { return m_arena; }
    const std::vector<Job>& jobs() const { return m_jobs; }

private:
    Arena m_arena;
    std::vector<Job> m_jobs;
};

}  // namespace

std::uint64_t cudaPackedBytes(TensorType type, std::uint64_t rows, std::uint64_t columns) {
    return cuda::packedBytes(type, rows, columns);
}

Result<CudaWeights> CudaWeights::load(const GgufFile& file, const ModelConfig& config, const ModelTensors& tensors,
                                      const Placement& placement, bool release_pages, ThreadPool& pool,
                                      const LoadControl& control) {
    CudaWeights w;
    w.m_dense_layers = config.dense_layers;
    w.m_layers.resize(tensors.layers.size());
    const auto layOut = [&](Layouter& to) {
        if (!placement.whole) {
            w.m_slots = to.arena().take<std::int32_t>(static_cast<std::size_t>(config.moeLayers()) *
                                                      static_cast<std::size_t>(config.experts));
        }
        w.m_embedding = to.matrix(tensors.embedding);
        w.m_output = tensors.output == tensors.embedding ? w.m_embedding : to.matrix(tensors.output);
        w.m_output_norm = to.floats(tensors.output_norm);
        for (std::size_t i = 0; i < w.m_layers.size(); ++i) {
            const LayerTensors& from = tensors.layers[i];
            CudaLayer& layer = w.m_layers[i];
            layer.attention_norm = to.floats(from.attention_norm);
            layer.ffn_norm = to.floats(from.ffn_norm);
            layer.query = to.matrix(from.query);
            layer.key = to.matrix(from.key);
            layer.value = to.matrix(from.value);
            layer.attention_output = to.matrix(from.attention_output);
            const FfnTensors& always = from.router ? from.shared : from.dense;
            if (always) {
                layer.ffn.shared_gate = to.matrix(always.gate);
                layer.ffn.shared_up = to.matrix(always.up);
                layer.ffn.shared_down = to.matrix(always.down);
            }
            if (!from.router) continue;
            layer.router = to.floats(from.router);
            const std::size_t moe_layer = i - static_cast<std::size_t>(config.dense_layers);
            const std::int32_t* table =
                w.m_slots ? w.m_slots + moe_layer * static_cast<std::size_t>(config.experts) : nullptr;
            layer.ffn.experts = config.experts;
            layer.ffn.gate = to.experts(from.routed.gate, placement.on_card[moe_layer], table);
            layer.ffn.up = to.experts(from.routed.up, placement.on_card[moe_layer], table);
            layer.ffn.down = to.experts(from.routed.down, placement.on_card[moe_layer], table);
        }
    };

    Layouter counting(nullptr);
    layOut(counting);
    auto memory = DeviceBuffer::allocate(counting.arena().used(), "hold the model");
    if (!memory.ok()) return memory.status();
    w.m_memory = std::move(*memory);
    Layouter placing(w.m_memory.data());
    layOut(placing);

    // What a whole placement leaves to do after this is nothing; otherwise the processor's copy follows.
    const double share =
        placement.whole ? 1.0 : static_cast<double>(w.bytes()) / static_cast<double>(w.bytes() + placement.ram_bytes);
    auto uploader = Uploader::create(file, pool, control, w.bytes(), share, release_pages);
    if (!uploader.ok()) return uploader.status();
    for (const Layouter::Job& job : placing.jobs()) {
        if (control.stop.stop_requested()) return stopped("Loading the model was stopped.");
        if (Status s = uploader->add(*job.tensor, job.index, job.target); !s.ok()) return s;
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
