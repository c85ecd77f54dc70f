#include "engine/backend/cuda/cuda_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "engine/backend/cuda/cards.h"
#include "engine/backend/cuda/cuda_session.h"
#include "kernels/cuda/norm.h"
#include "kernels/cuda/overlap.h"

namespace moescope {
namespace {

class CudaBackend : public Backend {
public:
    CudaBackend(const CudaCard& card, const ModelConfig& config, const CpuBackendOptions& cpu)
        : m_card(card), m_model(config, cpu) {
        m_model.device = card.device;
    }
    ~CudaBackend() override { cudaSetDevice(m_model.device); }

    Status load(const ModelSource& source, const ModelMatrices& matrices, const CudaBackendOptions& options,
                const LoadControl& control) {
        if (Status s = CudaAttention::check(m_model.config.attention); !s.ok()) return s;
        if (Status s = check(cudaSetDevice(m_card.device), "be used"); !s.ok()) return s;
        cuda::overlapKernels(true);
        std::string blas_sentence;
        if (m_model.blas_needs = blasNeeds(matrices); m_model.blas_needs.any) {
            std::string problem;
            m_model.blas = cuda::Blas::create(problem);
            if (!m_model.blas) m_model.blas_needs = {};
            blas_sentence = m_model.blas ? " cuBLAS multiplies its float weights in prompts."
                                         : fmt::format(
                                               " The program's own kernels multiply its float weights in "
                                               "prompts, since {}.",
                                               problem);
        }
        // Only now, with the driver's own part taken, is known what is free.
        std::size_t free = 0, total = 0;
        if (Status s = check(cudaMemGetInfo(&free, &total), "say what is free"); !s.ok()) return s;
        for (const LayerMatrices& layer : matrices.layers) {
            for (const FfnMatrices& f : {layer.dense, layer.routed, layer.shared}) {
                if (!f || cuda::isFloat(f.gate.type) == cuda::isFloat(f.up.type)) continue;
                return unsupported(
                    fmt::format("The tensors {} and {} have types that the GPU's kernels cannot combine ({}, {}); "
                                "compute on the CPU.",
                                f.gate.name, f.up.name, info(f.gate.type).name, info(f.up.type).name));
            }
        }
        PlacementSizes sizes = placementSizes(m_model.config, matrices, cudaPackedBytes);
        const SessionBytes session = sessionBytes(options.session);
        sizes.cache = session.cache;
        sizes.workspace = session.workspace;
        sizes.exchange = exchangeBytes(matrices);
        m_model.placement = plan(sizes, m_card.name, free, options.memory_limit);
        if (!m_model.placement.status.ok()) return m_model.placement.status;

        const bool whole = m_model.placement.whole;
        auto weights =
            CudaWeights::load(source, m_model.config, matrices, m_model.placement, whole, m_model.pool, control);
        if (!weights.ok()) return weights.status();
        m_model.weights = std::move(*weights);
        if (Status s = tryKernel(); !s.ok()) return s;
        if (whole) {
            m_model.placement.sentence += blas_sentence;
            return {};
        }

        LoadControl rest;
        rest.stop = control.stop;
        const double card_share = static_cast<double>(m_model.weights.bytes()) /
                                  static_cast<double>(m_model.weights.bytes() + m_model.placement.ram_bytes);
        rest.progress = [&](double fraction) {
            if (control.progress) control.progress(card_share + (1 - card_share) * fraction);
        };
        auto experts =
            CpuWeights::load(source, m_model.config, matrices, m_model.pool, rest, CpuWeightsPart::kRoutedExperts);
        if (!experts.ok()) return experts.status();
        m_model.experts = std::move(*experts);
        m_model.pinned = PinnedRegion::pin(m_model.experts.data(), m_model.experts.bytes());
        m_model.placement.sentence +=
            m_model.pinned ? " The GPU copies experts straight from there."
                           : " That memory could not be pinned, so experts reach the GPU through a buffer.";
        auto cache = ExpertCache::create(m_model.config, m_model.experts, static_cast<bool>(m_model.pinned),
                                         m_model.weights, m_model.placement, sizes.exchange);
        if (!cache.ok()) return cache.status();
        m_model.cache = std::move(*cache);
        m_model.placement.sentence += blas_sentence;
        return {};
    }

    Result<std::unique_ptr<BackendSession>> createSession(const BackendSessionOptions& options) override {
        const AttentionShape& a = m_model.config.attention;
        for (const int dim : {a.key_dim, a.value_dim}) {
            if (a.latent > 0 || options.kv_type != KvType::kQ8_0 || dim % 32 == 0) continue;
            return unsupported(
                fmt::format("A Q8_0 cache needs heads of a multiple of 32 values; this model's have {}.", dim));
        }
        return CudaSession::create(m_model, options);
    }

    SessionBytes sessionBytes(const BackendSessionOptions& options) const override {
        return moescope::sessionBytes(m_model.config, m_model.blas_needs, options);
    }

    std::string name() const override {
        if (m_model.placement.whole) return fmt::format("CUDA ({})", m_card.name);
        return fmt::format("CUDA ({}) + CPU ({}), {} threads", m_card.name, isaName(m_model.kernels.isa), threads());
    }
    std::string placement() const override { return m_model.placement.sentence; }
    double measureReadBandwidth() override;
    int threads() const override { return m_model.pool.threads(); }
    std::uint64_t memoryBytes() const override { return m_model.weights.bytes() + m_model.experts.bytes(); }

private:
    /// Whether the GPU runs the kernels that this plug-in has; found out while another backend can still be chosen.
    Status tryKernel() const {
        auto row = DeviceBuffer::allocate(static_cast<std::size_t>(m_model.config.hidden) * sizeof(float), "compute");
        auto token = DeviceBuffer::allocate(sizeof(std::int32_t), "compute");
        if (!row.ok()) return row.status();
        if (!token.ok()) return token.status();
        if (Status s = check(cudaMemset(token->data(), 0, sizeof(std::int32_t)), "compute"); !s.ok()) return s;
        cuda::embed(m_model.weights.embedding(), reinterpret_cast<const std::int32_t*>(token->data()), 1,
                    reinterpret_cast<float*>(row->data()), nullptr);
        if (Status s = check(cudaGetLastError(), "compute"); !s.ok()) return s;
        return check(cudaDeviceSynchronize(), "compute");
    }

    CudaCard m_card;
    CudaModel m_model;
};

double CudaBackend::measureReadBandwidth() {
    std::size_t free = 0, total = 0;
    if (cudaSetDevice(m_model.device) != cudaSuccess || cudaMemGetInfo(&free, &total) != cudaSuccess) return 0;
    // A copy within the GPU's memory, much larger than its caches, reads and writes each byte once.
    const std::size_t bytes = std::min<std::size_t>(std::size_t{1} << 30, free / 4);
    auto from = DeviceBuffer::allocate(bytes, "measure"), to = DeviceBuffer::allocate(bytes, "measure");
    auto stream = Stream::create();
    if (!from.ok() || !to.ok() || !stream.ok()) return 0;
    double best = 0;
    for (int round = 0; round < 8; ++round) {
        const auto start = std::chrono::steady_clock::now();
        constexpr int kCopies = 4;
        for (int i = 0; i < kCopies; ++i) {
            cudaMemcpyAsync(to->data(), from->data(), bytes, cudaMemcpyDeviceToDevice, *stream);
        }
        if (cudaStreamSynchronize(*stream) != cudaSuccess) return 0;
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        best = std::max(best, 2.0 * kCopies * static_cast<double>(bytes) / seconds);
    }
    return best;
}

}  // namespace

Result<std::unique_ptr<Backend>> createCudaBackend(const ModelSource& source, const ModelConfig& config,
                                                   const ModelMatrices& matrices, const CudaBackendOptions& options,
                                                   const LoadControl& control) {
    const auto card = chooseCard(judge(cudaFacts()), options.device);
    if (!card.ok()) return card.status();
    auto backend = std::make_unique<CudaBackend>(*card, config, options.cpu);
    if (Status status = backend->load(source, matrices, options, control); !status.ok()) return status;
    return std::unique_ptr<Backend>(std::move(backend));
}

}  // namespace moescope
