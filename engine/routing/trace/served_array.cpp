#include "engine/routing/trace/served_array.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "engine/base/foreign_text.h"
#include "engine/routing/trace.h"
#include "engine/routing/trace/base64.h"
#include "engine/routing/trace/npy.h"
#include "engine/routing/trace/text.h"

namespace moescope {
namespace {

using nlohmann::json;

Status bad(std::string_view what) {
    return invalid(fmt::format("The response cannot be read: {}.", what));
}

template <class T>
std::optional<std::vector<std::int32_t>> read(std::span<const std::byte> bytes) {
    if (bytes.size() % sizeof(T) != 0) return std::nullopt;
    std::vector<std::int32_t> ids;
    ids.reserve(bytes.size() / sizeof(T));
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(T)) {
        T value;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        if (std::cmp_less(value, -1) || std::cmp_greater_equal(value, kMaxTraceExperts)) return std::nullopt;
        ids.push_back(static_cast<std::int32_t>(value));
    }
    return ids;
}

/// The type's name without what frameworks put before it ("torch.int32", "<i4").
std::string_view plain(std::string_view dtype) {
    if (const std::size_t dot = dtype.rfind('.'); dot != std::string_view::npos) dtype.remove_prefix(dot + 1);
    if (dtype.starts_with('<') || dtype.starts_with('|')) dtype.remove_prefix(1);
    return dtype;
}

/// Of three sizes; their product is no more than what JSON of this program's memory could hold.
std::optional<std::vector<std::size_t>> sizes(const json& shape) {
    if (!shape.is_array() || shape.size() != 3) return std::nullopt;
    std::vector<std::size_t> result;
    for (const json& n : shape) {
        if (!n.is_number_integer() || n < 0 || n > (1 << 30)) return std::nullopt;
        result.push_back(n.get<std::size_t>());
    }
    return result;
}

std::size_t product(const std::vector<std::size_t>& shape) {
    std::size_t all = 1;
    for (const std::size_t n : shape) {
        if (n > 0 && all > (std::size_t{1} << 40) / n) return std::size_t{1} << 40;  // more than any bytes
        all *= n;
    }
    return all;
}

/// Bytes that are to hold so many numbers of a type; of any width if none is named.
Result<ServedArray> shaped(std::span<const std::byte> bytes, std::vector<std::size_t> shape, std::string dtype) {
    const std::size_t count = product(shape);
    if (dtype.empty()) {
        if (count == 0 || bytes.size() % count != 0) return bad("its data and its shape do not match");
        switch (bytes.size() / count) {
            case 1:
                dtype = "uint8";
                break;
            case 2:
                dtype = "uint16";
                break;
            case 4:
                dtype = "int32";
                break;
            default:
                dtype = "int64";
        }
    }
    auto ids = numbersOf(bytes, dtype);
    if (!ids || ids->size() != count) {
        return bad(fmt::format("its data are not the ids of {} experts of the type {}", fmt::join(shape, " x "),
                               moescope::quoted(dtype)));
    }
    ServedArray array;
    array.ids = std::move(*ids);
    array.shape = std::move(shape);
    return array;
}

Result<ServedArray> ofLists(const json& lists) {
    ServedArray array;
    std::size_t layers = 0, k = 0, listed = 0;
    for (const json& token : lists) {
        if (token.is_null()) continue;
        if (!token.is_array()) return bad("routed_experts is not a list of tokens, layers and experts");
        layers = std::max(layers, token.size());
        for (const json& layer : token) {
            if (layer.is_null()) continue;
            if (!layer.is_array()) return bad("routed_experts is not a list of tokens, layers and experts");
            k = std::max(k, layer.size());
            listed += layer.size();
        }
    }
    if (layers > kMaxTraceLayers || k > kMaxActiveExperts) {
        return bad(fmt::format("a token has {} layers with {} experts; expected at most {} and {}", layers, k,
                               kMaxTraceLayers, kMaxActiveExperts));
    }
    // A null stands for many ids; a file of nothing else would only fill memory.
    constexpr std::size_t kIdsAlways = 1 << 20, kIdsPerListed = 32;
    if (lists.size() * layers * k > kIdsAlways + kIdsPerListed * listed) {
        return bad(fmt::format("it has {} ids of experts for {} tokens", listed, lists.size()));
    }
    std::size_t number = 0;
    for (const json& token : lists) {
        if (!token.is_null() && token.size() != layers) {
            return bad(fmt::format("token {} has {} layers; expected {}", number, token.size(), layers));
        }
        for (std::size_t l = 0; l < layers; ++l) {
            const json* layer = token.is_null() || token[l].is_null() ? nullptr : &token[l];
            if (layer && layer->size() != k) {
                return bad(fmt::format("token {} has a layer without {} experts", number, k));
            }
            for (std::size_t i = 0; i < k; ++i) {
                const json* id = layer && !(*layer)[i].is_null() ? &(*layer)[i] : nullptr;
                if (id && (!id->is_number_integer() || *id < -1 || *id >= kMaxTraceExperts)) {
                    return bad(fmt::format("token {} names an invalid expert", number));
                }
                array.ids.push_back(id ? id->get<std::int32_t>() : -1);
            }
        }
        ++number;
    }
    array.shape = {number, layers, k};
    return array;
}

Result<ServedArray> ofNpy(std::span<const std::byte> bytes) {
    const auto npy = parseNpy(bytes);
    if (!npy.ok()) return npy.status();
    if (npy->shape.size() != 3) {
        return bad(fmt::format("its array is ({}); expected three sizes", fmt::join(npy->shape, ", ")));
    }
    auto ids = npy->integers();
    if (!ids.ok()) return ids.status();
    ServedArray array;
    array.ids = std::move(*ids);
    array.shape = npy->shape;
    return array;
}

/// "nrlre1:uint8:3x2x4:BASE64", without its first part.
Result<ServedArray> ofTagged(std::string_view text) {
    const std::string_view dtype = takeField(text, ':');
    std::string_view shape_text = takeField(text, ':');
    std::vector<std::size_t> shape;
    while (!shape_text.empty() && shape.size() < 4) {
        const auto n = integerField(takeField(shape_text, 'x'), 0, 1 << 30);
        if (!n) return bad("its shape is not three numbers");
        shape.push_back(static_cast<std::size_t>(*n));
    }
    const auto bytes = decodeBase64(text);
    if (shape.size() != 3 || !bytes) return bad("routed_experts is not base64 with three sizes");
    return shaped(*bytes, std::move(shape), std::string(dtype));
}

Result<ServedArray> ofString(const std::string& text, const std::string& dtype) {
    constexpr std::string_view kTag = "nrlre1:";
    if (text.starts_with(kTag)) return ofTagged(std::string_view(text).substr(kTag.size()));
    const auto bytes = decodeBase64(text);
    if (!bytes) return bad("routed_experts is not base64");
    const std::string_view raw(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    if (raw.starts_with("\x93NUMPY")) return ofNpy(*bytes);
    auto ids = numbersOf(*bytes, dtype.empty() ? "int32" : dtype);
    if (!ids && dtype.empty()) {
        return bad(
            "routed_experts holds no ids of experts of 4 bytes each, and no routed_experts_dtype says what they are");
    }
    if (!ids) return bad(fmt::format("routed_experts holds no ids of experts of the type {}", moescope::quoted(dtype)));
    if (ids->empty()) return bad("routed_experts is empty");
    ServedArray array;
    array.ids = std::move(*ids);
    return array;
}

Result<ServedArray> ofObject(const json& object, const std::string& dtype) {
    const auto data = object.find("data"), shape_in = object.find("shape"), type = object.find("dtype"),
               start = object.find("start");
    auto shape = shape_in == object.end() ? std::nullopt : sizes(*shape_in);
    if (data == object.end() || !data->is_string() || !shape) {
        return bad("routed_experts has no \"data\" with a \"shape\" of three sizes");
    }
    const std::string name = type != object.end() && type->is_string() ? type->get<std::string>() : dtype;
    const auto& text = data->get_ref<const std::string&>();
    // Few texts are both; the shape tells which one it is.
    Result<ServedArray> array = bad("the data of routed_experts are neither base64 nor base85");
    for (const auto decode : {decodeBase64, decodeBase85}) {
        if (const auto bytes = decode(text)) {
            auto one = shaped(*bytes, *shape, name);
            if (one.ok() || !array.ok()) array = std::move(one);
            if (array.ok()) break;
        }
    }
    if (!array.ok()) return array;
    if (start != object.end() && start->is_number_integer() && *start >= 0 && *start <= (1 << 30)) {
        array->start = start->get<std::size_t>();
    }
    return array;
}

}  // namespace

std::optional<std::vector<std::int32_t>> numbersOf(std::span<const std::byte> bytes, std::string_view dtype) {
    const std::string_view type = plain(dtype);
    if (type == "int8" || type == "i1") return read<std::int8_t>(bytes);
    if (type == "uint8" || type == "u1") return read<std::uint8_t>(bytes);
    if (type == "int16" || type == "i2") return read<std::int16_t>(bytes);
    if (type == "uint16" || type == "u2") return read<std::uint16_t>(bytes);
    if (type == "int32" || type == "i4") return read<std::int32_t>(bytes);
    if (type == "uint32" || type == "u4") return read<std::uint32_t>(bytes);
    if (type == "int64" || type == "i8") return read<std::int64_t>(bytes);
    if (type == "uint64" || type == "u8") return read<std::uint64_t>(bytes);
    return std::nullopt;
}

Result<ServedArray> readServedArray(const json& value, const std::string& dtype) {
    if (value.is_array()) return ofLists(value);
    if (value.is_string()) return ofString(value.get_ref<const std::string&>(), dtype);
    if (value.is_object()) return ofObject(value, dtype);
    return bad("routed_experts is neither a list, nor base64, nor an object");
}

}  // namespace moescope
