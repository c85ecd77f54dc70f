#pragma once
// A page to draw on, written as PNG, SVG or PDF. Lengths are in points of a page as the user asked for it: pixels of a
// PNG.

#include <cairo.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace moescope::cli {

/// 0xAARRGGBB.
using Colour = std::uint32_t;

struct PlotColours {
    Colour background, text, faint, line, blue, amber, danger;
};
const PlotColours& plotColours(bool dark);

enum class Align { kLeft, kCentre, kRight };

class Canvas {
public:
    /// "png", "svg" or "pdf", as the name of a file ends.
    static Result<std::string> formatOf(const std::string& path);

    /// `format` as formatOf() gives it.
    Canvas(const std::string& path, const std::string& format, double width, double height, const PlotColours& colours);
    ~Canvas();
    Canvas(const Canvas&) = delete;
    Canvas& operator=(const Canvas&) = delete;

    double width() const { return m_width; }
    double height() const { return m_height; }
    const PlotColours& colours() const { return m_colours; }
    /// Pixels that a point of an image should have: more on pages that may be enlarged.
    int imageScale() const { return m_is_png ? 1 : 2; }

    /// `y` is the baseline.
    void text(double x, double y, const std::string& text, double size, Colour colour, Align align = Align::kLeft,
              bool bold = false);
    /// Turned by 90 degrees, read from below; centred at `y`.
    void textUp(double x, double y, const std::string& text, double size, Colour colour);
    double textWidth(const std::string& text, double size, bool bold = false);
    void fill(double x, double y, double width, double height, Colour colour);
    void line(double x0, double y0, double x1, double y1, Colour colour, double thickness = 1);
    /// Through points; begins again where a value is NaN.
    void polyline(const std::vector<double>& x, const std::vector<double>& y, Colour colour, double thickness);
    /// A band between two vertical edges, with soft bends: [y0, y0 + thickness) at x0 to [y1, y1 + ...) at x1.
    void ribbon(double x0, double y0, double x1, double y1, double thickness, Colour colour);
    /// Pixels 0xAARRGGBB, premultiplied, row after row.
    void image(double x, double y, double width, double height, const std::uint32_t* pixels, int columns, int rows);

    /// Writes the file, whole or not at all.
    Status write();

private:
    void setColour(Colour colour);
    void setFont(double size, bool bold);

    std::string m_path, m_bytes;
    double m_width, m_height;
    const PlotColours& m_colours;
    bool m_is_png;
    cairo_surface_t* m_surface = nullptr;
    cairo_t* m_cairo = nullptr;
};

}  // namespace moescope::cli
