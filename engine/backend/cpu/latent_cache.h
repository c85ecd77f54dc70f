#pragma once
// The latents of one session's positions, for all layers: what MLA caches in place of keys and values.

#include "engine/backend/cpu/huge_buffer.h"
#include "engine/model/config.h"
#include "kernels/kv_layout.h"

namespace moescope {

/// A row a position and layer: the latent, the values that rotate, and zeros up to a multiple of 32. Rows follow one
/// another; memory is taken as positions are used.
class LatentCache {
public:
    static Result<LatentCache> create(const ModelConfig& config, KvType type, int context);
    static std::uint64_t bytesFor(const ModelConfig& config, KvType type, int context);
    /// Values of a row.
    static std::size_t widthOf(const ModelConfig& config) {
        return static_cast<std::size_t>((config.attention.latent + config.attention.rope_dim + 31) / 32 * 32);
    }

    unsigned char* layer(int layer) const { return m_buffer.data() + static_cast<std::size_t>(layer) * m_layer_bytes; }
    unsigned char* row(int layer, std::size_t position) const { return this->layer(layer) + position * m_row_bytes; }
    KvType type() const { return m_type; }
    std::size_t width() const { return m_width; }
    int context() const { return m_context; }
    std::uint64_t bytes() const { return m_buffer.size(); }

private:
    HugeBuffer m_buffer;
    KvType m_type = KvType::kF16;
    std::size_t m_width = 0, m_row_bytes = 0, m_layer_bytes = 0;
    int m_context = 0;
};

}  // namespace moescope
