#include "engine/backend/cpu/mla_attention.h"

#include <algorithm>

#include "engine/backend/cpu/latent_parts.h"
#include "engine/backend/cpu/products.h"
#include "engine/base/sizes.h"

namespace moescope {
namespace {

/// Batches of so many tokens are computed in the expanded form.
constexpr std::size_t kExpandFrom = 64;

std::size_t expandedTokens(int max_batch) {
    return asSize(max_batch) >= kExpandFrom ? asSize(max_batch) : 0;
}

}  // namespace

std::size_t MlaAttention::Sizes::partFloats() const {
    return latentPartFloats(latent);
}

MlaAttention::Sizes::Sizes(const ModelConfig& config, int context, int max_batch)
    : heads(asSize(config.attention.heads)),
      plain(asSize(config.attention.plainDim())),
      rope(asSize(config.attention.rope_dim)),
      value(asSize(config.attention.value_dim)),
      latent(asSize(config.attention.latent)),
      width(LatentCache::widthOf(config)),
      query_stride(padded(asSize(std::max(config.attention.queryWidth(), config.attention.query_latent)))),
      kv_stride(padded(std::max(latent + rope, width))),
      projected_stride(padded(asSize(config.hidden))),
      tile(std::min<std::size_t>(64, asSize(max_batch))) {
    // Few enough that their sums are small beside the cache, long enough that joining them costs nothing.
    constexpr std::size_t kMostSegments = 32, kShortestSegment = 512;
    segment =
        std::max(kShortestSegment, (asSize(context) / kMostSegments + kLatentBlock - 1) / kLatentBlock * kLatentBlock);
    segments = (asSize(context) + segment - 1) / segment;
    const std::size_t query_tiles_of_token = (heads + kLatentQueries - 1) / kLatentQueries;
    parts = segments * query_tiles_of_token;
    worker_floats = width * kLatentQueries + kLatentBlock * (width + kLatentQueries) + 2 * partFloats();
}

MlaAttention::MlaAttention(const Tools& tools, LatentCache cache, int max_batch)
    : m_tools(tools),
      m_cache(std::move(cache)),
      m_angles(ropePlan(tools.config), asSize(max_batch)),
      m_sizes(tools.config, m_cache.context(), max_batch),
      m_places(asSize(max_batch)),
      m_query_latents(tools.config.attention.query_latent > 0 ? asSize(max_batch) : 0,
                      asSize(tools.config.attention.query_latent)),
      m_queries(asSize(max_batch) * m_sizes.query_stride),
      m_kv(asSize(max_batch) * m_sizes.kv_stride),
      m_plain(m_sizes.heads * m_sizes.tile, m_sizes.plain),
      m_absorbed(m_sizes.heads * m_sizes.tile * m_sizes.latent),
      m_summed(m_sizes.heads * m_sizes.tile, m_sizes.latent),
      m_attended(asSize(max_batch), m_sizes.heads * m_sizes.value),
      m_projected(asSize(max_batch) * m_sizes.projected_stride),
      m_workspaces(asSize(tools.pool.threads())),
      m_parts(m_sizes.parts * m_sizes.partFloats()),
      m_expanded(tools, expandedTokens(max_batch)) {
    for (auto& workspace : m_workspaces) workspace.resize(m_sizes.worker_floats);
}

SessionBytes MlaAttention::bytesFor(const ModelConfig& config, const BackendSessionOptions& options, int threads) {
    const Sizes s(config, options.context, options.max_batch);
    const std::size_t batch = asSize(options.max_batch), query_latent = asSize(config.attention.query_latent);
    const std::size_t floats = batch * (s.query_stride + s.kv_stride + s.projected_stride) +
                               s.heads * s.tile * s.latent + asSize(threads) * s.worker_floats +
                               s.parts * s.partFloats();
    return {LatentCache::bytesFor(config, options.kv_type, options.context),
            Activations::bytesFor(query_latent > 0 ? batch : 0, query_latent) +
                Activations::bytesFor(s.heads * s.tile, s.plain) + Activations::bytesFor(s.heads * s.tile, s.latent) +
                Activations::bytesFor(batch, s.heads * s.value) +
                MlaExpanded::bytesFor(config, expandedTokens(options.max_batch), threads) + floats * sizeof(float)};
}

SessionBytes MlaAttention::bytes() const {
    std::size_t floats = m_queries.size() + m_kv.size() + m_absorbed.size() + m_projected.size() + m_parts.size();
    for (const auto& w : m_workspaces) floats += w.size();
    return {m_cache.bytes(), m_query_latents.bytes() + m_plain.bytes() + m_summed.bytes() + m_attended.bytes() +
                                 m_expanded.bytes() + floats * sizeof(float)};
}

std::size_t MlaAttention::mostTogether() const {
    return std::min(m_places.size(), kExpandFrom - 1);
}

void MlaAttention::begin(std::span<const CacheRun> runs) {
    m_tokens = 0;
    for (const CacheRun& run : runs) {
        const LatentCache& cache = static_cast<const MlaAttention*>(run.owner)->m_cache;
        for (std::size_t i = 0; i < run.tokens; ++i) {
            m_places[m_tokens] = {&cache, run.first_position + static_cast<int>(i)};
            m_angles.set(m_tokens, m_places[m_tokens].position);
            ++m_tokens;
        }
    }
}

void MlaAttention::run(const CpuLayer& layer, int index, const Activations& input, PhaseClock& clock,
                       const std::stop_token& stop) {
    const auto& weights = std::get<CpuMla>(layer.attention);
    makeQueries(weights, input, stop);
    clock.split(&PhaseTimes::projections);
    if (stop.stop_requested()) return;
    store(weights, index);
    if (m_tokens >= kExpandFrom) {
        const MlaExpanded::Batch batch = {m_places[0].position, m_tokens, m_queries.data(), m_sizes.query_stride,
                                          m_angles.plan().attention_scale};
        m_expanded.run(weights, m_cache, index, batch, m_attended, stop);
    }
    const bool absorb = m_tokens < kExpandFrom;
    for (std::size_t first = 0; absorb && first < m_tokens && !stop.stop_requested(); first += m_sizes.tile) {
        attendTile(weights, index, first, std::min(m_sizes.tile, m_tokens - first), stop);
    }
    if (stop.stop_requested()) return;
    m_tools.pool.run(m_tokens, [&](std::size_t t, int) { m_attended.quantize(m_tools.kernels, t); });
    clock.split(&PhaseTimes::attention);
    const Product output = {&layer.attention_output, m_attended.rows(), m_projected.data(), m_sizes.projected_stride};
    multiply(m_tools.kernels, m_tools.pool, {&output, 1}, m_tokens, stop);
    clock.split(&PhaseTimes::projections);
}

void MlaAttention::makeQueries(const CpuMla& w, const Activations& input, const std::stop_token& stop) {
    const bool direct = m_query_latents.width() == 0;
    const Product kv = {&w.kv_a, input.rows(), m_kv.data(), m_sizes.kv_stride};
    if (direct) {
        const Product products[] = {{&w.query, input.rows(), m_queries.data(), m_sizes.query_stride}, kv};
        multiply(m_tools.kernels, m_tools.pool, products, m_tokens, stop);
        return;
    }
    // What queries are made from goes where queries will be.
    const std::size_t rank = m_query_latents.width(), stride = m_sizes.query_stride;
    const Product products[] = {{&w.query_a, input.rows(), m_queries.data(), stride}, kv};
    multiply(m_tools.kernels, m_tools.pool, products, m_tokens, stop);
    if (stop.stop_requested()) return;
    m_tools.pool.run(m_tokens, [&](std::size_t t, int) {
        m_tools.kernels.rmsNorm(&m_queries[t * stride], w.query_a_norm, rank, kLatentNormEps, m_query_latents.x(t));
        m_query_latents.quantize(m_tools.kernels, t);
    });
    const Product queries = {&w.query_b, m_query_latents.rows(), m_queries.data(), stride};
    multiply(m_tools.kernels, m_tools.pool, {&queries, 1}, m_tokens, stop);
}

void MlaAttention::store(const CpuMla& w, int index) {
    const Sizes& s = m_sizes;
    m_tools.pool.run(m_tokens, [&](std::size_t t, int) {
        float* row = &m_kv[t * s.kv_stride];
        m_tools.kernels.rmsNorm(row, w.kv_a_norm, s.latent, kLatentNormEps, row);
        m_angles.rotate(row + s.latent, t);
        std::fill(row + s.latent + s.rope, row + s.width, 0.0f);
        const Place& place = m_places[t];
        m_tools.kernels.storeLatent(m_cache.type(), s.width, row, place.cache->row(index, asSize(place.position)));
        for (std::size_t h = 0; h < s.heads; ++h) {
            m_angles.rotate(&m_queries[t * s.query_stride + h * (s.plain + s.rope) + s.plain], t);
        }
    });
}

void MlaAttention::attendTile(const CpuMla& w, int index, std::size_t first, std::size_t tokens,
                              const std::stop_token& stop) {
    const Sizes& s = m_sizes;
    m_tools.pool.run(s.heads, [&](std::size_t h, int) {
        for (std::size_t t = 0; t < tokens; ++t) {
            const float* query = &m_queries[(first + t) * s.query_stride + h * (s.plain + s.rope)];
            std::copy_n(query, s.plain, m_plain.x(h * s.tile + t));
            m_plain.quantize(m_tools.kernels, h * s.tile + t);
        }
    });
    std::vector<Product> products(s.heads);
    for (std::size_t h = 0; h < s.heads; ++h) {
        products[h] = {&w.key_b[h], m_plain.rows() + h * s.tile, &m_absorbed[h * s.tile * s.latent], s.latent};
    }
    multiply(m_tools.kernels, m_tools.pool, products, tokens, stop);
    if (stop.stop_requested()) return;

    // A segment's sums are joined in the order of positions whether one thread makes them all or several share them.
    makeQueryTiles(first, tokens);
    const std::size_t tiles = m_query_tiles.size();
    std::size_t segments = 0;  // at most, of a tile
    for (const QueryTile& tile : m_query_tiles) segments = std::max(segments, tile.segments);
    const bool share = tiles < 2 * asSize(m_tools.pool.threads()) && segments > 1 && tiles * segments <= s.parts;
    m_tools.pool.run(share ? tiles * segments : tiles, [&](std::size_t task, int worker) {
        if (stop.stop_requested()) return;
        const QueryTile& tile = m_query_tiles[share ? task / segments : task];
        const unsigned char* rows = m_places[first + tile.query / s.heads].cache->layer(index);
        float* query = m_workspaces[asSize(worker)].data();
        float* workspace = query + s.width * kLatentQueries;
        float* sum = workspace + kLatentBlock * (s.width + kLatentQueries);
        float* part = sum + s.partFloats();
        int visible[kLatentQueries];
        if (share && task % segments >= tile.segments) return;
        gather(first, tile, query, visible);
        if (share) {
            sumSegment(rows, query, visible, tile.count, task % segments, workspace, &m_parts[task * s.partFloats()]);
            return;
        }
        sumSegment(rows, query, visible, tile.count, 0, workspace, sum);
        for (std::size_t i = 1; i < tile.segments && !stop.stop_requested(); ++i) {
            sumSegment(rows, query, visible, tile.count, i, workspace, part);
            joinPart(sum, part, tile.count, s.latent);
        }
        finish(sum, tile.query, tile.count);
    });
    if (stop.stop_requested()) return;
    if (share) {
        m_tools.pool.run(tiles, [&](std::size_t i, int) {
            const QueryTile& tile = m_query_tiles[i];
            float* sum = &m_parts[i * segments * s.partFloats()];
            for (std::size_t j = 1; j < tile.segments; ++j) {
                joinPart(sum, sum + j * s.partFloats(), tile.count, s.latent);
            }
            finish(sum, tile.query, tile.count);
        });
    }

    m_tools.pool.run(s.heads, [&](std::size_t h, int) {
        for (std::size_t t = 0; t < tokens; ++t) m_summed.quantize(m_tools.kernels, h * s.tile + t);
    });
    for (std::size_t h = 0; h < s.heads; ++h) {
        products[h] = {&w.value_b[h], m_summed.rows() + h * s.tile, m_attended.x(first) + h * s.value,
                       s.heads * s.value};
    }
    multiply(m_tools.kernels, m_tools.pool, products, tokens, stop);
}

/// Of tokens first..first + tokens - 1.
void MlaAttention::makeQueryTiles(std::size_t first, std::size_t tokens) {
    const Sizes& s = m_sizes;
    m_query_tiles.clear();
    for (std::size_t begin = 0, end; begin < tokens; begin = end) {
        const Place& start = m_places[first + begin];
        for (end = begin + 1; end < tokens && m_places[first + end].cache == start.cache;) ++end;
        const std::size_t seen = asSize(start.position) + end - begin, queries = (end - begin) * s.heads;
        for (std::size_t query = 0; query < queries; query += kLatentQueries) {
            m_query_tiles.push_back({begin * s.heads + query, std::min(kLatentQueries, queries - query),
                                     (seen + s.segment - 1) / s.segment});
        }
    }
}

/// A tile's queries side by side, and what they see.
void MlaAttention::gather(std::size_t first, const QueryTile& tile, float* out, int* visible) const {
    const Sizes& s = m_sizes;
    std::fill_n(out, s.width * kLatentQueries, 0.0f);
    for (std::size_t i = 0; i < kLatentQueries; ++i) {
        // Lanes that do not count see as much as one that does.
        const std::size_t q = tile.query + std::min(i, tile.count - 1), t = q / s.heads, h = q % s.heads;
        visible[i] = m_places[first + t].position + 1;
        if (i >= tile.count) continue;
        const float* absorbed = &m_absorbed[(h * s.tile + t) * s.latent];
        for (std::size_t d = 0; d < s.latent; ++d) out[d * kLatentQueries + i] = absorbed[d];
        const float* turned = &m_queries[(first + t) * s.query_stride + h * (s.plain + s.rope) + s.plain];
        for (std::size_t d = 0; d < s.rope; ++d) out[(s.latent + d) * kLatentQueries + i] = turned[d];
    }
}

void MlaAttention::sumSegment(const unsigned char* rows, const float* queries, const int* visible, std::size_t count,
                              std::size_t segment, float* workspace, float* part) const {
    const Sizes& s = m_sizes;
    LatentTask task;
    task.type = m_cache.type();
    task.width = s.width;
    task.value_width = s.latent;
    task.rows = rows;
    task.n_queries = static_cast<int>(count);
    task.queries = queries;
    task.visible = visible;
    task.first = static_cast<int>(segment * s.segment);
    const int most = *std::max_element(visible, visible + kLatentQueries);
    task.last = std::min(most, static_cast<int>((segment + 1) * s.segment));
    task.scale = m_angles.plan().attention_scale;
    task.workspace = workspace;
    putPart(task, part);
    m_tools.kernels.latentAttention(task);
}

/// What the queries saw, as rows for the products with value_b.
void MlaAttention::finish(const float* sum, std::size_t query, std::size_t count) {
    const Sizes& s = m_sizes;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t t = (query + i) / s.heads, h = (query + i) % s.heads;
        finishPart(sum, i, s.latent, m_summed.x(h * s.tile + t));
    }
}

}  // namespace moescope
