#include "engine/backend/cpu/kv_cache.h"

#include <fmt/format.h>

namespace moescope {
namespace {

/// Of one head's keys, or its values.
std::size_t halfBytes(KvType type, int dim, int context) {
    const std::size_t positions = (static_cast<std::size_t>(context) + kKvGroup - 1) / kKvGroup * kKvGroup;
    return (positions * kvBytes(type, static_cast<std::size_t>(dim)) + 63) / 64 * 64;
}

}  // namespace

std::uint64_t KvCache::bytesFor(const ModelConfig& config, KvType type, int context) {
    const AttentionShape& a = config.attention;
    return (halfBytes(type, a.key_dim, context) + halfBytes(type, a.value_dim, context)) *
           static_cast<std::size_t>(config.layers) * static_cast<std::size_t>(a.kv_heads);
}

Result<KvCache> KvCache::create(const ModelConfig& config, KvType type, int context) {
    const AttentionShape& a = config.attention;
    for (const int dim : {a.key_dim, a.value_dim}) {
        if (type == KvType::kQ8_0 && dim % 32) {
            return unsupported(
                fmt::format("A Q8_0 cache needs heads of a multiple of 32 values; this model's have {}.", dim));
        }
    }
    KvCache cache;
    auto buffer = HugeBuffer::allocate(bytesFor(config, type, context));
    if (!buffer.ok()) return buffer.status();
    cache.m_buffer = std::move(*buffer);
    cache.m_type = type;
    cache.m_context = context;
    cache.m_kv_heads = a.kv_heads;
    cache.m_key_dim = static_cast<std::size_t>(a.key_dim);
    cache.m_value_dim = static_cast<std::size_t>(a.value_dim);
    cache.m_key_bytes = halfBytes(type, a.key_dim, context);
    cache.m_value_bytes = halfBytes(type, a.value_dim, context);
    return cache;
}

KvHead KvCache::head(int layer, int kv_head) const {
    const std::size_t index =
        static_cast<std::size_t>(layer) * static_cast<std::size_t>(m_kv_heads) + static_cast<std::size_t>(kv_head);
    unsigned char* keys = m_buffer.data() + (m_key_bytes + m_value_bytes) * index;
    return {m_type, m_key_dim, m_value_dim, keys, keys + m_key_bytes};
}

}  // namespace moescope
