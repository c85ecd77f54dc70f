#pragma once
// How colors look to people who see fewer of them, and how far apart two colors are.
//
// The matrices are those of Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color
// vision deficiency" (2009), for complete deficiency, on linear RGB. Distances are Euclidean in OKLab: 0.02 is about
// the least that is seen side by side, black and white are 1 apart.

#include <QColor>
#include <array>
#include <cmath>

namespace moescope::vision {

enum class Kind { kFull, kProtan, kDeutan, kTritan };
inline constexpr Kind kKinds[] = {Kind::kFull, Kind::kProtan, Kind::kDeutan, Kind::kTritan};

inline const char* nameOf(Kind kind) {
    constexpr const char* kNames[] = {"full", "protan", "deutan", "tritan"};
    return kNames[static_cast<int>(kind)];
}

using Triple = std::array<double, 3>;

inline Triple linearOf(QRgb colour) {
    const auto linear = [](int channel) {
        const double v = channel / 255.0;
        return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    };
    return {linear(qRed(colour)), linear(qGreen(colour)), linear(qBlue(colour))};
}

inline QRgb rgbOf(const Triple& linear) {
    const auto channel = [](double v) {
        v = v < 0 ? 0 : v > 1 ? 1 : v;
        return static_cast<int>(std::lround(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1 / 2.4) - 0.055)));
    };
    return qRgb(channel(linear[0]), channel(linear[1]), channel(linear[2]));
}

inline Triple times(const std::array<Triple, 3>& rows, const Triple& v) {
    Triple result{};
    for (std::size_t i = 0; i < 3; ++i) result[i] = rows[i][0] * v[0] + rows[i][1] * v[1] + rows[i][2] * v[2];
    return result;
}

inline QRgb seenAs(QRgb colour, Kind kind) {
    static constexpr std::array<Triple, 3> kProtan{
        {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
    static constexpr std::array<Triple, 3> kDeutan{
        {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
    static constexpr std::array<Triple, 3> kTritan{
        {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};
    switch (kind) {
        case Kind::kFull:
            return colour;
        case Kind::kProtan:
            return rgbOf(times(kProtan, linearOf(colour)));
        case Kind::kDeutan:
            return rgbOf(times(kDeutan, linearOf(colour)));
        case Kind::kTritan:
            return rgbOf(times(kTritan, linearOf(colour)));
    }
    return colour;
}

inline Triple okLab(QRgb colour) {
    static constexpr std::array<Triple, 3> kToCones{{{0.4122214708, 0.5363325363, 0.0514459929},
                                                     {0.2119034982, 0.6806995451, 0.1073969566},
                                                     {0.0883024619, 0.2817188376, 0.6299787005}}};
    static constexpr std::array<Triple, 3> kToLab{{{0.2104542553, 0.7936177850, -0.0040720468},
                                                   {1.9779984951, -2.4285922050, 0.4505937099},
                                                   {0.0259040371, 0.7827717662, -0.8086757660}}};
    Triple cones = times(kToCones, linearOf(colour));
    for (double& cone : cones) cone = std::cbrt(cone);
    return times(kToLab, cones);
}

inline double distance(QRgb a, QRgb b) {
    const Triple x = okLab(a), y = okLab(b);
    return std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
}

}  // namespace moescope::vision
