#include "engine/backend/cpu/cpu_backend.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "engine/backend/cpu/cpu_session.h"
#include "engine/backend/cpu/cpu_weights.h"

namespace moescope {
namespace {

/// The calling thread gives way to all that somebody waits for.
void workAtLeisure() {
    constexpr int kLowest = 19;
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowest);  // a thread's own, on Linux
}

class CpuBackend : public Backend {
public:
    CpuBackend(const ModelConfig& config, const CpuBackendOptions& options)
        : m_config(config),
          m_kernels(cpuKernels(options.isa)),
          m_pool(options.threads),
          m_store(options.packed_folder) {}

    Status load(const ModelSource& source, const ModelMatrices& matrices, const LoadControl& control) {
        auto weights = CpuWeights::load(source, m_config, matrices, m_pool, control, CpuWeightsPart::kAll, &m_store);
        if (!weights.ok()) return weights.status();
        m_weights = std::move(*weights);
        return {};
    }

    /// Starts what goes on beside answers.
    void begin(bool keep, const std::string& path) {
        if (m_weights.mapped()) {
            m_beside = std::jthread([this](const std::stop_token& stop) { m_weights.readAhead(stop); });
        } else if (keep) {
            m_beside = std::jthread([this, path](const std::stop_token& stop) {
                workAtLeisure();
                const Status status = m_store.keep(m_weights.key(), path, m_weights.packed(), {{}, stop});
                const std::lock_guard lock(m_mutex);
                m_kept = status;
            });
        }
    }

    Result<std::unique_ptr<BackendSession>> createSession(const BackendSessionOptions& options) override {
        auto attention = CpuAttention::create({m_config, m_kernels, m_pool}, options);
        if (!attention.ok()) return attention.status();
        return std::unique_ptr<BackendSession>(
            std::make_unique<CpuSession>(m_config, m_weights, m_kernels, m_pool, std::move(*attention), options));
    }
    void forwardTogether(std::span<SharedBatch> batches) override {
        std::vector<SharedBatch*> left;
        for (SharedBatch& batch : batches) left.push_back(&batch);
        while (!left.empty()) {
            auto& host = static_cast<CpuSession&>(*left.front()->session);
            std::vector<SharedBatch> group;
            std::vector<SharedBatch*> members, others;
            std::size_t tokens = 0;
            for (SharedBatch* batch : left) {
                const std::size_t with_it = tokens + batch->request->tokens.size();
                const bool goes = group.empty() || host.canShare(static_cast<CpuSession&>(*batch->session), with_it);
                (goes ? members : others).push_back(batch);
                if (!goes) continue;
                group.push_back(*batch);
                tokens = with_it;
            }
            if (group.size() == 1) {
                members[0]->status = host.forward(*group[0].request, *group[0].result);
            } else {
                host.forwardTogether(group);
                for (std::size_t i = 0; i < group.size(); ++i) members[i]->status = group[i].status;
            }
            left = std::move(others);
        }
    }
    SessionBytes sessionBytes(const BackendSessionOptions& options) const override {
        return CpuSession::bytesFor(m_config, options, m_pool.threads());
    }

    std::string name() const override {
        return fmt::format("CPU ({}), {} thread{}", isaName(m_kernels.isa), threads(), threads() == 1 ? "" : "s");
    }
    std::string placement() const override {
        if (m_weights.mapped()) return "The weights are mapped from the packed copy on disk.";
        const std::lock_guard lock(m_mutex);
        return m_kept.ok() ? std::string() : "No packed copy of the weights was kept. " + m_kept.message();
    }
    int threads() const override { return m_pool.threads(); }
    std::uint64_t memoryBytes() const override { return m_weights.bytes(); }

private:
    ModelConfig m_config;
    const CpuKernels& m_kernels;
    ThreadPool m_pool;
    PackedStore m_store;
    CpuWeights m_weights;
    mutable std::mutex m_mutex;
    Status m_kept;          // under the mutex
    std::jthread m_beside;  // last: it ends before what it reads
};

}  // namespace

std::uint64_t cpuWeightBytes(const ModelMatrices& matrices) {
    return CpuWeights::bytesFor(matrices);
}

SessionBytes cpuSessionBytes(const ModelConfig& config, const BackendSessionOptions& options, int threads) {
    return CpuSession::bytesFor(config, options, ThreadPool::threadsFor(threads));
}

Result<std::unique_ptr<Backend>> loadCpuBackend(const ModelSource& source, const ModelConfig& config,
                                                const ModelMatrices& matrices, const CpuBackendOptions& options,
                                                const LoadControl& control) {
    auto backend = std::make_unique<CpuBackend>(config, options);
    if (Status status = backend->load(source, matrices, control); !status.ok()) return status;
    backend->begin(options.keep_packed, options.model_path);
    return std::unique_ptr<Backend>(std::move(backend));
}

Result<PackedResult> keepPackedWeights(const ModelSource& source, const ModelConfig& config,
                                       const ModelMatrices& matrices, const CpuBackendOptions& options,
                                       const LoadControl& control) {
    ThreadPool pool(options.threads);
    const PackedStore store(options.packed_folder);
    auto weights = CpuWeights::load(source, config, matrices, pool, control, CpuWeightsPart::kAll, &store);
    if (!weights.ok()) return weights.status();
    const PackedResult result = {weights->mapped(), weights->bytes()};
    if (result.were_there) return result;
    if (Status s = store.keep(weights->key(), options.model_path, weights->packed(), control); !s.ok()) return s;
    return result;
}

}  // namespace moescope
