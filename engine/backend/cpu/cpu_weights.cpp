#include "engine/backend/cpu/cpu_weights.h"

#include <cstring>

#include "engine/format/transpose.h"

namespace moescope {
namespace {

/// One matrix to pack: where it comes from, and which matrix of the layers it becomes.
struct PackJob {
    const MatrixSource* source;
    std::size_t index;  ///< which of the source's matrices (expert)
    PackedMatrix* matrix;
    bool transposed;
};

std::size_t aligned(std::size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

void packMatrix(const ModelSource& file, const PackJob& job, unsigned char* target, std::size_t first_group,
                std::size_t last_group) {
    const PackedMatrix& m = *job.matrix;
    const std::size_t row_bytes = rowBytes(m.type, m.columns);
    const std::byte* source = job.source->matrix(job.index).data();
    const std::size_t last_row = std::min(m.rows, last_group * kGroupRows);
    file.populate({source + first_group * kGroupRows * row_bytes, source + last_row * row_bytes});
    for (std::size_t g = first_group; g < last_group; ++g) {
        packGroup(m.type, m.columns, source + g * kGroupRows * row_bytes, std::min(kGroupRows, m.rows - g * kGroupRows),
                  target + g * m.groupBytes());
    }
}

/// The same for a matrix that is packed transposed; all of it.
void packTransposed(const PackJob& job, unsigned char* target) {
    const PackedMatrix& m = *job.matrix;
    const std::vector<std::byte> rows = transposed(*job.source, job.index);
    const std::size_t row_bytes = rowBytes(m.type, m.columns);
    for (std::size_t g = 0; g < m.groups(); ++g) {
        const std::size_t first = g * kGroupRows;
        packGroup(m.type, m.columns, rows.data() + first * row_bytes, std::min(kGroupRows, m.rows - first),
                  target + g * m.groupBytes());
    }
}

/// Copies a matrix as it is.
void copyMatrix(const ModelSource& file, const MatrixSource& matrix, unsigned char* target, ThreadPool& pool) {
    constexpr std::size_t kPieceBytes = 1u << 20;
    pool.run((matrix.bytes.size() + kPieceBytes - 1) / kPieceBytes, [&](std::size_t piece, int) {
        const std::size_t at = piece * kPieceBytes;
        const auto part = matrix.bytes.subspan(at, std::min(kPieceBytes, matrix.bytes.size() - at));
        file.populate(part);
        std::memcpy(target + at, part.data(), part.size());
    });
}

}  // namespace

/// All packing of a model as one list; sets type and shape of each matrix.
class CpuWeights::PackList {
public:
    void add(const MatrixSource& source, PackedMatrix& matrix, std::size_t index = 0, bool transposed = false) {
        matrix = {source.type, source.rows, source.columns, nullptr};
        if (transposed) {
            std::swap(matrix.rows, matrix.columns);
            matrix.type = transposedType(source.type);
        }
        m_jobs.push_back({&source, index, &matrix, transposed});
        m_bytes += aligned(matrix.bytes());
    }

    const std::vector<PackJob>& jobs() const { return m_jobs; }
    std::size_t bytes() const { return m_bytes; }
    /// Tells each matrix where it is, the first at `data`.
    void place(const unsigned char* data) const {
        for (const PackJob& job : m_jobs) {
            job.matrix->data = data;
            data += aligned(job.matrix->bytes());
        }
    }

private:
    std::vector<PackJob> m_jobs;
    std::size_t m_bytes = 0;
};

void CpuWeights::makeLayers(const ModelConfig& config, const ModelMatrices& matrices, bool all) {
    m_layers.resize(matrices.layers.size());
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const LayerMatrices& from = matrices.layers[i];
        CpuLayer& to = m_layers[i];
        to.moe = static_cast<bool>(from.router);
        to.shared = all && from.shared;
        if (const auto* mla = std::get_if<MlaMatrices>(&from.attention); mla && all) {
            to.attention = CpuMla{.query = {},
                                  .query_a = {},
                                  .query_b = {},
                                  .kv_a = {},
                                  .key_b = std::vector<PackedMatrix>(mla->key_b.count),
                                  .value_b = std::vector<PackedMatrix>(mla->value_b.count),
                                  .key_up = std::vector<PackedMatrix>(mla->key_b.count)};
        }
        if (to.moe || all) to.ffns.resize(to.moe ? static_cast<std::size_t>(config.experts) + to.shared : 1);
    }
}

const float* CpuWeights::keepFloats(const MatrixSource& source) {
    std::vector<float>& values = m_norms.emplace_back(source.elements());  // a deque: what is kept stays where it is
    std::memcpy(values.data(), source.bytes.data(), values.size() * sizeof(float));
    return values.data();
}

const float** CpuWeights::vector(MatrixRole role, std::size_t layer) {
    using enum MatrixRole;
    if (role == kOutputNorm) return &m_output_norm;
    CpuLayer& l = m_layers[layer];
    auto* mla = std::get_if<CpuMla>(&l.attention);
    switch (role) {
        case kAttentionNorm:
            return &l.attention_norm;
        case kFfnNorm:
            return &l.ffn_norm;
        case kRouterBias:
            return &l.router_bias;
        case kQueryANorm:
            return &mla->query_a_norm;
        case kKvANorm:
            return &mla->kv_a_norm;
        default:
            return nullptr;
    }
}

PackedMatrix* CpuWeights::place(MatrixRole role, std::size_t layer, std::size_t index) {
    using enum MatrixRole;
    if (role == kOutput) return &m_output;
    CpuLayer& l = m_layers[layer];
    auto* mha = std::get_if<CpuMha>(&l.attention);
    auto* mla = std::get_if<CpuMla>(&l.attention);
    switch (role) {
        case kQuery:
            return mla ? &mla->query : &mha->query;
        case kQueryA:
            return &mla->query_a;
        case kQueryB:
            return &mla->query_b;
        case kKvA:
            return &mla->kv_a;
        case kKeyB:
            return &mla->key_b[index];
        case kValueB:
            return &mla->value_b[index];
        case kKey:
            return &mha->key;
        case kValue:
            return &mha->value;
        case kAttentionOutput:
            return &l.attention_output;
        case kRouter:
            return &l.router;
        case kDenseGate:
        case kRoutedGate:
            return &l.ffns[index].gate;
        case kDenseUp:
        case kRoutedUp:
            return &l.ffns[index].up;
        case kDenseDown:
        case kRoutedDown:
            return &l.ffns[index].down;
        case kSharedGate:
            return &l.ffns.back().gate;
        case kSharedUp:
            return &l.ffns.back().up;
        case kSharedDown:
            return &l.ffns.back().down;
        default:
            return nullptr;
    }
}

std::uint64_t CpuWeights::bytesFor(const ModelMatrices& matrices) {
    PackList list;
    PackedMatrix matrix;
    std::uint64_t bytes = aligned(matrices.embedding.weightBytes());
    if (!matrices.output) list.add(matrices.embedding, matrix);
    forEachMatrix(matrices, [&](const MatrixSource& source, MatrixRole role, std::size_t layer) {
        if (isVector(role) || role == MatrixRole::kEmbedding) return;
        const bool turned = usedTransposed(matrices, role, layer);
        for (std::size_t i = 0; i < source.count; ++i) {
            list.add(source, matrix, i, turned);
            if (role == MatrixRole::kKeyB) list.add(source, matrix, i, !turned);
        }
    });
    return bytes + list.bytes();
}

Result<CpuWeights> CpuWeights::load(const ModelSource& file, const ModelConfig& config, const ModelMatrices& matrices,
                                    ThreadPool& pool, const LoadControl& control, CpuWeightsPart part,
                                    const PackedStore* store) {
    const bool all = part == CpuWeightsPart::kAll;
    CpuWeights w;
    w.makeLayers(config, matrices, all);
    PackList list;
    if (all && !matrices.output) list.add(matrices.embedding, w.m_output);
    // Source by source and not expert by expert, so that the file is read from front to back.
    forEachMatrix(matrices, [&](const MatrixSource& source, MatrixRole role, std::size_t layer) {
        if (!all && !isRouted(role)) return;
        if (const float** vector = w.vector(role, layer)) *vector = w.keepFloats(source);
        const auto* mla =
            role == MatrixRole::kKeyB ? &std::get<MlaMatrices>(matrices.layers[layer].attention) : nullptr;
        for (std::size_t i = 0; i < source.count; ++i) {
            PackedMatrix* matrix = w.place(role, layer, i);
            if (matrix) list.add(source, *matrix, i, mla && mla->key_b_transposed);
            if (mla)
                list.add(source, std::get<CpuMla>(w.m_layers[layer].attention).key_up[i], i, !mla->key_b_transposed);
        }
    });

    const MatrixSource* embedding = all ? &matrices.embedding : nullptr;
    const std::size_t embedding_bytes = all ? aligned(embedding->bytes.size()) : 0;
    w.m_bytes = list.bytes() + embedding_bytes;
    if (all && store) {
        w.m_key = {file.fingerprint(), w.m_bytes};
        if (auto found = store->find(w.m_key)) w.m_mapped = std::move(*found);
        w.m_mapped.file.preferHugePages();
    }
    if (!w.mapped()) {
        auto buffer = HugeBuffer::allocate(w.m_bytes);
        if (!buffer.ok()) return buffer.status();
        w.m_buffer = std::move(*buffer);
    }
    const unsigned char* data =
        w.mapped() ? reinterpret_cast<const unsigned char*>(w.m_mapped.bytes.data()) : w.m_buffer.data();
    list.place(data + embedding_bytes);
    if (embedding) {
        w.m_embedding_type = embedding->type;
        w.m_embedding_row_bytes = rowBytes(embedding->type, embedding->columns);
        w.m_embedding = reinterpret_cast<const std::byte*>(data);
    }
    Status status = w.mapped() ? file.intact() : w.pack(file, embedding, list, pool, control);
    if (!status.ok()) return status;
    return w;
}

Status CpuWeights::pack(const ModelSource& file, const MatrixSource* embedding, const PackList& list, ThreadPool& pool,
                        const LoadControl& control) {
    const MatrixSource* previous = embedding;
    if (embedding) copyMatrix(file, *embedding, m_buffer.data(), pool);
    // Matrices in turn, each by all threads: a step takes milliseconds, so stopping and progress are fine-grained.
    for (const PackJob& job : list.jobs()) {
        if (control.stop.stop_requested()) return stopped("Loading the model was stopped.");
        if (previous != job.source) {
            if (previous) file.release(previous->bytes);
            if (Status status = file.intact(); !status.ok()) return status;
        }
        previous = job.source;
        unsigned char* target = m_buffer.data() + (job.matrix->data - m_buffer.data());
        if (job.transposed) packTransposed(job, target);
        constexpr std::size_t kGroupsPerTask = 16;
        const std::size_t groups = job.transposed ? 0 : job.matrix->groups();
        pool.run((groups + kGroupsPerTask - 1) / kGroupsPerTask, [&](std::size_t task, int) {
            if (control.stop.stop_requested()) return;
            packMatrix(file, job, target, task * kGroupsPerTask, std::min(groups, (task + 1) * kGroupsPerTask));
        });
        if (control.progress) {
            const auto done = target + job.matrix->bytes() - m_buffer.data();
            control.progress(static_cast<double>(done) / static_cast<double>(m_buffer.size()));
        }
    }
    if (control.stop.stop_requested()) return stopped("Loading the model was stopped.");
    if (previous) file.release(previous->bytes);
    return file.intact();
}

void CpuWeights::readAhead(const std::stop_token& stop) const {
    constexpr std::size_t kPiece = 32u << 20;
    for (std::size_t at = 0; at < m_mapped.bytes.size() && !stop.stop_requested(); at += kPiece) {
        m_mapped.file.populate(m_mapped.bytes.subspan(at, std::min(kPiece, m_mapped.bytes.size() - at)));
    }
}

}  // namespace moescope
