#pragma once
// The routing of a run of tokens in the form that heatmaps read: compact, growing at its end, cheap to copy.
//
// A token and MoE layer takes 5 bytes a chosen expert (id, gate and probability as halves), 3 a runner-up, 4 for the
// norms and 1 for the counts: 41 bytes at k = 6 (47 with more than 256 experts). Records live in chunks of 1,024
// tokens.
//
// A copy shares the chunks: a snapshot that costs one pointer per chunk, and may be read on another thread while the
// original grows, because appending only writes past what any snapshot sees. Appending to a copy is allowed too; it
// then becomes a matrix of its own.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/status.h"
#include "engine/routing/record.h"
#include "engine/routing/routing_runs.h"

namespace moescope {

/// What is drawn of a token's routing in a layer.
enum class CellMetric : std::uint8_t {
    kGate,         ///< the weight that the expert's output got; 0 if not chosen
    kChosen,       ///< 1 if chosen
    kProbability,  ///< the router's own, for chosen experts and runners-up; others are not recorded and 0
};
inline constexpr int kCellMetrics = 3;

/// A value of one expert, or of the shared lane, whose row is the number of experts.
struct SparseCell {
    std::uint16_t row = 0;
    std::uint16_t half = 0;  ///< the value as IEEE half; never negative
};
/// The most cells that one token has in a layer.
inline constexpr int kMaxSparseCells = kMaxActiveExperts + kRunnersUp + 1;

/// Which tokens count in sums.
enum class Phases : std::uint8_t { kBoth, kPrefill, kDecode };

/// Sums over tokens; vectors are (MoE layers, experts) or (MoE layers).
struct RoutingSums {
    std::size_t tokens = 0;
    std::vector<double> counts;        ///< how often each expert was chosen
    std::vector<double> gates;         ///< sums of the gates
    std::vector<double> shared_share;  ///< sums of shared / (shared + routed) norms
};

class RoutingMatrix {
public:
    static constexpr std::size_t kChunkTokens = 1024;

    /// No layers, no tokens.
    RoutingMatrix() : RoutingMatrix(RoutingShape()) {}
    explicit RoutingMatrix(const RoutingShape& shape);
    RoutingMatrix(const RoutingMatrix& other);
    RoutingMatrix& operator=(const RoutingMatrix& other);
    RoutingMatrix(RoutingMatrix&&) = default;
    RoutingMatrix& operator=(RoutingMatrix&&) = default;

    const RoutingShape& shape() const { return m_shape; }
    std::size_t tokens() const { return m_tokens; }
    /// Matrices with the same id agree in all tokens that both have: what was drawn of one need not be read again.
    std::uint64_t id() const { return m_id; }

    /// Adds one token. Refused, with nothing changed: a record of another number of layers, an expert that the shape
    /// does not have, more than kMaxActiveExperts of them.
    Status append(const TokenRouting& token);
    /// Adds the tokens of a log from `first` on; stops at the first that is refused.
    Status append(const RoutingView& log, std::size_t first = 0);

    RoutingLog::Token token(std::size_t index) const;
    /// The record of a token in MoE layer `layer` (from 0); floats as halves hold them.
    LayerRouting at(std::size_t index, int layer) const;
    /// Writes the cells that are not 0 to `out` (room for kMaxSparseCells), chosen experts first, the shared lane last;
    /// returns how many. Each row occurs once.
    int cells(std::size_t index, int layer, CellMetric metric, SparseCell* out) const;
    /// shared / (shared + routed) norms of one token and layer; 0 if both are 0.
    float sharedShare(std::size_t index, int layer) const;

    /// Of all tokens; kept while appending.
    const RoutingSums& sums(Phase phase) const { return m_sums[phase == Phase::kDecode ? 1 : 0]; }
    /// Of tokens [begin, end), read from the records.
    RoutingSums sums(std::size_t begin, std::size_t end, Phases phases = Phases::kBoth) const;

    /// The largest gate and probability so far; 0 without tokens. NaN and infinities do not count.
    float largestGate() const { return m_largest_gate; }
    float largestProbability() const { return m_largest_probability; }
    /// The most cells that any token had in a layer, the shared lane included.
    int mostCells(CellMetric metric) const {
        return (metric == CellMetric::kProbability ? m_most_known : m_most_chosen) + 1;
    }

    /// Memory of the records.
    std::size_t bytes() const;

private:
    struct Chunk;
    void own();  // before writing: makes the last chunk and the id ours
    void add(RoutingSums& sums, std::size_t index, int layer) const;

    RoutingShape m_shape;
    std::uint64_t m_id = 0;
    std::size_t m_tokens = 0;
    bool m_owner = true;
    std::vector<std::shared_ptr<Chunk>> m_chunks;
    RoutingSums m_sums[2];
    float m_largest_gate = 0, m_largest_probability = 0;
    int m_most_chosen = 0, m_most_known = 0;  // in a layer of a token; known: with runners-up
};

}  // namespace moescope
