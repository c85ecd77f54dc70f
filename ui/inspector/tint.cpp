#include "ui/inspector/tint.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "engine/routing/metrics.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Words {
    Q_DECLARE_TR_FUNCTIONS(moescope::Tint)
};

QColor faint(QColor colour, double strength, const Theme& theme) {
    const double most = theme.dark ? 0.42 : 0.36;
    colour.setAlphaF(static_cast<float>(std::clamp(strength, 0.0, 1.0) * most));
    return colour;
}

}  // namespace

QColor tintOf(TintMetric metric, const RoutingShape& shape, const LayerRouting& r, const Theme& theme) {
    if (r.count == 0) return {};
    switch (metric) {
        case TintMetric::kNone:
        case TintMetric::kSurprise:  // is no matter of routing
            return {};
        case TintMetric::kTopExpert: {
            if (!shape.has_order) return {};
            // The golden angle: hues of neighbouring ids lie far apart.
            const double hue = std::fmod(r.experts[0] * 0.381966, 1.0);
            QColor colour = QColor::fromHslF(static_cast<float>(hue), 0.55f, theme.dark ? 0.5f : 0.55f);
            colour.setAlphaF(theme.dark ? 0.28f : 0.25f);
            return colour;
        }
        case TintMetric::kMargin:
            if (!shape.has_runners_up || !shape.has_probabilities || r.runners_up[0] < 0) return {};
            // Margins are small (hundredths): one of 0.02 is half as strong as none.
            return faint(theme.blue, 1 / (1 + std::max(0.0, margin(r)) / 0.02), theme);
        case TintMetric::kEntropy:
            if (!shape.has_gates) return {};
            return faint(theme.blue, gateEntropy(r), theme);
        case TintMetric::kSharedRatio: {
            if (!shape.has_norms) return {};
            const double ratio = sharedRatio(r);
            if (ratio <= 0) return faint(theme.blue, r.routed_norm > 0 ? 1 : 0, theme);
            const double power = std::log2(ratio) / 3;  // 8 : 1 is as strong as it gets
            return faint(power > 0 ? theme.amber : theme.blue, std::abs(power), theme);
        }
    }
    return {};
}

QColor surpriseTint(double probability, const Theme& theme) {
    constexpr double kBits = 8;  // 1 of 256 is as surprising as it gets
    return faint(theme.amber, -std::log2(std::clamp(probability, 1e-9, 1.0)) / kBits, theme);
}

QString tintName(TintMetric metric, int layer) {
    switch (metric) {
        case TintMetric::kNone:
            return Words::tr("off");
        case TintMetric::kTopExpert:
            return Words::tr("top expert, layer %1").arg(layer);
        case TintMetric::kMargin:
            return Words::tr("margin, layer %1").arg(layer);
        case TintMetric::kEntropy:
            return Words::tr("entropy, layer %1").arg(layer);
        case TintMetric::kSurprise:
            return Words::tr("surprise");
        case TintMetric::kSharedRatio:
            return Words::tr("shared : routed, layer %1").arg(layer);
    }
    return {};
}

}  // namespace moescope
