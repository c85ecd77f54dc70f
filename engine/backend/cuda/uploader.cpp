#include "engine/backend/cuda/uploader.h"

#include <algorithm>
#include <array>

#include "engine/format/transpose.h"
#include "kernels/cuda/weights.h"

namespace moescope {
namespace {

/// Rows are packed in tasks of about so many bytes.
constexpr std::size_t kTaskBytes = 256u << 10;

/// One plane of a packed matrix: rows follow one another.
struct Plane {
    std::size_t offset, row_bytes;
};

std::array<Plane, 6> planesOf(TensorType type, std::size_t rows, std::size_t columns) {
    if (cuda::isFloat(type)) return {{{0, cuda::floatPitch(type, columns)}}};
    const cuda::Layout l = cuda::layout(type);
    const cuda::Planes p = cuda::planes(type, rows, columns);
    const std::size_t blocks = columns / 32;
    return {{{0, l.firstPlane() * blocks},
             {p.high_bytes, l.byte_planes ? 16 * blocks : 0},
             {p.pairs, l.pair_plane ? 8 * blocks : 0},
             {p.bits, l.bit_plane ? 4 * blocks : 0},
             {p.scales, (l.per_super ? blocks / 8 : blocks) * static_cast<std::size_t>(l.scale_bytes)},
             {p.supers, blocks / 8 * static_cast<std::size_t>(l.super_bytes)}}};
}

}  // namespace

Result<Uploader> Uploader::create(const ModelSource& file, ThreadPool& pool, const LoadControl& control,
                                  std::uint64_t all_bytes, double share, bool release_pages, std::size_t buffer_bytes) {
    Uploader u(file, pool, control, all_bytes, share, release_pages);
    auto stream = Stream::create();
    if (!stream.ok()) return stream.status();
    u.m_stream = std::move(*stream);
    for (Buffer& buffer : u.m_buffers) {
        auto memory =
            PinnedBuffer::allocate(std::min<std::uint64_t>(buffer_bytes, all_bytes), "copy weights to the GPU");
        if (!memory.ok()) return memory.status();
        buffer.memory = std::move(*memory);
        auto event = Event::create();
        if (!event.ok()) return event.status();
        buffer.copied = std::move(*event);
    }
    return u;
}

Status Uploader::add(const MatrixSource& matrix, std::size_t index, unsigned char* target, bool transpose) {
    const TensorType type = transpose ? transposedType(matrix.type) : matrix.type;
    const std::size_t columns = transpose ? matrix.rows : matrix.columns;
    const std::size_t rows = transpose ? matrix.columns : matrix.rows;
    for (std::size_t first = 0; first < rows;) {
        const std::size_t room = m_buffers[m_current].memory.bytes() - m_used;
        // Rows that fit; each plane may need up to its alignment more than its rows.
        const std::size_t whole = cuda::packedBytes(type, rows - first, columns);
        std::size_t count = rows - first;
        if (whole > room) {
            // Fill the buffer only with what would not fit into an empty one either.
            const bool large = cuda::packedBytes(type, rows, columns) > m_buffers[m_current].memory.bytes();
            count = large ? static_cast<std::size_t>(static_cast<double>(count) * static_cast<double>(room) /
                                                     static_cast<double>(whole))
                          : 0;
            while (count > 0 && cuda::packedBytes(type, count, columns) > room) --count;
            if (count == 0) {
                if (m_used == 0) return outOfRange("A row of the model's weights is larger than the upload's buffer.");
                if (Status s = flush(); !s.ok()) return s;
                continue;
            }
        }
        m_pieces.push_back({&matrix, index, transpose, type, columns, rows, first, count, m_used, target});
        m_used += cuda::packedBytes(type, count, columns);
        first += count;
    }
    return {};
}

/// Packs rows first .. first + count - 1 of a piece.
void Uploader::pack(const Piece& p, std::size_t first, std::size_t count, unsigned char* packed) const {
    const std::size_t row_bytes = rowBytes(p.type, p.columns), at = (p.first + first) * row_bytes;
    const std::span<const std::byte> matrix = p.from->matrix(p.index);
    if (p.transpose) {
        m_file->populate(matrix);
        cuda::packRows(p.type, p.count, p.columns, first, count, transposed(*p.from, p.index).data() + at, packed);
        return;
    }
    const std::span<const std::byte> rows = matrix.subspan(at, count * row_bytes);
    m_file->populate(rows);
    cuda::packRows(p.type, p.count, p.columns, first, count, rows.data(), packed);
}

Status Uploader::flush() {
    if (m_pieces.empty()) return {};
    const auto stopRequested = [&] { return m_control->stop.stop_requested(); };
    Buffer& buffer = m_buffers[m_current];
    if (buffer.in_use) {
        if (Status s = check(cudaEventSynchronize(buffer.copied), "copy weights"); !s.ok()) return s;
    }
    if (stopRequested()) return stopped("Loading the model was stopped.");

    struct Task {
        const Piece* piece;
        std::size_t first, count;  ///< rows of the piece
    };
    std::vector<Task> tasks;
    for (const Piece& piece : m_pieces) {
        const std::size_t row_bytes = rowBytes(piece.type, piece.columns);
        const std::size_t rows = std::max<std::size_t>(1, kTaskBytes / row_bytes);
        for (std::size_t at = 0; at < piece.count; at += rows) {
            tasks.push_back({&piece, at, std::min(rows, piece.count - at)});
        }
    }
    m_pool->run(tasks.size(), [&](std::size_t index, int) {
        if (stopRequested()) return;
        const auto& [piece, first, count] = tasks[index];
        pack(*piece, first, count, buffer.memory.data() + piece->offset);
    });
    if (stopRequested()) return stopped("Loading the model was stopped.");

    for (const Piece& piece : m_pieces) {
        if (Status s = copy(piece, buffer.memory.data() + piece.offset); !s.ok()) return s;
        leave(piece.from);
        m_done += cuda::packedBytes(piece.type, piece.count, piece.columns);
    }
    if (Status s = check(cudaEventRecord(buffer.copied, m_stream), "copy weights"); !s.ok()) return s;
    buffer.in_use = true;
    m_pieces.clear();
    m_used = 0;
    m_current = 1 - m_current;
    if (m_control->progress) {
        m_control->progress(std::min(1.0, m_share * static_cast<double>(m_done) / static_cast<double>(m_all_bytes)));
    }
    return {};
}

Status Uploader::copy(const Piece& piece, const unsigned char* packed) {
    const TensorType type = piece.type;
    const std::size_t columns = piece.columns;
    const auto from = planesOf(type, piece.count, columns), to = planesOf(type, piece.rows, columns);
    if (piece.count == piece.rows) {
        return check(cudaMemcpyAsync(piece.target, packed, cuda::packedBytes(type, piece.rows, columns),
                                     cudaMemcpyHostToDevice, m_stream),
                     "copy weights");
    }
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (from[i].row_bytes == 0) continue;
        const cudaError_t error =
            cudaMemcpyAsync(piece.target + to[i].offset + piece.first * to[i].row_bytes, packed + from[i].offset,
                            piece.count * from[i].row_bytes, cudaMemcpyHostToDevice, m_stream);
        if (Status s = check(error, "copy weights"); !s.ok()) return s;
    }
    return {};
}

void Uploader::leave(const MatrixSource* next) {
    if (m_release_pages && m_previous && m_previous != next) m_file->release(m_previous->bytes);
    m_previous = next;
}

Status Uploader::finish() {
    if (Status s = flush(); !s.ok()) return s;
    leave(nullptr);
    return check(cudaStreamSynchronize(m_stream), "copy weights");
}

}  // namespace moescope
