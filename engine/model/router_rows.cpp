#include "engine/model/router_rows.h"

#include <cmath>
#include <cstring>

namespace moescope {

std::vector<double> routerCosines(const ModelMatrices& matrices, std::size_t layer) {
    if (layer >= matrices.layers.size()) return {};
    const MatrixSource& router = matrices.layers[layer].router;
    if (!router || router.type != TensorType::kF32) return {};
    const auto experts = static_cast<std::size_t>(router.rows), width = static_cast<std::size_t>(router.columns);
    std::vector<float> rows(experts * width);
    std::memcpy(rows.data(), router.matrix(0).data(), rows.size() * sizeof(float));
    std::vector<double> cosines(experts * experts);
    for (std::size_t a = 0; a < experts; ++a) {
        for (std::size_t b = 0; b <= a; ++b) {
            double sum = 0;
            for (std::size_t i = 0; i < width; ++i)
                sum += static_cast<double>(rows[a * width + i]) * static_cast<double>(rows[b * width + i]);
            cosines[a * experts + b] = cosines[b * experts + a] = sum;
        }
    }
    std::vector<double> norms(experts);
    for (std::size_t a = 0; a < experts; ++a) norms[a] = std::sqrt(cosines[a * experts + a]);
    for (std::size_t a = 0; a < experts; ++a) {
        for (std::size_t b = 0; b < experts; ++b) {
            double& cosine = cosines[a * experts + b];
            cosine = norms[a] > 0 && norms[b] > 0 ? cosine / (norms[a] * norms[b]) : 0;
        }
    }
    return cosines;
}

}  // namespace moescope
