#include "app/cli/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/heatmap/axis_ticks.h"
#include "ui/heatmap/colour_table.h"
#include "ui/heatmap/cpu_renderer.h"

namespace moescope::cli {
namespace {

constexpr double kPad = 20, kTitle = 17, kText = 12, kSmall = 11;
/// Pixels from one label to the next.
constexpr double kColumnSpacing = 34, kRowSpacing = 15, kGroupSpacing = 16;

/// 1, 2 or 5 times a power of ten, so that a range has about `wanted` of them.
double niceStep(double range, int wanted) {
    const double rough = range / wanted, power = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= rough) return factor * power;
    }
    return 10 * power;
}

void drawLegend(Canvas& canvas, const HeatmapScene& scene, double x, double y, double height) {
    constexpr double kBar = 12;
    const PlotColours& c = canvas.colours();
    const ColourKey key = colourKey(scene);
    const int steps = std::max(2, static_cast<int>(height));
    std::vector<std::uint32_t> pixels(static_cast<std::size_t>(steps));
    for (int i = 0; i < steps; ++i) {
        const double position = 1 - (i + 0.5) / steps;
        pixels[static_cast<std::size_t>(i)] = colour(scene.view.map, position);
    }
    canvas.image(x, y, kBar, height, pixels.data(), 1, steps);
    constexpr int kTicks = 4;
    for (int i = 0; i <= kTicks; ++i) {
        const double position = static_cast<double>(i) / kTicks, at = y + height * (1 - position);
        canvas.line(x + kBar, at, x + kBar + 4, at, c.faint);
        canvas.text(x + kBar + 7, at + 4, shortNumber(valueAt(key, position)), kSmall, c.faint);
    }
    std::string name = quantityName(scene);
    if (scene.view.scale == Scale::kLog) name += ", log scale";
    canvas.textUp(x - 7, y + height / 2, name, kSmall, c.faint);
}

}  // namespace

PlotArea drawHeading(Canvas& canvas, const PlotHeading& heading) {
    const PlotColours& c = canvas.colours();
    canvas.text(kPad, kPad + kTitle, heading.title, kTitle, c.text, Align::kLeft, true);
    canvas.text(kPad, kPad + kTitle + 20, heading.subtitle, kText, c.faint);
    const double top = kPad + kTitle + 40;
    return {kPad, top, canvas.width() - 2 * kPad, canvas.height() - top - kPad};
}

Status drawHeatmap(Canvas& canvas, const PlotHeading& heading, const HeatmapScene& scene) {
    const PlotColours& c = canvas.colours();
    const PlotArea area = drawHeading(canvas, heading);
    constexpr double kAxis = 44, kUnder = 40, kLegend = 92;
    const HeatmapRect shown = visibleRect(scene);
    double width = std::max(16.0, std::floor(area.width - kAxis - kLegend));
    double height = std::max(16.0, std::floor(area.height - kUnder));
    if (scene.matrix && scene.matrix->rows().count == scene.matrix->columns().count)
        width = height = std::min(width, height);
    const double x = area.x + kAxis, y = area.y;

    CpuRenderer renderer;
    const int scale = canvas.imageScale();
    const auto image = renderWhole(renderer, scene, static_cast<int>(width) * scale, static_cast<int>(height) * scale);
    if (!image.ok()) return image.status();
    canvas.fill(x, y, width, height, c.line);
    canvas.image(x, y, width, height, image->pixels.get(), image->width, image->height);

    for (const double at : columnGroups(scene, shown.x, shown.width, width, kGroupSpacing)) {
        canvas.fill(x + (at - shown.x) / shown.width * width - 1, y, 2, height, c.background);
    }
    for (const double at : rowGroups(scene, shown.y, shown.height, height, kGroupSpacing)) {
        canvas.fill(x, y + (at - shown.y) / shown.height * height - 1, width, 2, c.background);
    }
    for (const AxisTick& tick : columnTicks(scene, shown.x, shown.width, width, kColumnSpacing)) {
        const double at = x + (tick.position - shown.x) / shown.width * width;
        canvas.text(at, y + height + 15, tick.label, kSmall, tick.lane ? c.amber : c.faint, Align::kCentre);
    }
    for (const AxisTick& tick : rowTicks(scene, shown.y, shown.height, height, kRowSpacing)) {
        const double at = y + (tick.position - shown.y) / shown.height * height;
        canvas.text(x - 7, at + 4, tick.label, kSmall, tick.lane ? c.amber : c.faint, Align::kRight);
    }
    canvas.text(x + width / 2, y + height + 34, columnTitle(scene), kText, c.text, Align::kCentre);
    canvas.textUp(area.x + 4, y + height / 2, rowTitle(scene), kText, c.text);
    drawLegend(canvas, scene, x + width + 32, y, std::min(height, 260.0));
    return {};
}

void drawCurves(Canvas& canvas, const PlotHeading& heading, int first_layer,
                const std::vector<std::vector<Curve>>& groups) {
    const PlotColours& c = canvas.colours();
    const PlotArea area = drawHeading(canvas, heading);
    constexpr double kAxis = 50, kGap = 34, kNames = 150;
    const auto count = static_cast<double>(groups.size());
    const double height = (area.height - 24 - kGap * (count - 1)) / count, width = area.width - kAxis - kNames;
    const double x = area.x + kAxis;
    const std::size_t layers = groups.empty() || groups[0].empty() ? 0 : groups[0][0].values.size();
    const double step = layers > 1 ? width / static_cast<double>(layers - 1) : 0;
    double y = area.y;
    for (const std::vector<Curve>& group : groups) {
        double low = 0, high = 0;
        for (const Curve& curve : group) {
            if (!curve.reference_name.empty()) high = std::max(high, curve.reference);
            for (const double v : curve.values) {
                if (!std::isfinite(v)) continue;
                low = std::min(low, v);
                high = std::max(high, v);
            }
        }
        if (high <= low) high = low + 1;
        double tick = niceStep(high - low, std::max(2, static_cast<int>(height / 36)));
        if (!group.empty() && group[0].whole) tick = std::max(1.0, tick);
        low = std::floor(low / tick) * tick;
        high = std::ceil(high / tick - 1e-9) * tick;
        const auto at = [&](double value) { return y + height * (1 - (value - low) / (high - low)); };
        for (int i = 0; low + i * tick <= high + tick / 2; ++i) {
            const double value = low + i * tick;
            canvas.line(x, at(value), x + width, at(value), c.line);
            canvas.text(x - 8, at(value) + 4, shortNumber(std::abs(value) < tick / 1e6 ? 0 : value), kSmall, c.faint,
                        Align::kRight);
        }
        double name_y = y + 10;
        for (const Curve& curve : group) {
            if (!curve.reference_name.empty()) {
                canvas.line(x, at(curve.reference), x + width, at(curve.reference), c.faint, 1);
                canvas.text(x + width + 12, at(curve.reference) + 4, curve.reference_name, kSmall, c.faint);
                if (std::abs(name_y - at(curve.reference)) < 14) name_y += 16;
            }
            std::vector<double> xs, ys;
            for (std::size_t l = 0; l < curve.values.size(); ++l) {
                xs.push_back(x + step * static_cast<double>(l));
                ys.push_back(std::isfinite(curve.values[l]) ? at(curve.values[l]) : NAN);
            }
            canvas.polyline(xs, ys, curve.colour, 2);
            for (std::size_t l = 0; l < xs.size(); ++l) {
                if (std::isfinite(ys[l])) canvas.fill(xs[l] - 2, ys[l] - 2, 4, 4, curve.colour);
            }
            canvas.text(x + width + 12, name_y, curve.name, kText, curve.colour, Align::kLeft, true);
            name_y += 18;
        }
        y += height + kGap;
    }
    y -= kGap;
    const auto every =
        std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(kColumnSpacing / std::max(1.0, step))));
    for (std::size_t l = 0; l<layers; l += step> 0 ? every : layers) {
        canvas.text(x + step * static_cast<double>(l), y + 16, std::to_string(first_layer + static_cast<int>(l)),
                    kSmall, c.faint, Align::kCentre);
    }
    canvas.text(x + width + 12, y + 16, "layer", kText, c.text);
}

void drawFlow(Canvas& canvas, const PlotHeading& heading, const std::string& from, const std::string& to, int experts,
              const std::vector<double>& flow) {
    const PlotColours& c = canvas.colours();
    const PlotArea area = drawHeading(canvas, heading);
    constexpr double kNode = 12, kLabels = 34, kHead = 22;
    const auto n = static_cast<std::size_t>(experts);
    std::vector<double> out(n), in(n);
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            out[i] += flow[i * n + j];
            in[j] += flow[i * n + j];
            total += flow[i * n + j];
        }
    }
    const double left = area.x + kLabels, right = area.x + area.width - kLabels - kNode;
    const double top = area.y + kHead, gap = std::min(6.0, 0.25 * (area.height - kHead) / static_cast<double>(n));
    const double unit = total > 0 ? (area.height - kHead - gap * static_cast<double>(n - 1)) / total : 0;
    canvas.text(left, area.y + 8, from, kText, c.text, Align::kLeft, true);
    canvas.text(right + kNode, area.y + 8, to, kText, c.text, Align::kRight, true);
    const auto places = [&](const std::vector<double>& sizes) {
        std::vector<double> at(n);
        double y = top;
        for (std::size_t i = 0; i < n; ++i) {
            at[i] = y;
            y += sizes[i] * unit + gap;
        }
        return at;
    };
    const std::vector<double> from_y = places(out), to_y = places(in);

    // Strong flows in colour over the many weak ones, which keep their place.
    double largest = 0;
    for (const double f : flow) largest = std::max(largest, f);
    struct Band {
        double y0, y1, value;
    };
    std::vector<Band> bands;
    std::vector<double> used_out = from_y, used_in = to_y;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            const double value = flow[i * n + j];
            if (value <= 0) continue;
            bands.push_back({used_out[i], used_in[j], value});
            used_out[i] += value * unit;
            used_in[j] += value * unit;
        }
    }
    std::ranges::sort(bands, {}, &Band::value);
    for (const Band& band : bands) {
        const double strength = band.value / largest;
        const auto alpha = static_cast<Colour>(24 + 190 * strength * strength);
        canvas.ribbon(left + kNode, band.y0, right, band.y1, band.value * unit, (c.blue & 0xffffffu) | alpha << 24);
    }
    double last_left = -100, last_right = -100;
    for (std::size_t i = 0; i < n; ++i) {
        canvas.fill(left, from_y[i], kNode, std::max(0.5, out[i] * unit), c.text);
        canvas.fill(right, to_y[i], kNode, std::max(0.5, in[i] * unit), c.text);
        const auto label = [&](double y, double size, double& last, double x, Align align) {
            const double middle = y + size / 2;
            if (middle - last < kSmall + 1) return;
            last = middle;
            canvas.text(x, middle + 4, std::to_string(i), kSmall, c.faint, align);
        };
        label(from_y[i], out[i] * unit, last_left, left - 6, Align::kRight);
        label(to_y[i], in[i] * unit, last_right, right + kNode + 6, Align::kLeft);
    }
}

}  // namespace moescope::cli
