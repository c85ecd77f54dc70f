#include "engine/backend/cpu/attention.h"

#include "engine/backend/cpu/mha_attention.h"
#include "engine/backend/cpu/mla_attention.h"

namespace moescope {

Result<std::unique_ptr<CpuAttention>> CpuAttention::create(const Tools& tools, const BackendSessionOptions& options) {
    if (tools.config.attention.latent > 0) {
        auto cache = LatentCache::create(tools.config, options.kv_type, options.context);
        if (!cache.ok()) return cache.status();
        return std::unique_ptr<CpuAttention>(
            std::make_unique<MlaAttention>(tools, std::move(*cache), options.max_batch));
    }
    auto cache = KvCache::create(tools.config, options.kv_type, options.context);
    if (!cache.ok()) return cache.status();
    return std::unique_ptr<CpuAttention>(std::make_unique<MhaAttention>(tools, std::move(*cache), options.max_batch));
}

SessionBytes CpuAttention::bytesFor(const ModelConfig& config, const BackendSessionOptions& options, int threads) {
    if (config.attention.latent > 0) return MlaAttention::bytesFor(config, options, threads);
    return MhaAttention::bytesFor(config, options, threads);
}

}  // namespace moescope
