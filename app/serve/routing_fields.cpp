#include "app/serve/routing_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace moescope::serve {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class T>
void append(std::string& out, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

/// How wide the part's choices are, and whether all are.
struct Width {
    std::size_t most = 0;
    bool ragged = false;
};
Width widthOf(const RoutingPart& part) {
    Width width{static_cast<std::size_t>(part.log.shape().experts_used), false};
    std::size_t least = SIZE_MAX, most = 0;
    for (std::size_t t = part.first; t < part.first + part.count; ++t) {
        for (int l = 0; l < part.log.shape().moe_layers; ++l) {
            const std::size_t count = part.log.experts(t, l).size();
            least = std::min(least, count);
            most = std::max(most, count);
        }
    }
    if (most > 0) width = {most, least < most};
    return width;
}

std::string npyHeader(std::string_view type, const RoutingPart& part, std::size_t width) {
    const RoutingShape& shape = part.log.shape();
    std::string text =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}, {}{}), }}", type, part.count,
                    shape.first_moe_layer + shape.moe_layers, width > 0 ? fmt::format(", {}", width) : std::string());
    constexpr std::size_t kPrefix = 10;  // magic, version and length; all of it is a multiple of 64 bytes
    text.append(63 - (kPrefix + text.size()) % 64, ' ');
    text += '\n';
    std::string out("\x93NUMPY\x01\x00", 8);
    append(out, static_cast<std::uint16_t>(text.size()));
    return out + text;
}

/// Calls value(token, layer, slot) for each MoE layer's values, and writes zeros for the dense layers.
template <class T, class Value>
void appendRows(std::string& out, const RoutingPart& part, std::size_t width, Value value) {
    const RoutingShape& shape = part.log.shape();
    for (std::size_t t = part.first; t < part.first + part.count; ++t) {
        out.append(static_cast<std::size_t>(shape.first_moe_layer) * width * sizeof(T), '\0');
        for (int l = 0; l < shape.moe_layers; ++l) {
            for (std::size_t slot = 0; slot < width; ++slot) append(out, static_cast<T>(value(t, l, slot)));
        }
    }
}

template <class T>
void appendExperts(std::string& out, const RoutingPart& part, std::size_t width) {
    appendRows<T>(out, part, width, [&](std::size_t t, int l, std::size_t slot) {
        const ExpertIds ids = part.log.experts(t, l);
        return slot < ids.size() ? ids[slot] : -1;
    });
}

template <class Norm>
std::string normsNpy(const RoutingPart& part, Norm norm) {
    std::string out = npyHeader("<f4", part, 0);
    appendRows<float>(out, part, 1, [&](std::size_t t, int l, std::size_t) { return norm(part.log.at(t, l)); });
    return out;
}

}  // namespace

std::string base64(std::string_view bytes) {
    constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t three = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            three = three << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            out += i + j <= bytes.size() ? kDigits[three >> (18 - 6 * j) & 63] : '=';
        }
    }
    return out;
}

std::string expertsNpy(const RoutingPart& part) {
    const Width width = widthOf(part);
    const bool wide = part.log.shape().experts > 256;
    std::string out = npyHeader(width.ragged ? "<i4" : wide ? "<u2" : "|u1", part, width.most);
    if (width.ragged) {
        appendExperts<std::int32_t>(out, part, width.most);
    } else if (wide) {
        appendExperts<std::uint16_t>(out, part, width.most);
    } else {
        appendExperts<std::uint8_t>(out, part, width.most);
    }
    return out;
}

std::string expertsInt32(const RoutingPart& part) {
    std::string out;
    appendExperts<std::int32_t>(out, part, widthOf(part).most);
    return out;
}

std::string gatesNpy(const RoutingPart& part) {
    const std::size_t width = widthOf(part).most;
    std::string out = npyHeader("<f4", part, width);
    appendRows<float>(out, part, width, [&](std::size_t t, int l, std::size_t slot) {
        const auto gates = part.log.gates(t, l);
        return slot < gates.size() ? gates[slot] : 0.0f;
    });
    return out;
}

std::string sharedNormsNpy(const RoutingPart& part) {
    return normsNpy(part, [](const LayerRouting& layer) { return layer.shared_norm; });
}

std::string routedNormsNpy(const RoutingPart& part) {
    return normsNpy(part, [](const LayerRouting& layer) { return layer.routed_norm; });
}

}  // namespace moescope::serve
