#include "ui/heatmap/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/heatmap/axis_ticks.h"
#include "ui/heatmap/colour_table.h"
#include "ui/heatmap/cpu_renderer.h"
#include "ui/heatmap/png_file.h"

namespace moescope {
namespace {

struct Look {
    const char *background, *text, *dim;
    Argb pixel_background;
};

Look look(bool dark) {
    return dark ? Look{"#191c22", "#e4e7ee", "#949bab", 0xff191c22u}
                : Look{"#ffffff", "#1b1f27", "#5f6877", 0xffffffffu};
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                // XML knows no control characters.
                out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

std::string base64(const std::string& bytes) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto byte = [&](std::size_t k) {
            return i + k < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i + k])) : 0u;
        };
        const unsigned group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (int d = 0; d < 4; ++d) {
            const bool padding = i + static_cast<std::size_t>(d) > bytes.size();
            out += padding ? '=' : kDigits[group >> (18 - 6 * d) & 63];
        }
    }
    return out;
}

std::string hex(Argb colour) {
    return fmt::format("#{:06x}", colour & 0xffffffu);
}

Result<HeatmapImage> draw(const HeatmapScene& scene, int width, int height) {
    CpuRenderer renderer;
    return renderWhole(renderer, scene, width, height);
}

}  // namespace

Result<std::string> plotPng(const HeatmapScene& scene, const PlotOptions& options) {
    auto image = draw(scene, options.width, options.height);
    if (!image.ok()) return image.status();
    return encodePng(*image, look(options.dark).pixel_background);
}

Result<std::string> plotSvg(const HeatmapScene& scene, const PlotOptions& options) {
    const int width = std::clamp(options.width, 200, kMaxHeatmapSide);
    const int height = std::clamp(options.height, 150, kMaxHeatmapSide);
    const Look style = look(options.dark);
    // Labels may be long where a matrix has names: about 6.2 pixels a letter.
    const HeatmapRect r = visibleRect(scene);
    const int top = 40, bottom = 74;
    const auto rows = rowTicks(scene, r.y, r.height, height - top - bottom, 14);
    std::size_t letters = 4;
    for (const AxisTick& tick : rows) letters = std::max(letters, tick.label.size());
    const int left = std::min(width / 3, 34 + static_cast<int>(6.2 * static_cast<double>(letters)));
    const int plot_width = width - left - 20, plot_height = height - top - bottom;

    // Twice the pixels, so that it is sharp when enlarged a little.
    auto image = draw(scene, std::min(2 * plot_width, kMaxHeatmapSide), std::min(2 * plot_height, kMaxHeatmapSide));
    if (!image.ok()) return image.status();
    auto png = encodePng(*image);
    if (!png.ok()) return png.status();

    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
        "font-family=\"Inter, sans-serif\" font-size=\"11\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"{2}\"/>\n",
        width, height, style.background);
    const auto text = [&](double x, double y, const char* anchor, const char* fill, const std::string& words,
                          const std::string& more = {}) {
        svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\"{}>{}</text>\n", x, y, anchor,
                           fill, more, escaped(words));
    };
    text(left, 24, "start", style.text, options.title, " font-size=\"14\" font-weight=\"600\"");
    svg += fmt::format(
        "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" "
        "style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{}\"/>\n",
        left, top, plot_width, plot_height, base64(*png));
    for (const AxisTick& tick : rows) {
        const double y = top + (tick.position - r.y) / r.height * plot_height;
        text(left - 6, y + 4, "end", style.dim, tick.label);
    }
    for (const AxisTick& tick : columnTicks(scene, r.x, r.width, plot_width, 48)) {
        const double x = left + (tick.position - r.x) / r.width * plot_width;
        text(x, top + plot_height + 15, "middle", tick.lane ? "#b27b00" : style.dim, tick.label);
    }
    text(left + plot_width / 2.0, top + plot_height + 32, "middle", style.text, columnTitle(scene));
    text(14, top + plot_height / 2.0, "middle", style.text, rowTitle(scene),
         fmt::format(" transform=\"rotate(-90 14 {:.1f})\"", top + plot_height / 2.0));

    const ColourKey key = colourKey(scene);
    const double bar_y = height - 24, bar_width = std::min(200.0, plot_width / 3.0);
    svg += "<defs><linearGradient id=\"colours\">";
    for (int i = 0; i <= 32; ++i) {
        svg += fmt::format("<stop offset=\"{:.4f}\" stop-color=\"{}\"/>", i / 32.0, hex(colour(key.map, i / 32.0)));
    }
    svg += "</linearGradient></defs>\n";
    const std::string low = (key.scale == Scale::kLog && !key.diverging ? "≤ " : "") + shortNumber(valueAt(key, 0));
    const double bar_x = left + 8 + 6.5 * static_cast<double>(low.size());
    text(bar_x - 6, bar_y + 8, "end", style.dim, low);
    svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"8\" fill=\"url(#colours)\"/>\n",
                       bar_x, bar_y, bar_width);
    std::string words = shortNumber(valueAt(key, 1)) + "   " + quantityName(scene);
    if (scene.view.kind == HeatmapKind::kMatrix && scene.matrix && !scene.matrix->unit.empty()) {
        words += " " + scene.matrix->unit;
    }
    words += key.scale == Scale::kLog ? ", log scale" : ", linear";
    const double columns_a_pixel = r.width / plot_width;
    if (columns_a_pixel > 1.01) {
        words += fmt::format(", {} of {} a pixel", scene.view.aggregation == Aggregation::kMax ? "largest" : "mean",
                             shortNumber(std::round(columns_a_pixel * 10) / 10));
    }
    text(bar_x + bar_width + 6, bar_y + 8, "start", style.dim, words, " xml:space=\"preserve\"");
    svg += "</svg>\n";
    return svg;
}

}  // namespace moescope
