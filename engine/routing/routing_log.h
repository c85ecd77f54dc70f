#pragma once
// The routing of a run of tokens, kept in memory.

#include <vector>

#include "engine/routing/record.h"

namespace moescope {

/// Keeps every record that it receives. Memory: sizeof(LayerRouting), about 240 bytes, a token and MoE layer.
class RoutingLog : public RoutingSink {
public:
    struct Token {
        std::int32_t token = 0;
        std::int32_t position = 0;
        Phase phase = Phase::kPrefill;
    };

    explicit RoutingLog(const RoutingShape& shape) : m_shape(shape) {}

    void onToken(const TokenRouting& token) override {
        m_tokens.push_back({token.token, token.position, token.phase});
        m_layers.insert(m_layers.end(), token.layers.begin(), token.layers.end());
    }

    const RoutingShape& shape() const { return m_shape; }
    std::size_t size() const { return m_tokens.size(); }
    const Token& token(std::size_t index) const { return m_tokens[index]; }
    /// The record of a token in MoE layer `layer`, counted from 0 at the first MoE layer.
    const LayerRouting& at(std::size_t index, int layer) const {
        return m_layers[index * static_cast<std::size_t>(m_shape.moe_layers) + static_cast<std::size_t>(layer)];
    }
    void clear() {
        m_tokens.clear();
        m_layers.clear();
    }

private:
    RoutingShape m_shape;
    std::vector<Token> m_tokens;
    std::vector<LayerRouting> m_layers;  // (tokens, MoE layers)
};

}  // namespace moescope
