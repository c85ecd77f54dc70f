#include "engine/backend/cpu/cpu_backend.h"

#include <fmt/format.h>

#include "engine/backend/cpu/cpu_session.h"
#include "engine/backend/cpu/cpu_weights.h"

namespace moescope {
namespace {

class CpuBackend : public Backend {
public:
    CpuBackend(const ModelConfig& config, const CpuBackendOptions& options)
        : m_config(config), m_kernels(cpuKernels(options.isa)), m_pool(options.threads) {}

    Status load(const GgufFile& file, const ModelTensors& tensors, const LoadControl& control) {
        auto weights = CpuWeights::load(file, m_config, tensors, m_pool, control);
        if (!weights.ok()) return weights.status();
        m_weights = std::move(*weights);
        return {};
    }

    Result<std::unique_ptr<BackendSession>> createSession(const BackendSessionOptions& options) override {
        auto cache = KvCache::create(m_config, options.kv_type, options.context);
        if (!cache.ok()) return cache.status();
        return std::unique_ptr<BackendSession>(
            std::make_unique<CpuSession>(m_config, m_weights, m_kernels, m_pool, std::move(*cache), options.max_batch));
    }

    std::string name() const override {
        return fmt::format("CPU ({}), {} thread{}", isaName(m_kernels.isa), threads(), threads() == 1 ? "" : "s");
    }
    int threads() const override { return m_pool.threads(); }
    std::uint64_t memoryBytes() const override { return m_weights.bytes(); }

private:
    ModelConfig m_config;
    const CpuKernels& m_kernels;
    ThreadPool m_pool;
    CpuWeights m_weights;
};

}  // namespace

Result<std::unique_ptr<Backend>> loadCpuBackend(const GgufFile& file, const ModelConfig& config,
                                                const ModelTensors& tensors, const CpuBackendOptions& options,
                                                const LoadControl& control) {
    auto backend = std::make_unique<CpuBackend>(config, options);
    if (Status status = backend->load(file, tensors, control); !status.ok()) return status;
    return std::unique_ptr<Backend>(std::move(backend));
}

}  // namespace moescope
