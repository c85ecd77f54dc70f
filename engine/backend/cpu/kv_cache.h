#pragma once
// The keys and values of one session, for all layers and heads.

#include "engine/backend/cpu/huge_buffer.h"
#include "engine/model/config.h"
#include "kernels/kv_layout.h"

namespace moescope {

/// Memory is taken as positions are used. Layout of a head: kernels/kv_layout.h.
class KvCache {
public:
    static Result<KvCache> create(const ModelConfig& config, KvType type, int context);
    KvHead head(int layer, int kv_head) const;
    int context() const { return m_context; }
    std::uint64_t bytes() const { return m_buffer.size(); }

    /// Bytes for a cache of that many positions.
    static std::uint64_t bytesFor(const ModelConfig& config, KvType type, int context);

private:
    HugeBuffer m_buffer;
    KvType m_type = KvType::kF16;
    int m_context = 0;
    int m_kv_heads = 0;
    std::size_t m_key_dim = 0, m_value_dim = 0;
    std::size_t m_key_bytes = 0, m_value_bytes = 0;  ///< of one head
};

}  // namespace moescope
