#pragma once
// Brings matrices of a file onto the GPU: packed by the CPU's threads into pinned memory, copied from there.

#include <vector>

#include "engine/backend/backend.h"
#include "engine/backend/cuda/device.h"
#include "engine/backend/thread_pool.h"
#include "engine/model/model_source.h"

namespace moescope {

/// Large enough to copy at the bus's full speed, small enough to be packed within some milliseconds.
inline constexpr std::size_t kUploadBufferBytes = 32u << 20;

/// Takes matrices in the order of the file. Two buffers take turns: one is packed while the other is copied.
class Uploader {
public:
    /// `all_bytes` is what will be uploaded in all, for progress, which goes from 0 to `share`. `release_pages`: gives
    /// back the file's pages as it goes, so that memory never holds much of it.
    static Result<Uploader> create(const ModelSource& file, ThreadPool& pool, const LoadControl& control,
                                   std::uint64_t all_bytes, double share, bool release_pages,
                                   std::size_t buffer_bytes = kUploadBufferBytes);

    /// Uploads matrix `index` of a source to `target`, packed, or packed once it has been transposed. Returns once the
    /// file has been read, perhaps before the GPU has it. kStopped after a stop.
    Status add(const MatrixSource& matrix, std::size_t index, unsigned char* target, bool transpose = false);
    /// Waits until the GPU has everything.
    Status finish();

private:
    /// Some rows of a matrix, in a buffer as a matrix of their own.
    struct Piece {
        const MatrixSource* from;
        std::size_t index;
        bool transpose;
        TensorType type;  ///< this and the shape are those on the GPU
        std::size_t columns;
        std::size_t rows, first, count;  ///< of the matrix; of the piece
        std::size_t offset;              ///< in the buffer
        unsigned char* target;           ///< of the matrix
    };
    void pack(const Piece& piece, std::size_t first, std::size_t count, unsigned char* packed) const;
    struct Buffer {
        PinnedBuffer memory;
        Event copied;
        bool in_use = false;
    };

    Uploader(const ModelSource& file, ThreadPool& pool, const LoadControl& control, std::uint64_t all_bytes,
             double share, bool release_pages)
        : m_file(&file),
          m_pool(&pool),
          m_control(&control),
          m_all_bytes(all_bytes),
          m_share(share),
          m_release_pages(release_pages) {}
    Status flush();
    void leave(const MatrixSource* next);
    Status copy(const Piece& piece, const unsigned char* packed);

    const ModelSource* m_file;
    ThreadPool* m_pool;
    const LoadControl* m_control;
    std::uint64_t m_all_bytes, m_done = 0;
    double m_share;
    bool m_release_pages;
    const MatrixSource* m_previous = nullptr;  // the last one that was packed
    Stream m_stream;
    Buffer m_buffers[2];
    int m_current = 0;
    std::vector<Piece> m_pieces;  // in the current buffer
    std::size_t m_used = 0;       // of the current buffer
};

}  // namespace moescope
