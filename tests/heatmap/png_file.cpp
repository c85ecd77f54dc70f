#include "tests/heatmap/png_file.h"

#include <png.h>

#include <cstring>
#include <vector>

namespace moescope {
namespace {

unsigned channel(Argb pixel, int shift) {
    return pixel >> shift & 255;
}

/// Premultiplied to straight, as PNG wants it; over a background, opaque.
Argb straight(Argb pixel, Argb background) {
    const unsigned alpha = channel(pixel, 24);
    Argb result = background ? 0xff000000u : alpha << 24;
    for (int shift = 0; shift < 24; shift += 8) {
        const unsigned value = background
                                   ? channel(pixel, shift) + (channel(background, shift) * (255 - alpha) + 127) / 255
                               : alpha ? std::min(255u, (channel(pixel, shift) * 255 + alpha / 2) / alpha)
                                       : 0;
        result |= value << shift;
    }
    return result;
}

Argb premultiplied(Argb pixel) {
    const unsigned alpha = channel(pixel, 24);
    Argb result = alpha << 24;
    for (int shift = 0; shift < 24; shift += 8) result |= (channel(pixel, shift) * alpha + 127) / 255 << shift;
    return result;
}

}  // namespace

Result<std::string> encodePng(const HeatmapImage& image, Argb background) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    png.width = static_cast<png_uint_32>(image.width);
    png.height = static_cast<png_uint_32>(image.height);
    png.format = PNG_FORMAT_BGRA;  // little-endian 0xAARRGGBB
    const std::size_t count = std::size_t(png.width) * png.height;
    std::vector<Argb> pixels(count);
    for (std::size_t i = 0; i < count; ++i) pixels[i] = straight(image.pixels.get()[i], background);
    png_alloc_size_t bytes = 0;
    std::string out;
    bool written = png_image_write_to_memory(&png, nullptr, &bytes, 0, pixels.data(), 0, nullptr) != 0;
    if (written) {
        out.resize(bytes);
        written = png_image_write_to_memory(&png, out.data(), &bytes, 0, pixels.data(), 0, nullptr) != 0;
        out.resize(bytes);
    }
    if (!written) return invalid(std::string("The picture could not be written as PNG: ") + png.message + ".");
    return out;
}

Result<HeatmapImage> decodePng(std::string_view bytes) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size())) {
        return invalid(std::string("This is not a PNG that can be read: ") + png.message + ".");
    }
    if (png.width > kMaxHeatmapSide || png.height > kMaxHeatmapSide) {
        png_image_free(&png);
        return invalid("The PNG is larger than " + std::to_string(kMaxHeatmapSide) + " pixels.");
    }
    png.format = PNG_FORMAT_BGRA;
    const std::size_t count = std::size_t(png.width) * png.height;
    const std::shared_ptr<Argb> pixels(new Argb[count](), std::default_delete<Argb[]>());
    if (!png_image_finish_read(&png, nullptr, pixels.get(), 0, nullptr)) {
        return invalid(std::string("This PNG is damaged: ") + png.message + ".");
    }
    for (std::size_t i = 0; i < count; ++i) pixels.get()[i] = premultiplied(pixels.get()[i]);
    return HeatmapImage{static_cast<int>(png.width), static_cast<int>(png.height), pixels, true};
}

}  // namespace moescope
