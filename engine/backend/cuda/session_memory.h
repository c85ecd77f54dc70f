#pragma once
// What a session keeps on the GPU: its inputs, activations, workspace, records, and the KV cache.

#include <cstdint>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/backend/cuda/device.h"
#include "engine/model/model_source.h"
#include "kernels/cuda/blas.h"
#include "kernels/cuda/expert_ffn.h"
#include "kernels/cuda/latents.h"
#include "kernels/cuda/rope.h"
#include "kernels/cuda/sampling.h"

namespace moescope {

/// Rows of logits that are computed at once when all are wanted.
inline constexpr int kLogitRows = 32;

/// What attention whose heads have keys and values needs. Rows are tokens of a batch, as below.
struct MhaMemory {
    float *keys = nullptr, *values = nullptr;
    float* workspace = nullptr;
    std::vector<cuda::KvCache> caches;  ///< one per layer
};

/// What Multi-head Latent Attention needs for its expanded form.
struct ExpandedMemory {
    int from = 0;                               ///< tokens of a batch from which it is used; 0: it is not
    int stretch = 0;                            ///< positions that are expanded at once
    cuda::Activations latents;                  ///< (stretch, latent)
    float *plain = nullptr, *values = nullptr;  ///< (stretch, cache.heads, plainDim() or value_dim)
    cuda::KvCache cache;                        ///< of as many heads as are expanded at once, and all positions
};

/// What Multi-head Latent Attention needs.
struct MlaMemory {
    float* query_latents = nullptr;    ///< (max batch, query_latent); null: queries are made directly
    cuda::Activations normed_latents;  ///< of queries
    float* latents = nullptr;          ///< (max batch, latent + rope_dim), as they come from the product
    cuda::Activations plain;           ///< (max batch * heads, plainDim()): of queries, what does not rotate
    int tile = 0;                      ///< tokens whose queries are absorbed at once
    float* absorbed = nullptr;         ///< (tile, heads, latent)
    cuda::Activations summed;          ///< (tile * heads, latent): what heads saw
    float* workspace = nullptr;
    std::vector<cuda::LatentCache> caches;  ///< one per layer
    ExpandedMemory expanded;
};

/// Places in one block of the GPU's memory. Rows are tokens of a batch.
struct SessionMemory {
    std::int32_t* tokens = nullptr;    ///< (max batch)
    std::int32_t* position = nullptr;  ///< of the first token
    float* x = nullptr;                ///< (max batch, hidden), the residual stream
    cuda::Activations normed, attended;
    float* queries = nullptr;
    MhaMemory mha;                           ///< empty where the model has latents
    MlaMemory mla;                           ///< empty where it has none
    float* router_logits = nullptr;          ///< (max batch, experts)
    std::uint32_t* ticket = nullptr;         ///< 0
    cuda::RoutingRecord* records = nullptr;  ///< (MoE layers, tokens of the batch)
    cuda::DeviceRules* rules = nullptr;      ///< (MoE layers)
    cuda::FfnWorkspace moe, dense;           ///< share their memory
    int ffn_rows = 0;                        ///< pairs of token and expert there is room for at once
    cuda::BlasWorkspace blas;
    float* elsewhere = nullptr;                  ///< (max batch, hidden): what the CPU's experts add
    float* logits = nullptr;                     ///< (kLogitRows, vocabulary)
    float *cosines = nullptr, *sines = nullptr;  ///< (context, rope_dim / 2)
    cuda::DeviceSampler* sampler = nullptr;
    void* sampling_work = nullptr;
    std::uint64_t cache_bytes = 0;  ///< of the block's memory

    /// Lays everything out, or only counts; see Arena. `needs` is empty where cuBLAS is not used.
    static SessionMemory layOut(Arena& arena, const ModelConfig& config, const cuda::BlasNeeds& needs,
                                const BackendSessionOptions& options);
};

/// What cuBLAS would need for a model's float matrices, routed experts' apart.
cuda::BlasNeeds blasNeeds(const ModelMatrices& matrices);

/// Bytes that a session takes on the GPU.
SessionBytes sessionBytes(const ModelConfig& config, const cuda::BlasNeeds& needs,
                          const BackendSessionOptions& options);

}  // namespace moescope
