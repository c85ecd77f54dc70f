#include "engine/backend/cpu/kv_cache.h"

#include <fmt/format.h>

namespace moescope {
namespace {

std::size_t halfBytes(const ModelConfig& config, KvType type, int context) {
    const std::size_t positions = (static_cast<std::size_t>(context) + kKvGroup - 1) / kKvGroup * kKvGroup;
    return (positions * kvBytes(type, static_cast<std::size_t>(config.head_dim)) + 63) / 64 * 64;
}

}  // namespace

std::uint64_t KvCache::bytesFor(const ModelConfig& config, KvType type, int context) {
    return 2 * halfBytes(config, type, context) * static_cast<std::size_t>(config.layers) *
           static_cast<std::size_t>(config.kv_heads);
}

Result<KvCache> KvCache::create(const ModelConfig& config, KvType type, int context) {
    if (type == KvType::kQ8_0 && config.head_dim % 32) {
        return unsupported(
            fmt::format("A Q8_0 cache needs heads of a multiple of 32 values; this model's have {}.", config.head_dim));
    }
    KvCache cache;
    auto buffer = HugeBuffer::allocate(bytesFor(config, type, context));
    if (!buffer.ok()) return buffer.status();
    cache.m_buffer = std::move(*buffer);
    cache.m_type = type;
    cache.m_context = context;
    cache.m_kv_heads = config.kv_heads;
    cache.m_dim = static_cast<std::size_t>(config.head_dim);
    cache.m_half_bytes = halfBytes(config, type, context);
    return cache;
}

KvHead KvCache::head(int layer, int kv_head) const {
    const std::size_t index =
        static_cast<std::size_t>(layer) * static_cast<std::size_t>(m_kv_heads) + static_cast<std::size_t>(kv_head);
    unsigned char* keys = m_buffer.data() + 2 * m_half_bytes * index;
    return {m_type, m_dim, m_dim, keys, keys + m_half_bytes};
}

}  // namespace moescope
