#include "ui/heatmap/colour_map.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace moescope {
namespace {

struct Knot {
    int at;
    int red, green, blue;
};

// Knots of the published tables of 256 colours; straight lines between them are off by at most 1 of 255.
constexpr Knot kCividis[] = {{0, 0, 34, 78},       {20, 0, 48, 112},     {23, 1, 50, 113},    {28, 18, 53, 112},
                             {39, 38, 61, 110},    {60, 63, 76, 108},    {97, 98, 101, 111},  {134, 130, 128, 121},
                             {171, 166, 156, 116}, {204, 200, 184, 102}, {229, 228, 206, 83}, {246, 247, 222, 62},
                             {251, 253, 227, 52},  {255, 254, 232, 56}};
constexpr Knot kViridis[] = {{0, 68, 1, 84},      {20, 72, 29, 111},   {35, 70, 48, 126},   {58, 62, 76, 138},
                             {94, 45, 113, 142},  {132, 31, 148, 140}, {147, 31, 162, 135}, {162, 42, 176, 127},
                             {179, 68, 191, 112}, {198, 108, 205, 90}, {223, 170, 220, 50}, {237, 208, 225, 28},
                             {244, 226, 228, 24}, {253, 248, 230, 33}, {255, 253, 231, 37}};
constexpr Knot kMagma[] = {{0, 0, 0, 4},         {7, 3, 3, 15},        {20, 14, 11, 43},     {37, 36, 18, 83},
                           {48, 54, 16, 107},    {58, 71, 16, 120},    {75, 98, 25, 128},    {104, 144, 42, 129},
                           {131, 188, 57, 120},  {151, 219, 71, 106},  {168, 239, 93, 94},   {182, 248, 118, 92},
                           {196, 252, 144, 101}, {216, 254, 182, 124}, {244, 253, 233, 170}, {255, 252, 253, 191}};
// Ours. Lightness (CIELAB) of the knots: 32, 60, 95, 60, 32, so that equal differences look equally strong.
constexpr Knot kDiverging[] = {{0, 23, 70, 158},     {64, 84, 147, 224},  {127, 240, 240, 238},
                               {128, 240, 240, 238}, {191, 196, 139, 24}, {255, 115, 67, 0}};
constexpr Knot kShared[] = {{0, 42, 36, 24}, {128, 136, 103, 32}, {255, 240, 180, 41}};

Argb opaque(int red, int green, int blue) {
    return 0xff000000u | static_cast<Argb>(red) << 16 | static_cast<Argb>(green) << 8 | static_cast<Argb>(blue);
}

Argb between(std::span<const Knot> knots, double value) {
    const double at = 255 * std::clamp(value, 0.0, 1.0);
    const auto upper = std::find_if(knots.begin() + 1, knots.end() - 1, [&](const Knot& k) { return k.at >= at; });
    const auto lower = upper - 1;
    const double share = (at - lower->at) / (upper->at - lower->at);
    const auto mix = [&](int a, int b) { return static_cast<int>(std::lround(a + share * (b - a))); };
    return opaque(mix(lower->red, upper->red), mix(lower->green, upper->green), mix(lower->blue, upper->blue));
}

}  // namespace

Argb colour(ColourMap map, double value) {
    if (std::isnan(value)) return nanColour(map);
    switch (map) {
        case ColourMap::kCividis:
            return between(kCividis, value);
        case ColourMap::kViridis:
            return between(kViridis, value);
        case ColourMap::kMagma:
            return between(kMagma, value);
        case ColourMap::kDiverging:
            return between(kDiverging, value);
    }
    return nanColour(map);
}

Argb nanColour(ColourMap map) {
    // Magma has reds of its own.
    return map == ColourMap::kMagma ? opaque(38, 196, 133) : opaque(214, 40, 90);
}

Argb sharedColour(double share) {
    return std::isnan(share) ? nanColour(ColourMap::kCividis) : between(kShared, share);
}

const char* colourMapName(ColourMap map) {
    switch (map) {
        case ColourMap::kCividis:
            return "cividis";
        case ColourMap::kViridis:
            return "viridis";
        case ColourMap::kMagma:
            return "magma";
        case ColourMap::kDiverging:
            return "diverging";
    }
    return "";
}

}  // namespace moescope
