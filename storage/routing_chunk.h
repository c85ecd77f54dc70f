#pragma once
// What the versions of routing chunks share: records in memory, and the numbers that each begins with.

#include <array>
#include <iterator>
#include <vector>

#include "engine/base/status.h"
#include "storage/blob.h"
#include "storage/routing_codec.h"

namespace moescope::routing_chunk {

inline constexpr std::size_t kTokenBytes = 9;  ///< fixed part of a token
/// A token's smallest part in a layer: K, two runners-up, their probabilities, two norms.
inline constexpr std::size_t kLayerBytes = 11;
/// A full chunk and one more token with the most experts in some hundred layers.
inline constexpr std::size_t kMostChunkBytes = 2 * RoutingChunk::kFullBytes;

inline Status damaged() {
    return invalid("The routing of a message is damaged; its text is not affected.");
}

inline bool wideIds(const RoutingShape& shape) {
    return shape.experts > 255;  // 255 stands for none
}

struct Head {
    RoutingShape shape;
    std::uint32_t tokens = 0;
    bool wide = false;
    bool places = false;
    std::vector<std::size_t> ends;  // of the sections, from the start of the chunk; not in version 1
    std::size_t first = 0;          // where the first section starts

    std::size_t layers() const { return static_cast<std::size_t>(shape.moe_layers); }
    std::size_t beginOf(std::size_t section) const { return section == 0 ? first : ends[section - 1]; }
};

/// The numbers that all versions begin with, version and section ends apart.
inline bool readShape(ByteReader& in, Head& head) {
    const auto id_bytes = in.number<std::uint8_t>();
    for (int* n : {&head.shape.first_moe_layer, &head.shape.moe_layers, &head.shape.experts, &head.shape.experts_used,
                   &head.shape.shared_experts}) {
        *n = in.number<std::uint16_t>();
    }
    head.tokens = in.number<std::uint32_t>();
    head.wide = id_bytes == 2;
    return in.ok() && head.wide == wideIds(head.shape) && (id_bytes == 1 || id_bytes == 2);
}

/// The records of a chunk, in memory.
struct Records {
    Head head;
    std::vector<ChunkToken> tokens;
    std::vector<LayerRouting> layers;  // (tokens, MoE layers)
    LayerRouting& at(std::size_t token, std::size_t layer) { return layers[token * head.layers() + layer]; }
};

/// A chunk of version 1.
Result<Records> readFirstVersion(std::string_view blob);

}  // namespace moescope::routing_chunk
