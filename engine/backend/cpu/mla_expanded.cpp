#include "engine/backend/cpu/mla_expanded.h"

#include <algorithm>

#include "engine/backend/cpu/latent_parts.h"
#include "engine/backend/cpu/products.h"
#include "engine/base/sizes.h"

namespace moescope {
namespace {

/// Positions in a stretch: a head's keys and values of so many stay in a core's cache.
constexpr std::size_t kStretch = 256;
static_assert(kStretch % kLatentBlock == 0);

std::size_t tilesOf(std::size_t tokens) {
    return (tokens + kLatentQueries - 1) / kLatentQueries;
}

}  // namespace

MlaExpanded::Sizes::Sizes(const ModelConfig& config, std::size_t max_tokens)
    : heads(asSize(config.attention.heads)),
      plain(asSize(config.attention.plainDim())),
      rope(asSize(config.attention.rope_dim)),
      value(asSize(config.attention.value_dim)),
      latent(asSize(config.attention.latent)),
      row_width(LatentCache::widthOf(config)),
      key_width((plain + rope + 31) / 32 * 32),
      value_stride(padded(value)),
      state_floats(tilesOf(max_tokens) * latentPartFloats(value)),
      worker_floats(max_tokens == 0 ? 0
                                    : kStretch * (key_width + value_stride) + key_width * kLatentQueries +
                                          kLatentBlock * (key_width + kLatentQueries) + latentPartFloats(value)) {}

MlaExpanded::MlaExpanded(const CpuAttention::Tools& tools, std::size_t max_tokens)
    : m_tools(tools),
      m_sizes(tools.config, max_tokens),
      m_rows(max_tokens > 0 ? kStretch * m_sizes.row_width : 0),
      m_latents(max_tokens > 0 ? kStretch : 0, m_sizes.latent),
      m_states(m_sizes.heads * m_sizes.state_floats),
      m_workspaces(asSize(tools.pool.threads())) {
    for (auto& workspace : m_workspaces) workspace.resize(m_sizes.worker_floats);
}

std::uint64_t MlaExpanded::bytesFor(const ModelConfig& config, std::size_t max_tokens, int threads) {
    const Sizes s(config, max_tokens);
    const std::size_t positions = max_tokens > 0 ? kStretch : 0;
    return Activations::bytesFor(positions, s.latent) +
           (positions * s.row_width + s.heads * s.state_floats + asSize(threads) * s.worker_floats) * sizeof(float);
}

std::uint64_t MlaExpanded::bytes() const {
    std::size_t floats = m_rows.size() + m_states.size();
    for (const auto& w : m_workspaces) floats += w.size();
    return m_latents.bytes() + floats * sizeof(float);
}

void MlaExpanded::run(const CpuMla& weights, const LatentCache& cache, int layer, const Batch& batch, Activations& out,
                      const std::stop_token& stop) {
    const Sizes& s = m_sizes;
    const std::size_t seen = asSize(batch.first_position) + batch.tokens, tiles = tilesOf(batch.tokens);
    const std::size_t part_floats = latentPartFloats(s.value);
    for (std::size_t first = 0; first < seen && !stop.stop_requested(); first += kStretch) {
        const std::size_t count = std::min(kStretch, seen - first);
        widen(cache, layer, first, count);
        m_tools.pool.run(s.heads, [&](std::size_t h, int worker) {
            if (stop.stop_requested()) return;
            float* keys = m_workspaces[asSize(worker)].data();
            float* values = keys + kStretch * s.key_width;
            float* queries = values + kStretch * s.value_stride;
            float* workspace = queries + s.key_width * kLatentQueries;
            float* part = workspace + kLatentBlock * (s.key_width + kLatentQueries);
            expand(weights, h, count, keys, values);
            LatentTask task;
            task.type = KvType::kF32;
            task.width = s.key_width;
            task.value_width = s.value;
            task.rows = reinterpret_cast<const unsigned char*>(keys);
            task.values = values;
            task.base = task.first = static_cast<int>(first);
            task.queries = queries;
            task.scale = batch.scale;
            task.workspace = workspace;
            for (std::size_t tile = 0; tile < tiles; ++tile) {
                const std::size_t t = tile * kLatentQueries, n = std::min(kLatentQueries, batch.tokens - t);
                int visible[kLatentQueries];
                for (std::size_t i = 0; i < kLatentQueries; ++i) {
                    visible[i] = batch.first_position + static_cast<int>(t + std::min(i, n - 1)) + 1;
                }
                const int most = visible[n - 1];
                if (most <= task.first) continue;  // all of this comes after these queries
                std::fill_n(queries, s.key_width * kLatentQueries, 0.0f);
                for (std::size_t i = 0; i < n; ++i) {
                    const float* query = batch.queries + (t + i) * batch.stride + h * (s.plain + s.rope);
                    for (std::size_t d = 0; d < s.plain + s.rope; ++d) queries[d * kLatentQueries + i] = query[d];
                }
                task.n_queries = static_cast<int>(n);
                task.visible = visible;
                task.last = std::min(most, static_cast<int>(first + count));
                float* state = &m_states[h * s.state_floats + tile * part_floats];
                putPart(task, first == 0 ? state : part);
                m_tools.kernels.latentAttention(task);
                if (first > 0) joinPart(state, part, n, s.value);
            }
        });
    }
    if (stop.stop_requested()) return;
    m_tools.pool.run(s.heads, [&](std::size_t h, int) {
        for (std::size_t t = 0; t < batch.tokens; ++t) {
            const float* state = &m_states[h * s.state_floats + t / kLatentQueries * part_floats];
            finishPart(state, t % kLatentQueries, s.value, out.x(t) + h * s.value);
        }
    });
}

/// Takes a stretch out of the cache.
void MlaExpanded::widen(const LatentCache& cache, int layer, std::size_t first, std::size_t count) {
    m_tools.pool.run(count, [&](std::size_t i, int) {
        float* row = &m_rows[i * m_sizes.row_width];
        m_tools.kernels.widenLatent(cache.type(), m_sizes.row_width, cache.row(layer, first + i), row);
        std::copy_n(row, m_sizes.latent, m_latents.x(i));
        m_latents.quantize(m_tools.kernels, i);
    });
}

/// A head's keys (count, key_width) and values (count, value) of a stretch.
void MlaExpanded::expand(const CpuMla& weights, std::size_t head, std::size_t count, float* keys, float* values) const {
    const Sizes& s = m_sizes;
    const auto product = [&](const PackedMatrix& m, float* out, std::size_t stride) {
        constexpr std::size_t kTile = 64;  // whose activations stay in the cache
        for (std::size_t i = 0; i < count; i += kTile) {
            m_tools.kernels.matmul(m.type, m.data, m.groups(), m.columns, m_latents.rows() + i,
                                   std::min(kTile, count - i), out + i * stride, stride);
        }
    };
    product(weights.key_up[head], keys, s.key_width);
    product(weights.value_b[head], values, s.value);
    for (std::size_t i = 0; i < count; ++i) {
        float* key = keys + i * s.key_width + s.plain;
        std::copy_n(&m_rows[i * s.row_width + s.latent], s.rope, key);
        std::fill(key + s.rope, keys + (i + 1) * s.key_width, 0.0f);
    }
}

}  // namespace moescope
