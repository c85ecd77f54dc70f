#include "ui/heatmap/routing_matrix.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

#include "kernels/half.h"

namespace moescope {
namespace {

std::uint64_t nextId() {
    static std::atomic<std::uint64_t> next{1};
    return next.fetch_add(1, std::memory_order_relaxed);
}

constexpr std::uint16_t kHalfOne = 0x3c00;

/// Cells are never negative: a gate below 0 cannot come from a softmax, and a sign would confuse maxima.
std::uint16_t cellHalf(float value) {
    return static_cast<std::uint16_t>(floatToHalf(value) & 0x7fffu);
}

}  // namespace

/// 1,024 tokens, plane by plane; a record is (token * layers + layer). Rooms for `slots` chosen experts a record.
struct RoutingMatrix::Chunk {
    Chunk(std::size_t layers, int expert_slots, bool wide_ids)
        : slots(static_cast<std::size_t>(expert_slots)), wide(wide_ids), per_token(layers) {
        const std::size_t records = layers * kChunkTokens;
        ids.resize(records * (slots + kRunnersUp) * (wide ? 2 : 1));
        gates.resize(records * slots);
        probabilities.resize(records * (slots + kRunnersUp));
        norms.resize(records * 2);
        counts.resize(records);
        tokens.resize(kChunkTokens);
    }

    int id(std::size_t entry) const {
        if (!wide) return ids[entry];
        std::uint16_t value;
        std::memcpy(&value, &ids[entry * 2], 2);
        return value;
    }
    void setId(std::size_t entry, int value) {
        if (!wide) {
            ids[entry] = static_cast<std::uint8_t>(value);
        } else {
            const auto narrow = static_cast<std::uint16_t>(value);
            std::memcpy(&ids[entry * 2], &narrow, 2);
        }
    }
    int chosen(std::size_t record) const { return counts[record] & 0x1f; }
    int runners(std::size_t record) const { return counts[record] >> 5; }
    /// A chunk with room for more experts a record, and the same tokens.
    std::shared_ptr<Chunk> widened(int expert_slots, std::size_t filled) const;

    std::size_t slots;
    bool wide;
    std::size_t per_token;
    std::vector<std::uint8_t> ids;             // (records, slots + runners-up), of 1 or 2 bytes
    std::vector<std::uint16_t> gates;          // (records, slots)
    std::vector<std::uint16_t> probabilities;  // (records, slots + runners-up)
    std::vector<std::uint16_t> norms;          // (records, 2): shared, routed
    std::vector<std::uint8_t> counts;          // chosen + 32 * runners-up
    std::vector<RoutingLog::Token> tokens;
};

std::shared_ptr<RoutingMatrix::Chunk> RoutingMatrix::Chunk::widened(int expert_slots, std::size_t filled) const {
    auto copy = std::make_shared<Chunk>(per_token, expert_slots, wide);
    const std::size_t entries = slots + kRunnersUp, room = copy->slots + kRunnersUp, width = wide ? 2 : 1;
    for (std::size_t r = 0; r < filled * per_token; ++r) {
        // Runners-up follow the chosen ones directly, so that a record's entries stay together.
        std::copy_n(&ids[r * entries * width], entries * width, &copy->ids[r * room * width]);
        std::copy_n(&probabilities[r * entries], entries, &copy->probabilities[r * room]);
        std::copy_n(&gates[r * slots], slots, &copy->gates[r * copy->slots]);
    }
    std::copy_n(norms.begin(), filled * per_token * 2, copy->norms.begin());
    std::copy_n(counts.begin(), filled * per_token, copy->counts.begin());
    std::copy_n(tokens.begin(), filled, copy->tokens.begin());
    return copy;
}

RoutingMatrix::RoutingMatrix(const RoutingShape& shape) : m_shape(shape), m_id(nextId()) {
    const auto layers = static_cast<std::size_t>(std::max(0, shape.moe_layers));
    const auto cells = layers * static_cast<std::size_t>(std::max(0, shape.experts));
    for (RoutingSums& s : m_sums) {
        s.counts.assign(cells, 0);
        s.gates.assign(cells, 0);
        s.shared_share.assign(layers, 0);
    }
}

RoutingMatrix::RoutingMatrix(const RoutingMatrix& other)
    : m_shape(other.m_shape),
      m_id(other.m_id),
      m_tokens(other.m_tokens),
      m_owner(false),
      m_chunks(other.m_chunks),
      m_sums{other.m_sums[0], other.m_sums[1]},
      m_largest_gate(other.m_largest_gate),
      m_largest_probability(other.m_largest_probability),
      m_most_chosen(other.m_most_chosen),
      m_most_known(other.m_most_known) {}

RoutingMatrix& RoutingMatrix::operator=(const RoutingMatrix& other) {
    if (this != &other) *this = RoutingMatrix(other);
    return *this;
}

void RoutingMatrix::own() {
    if (m_owner) return;
    m_owner = true;
    m_id = nextId();
    const std::size_t filled = m_tokens % kChunkTokens;
    if (filled > 0) m_chunks.back() = m_chunks.back()->widened(static_cast<int>(m_chunks.back()->slots), filled);
}

Status RoutingMatrix::append(const TokenRouting& token) {
    const auto layers = static_cast<std::size_t>(m_shape.moe_layers);
    if (token.layers.size() != layers) {
        return invalid("The routing of token " + std::to_string(m_tokens) + " has " +
                       std::to_string(token.layers.size()) + " MoE layers, the model has " + std::to_string(layers) +
                       ".");
    }
    int most = 0;
    for (const LayerRouting& r : token.layers) {
        if (r.count < 0 || r.count > kMaxActiveExperts) {
            return invalid("The routing of token " + std::to_string(m_tokens) + " names " + std::to_string(r.count) +
                           " experts in a layer; 0 to " + std::to_string(kMaxActiveExperts) + " can be shown.");
        }
        for (int i = 0; i < r.count; ++i) {
            const std::int32_t e = r.experts[static_cast<std::size_t>(i)];
            if (e < 0 || e >= m_shape.experts) {
                return invalid("The routing of token " + std::to_string(m_tokens) + " names expert " +
                               std::to_string(e) + "; the model has " + std::to_string(m_shape.experts) + ".");
            }
        }
        most = std::max(most, r.count);
    }
    own();
    const std::size_t within = m_tokens % kChunkTokens;
    const int usual = std::clamp(m_shape.experts_used, 1, kMaxActiveExperts);
    if (within == 0) {
        m_chunks.push_back(std::make_shared<Chunk>(layers, std::max(usual, most), m_shape.experts > 256));
    } else if (static_cast<std::size_t>(most) > m_chunks.back()->slots) {
        m_chunks.back() = m_chunks.back()->widened(most, within);
    }
    Chunk& chunk = *m_chunks.back();
    chunk.tokens[within] = {token.token, token.position, token.phase};
    const std::size_t entries = chunk.slots + kRunnersUp;
    for (std::size_t l = 0; l < layers; ++l) {
        const LayerRouting& r = token.layers[l];
        const std::size_t record = within * layers + l;
        std::size_t entry = record * entries;
        const auto count = static_cast<std::size_t>(r.count);
        for (std::size_t i = 0; i < count; ++i, ++entry) {
            chunk.setId(entry, r.experts[i]);
            chunk.gates[record * chunk.slots + i] = cellHalf(r.gates[i]);
            chunk.probabilities[entry] = cellHalf(r.probabilities[i]);
            if (std::isfinite(r.gates[i])) m_largest_gate = std::max(m_largest_gate, r.gates[i]);
            if (std::isfinite(r.probabilities[i])) {
                m_largest_probability = std::max(m_largest_probability, r.probabilities[i]);
            }
        }
        int runners = 0;
        for (std::size_t i = 0; i < kRunnersUp; ++i) {
            if (r.runners_up[i] < 0 || r.runners_up[i] >= m_shape.experts) continue;
            chunk.setId(entry, r.runners_up[i]);
            chunk.probabilities[entry++] = cellHalf(r.runner_up_probabilities[i]);
            ++runners;
        }
        chunk.counts[record] = static_cast<std::uint8_t>(r.count | runners << 5);
        chunk.norms[record * 2] = cellHalf(r.shared_norm);
        chunk.norms[record * 2 + 1] = cellHalf(r.routed_norm);
        m_most_chosen = std::max(m_most_chosen, r.count);
        m_most_known = std::max(m_most_known, r.count + runners);
    }
    const std::size_t index = m_tokens++;
    RoutingSums& sums = m_sums[token.phase == Phase::kDecode ? 1 : 0];
    ++sums.tokens;
    for (int l = 0; l < m_shape.moe_layers; ++l) add(sums, index, l);
    return {};
}

Status RoutingMatrix::append(const RoutingView& log, std::size_t first) {
    for (std::size_t t = first; t < log.size(); ++t) {
        const RoutingLog::Token& token = log.token(t);
        TokenRouting record{token.token, token.position, token.phase, {}};
        const std::vector<LayerRouting> layers = log.layers(t);
        record.layers = layers;
        if (Status status = append(record); !status.ok()) return status;
    }
    return {};
}

RoutingLog::Token RoutingMatrix::token(std::size_t index) const {
    return m_chunks[index / kChunkTokens]->tokens[index % kChunkTokens];
}

LayerRouting RoutingMatrix::at(std::size_t index, int layer) const {
    const Chunk& chunk = *m_chunks[index / kChunkTokens];
    const std::size_t record = index % kChunkTokens * chunk.per_token + static_cast<std::size_t>(layer);
    LayerRouting r;
    r.count = chunk.chosen(record);
    std::size_t entry = record * (chunk.slots + kRunnersUp);
    for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i, ++entry) {
        r.experts[i] = chunk.id(entry);
        r.gates[i] = halfToFloat(chunk.gates[record * chunk.slots + i]);
        r.probabilities[i] = halfToFloat(chunk.probabilities[entry]);
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(chunk.runners(record)); ++i, ++entry) {
        r.runners_up[i] = chunk.id(entry);
        r.runner_up_probabilities[i] = halfToFloat(chunk.probabilities[entry]);
    }
    r.shared_norm = halfToFloat(chunk.norms[record * 2]);
    r.routed_norm = halfToFloat(chunk.norms[record * 2 + 1]);
    return r;
}

float RoutingMatrix::sharedShare(std::size_t index, int layer) const {
    const Chunk& chunk = *m_chunks[index / kChunkTokens];
    const std::size_t record = index % kChunkTokens * chunk.per_token + static_cast<std::size_t>(layer);
    const float shared = halfToFloat(chunk.norms[record * 2]), routed = halfToFloat(chunk.norms[record * 2 + 1]);
    return shared == 0 && routed == 0 ? 0 : shared / (shared + routed);
}

int RoutingMatrix::cells(std::size_t index, int layer, CellMetric metric, SparseCell* out) const {
    const Chunk& chunk = *m_chunks[index / kChunkTokens];
    const std::size_t record = index % kChunkTokens * chunk.per_token + static_cast<std::size_t>(layer);
    const std::size_t first = record * (chunk.slots + kRunnersUp);
    const int chosen = chunk.chosen(record);
    const int count = chosen + (metric == CellMetric::kProbability ? chunk.runners(record) : 0);
    int written = 0;
    for (int i = 0; i < count; ++i) {
        const std::size_t entry = first + static_cast<std::size_t>(i);
        const auto row = static_cast<std::uint16_t>(chunk.id(entry));
        // Damaged traces may name an expert twice; its first entry counts.
        bool twice = false;
        for (int j = 0; j < written; ++j) twice |= out[j].row == row;
        if (twice) continue;
        std::uint16_t half = kHalfOne;
        if (metric == CellMetric::kGate) half = chunk.gates[record * chunk.slots + static_cast<std::size_t>(i)];
        if (metric == CellMetric::kProbability) half = chunk.probabilities[entry];
        out[written++] = {row, half};
    }
    const std::uint16_t share = cellHalf(sharedShare(index, layer));
    if (share != 0) out[written++] = {static_cast<std::uint16_t>(m_shape.experts), share};
    return written;
}

void RoutingMatrix::add(RoutingSums& sums, std::size_t index, int layer) const {
    const Chunk& chunk = *m_chunks[index / kChunkTokens];
    const auto l = static_cast<std::size_t>(layer);
    const std::size_t record = index % kChunkTokens * chunk.per_token + l;
    const std::size_t first = record * (chunk.slots + kRunnersUp);
    const std::size_t row = l * static_cast<std::size_t>(m_shape.experts);
    for (std::size_t i = 0; i < static_cast<std::size_t>(chunk.chosen(record)); ++i) {
        const std::size_t cell = row + static_cast<std::size_t>(chunk.id(first + i));
        sums.counts[cell] += 1;
        sums.gates[cell] += halfToFloat(chunk.gates[record * chunk.slots + i]);
    }
    sums.shared_share[l] += sharedShare(index, layer);
}

RoutingSums RoutingMatrix::sums(std::size_t begin, std::size_t end, Phases phases) const {
    RoutingSums result;
    result.counts.assign(m_sums[0].counts.size(), 0);
    result.gates.assign(m_sums[0].gates.size(), 0);
    result.shared_share.assign(m_sums[0].shared_share.size(), 0);
    for (std::size_t t = begin; t < std::min(end, m_tokens); ++t) {
        const Phase phase = token(t).phase;
        if (phases != Phases::kBoth && (phases == Phases::kDecode) != (phase == Phase::kDecode)) continue;
        ++result.tokens;
        for (int l = 0; l < m_shape.moe_layers; ++l) add(result, t, l);
    }
    return result;
}

std::size_t RoutingMatrix::bytes() const {
    std::size_t sum = sizeof *this;
    for (const auto& c : m_chunks) {
        sum += sizeof *c + c->ids.size() + 2 * (c->gates.size() + c->probabilities.size() + c->norms.size()) +
               c->counts.size() + c->tokens.size() * sizeof(RoutingLog::Token);
    }
    return sum;
}

}  // namespace moescope
