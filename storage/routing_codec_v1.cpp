// Chunks of version 1, which are read and no longer written: one zstd frame of the shape and the number of tokens, then
// for each token id, position, phase, and for each MoE layer K, ids, runners-up, gates, probabilities, runners-up's
// probabilities and the two norms.

#include <optional>

#include "kernels/half.h"
#include "storage/routing_chunk.h"

namespace moescope::routing_chunk {
namespace {

/// An expert of a chunk of version 1, -1 for none, nullopt for one that the model does not have.
std::optional<std::int32_t> readId(ByteReader& in, bool wide, int experts) {
    const std::int32_t raw = wide ? in.number<std::uint16_t>() : in.number<std::uint8_t>();
    if (raw < experts) return raw;
    if (raw == (wide ? 0xffff : 0xff)) return -1;
    return std::nullopt;
}

}  // namespace

Result<Records> readFirstVersion(std::string_view blob) {
    const auto bytes = decompress(blob, kMostChunkBytes);
    if (!bytes.ok()) return damaged();
    ByteReader in(*bytes);
    Records records;
    const auto version = in.number<std::uint8_t>();
    if (version != 1 || !readShape(in, records.head)) return damaged();
    const std::size_t tokens = records.head.tokens, layers = records.head.layers();
    if (tokens > in.left() / kTokenBytes || tokens * layers > in.left() / kLayerBytes) return damaged();
    records.tokens.resize(tokens);
    records.layers.resize(tokens * layers);
    for (std::size_t t = 0; t < tokens; ++t) {
        ChunkToken& token = records.tokens[t];
        token.token = in.number<std::int32_t>();
        token.position = in.number<std::int32_t>();
        const auto phase = in.number<std::uint8_t>();
        if (phase > 1) return damaged();
        token.phase = static_cast<Phase>(phase);
        for (std::size_t l = 0; l < layers; ++l) {
            LayerRouting& layer = records.at(t, l);
            const auto count = in.number<std::uint8_t>();
            if (count > kMaxActiveExperts) return damaged();
            layer.count = count;
            for (std::size_t i = 0; i < count; ++i) {
                const auto expert = readId(in, records.head.wide, records.head.shape.experts);
                if (!expert || *expert < 0) return damaged();
                layer.experts[i] = *expert;
            }
            for (std::int32_t& e : layer.runners_up) {
                const auto expert = readId(in, records.head.wide, records.head.shape.experts);
                if (!expert) return damaged();
                e = *expert;
            }
            const auto half = [&] { return halfToFloat(in.number<std::uint16_t>()); };
            for (std::size_t i = 0; i < count; ++i) layer.gates[i] = half();
            for (std::size_t i = 0; i < count; ++i) layer.probabilities[i] = half();
            for (float& p : layer.runner_up_probabilities) p = half();
            layer.shared_norm = half();
            layer.routed_norm = half();
        }
        if (!in.ok()) return damaged();
    }
    if (in.left() != 0) return damaged();
    return records;
}

}  // namespace moescope::routing_chunk
