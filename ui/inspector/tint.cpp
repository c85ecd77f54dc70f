#include "ui/inspector/tint.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "engine/routing/metrics.h"

namespace moescope {
namespace {

QColor faint(QColor colour, double strength, const Theme& theme) {
    const double most = theme.dark ? 0.42 : 0.36;
    colour.setAlphaF(static_cast<float>(std::clamp(strength, 0.0, 1.0) * most));
    return colour;
}

}  // namespace

QColor tintOf(TintMetric metric, const RoutingLog& log, std::size_t token, int layer, const Theme& theme) {
    if (token >= log.size() || layer < 0 || layer >= log.shape().moe_layers) return {};
    const LayerRouting r = log.at(token, layer);
    if (r.count == 0) return {};
    switch (metric) {
        case TintMetric::kNone:
            return {};
        case TintMetric::kTopExpert: {
            const std::int32_t top = topExpert(log, token, layer);
            if (top < 0) return {};
            // The golden angle: hues of neighbouring ids lie far apart.
            const double hue = std::fmod(top * 0.381966, 1.0);
            QColor colour = QColor::fromHslF(static_cast<float>(hue), 0.55f, theme.dark ? 0.5f : 0.55f);
            colour.setAlphaF(theme.dark ? 0.28f : 0.25f);
            return colour;
        }
        case TintMetric::kMargin:
            if (!log.shape().has_runners_up || !log.shape().has_probabilities || r.runners_up[0] < 0) return {};
            // Margins are small (hundredths): one of 0.02 is half as strong as none.
            return faint(theme.blue, 1 / (1 + std::max(0.0, margin(r)) / 0.02), theme);
        case TintMetric::kEntropy:
            if (!log.shape().has_gates) return {};
            return faint(theme.blue, gateEntropy(r), theme);
        case TintMetric::kSharedRatio: {
            if (!log.shape().has_norms) return {};
            const double ratio = sharedRatio(r);
            if (ratio <= 0) return faint(theme.blue, r.routed_norm > 0 ? 1 : 0, theme);
            const double power = std::log2(ratio) / 3;  // 8 : 1 is as strong as it gets
            return faint(power > 0 ? theme.amber : theme.blue, std::abs(power), theme);
        }
    }
    return {};
}

QString tintName(TintMetric metric, int layer) {
    const auto tr = [](const char* text) { return QCoreApplication::translate("Tint", text); };
    switch (metric) {
        case TintMetric::kNone:
            return tr("off");
        case TintMetric::kTopExpert:
            return tr("top expert, layer %1").arg(layer);
        case TintMetric::kMargin:
            return tr("margin, layer %1").arg(layer);
        case TintMetric::kEntropy:
            return tr("entropy, layer %1").arg(layer);
        case TintMetric::kSharedRatio:
            return tr("shared : routed, layer %1").arg(layer);
    }
    return {};
}

}  // namespace moescope
