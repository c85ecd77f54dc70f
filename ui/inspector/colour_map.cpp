#include "ui/inspector/colour_map.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace moescope {
namespace {

/// Knots of the published table of 256 colours; straight lines between them are off by at most 2 of 255.
struct Knot {
    int at;
    int red, green, blue;
};
constexpr Knot kCividis[] = {{0, 0, 34, 78},       {19, 0, 48, 111},     {21, 0, 49, 112},     {23, 1, 50, 113},
                             {28, 18, 53, 112},    {34, 30, 58, 111},    {52, 54, 70, 108},    {84, 86, 92, 109},
                             {126, 123, 122, 120}, {147, 143, 138, 120}, {179, 174, 163, 113}, {205, 201, 185, 101},
                             {232, 231, 209, 80},  {243, 243, 219, 66},  {251, 253, 227, 52},  {255, 254, 232, 56}};

}  // namespace

QRgb cividis(double value) {
    if (std::isnan(value)) return qRgb(0, 0, 0);
    const double at = 255 * std::clamp(value, 0.0, 1.0);
    const Knot* upper =
        std::find_if(std::begin(kCividis) + 1, std::end(kCividis) - 1, [&](const Knot& k) { return k.at >= at; });
    const Knot& lower = upper[-1];
    const double share = (at - lower.at) / (upper->at - lower.at);
    const auto mix = [&](int a, int b) { return static_cast<int>(std::lround(a + share * (b - a))); };
    return qRgb(mix(lower.red, upper->red), mix(lower.green, upper->green), mix(lower.blue, upper->blue));
}

}  // namespace moescope
