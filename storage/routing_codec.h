#pragma once
// Routing records as compressed chunks, about 30 bytes a token and layer (top 6) before compression.
//
// A chunk is a zstd frame of, little-endian:
//   u8   version 1
//   u8   bytes of an expert id: 1, or 2 with more than 256 experts
//   u16  number of leading dense layers, MoE layers, experts, experts used, shared experts (five numbers)
//   u32  tokens; then for each token
//     i32 id, i32 position, u8 phase (0 prefill, 1 decode); then for each MoE layer
//       u8   count K of chosen experts, at most kMaxActiveExperts
//       ids  K chosen, 2 runners-up (all bits set: none)
//       f16  K gates, K probabilities, 2 runners-up's probabilities, shared norm, routed norm
// Ids are exact; the rest is rounded to half precision (11 bits).

#include <span>
#include <string>

#include "engine/base/status.h"
#include "engine/routing/routing_log.h"

namespace moescope {

/// Collects records until a chunk is full.
class RoutingChunk {
public:
    /// Bytes before compression after which a new chunk should be begun.
    static constexpr std::size_t kFullBytes = 64u << 10;

    explicit RoutingChunk(const RoutingShape& shape);
    void add(const TokenRouting& token);
    bool full() const { return m_records.size() >= kFullBytes; }
    bool empty() const { return m_tokens == 0; }
    std::string blob() const;  ///< of what has been added so far
    void clear();

private:
    RoutingShape m_shape;
    std::string m_records;
    std::uint32_t m_tokens = 0;
};

/// Appends a chunk's records to a log; the first chunk makes it. Bytes may be hostile. Error: damaged, or of another
/// shape than the log.
Status decodeRoutingChunk(std::string_view blob, std::optional<RoutingLog>& log);

}  // namespace moescope
