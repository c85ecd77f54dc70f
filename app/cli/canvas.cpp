#include "app/cli/canvas.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <fmt/format.h>

#include <cmath>

#include "engine/base/atomic_file.h"

namespace moescope::cli {
namespace {

cairo_status_t append(void* bytes, const unsigned char* data, unsigned int length) {
    static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

}  // namespace

const PlotColours& plotColours(bool dark) {
    // Those of the window's themes.
    static constexpr PlotColours kLight = {0xffffffff, 0xff1b1f27, 0xff626b79, 0xffe3e6eb,
                                           0xff2f63d8, 0xffb27b00, 0xffc0342c};
    static constexpr PlotColours kDark = {0xff191c22, 0xffe4e7ee, 0xff868e9f, 0xff262a33,
                                          0xff6d9bf2, 0xfff0b429, 0xfff0716b};
    return dark ? kDark : kLight;
}

Result<std::string> Canvas::formatOf(const std::string& path) {
    for (const char* format : {"png", "svg", "pdf"}) {
        if (path.ends_with(std::string(".") + format)) return std::string(format);
    }
    return invalid(fmt::format(
        "{}: a picture is written as .png, .svg or .pdf; choose one of these extensions, or a --format.", path));
}

Canvas::Canvas(const std::string& path, const std::string& format, double width, double height,
               const PlotColours& colours)
    : m_path(path), m_width(width), m_height(height), m_colours(colours), m_is_png(format == "png") {
    if (m_is_png) {
        m_surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height));
    } else if (format == "svg") {
        m_surface = cairo_svg_surface_create_for_stream(append, &m_bytes, width, height);
        cairo_svg_surface_set_document_unit(m_surface, CAIRO_SVG_UNIT_PX);
    } else {
        m_surface = cairo_pdf_surface_create_for_stream(append, &m_bytes, width, height);
    }
    m_cairo = cairo_create(m_surface);
    fill(0, 0, width, height, colours.background);
}

Canvas::~Canvas() {
    cairo_destroy(m_cairo);
    cairo_surface_destroy(m_surface);
}

void Canvas::setColour(Colour colour) {
    const auto part = [&](int shift) { return (colour >> shift & 0xff) / 255.0; };
    cairo_set_source_rgba(m_cairo, part(16), part(8), part(0), part(24));
}

void Canvas::setFont(double size, bool bold) {
    // The window's letters; where they are missing, what the system has instead.
    cairo_select_font_face(m_cairo, "Inter", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(m_cairo, size);
}

double Canvas::textWidth(const std::string& text, double size, bool bold) {
    setFont(size, bold);
    cairo_text_extents_t extents;
    cairo_text_extents(m_cairo, text.c_str(), &extents);
    return extents.x_advance;
}

void Canvas::text(double x, double y, const std::string& text, double size, Colour colour, Align align, bool bold) {
    const double width = align == Align::kLeft ? 0 : textWidth(text, size, bold);
    setFont(size, bold);
    setColour(colour);
    cairo_move_to(m_cairo, x - (align == Align::kCentre ? width / 2 : width), y);
    cairo_show_text(m_cairo, text.c_str());
}

void Canvas::textUp(double x, double y, const std::string& text, double size, Colour colour) {
    const double width = textWidth(text, size);
    cairo_save(m_cairo);
    cairo_translate(m_cairo, x, y + width / 2);
    cairo_rotate(m_cairo, -std::acos(0.0));
    this->text(0, 0, text, size, colour);
    cairo_restore(m_cairo);
}

void Canvas::fill(double x, double y, double width, double height, Colour colour) {
    setColour(colour);
    cairo_rectangle(m_cairo, x, y, width, height);
    cairo_fill(m_cairo);
}

void Canvas::line(double x0, double y0, double x1, double y1, Colour colour, double thickness) {
    setColour(colour);
    cairo_set_line_width(m_cairo, thickness);
    cairo_move_to(m_cairo, x0, y0);
    cairo_line_to(m_cairo, x1, y1);
    cairo_stroke(m_cairo);
}

void Canvas::polyline(const std::vector<double>& x, const std::vector<double>& y, Colour colour, double thickness) {
    setColour(colour);
    cairo_set_line_width(m_cairo, thickness);
    cairo_set_line_join(m_cairo, CAIRO_LINE_JOIN_ROUND);
    bool begun = false;
    for (std::size_t i = 0; i < x.size() && i < y.size(); ++i) {
        if (std::isnan(y[i])) {
            begun = false;
        } else if (begun) {
            cairo_line_to(m_cairo, x[i], y[i]);
        } else {
            cairo_move_to(m_cairo, x[i], y[i]);
            begun = true;
        }
    }
    cairo_stroke(m_cairo);
}

void Canvas::ribbon(double x0, double y0, double x1, double y1, double thickness, Colour colour) {
    const double middle = (x0 + x1) / 2;
    setColour(colour);
    cairo_move_to(m_cairo, x0, y0);
    cairo_curve_to(m_cairo, middle, y0, middle, y1, x1, y1);
    cairo_line_to(m_cairo, x1, y1 + thickness);
    cairo_curve_to(m_cairo, middle, y1 + thickness, middle, y0 + thickness, x0, y0 + thickness);
    cairo_close_path(m_cairo);
    cairo_fill(m_cairo);
}

void Canvas::image(double x, double y, double width, double height, const std::uint32_t* pixels, int columns,
                   int rows) {
    // Cairo does not write to what is only a source.
    auto* bytes = reinterpret_cast<unsigned char*>(const_cast<std::uint32_t*>(pixels));
    cairo_surface_t* source = cairo_image_surface_create_for_data(bytes, CAIRO_FORMAT_ARGB32, columns, rows,
                                                                  columns * static_cast<int>(sizeof(std::uint32_t)));
    cairo_save(m_cairo);
    cairo_translate(m_cairo, x, y);
    cairo_scale(m_cairo, width / columns, height / rows);
    cairo_set_source_surface(m_cairo, source, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(m_cairo), CAIRO_FILTER_NEAREST);
    cairo_paint(m_cairo);
    cairo_restore(m_cairo);
    // A page that is written at its end has its own copy.
    cairo_surface_destroy(source);
}

Status Canvas::write() {
    if (m_is_png) {
        cairo_surface_flush(m_surface);
        cairo_surface_write_to_png_stream(m_surface, append, &m_bytes);
    }
    cairo_surface_finish(m_surface);
    for (const cairo_status_t status : {cairo_status(m_cairo), cairo_surface_status(m_surface)}) {
        // A finished surface is not an error.
        if (status == CAIRO_STATUS_SUCCESS || status == CAIRO_STATUS_SURFACE_FINISHED) continue;
        return ioError(fmt::format("{}: the picture cannot be drawn: {}.", m_path, cairo_status_to_string(status)));
    }
    AtomicFile file(m_path);
    file.write(m_bytes);
    return file.commit();
}

}  // namespace moescope::cli
