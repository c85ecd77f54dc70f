#include "engine/backend/cpu/cpu_weights.h"

#include <atomic>
#include <cstring>

namespace moescope {
namespace {

/// One matrix to pack: where it comes from in the file, and which matrix of the layers it becomes.
struct PackJob {
    const GgufTensor* tensor;
    std::size_t index;  ///< which of the tensor's matrices (expert)
    PackedMatrix* matrix;
};

std::size_t aligned(std::size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

std::vector<float> floats(const GgufTensor& tensor) {
    std::vector<float> values(tensor.data.size() / sizeof(float));
    std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
    return values;
}

/// All packing of a model as one list; sets type and shape of each matrix.
class PackList {
public:
    void add(const GgufTensor* tensor, PackedMatrix& matrix, std::size_t index = 0) {
        const std::size_t rows = tensor->dims.size() > 1 ? tensor->dims[1] : 1;
        matrix = {tensor->type, rows, tensor->columns(), nullptr};
        m_jobs.push_back({tensor, index, &matrix});
        m_bytes += aligned(matrix.bytes());
    }
    void add(const FfnTensors& tensors, CpuFfn& ffn, std::size_t index = 0) {
        add(tensors.gate, ffn.gate, index);
        add(tensors.up, ffn.up, index);
        add(tensors.down, ffn.down, index);
    }

    const std::vector<PackJob>& jobs() const { return m_jobs; }
    std::size_t bytes() const { return m_bytes; }

private:
    std::vector<PackJob> m_jobs;
    std::size_t m_bytes = 0;
};

void packMatrix(const GgufFile& file, const PackJob& job, unsigned char* target, std::size_t first_group,
                std::size_t last_group) {
    const PackedMatrix& m = *job.matrix;
    const std::size_t row_bytes = rowBytes(m.type, m.columns);
    const std::byte* source = job.tensor->data.data() + job.index * m.rows * row_bytes;
    const std::size_t last_row = std::min(m.rows, last_group * kGroupRows);
    file.populate({source + first_group * kGroupRows * row_bytes, source + last_row * row_bytes});
    for (std::size_t g = first_group; g < last_group; ++g) {
        packGroup(m.type, m.columns, source + g * kGroupRows * row_bytes, std::min(kGroupRows, m.rows - g * kGroupRows),
                  target + g * m.groupBytes());
    }
}

/// Copies a tensor as it is.
void copyTensor(const GgufFile& file, const GgufTensor& tensor, unsigned char* target, ThreadPool& pool) {
    constexpr std::size_t kPieceBytes = 1u << 20;
    pool.run((tensor.data.size() + kPieceBytes - 1) / kPieceBytes, [&](std::size_t piece, int) {
        const std::size_t at = piece * kPieceBytes;
        const auto part = tensor.data.subspan(at, std::min(kPieceBytes, tensor.data.size() - at));
        file.populate(part);
        std::memcpy(target + at, part.data(), part.size());
    });
}

}  // namespace

Result<CpuWeights> CpuWeights::load(const GgufFile& file, const ModelConfig& config, const ModelTensors& tensors,
                                    ThreadPool& pool, const LoadControl& control, CpuWeightsPart part) {
    const bool all = part == CpuWeightsPart::kAll;
    CpuWeights w;
    w.m_output_norm = floats(*tensors.output_norm);
    w.m_layers.resize(tensors.layers.size());
    w.m_norms.reserve(2 * tensors.layers.size());
    PackList list;
    if (all) list.add(tensors.output, w.m_output);
    for (std::size_t i = 0; i < w.m_layers.size(); ++i) {
        const LayerTensors& from = tensors.layers[i];
        CpuLayer& to = w.m_layers[i];
        to.attention_norm = w.m_norms.emplace_back(floats(*from.attention_norm)).data();
        to.ffn_norm = w.m_norms.emplace_back(floats(*from.ffn_norm)).data();
        if (all) {
            list.add(from.query, to.query);
            list.add(from.key, to.key);
            list.add(from.value, to.value);
            list.add(from.attention_output, to.attention_output);
        }
        to.moe = from.router != nullptr;
        to.shared = all && from.shared;
        if (!all && !to.moe) continue;
        to.ffns.resize(to.moe ? static_cast<std::size_t>(config.experts) + to.shared : 1);
        if (!to.moe) {
            list.add(from.dense, to.ffns[0]);
            continue;
        }
        if (all) list.add(from.router, to.router);
        // Tensor by tensor and not expert by expert, so that the file is read from front to back.
        const auto experts = static_cast<std::size_t>(config.experts);
        for (std::size_t e = 0; e < experts; ++e) list.add(from.routed.gate, to.ffns[e].gate, e);
        for (std::size_t e = 0; e < experts; ++e) list.add(from.routed.up, to.ffns[e].up, e);
        for (std::size_t e = 0; e < experts; ++e) list.add(from.routed.down, to.ffns[e].down, e);
        if (to.shared) list.add(from.shared, to.ffns.back());
    }

    const std::size_t embedding_bytes = all ? aligned(tensors.embedding->data.size()) : 0;
    auto buffer = HugeBuffer::allocate(list.bytes() + embedding_bytes);
    if (!buffer.ok()) return buffer.status();
    w.m_buffer = std::move(*buffer);

    unsigned char* target = w.m_buffer.data();
    const GgufTensor* previous = nullptr;
    if (all) {
        const GgufTensor& embedding = *tensors.embedding;
        copyTensor(file, embedding, target, pool);
        w.m_embedding_type = embedding.type;
        w.m_embedding_row_bytes = rowBytes(embedding.type, embedding.columns());
        w.m_embedding = reinterpret_cast<const std::byte*>(target);
        target += embedding_bytes;
        previous = &embedding;
    }
    // Matrices in turn, each by all threads: a step takes milliseconds, so stopping and progress are fine-grained.
    for (const PackJob& job : list.jobs()) {
        if (control.stop.stop_requested()) return stopped("Loading the model was stopped.");
        if (previous != job.tensor) {
            if (previous) file.release(*previous);
            if (Status status = file.intact(); !status.ok()) return status;
        }
        previous = job.tensor;
        constexpr std::size_t kGroupsPerTask = 16;
        const std::size_t groups = job.matrix->groups();
        pool.run((groups + kGroupsPerTask - 1) / kGroupsPerTask, [&](std::size_t task, int) {
            if (control.stop.stop_requested()) return;
            packMatrix(file, job, target, task * kGroupsPerTask, std::min(groups, (task + 1) * kGroupsPerTask));
        });
        job.matrix->data = target;
        target += aligned(job.matrix->bytes());
        if (control.progress) {
            control.progress(static_cast<double>(target - w.m_buffer.data()) / static_cast<double>(w.m_buffer.size()));
        }
    }
    if (control.stop.stop_requested()) return stopped("Loading the model was stopped.");
    if (previous) file.release(*previous);
    if (Status status = file.intact(); !status.ok()) return status;
    return w;
}

}  // namespace moescope
