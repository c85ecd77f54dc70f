#pragma once
// Writes routing chunks of version 1, as histories of earlier programs have them.

#include "kernels/half.h"
#include "storage/blob.h"
#include "storage/routing_codec.h"

namespace moescope {

class FirstVersionChunk {
public:
    explicit FirstVersionChunk(const RoutingShape& shape) : m_shape(shape) {}

    void add(const TokenRouting& token) {
        m_records.number(token.token);
        m_records.number(token.position);
        m_records.number(static_cast<std::uint8_t>(token.phase));
        for (const LayerRouting& layer : token.layers) {
            const auto count = static_cast<std::size_t>(layer.count);
            m_records.number(static_cast<std::uint8_t>(count));
            for (std::size_t i = 0; i < count; ++i) id(layer.experts[i]);
            for (const std::int32_t e : layer.runners_up) id(e);
            for (std::size_t i = 0; i < count; ++i) m_records.number(floatToHalf(layer.gates[i]));
            for (std::size_t i = 0; i < count; ++i) m_records.number(floatToHalf(layer.probabilities[i]));
            for (const float p : layer.runner_up_probabilities) m_records.number(floatToHalf(p));
            m_records.number(floatToHalf(layer.shared_norm));
            m_records.number(floatToHalf(layer.routed_norm));
        }
        ++m_tokens;
    }
    bool full() const { return m_records.size() >= RoutingChunk::kFullBytes; }
    bool empty() const { return m_tokens == 0; }
    /// Of what was added since the last call.
    std::string take() {
        ByteWriter head;
        head.number(std::uint8_t{1});
        head.number(static_cast<std::uint8_t>(wide() ? 2 : 1));
        for (const int n : {m_shape.first_moe_layer, m_shape.moe_layers, m_shape.experts, m_shape.experts_used,
                            m_shape.shared_experts}) {
            head.number(static_cast<std::uint16_t>(n));
        }
        head.number(m_tokens);
        m_tokens = 0;
        return compress(head.take() + m_records.take());
    }

private:
    bool wide() const { return m_shape.experts > 255; }
    void id(std::int32_t expert) {
        if (wide()) {
            m_records.number(static_cast<std::uint16_t>(expert));
        } else {
            m_records.number(static_cast<std::uint8_t>(expert));
        }
    }

    RoutingShape m_shape;
    ByteWriter m_records;
    std::uint32_t m_tokens = 0;
};

}  // namespace moescope
