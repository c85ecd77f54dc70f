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

    Status load(const ModelSource& source, const ModelMatrices& matrices, const LoadControl& control) {
        auto weights = CpuWeights::load(source, m_config, matrices, m_pool, control);
        if (!weights.ok()) return weights.status();
        m_weights = std::move(*weights);
        return {};
    }

    Result<std::unique_ptr<BackendSession>> createSession(const BackendSessionOptions& options) override {
        auto attention = CpuAttention::create({m_config, m_kernels, m_pool}, options);
        if (!attention.ok()) return attention.status();
        return std::unique_ptr<BackendSession>(std::make_unique<CpuSession>(m_config, m_weights, m_kernels, m_pool,
                                                                            std::move(*attention), options.max_batch));
    }
    SessionBytes sessionBytes(const BackendSessionOptions& options) const override {
        return CpuSession::bytesFor(m_config, options, m_pool.threads());
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

SessionBytes cpuSessionBytes(const ModelConfig& config, const BackendSessionOptions& options, int threads) {
    return CpuSession::bytesFor(config, options, ThreadPool::threadsFor(threads));
}

Result<std::unique_ptr<Backend>> loadCpuBackend(const ModelSource& source, const ModelConfig& config,
                                                const ModelMatrices& matrices, const CpuBackendOptions& options,
                                                const LoadControl& control) {
    auto backend = std::make_unique<CpuBackend>(config, options);
    if (Status status = backend->load(source, matrices, control); !status.ok()) return status;
    return std::unique_ptr<Backend>(std::move(backend));
}

}  // namespace moescope
