#include "storage/routing_codec.h"

#include <algorithm>
#include <array>

#include "kernels/half.h"
#include "storage/blob.h"

namespace moescope {
namespace {

constexpr std::uint8_t kVersion = 1;
/// A token's fixed part, and a layer's smallest: more tokens than these fit cannot be in a chunk.
constexpr std::size_t kTokenBytes = 9;
/// A full chunk and one more token with the most experts in some hundred layers.
constexpr std::size_t kMostChunkBytes = 2 * RoutingChunk::kFullBytes;

Status damaged() {
    return invalid("The routing of a message is damaged; its text is not affected.");
}

void id(ByteWriter& out, std::int32_t expert, bool wide) {
    if (wide) {
        out.number(static_cast<std::uint16_t>(expert));
    } else {
        out.number(static_cast<std::uint8_t>(expert));
    }
}

/// An expert, -1 for none, nullopt for one that the model does not have.
std::optional<std::int32_t> id(ByteReader& in, bool wide, int experts) {
    const std::int32_t raw = wide ? in.number<std::uint16_t>() : in.number<std::uint8_t>();
    if (raw < experts) return raw;
    if (raw == (wide ? 0xffff : 0xff)) return -1;
    return std::nullopt;
}

bool wideIds(const RoutingShape& shape) {
    return shape.experts > 255;  // 255 stands for none
}

}  // namespace

RoutingChunk::RoutingChunk(const RoutingShape& shape) : m_shape(shape) {}

void RoutingChunk::add(const TokenRouting& token) {
    ByteWriter out;
    out.number(token.token);
    out.number(token.position);
    out.number(static_cast<std::uint8_t>(token.phase));
    const bool wide = wideIds(m_shape);
    for (const LayerRouting& layer : token.layers) {
        const auto count = static_cast<std::size_t>(std::clamp(layer.count, 0, kMaxActiveExperts));
        out.number(static_cast<std::uint8_t>(count));
        for (std::size_t i = 0; i < count; ++i) id(out, layer.experts[i], wide);
        for (const std::int32_t e : layer.runners_up) id(out, e, wide);
        for (std::size_t i = 0; i < count; ++i) out.number(floatToHalf(layer.gates[i]));
        for (std::size_t i = 0; i < count; ++i) out.number(floatToHalf(layer.probabilities[i]));
        for (const float p : layer.runner_up_probabilities) out.number(floatToHalf(p));
        out.number(floatToHalf(layer.shared_norm));
        out.number(floatToHalf(layer.routed_norm));
    }
    m_records += out.take();
    ++m_tokens;
}

std::string RoutingChunk::blob() const {
    ByteWriter out;
    out.number(kVersion);
    out.number(static_cast<std::uint8_t>(wideIds(m_shape) ? 2 : 1));
    for (const int n :
         {m_shape.first_moe_layer, m_shape.moe_layers, m_shape.experts, m_shape.experts_used, m_shape.shared_experts}) {
        out.number(static_cast<std::uint16_t>(n));
    }
    out.number(m_tokens);
    return compress(out.take() + m_records);
}

void RoutingChunk::clear() {
    m_records.clear();
    m_tokens = 0;
}

Status decodeRoutingChunk(std::string_view blob, std::optional<RoutingLog>& log) {
    const auto bytes = decompress(blob, kMostChunkBytes);
    if (!bytes.ok()) return damaged();
    ByteReader in(*bytes);
    const auto version = in.number<std::uint8_t>();
    const auto id_bytes = in.number<std::uint8_t>();
    RoutingShape shape;
    for (int* n :
         {&shape.first_moe_layer, &shape.moe_layers, &shape.experts, &shape.experts_used, &shape.shared_experts}) {
        *n = in.number<std::uint16_t>();
    }
    const auto tokens = in.number<std::uint32_t>();
    const bool wide = id_bytes == 2;
    if (version != kVersion || !in.ok() || wide != wideIds(shape) || tokens > in.left() / kTokenBytes) {
        return damaged();
    }
    if (log && log->shape() != shape) return damaged();
    if (!log) log.emplace(shape);
    std::vector<LayerRouting> layers(static_cast<std::size_t>(shape.moe_layers));
    for (std::uint32_t t = 0; t < tokens; ++t) {
        TokenRouting token;
        token.token = in.number<std::int32_t>();
        token.position = in.number<std::int32_t>();
        const auto phase = in.number<std::uint8_t>();
        if (phase > 1) return damaged();
        token.phase = static_cast<Phase>(phase);
        for (LayerRouting& layer : layers) {
            layer = {};
            const auto count = in.number<std::uint8_t>();
            if (count > kMaxActiveExperts) return damaged();
            layer.count = count;
            for (std::size_t i = 0; i < count; ++i) {
                const auto expert = id(in, wide, shape.experts);
                if (!expert || *expert < 0) return damaged();
                layer.experts[i] = *expert;
            }
            for (std::int32_t& e : layer.runners_up) {
                const auto expert = id(in, wide, shape.experts);
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
        token.layers = layers;
        log->onToken(token);
    }
    return in.left() == 0 ? Status() : damaged();
}

}  // namespace moescope
