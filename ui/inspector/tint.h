#pragma once
// Tokens of a transcript coloured by their routing: faint enough to read through.

#include <QColor>

#include "engine/routing/record.h"
#include "ui/theme.h"

namespace moescope {

enum class TintMetric : std::uint8_t {
    kNone,
    kTopExpert,    ///< a hue an expert; neighbouring ids lie far apart on the circle
    kMargin,       ///< how nearly another expert was chosen: the smaller, the stronger
    kEntropy,      ///< how evenly the gates are spread over the chosen experts: the more, the stronger
    kSurprise,     ///< how little the model expected the token: surpriseTint()
    kSharedRatio,  ///< amber where the shared experts weigh more, blue where the routed ones do
};

/// The background of a token by its record in one layer. Not a valid colour where there is nothing to say: no expert
/// was chosen, or the trace lacks what the metric needs.
QColor tintOf(TintMetric metric, const RoutingShape& shape, const LayerRouting& record, const Theme& theme);

/// The background of a token that had a probability: the less expected, the stronger.
QColor surpriseTint(double probability, const Theme& theme);

/// "top expert, layer 14" for menus and chips; `layer` as the model counts.
QString tintName(TintMetric metric, int layer);

}  // namespace moescope
