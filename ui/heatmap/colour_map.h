#pragma once
// The colours of amounts. Free of Qt: colours are 0xAARRGGBB, as QRgb is.
//
// Cividis (Nuñez, Anderton and Renslow, 2018) reads the same with and without colour vision; viridis and magma (Smith
// and van der Walt, 2015) are even in lightness too. The diverging map goes from the blue of the routed experts over a
// light grey to the amber of the shared ones, its ends equally dark. There is no rainbow on purpose.

#include <cstdint>

namespace moescope {

using Argb = std::uint32_t;

enum class ColourMap : std::uint8_t { kCividis, kViridis, kMagma, kDiverging };
inline constexpr int kColourMaps = 4;

/// The colour at 0 to 1; values outside are clamped, NaN gives nanColour(). Within 1 of 255 of the published tables.
/// The diverging map has its middle at 0.5.
Argb colour(ColourMap map, double value);

/// The colour of values that are not numbers: far from every colour of the map.
Argb nanColour(ColourMap map);

/// Amber, for the shared experts' share: 0 dark, 1 full.
Argb sharedColour(double share);

/// "cividis", "viridis", "magma", "diverging": for command lines and settings.
const char* colourMapName(ColourMap map);

inline Argb cividis(double value) {
    return colour(ColourMap::kCividis, value);
}

}  // namespace moescope
