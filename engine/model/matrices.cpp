#include "engine/model/matrices.h"

namespace moescope {

ModelStatistics statistics(const ModelConfig& c, const ModelMatrices& matrices) {
    ModelStatistics s;
    const auto used = [&](std::uint64_t x) {
        return x / static_cast<std::uint64_t>(c.experts) * static_cast<std::uint64_t>(c.experts_used);
    };
    forEachMatrix(matrices, [&](const MatrixSource& m, MatrixRole role, std::size_t) {
        s.parameters += m.elements();
        s.bytes += m.weightBytes();
        if (role == MatrixRole::kEmbedding) return;  // of which a token reads a row
        const bool routed = isRouted(role);
        s.active_parameters += routed ? used(m.elements()) : m.elements();
        s.bytes_per_token += routed ? used(m.weightBytes()) : m.weightBytes();
        if (routed) s.expert_bytes += m.matrixBytes();
        const bool outside_layers = role == MatrixRole::kOutput || role == MatrixRole::kOutputNorm;
        if (!outside_layers) s.prefill_macs += routed ? used(m.elements()) : m.elements();
    });
    s.expert_bytes /= static_cast<std::uint64_t>(c.moeLayers());
    if (!matrices.output) {  // tied: it is read as the output too
        s.active_parameters += matrices.embedding.elements();
        s.bytes_per_token += matrices.embedding.weightBytes();
    }
    s.active_parameters += matrices.embedding.columns;
    s.bytes_per_token += rowBytes(matrices.embedding.type, matrices.embedding.columns);
    return s;
}

}  // namespace moescope
