#pragma once
// Routing records as compressed chunks: columns by layer, so that a search reads one layer and leaves the rest.
//
// A chunk is, little-endian:
//   u8   version 2; 3 where choices went by other scores than the probabilities (a router with a bias); 4 where experts
//        are in groups
//   u8   bytes of an expert id: 1, or 2 with more than 255 experts
//   u16  number of leading dense layers, MoE layers L, experts, experts used, shared experts (five numbers)
//   u32  tokens T
//   u8   what the records say, else it is stored as 0: bit 0 gates, 1 probabilities, 2 runners-up, 3 norms, 4 ids of
//        tokens, 5 phases; bit 6: there is a section of places; bit 7: there are selection scores (in version 3
//        always, in version 2 never)
//   u16  version 4: number of groups, groups used (two numbers)
//   u32  L + 2 ends of sections (L + 3 with places), counted from the first one's start; then the sections, each a zstd
//        frame:
//   the tokens       i32 id (T), i32 position (T), u8 phase (T; 0 prefill, 1 decode)
//   L choices        u8 number K of chosen experts (T); then by rank, of the tokens that have it: their ids, and
//                    again by rank their gates
//   the rest         for each layer: u8 1 if the probabilities are the gates, bit for bit; else they follow, by rank;
//                    if there are selection scores: these, by rank; two runners-up (all bits set: none), by rank (T);
//                    their probabilities (T); if there are any, their selection scores (T); shared norm (T), routed
//                    norm (T)
//   the places       for each layer: u16 (T), bit i: the i-th chosen expert ran on a card. Only where one did, so that
//                    chunks without cards stay as programs before this section wrote and read them
// Reals are f16, the low bytes of a column before its high bytes. Ids are exact; the rest is rounded to half precision
// (11 bits).
//
// Version 1, which is read and no longer written, is in routing_codec_v1.cpp.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/routing/routing_log.h"

namespace moescope {

/// A token of a chunk.
struct ChunkToken {
    std::int32_t token = 0;
    std::int32_t position = 0;
    Phase phase = Phase::kPrefill;
};

/// Collects records until a chunk is full.
class RoutingChunk {
public:
    /// Bytes before compression after which a new chunk should be begun.
    static constexpr std::size_t kFullBytes = 64u << 10;

    explicit RoutingChunk(const RoutingShape& shape);
    /// `token.layers` has as many entries as the shape says.
    void add(const TokenRouting& token);
    /// Adds a token of a log of the same shape.
    void add(const RoutingLog& log, std::size_t index);
    bool full() const { return m_bytes >= kFullBytes; }
    bool empty() const { return m_log.size() == 0; }
    std::string blob() const;  ///< of what has been added so far
    void clear();

private:
    void countLast();  // the bytes of the token that was added last

    RoutingLog m_log;
    std::size_t m_bytes = 0;
};

/// Appends a chunk's records to a log; the first chunk makes it. Bytes may be hostile. Error: damaged, or of another
/// shape than the log.
Status decodeRoutingChunk(std::string_view blob, std::optional<RoutingLog>& log);

/// What a search needs of a chunk, read piece by piece from wherever the bytes are.
class ChunkReader {
public:
    /// Where the bytes are: reads `size` bytes at `offset`; false if there are not as many.
    class Source {
    public:
        virtual ~Source() = default;
        virtual std::size_t size() const = 0;
        virtual bool read(std::size_t offset, std::size_t size, char* out) = 0;
    };

    /// One choice of the expert that is looked for.
    struct Match {
        std::uint32_t token = 0;  ///< index in the chunk
        int rank = 0;             ///< from 0
        float gate = 0;
    };

    /// Finds the tokens that chose `expert` in `layer` (as the model counts) with one of the first `ranks` ranks and a
    /// gate above `gate`, in the order of tokens; none if the chunk's model has no such layer. Bytes may be hostile.
    static Result<std::vector<Match>> find(Source& source, int layer, int expert, int ranks, float gate);
    /// The tokens of a chunk.
    static Result<std::vector<ChunkToken>> tokens(Source& source);
};

}  // namespace moescope
