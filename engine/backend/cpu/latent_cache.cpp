#include "engine/backend/cpu/latent_cache.h"

namespace moescope {
namespace {

std::size_t layerBytes(const ModelConfig& config, KvType type, int context) {
    const std::size_t rows = static_cast<std::size_t>(context) * kvBytes(type, LatentCache::widthOf(config));
    return (rows + 63) / 64 * 64;
}

}  // namespace

std::uint64_t LatentCache::bytesFor(const ModelConfig& config, KvType type, int context) {
    return layerBytes(config, type, context) * static_cast<std::size_t>(config.layers);
}

Result<LatentCache> LatentCache::create(const ModelConfig& config, KvType type, int context) {
    LatentCache cache;
    auto buffer = HugeBuffer::allocate(bytesFor(config, type, context));
    if (!buffer.ok()) return buffer.status();
    cache.m_buffer = std::move(*buffer);
    cache.m_type = type;
    cache.m_width = widthOf(config);
    cache.m_row_bytes = kvBytes(type, cache.m_width);
    cache.m_layer_bytes = layerBytes(config, type, context);
    cache.m_context = context;
    return cache;
}

}  // namespace moescope
