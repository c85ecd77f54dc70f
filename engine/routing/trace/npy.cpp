#include "engine/routing/trace/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/half.h"
#include "engine/routing/trace/id_cube.h"
#include "engine/routing/trace/text.h"

namespace moescope {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
/// A rank beyond any trace.
constexpr std::size_t kMostDimensions = 8;

Status damaged(std::string_view why) {
    return invalid(fmt::format("The .npy array is damaged: {}.", why));
}

/// What follows 'key': in the header's dict, with blanks gone.
std::string_view afterKey(std::string_view header, std::string_view key) {
    const std::size_t at = header.find(fmt::format("'{}'", key));
    if (at == std::string_view::npos) return {};
    header.remove_prefix(at + key.size() + 2);
    header = trimmed(header);
    if (!header.starts_with(':')) return {};
    return trimmed(header.substr(1));
}

template <class T>
T load(const std::byte* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

/// Calls f(pointer) for each value in C order.
template <class F>
void forEachValue(const NpyArray& array, F f) {
    const std::size_t dims = array.shape.size(), count = array.size();
    if (!array.fortran_order || dims < 2) {
        for (std::size_t i = 0; i < count; ++i) f(array.data.data() + i * array.item_bytes);
        return;
    }
    std::vector<std::size_t> stride(dims, 1), index(dims, 0);
    for (std::size_t d = 1; d < dims; ++d) stride[d] = stride[d - 1] * array.shape[d - 1];
    std::size_t at = 0;
    for (std::size_t i = 0; i < count; ++i) {
        f(array.data.data() + at * array.item_bytes);
        for (std::size_t d = dims; d-- > 0;) {
            at += stride[d];
            if (++index[d] < array.shape[d]) break;
            at -= stride[d] * array.shape[d];
            index[d] = 0;
        }
    }
}

std::int64_t integerAt(const NpyArray& array, const std::byte* at) {
    const bool is_signed = array.kind == 'i';
    switch (array.item_bytes) {
        case 1:
            return is_signed ? load<std::int8_t>(at) : static_cast<std::int64_t>(load<std::uint8_t>(at));
        case 2:
            return is_signed ? load<std::int16_t>(at) : static_cast<std::int64_t>(load<std::uint16_t>(at));
        case 4:
            return is_signed ? load<std::int32_t>(at) : static_cast<std::int64_t>(load<std::uint32_t>(at));
        default:
            return load<std::int64_t>(at);  // of u8 the largest become negative, which is outside as well
    }
}

}  // namespace

Result<std::vector<std::int32_t>> NpyArray::integers() const {
    if (kind == 'f') return invalid("The .npy array holds fractions; expected whole numbers.");
    std::vector<std::int32_t> values;
    values.reserve(size());
    bool fits = true;
    forEachValue(*this, [&](const std::byte* at) {
        const std::int64_t value = integerAt(*this, at);
        fits = fits && value >= std::numeric_limits<std::int32_t>::min() &&
               value <= std::numeric_limits<std::int32_t>::max() && !(kind == 'u' && item_bytes == 8 && value < 0);
        values.push_back(static_cast<std::int32_t>(value));
    });
    if (!fits) return outOfRange("The .npy array holds numbers of more than 32 bits.");
    return values;
}

Result<std::vector<float>> NpyArray::floats() const {
    if (kind != 'f' || item_bytes < 2) return invalid("The .npy array holds no fractions of 2, 4 or 8 bytes.");
    std::vector<float> values;
    values.reserve(size());
    forEachValue(*this, [&](const std::byte* at) {
        values.push_back(item_bytes == 2   ? halfToFloat(load<std::uint16_t>(at))
                         : item_bytes == 4 ? load<float>(at)
                                           : static_cast<float>(load<double>(at)));
    });
    return values;
}

Result<NpyArray> parseNpy(std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!text.starts_with(kMagic) || bytes.size() < 10) return damaged("it does not begin with its magic and version");
    const int version = static_cast<int>(bytes[6]);
    if (version < 1 || version > 3)
        return unsupported(fmt::format("The .npy array has the version {}; expected 1 to 3.", version));
    const std::size_t length_bytes = version == 1 ? 2 : 4, begin = 8 + length_bytes;
    if (bytes.size() < begin) return damaged("it ends in its header");
    std::size_t length = 0;
    std::memcpy(&length, bytes.data() + 8, length_bytes);
    if (length > bytes.size() - begin) return damaged("its header is longer than the file");
    const std::string_view header = text.substr(begin, length);

    NpyArray array;
    std::string_view descr = afterKey(header, "descr");
    if (!descr.starts_with('\'')) return unsupported("The .npy array holds structures; expected numbers.");
    descr.remove_prefix(1);
    const std::string_view type = takeField(descr, '\'');
    if (type.size() == 3 && type.front() == '>' && type.back() != '1') {
        return unsupported(fmt::format(
            "The .npy array has the type {}, most significant byte first; save it as little-endian.", shown(type)));
    }
    if (type.size() != 3 || std::string_view("<|=>").find(type[0]) == std::string_view::npos ||
        std::string_view("iufb").find(type[1]) == std::string_view::npos ||
        std::string_view("1248").find(type[2]) == std::string_view::npos || (type[1] == 'b' && type[2] != '1')) {
        return unsupported(
            fmt::format("The .npy array has the type \"{}\"; expected numbers of 1, 2, 4 or 8 bytes.", shown(type)));
    }
    array.kind = type[1];
    array.item_bytes = static_cast<std::size_t>(type[2] - '0');
    const std::string_view order = afterKey(header, "fortran_order");
    if (!order.starts_with("True") && !order.starts_with("False")) return damaged("it has no fortran_order");
    array.fortran_order = order.starts_with("True");
    std::string_view shape = afterKey(header, "shape");
    const std::size_t close = shape.find(')');
    if (!shape.starts_with('(') || close == std::string_view::npos) return damaged("it has no shape");
    shape = shape.substr(1, close - 1);
    const std::size_t left = bytes.size() - begin - length;
    while (!trimmed(shape).empty()) {
        const auto n = integerField(trimmed(takeField(shape, ',')), 0, std::numeric_limits<std::int64_t>::max());
        if (!n || array.shape.size() == kMostDimensions) return damaged("its shape is not a few numbers");
        array.shape.push_back(static_cast<std::size_t>(*n));
    }
    const bool empty = std::ranges::find(array.shape, std::size_t{0}) != array.shape.end();
    std::size_t size = empty ? 0 : array.item_bytes;
    for (const std::size_t dimension : array.shape) {
        if (!empty && size > left / dimension) return damaged("its values are cut off");
        size *= dimension;
    }
    if (size != left) return damaged(fmt::format("{} bytes of values; its shape says {}", left, size));
    array.data = bytes.subspan(begin + length, size);
    return array;
}

std::string npyHeader(std::string_view descr, std::span<const std::size_t> shape) {
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descr,
                                     fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
    // The values begin at a multiple of 64 bytes, after magic, version, length and a line end.
    constexpr std::size_t kBefore = 10, kAlignment = 64;
    const std::size_t whole = (kBefore + header.size() + 1 + kAlignment - 1) / kAlignment * kAlignment;
    header.resize(whole - kBefore - 1, ' ');
    header += '\n';
    const auto length = static_cast<std::uint16_t>(header.size());
    std::string result(kMagic);
    result += '\x01';
    result += '\0';
    result += static_cast<char>(length & 0xff);
    result += static_cast<char>(length >> 8);
    return result + header;
}

Result<IdCube> cubeOf(const NpyArray& array) {
    std::span<const std::size_t> shape = array.shape;
    // A batch of several sequences, each padded to the same length.
    const bool batch = shape.size() == 4;
    if (shape.size() < 2 || shape.size() > 4) {
        return invalid(fmt::format("The .npy array is ({}); expected (tokens, layers, k) or (tokens, k).",
                                   fmt::join(array.shape, ", ")));
    }
    auto ids = array.integers();
    if (!ids.ok()) return ids.status();
    IdCube cube;
    if (batch) {
        cube.sequence = shape[1];
        shape = shape.subspan(1);
    }
    cube.tokens = shape[0] * (batch ? array.shape[0] : 1);
    cube.layers = shape.size() == 3 ? shape[1] : 1;
    cube.k = shape.back();
    cube.ids = std::move(*ids);
    return cube;
}

Result<Trace> parseNpyTrace(TraceBytes bytes, const TraceReadOptions& options) {
    const auto array = parseNpy(bytes);
    if (!array.ok()) return array.status();
    const auto cube = cubeOf(*array);
    if (!cube.ok()) return cube.status();
    std::vector<std::string> notes;
    auto log = logOfIds(*cube, options, notes);
    if (!log.ok()) return log.status();
    return Trace{TraceFormat::kNpy, std::move(*log), std::move(notes)};
}

void writeNpyTrace(const RoutingLog& log, const TraceSink& out) {
    const std::size_t width = largestCount(log);
    out(npyHeader("<i4",
                  std::vector<std::size_t>{log.size(), static_cast<std::size_t>(log.shape().moe_layers), width}));
    std::vector<std::int32_t> row;
    for (std::size_t t = 0; t < log.size(); ++t) {
        row.clear();
        for (int l = 0; l < log.shape().moe_layers; ++l) {
            const ExpertIds experts = log.experts(t, l);
            for (std::size_t i = 0; i < width; ++i) row.push_back(i < experts.size() ? experts[i] : -1);
        }
        out({reinterpret_cast<const char*>(row.data()), row.size() * sizeof(std::int32_t)});
    }
}

}  // namespace moescope
