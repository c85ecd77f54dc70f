#include "engine/format/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>

#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

constexpr std::uint64_t kDefaultAlignment = 32;
constexpr std::uint32_t kMaxRank = 4;
/// Longest name of a key or tensor; the format allows 65,535 and 64, files in the wild stay far below.
constexpr std::uint64_t kMaxNameBytes = 65535;

/// GGUF's ids of value kinds.
enum ValueKind : std::uint32_t { kU8, kI8, kU16, kI16, kU32, kI32, kF32, kBool, kString, kArray, kU64, kI64, kF64 };

/// Reads little-endian values front to back; after the first failure all reads give zero and the failure stays.
class Reader {
public:
    explicit Reader(std::span<const std::byte> bytes) : m_bytes(bytes) {}

    bool ok() const { return m_status.ok(); }
    const Status& status() const { return m_status; }
    std::uint64_t position() const { return m_at; }
    std::uint64_t remaining() const { return m_bytes.size() - m_at; }
    void fail(std::string message) {
        if (m_status.ok()) m_status = invalid(std::move(message));
    }

    template <class T>
    T read(std::string_view what) {
        T value{};
        if (const std::byte* p = take(sizeof(T), what)) std::memcpy(&value, p, sizeof(T));
        return value;
    }

    std::string string(std::string_view what, std::uint64_t longest = UINT64_MAX) {
        const auto size = read<std::uint64_t>(what);
        if (ok() && size > longest)
            fail(fmt::format("{} at byte {} is {} bytes long; expected at most {}.", what, m_at, size, longest));
        const std::byte* p = ok() ? take(size, what) : nullptr;
        return p ? std::string(reinterpret_cast<const char*>(p), size) : std::string();
    }

    /// A count of things that take at least `least_bytes` each: checked against the rest of the file, so that no
    /// memory is asked for that the file cannot fill.
    std::uint64_t count(std::uint64_t n, std::uint64_t least_bytes, std::string_view what) {
        if (ok() && n > remaining() / least_bytes) {
            fail(fmt::format("The file claims to have {} {}, but only {} bytes follow; it is damaged or incomplete.", n,
                             what, remaining()));
        }
        return ok() ? n : 0;
    }

private:
    const std::byte* take(std::uint64_t size, std::string_view what) {
        if (ok() && size > remaining()) {
            fail(
                fmt::format("The file ends at byte {} within {} (expected {} more bytes, found {}); it is damaged or "
                            "incomplete.",
                            m_bytes.size(), what, size, remaining()));
        }
        if (!ok()) return nullptr;
        const std::byte* p = m_bytes.data() + m_at;
        m_at += size;
        return p;
    }

    std::span<const std::byte> m_bytes;
    std::uint64_t m_at = 0;
    Status m_status;
};

std::uint64_t leastBytes(std::uint32_t kind) {
    switch (kind) {
        case kU8:
        case kI8:
        case kBool:
            return 1;
        case kU16:
        case kI16:
            return 2;
        case kU32:
        case kI32:
        case kF32:
            return 4;
        default:
            return 8;
    }
}

/// Calls f with a function that reads one value of the kind, widened to what GgufValue holds. False: unknown kind.
template <class F>
bool withScalar(Reader& r, std::uint32_t kind, F&& f) {
    const auto as = [&]<class Stored, class Wide>() {
        f([&r] { return static_cast<Wide>(r.read<Stored>("a value")); });
        return true;
    };
    switch (kind) {
        case kU8:
            return as.template operator()<std::uint8_t, std::uint64_t>();
        case kU16:
            return as.template operator()<std::uint16_t, std::uint64_t>();
        case kU32:
            return as.template operator()<std::uint32_t, std::uint64_t>();
        case kU64:
            return as.template operator()<std::uint64_t, std::uint64_t>();
        case kI8:
            return as.template operator()<std::int8_t, std::int64_t>();
        case kI16:
            return as.template operator()<std::int16_t, std::int64_t>();
        case kI32:
            return as.template operator()<std::int32_t, std::int64_t>();
        case kI64:
            return as.template operator()<std::int64_t, std::int64_t>();
        case kF32:
            return as.template operator()<float, double>();
        case kF64:
            return as.template operator()<double, double>();
        case kBool:
            f([&r] { return r.read<std::uint8_t>("a value") != 0; });
            return true;
        case kString:
            f([&r] { return r.string("a text value"); });
            return true;
        default:
            return false;
    }
}

GgufValue readValue(Reader& r, const std::string& key) {
    const auto kind = r.read<std::uint32_t>("a value's kind");
    GgufValue value = false;
    if (kind == kArray) {
        const auto item_kind = r.read<std::uint32_t>("an array's kind");
        const auto size = r.count(r.read<std::uint64_t>("an array's length"), leastBytes(item_kind), "array items");
        GgufArray array;
        const bool known = withScalar(r, item_kind, [&](auto next) {
            std::vector<decltype(next())> items;
            items.reserve(size);
            for (std::uint64_t i = 0; i < size && r.ok(); ++i) items.push_back(next());
            array.items = std::move(items);
        });
        if (!known && r.ok())
            r.fail(
                fmt::format("The array {} holds values of kind {}, which is not supported.", quoted(key), item_kind));
        value = std::move(array);
    } else if (!withScalar(r, kind, [&](auto next) { value = next(); }) && r.ok()) {
        r.fail(fmt::format("The key {} has a value of kind {}, which GGUF does not define.", quoted(key), kind));
    }
    return value;
}

/// A tensor's description before its data is looked up.
struct Description {
    GgufTensor tensor;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

Result<Description> readDescription(Reader& r) {
    Description d;
    GgufTensor& t = d.tensor;
    t.name = r.string("a tensor's name", kMaxNameBytes);
    const auto rank = r.read<std::uint32_t>("a tensor's rank");
    if (r.ok() && (rank < 1 || rank > kMaxRank)) {
        return invalid(
            fmt::format("The tensor {} has {} dimensions; expected 1 to {}.", quoted(t.name), rank, kMaxRank));
    }
    std::uint64_t elements = 1;
    for (std::uint32_t i = 0; i < rank && r.ok(); ++i) {
        const auto n = r.read<std::uint64_t>("a tensor's shape");
        if (r.ok() && n > (UINT64_MAX >> 8) / std::max<std::uint64_t>(elements, 1)) {
            return invalid(
                fmt::format("The tensor {} has an impossible shape (dimension {} is {}).", quoted(t.name), i, n));
        }
        elements *= n;
        t.dims.push_back(n);
    }
    const auto type_id = r.read<std::uint32_t>("a tensor's type");
    d.offset = r.read<std::uint64_t>("a tensor's offset");
    if (!r.ok()) return r.status();
    const TensorTypeInfo* type = findTensorType(type_id);
    if (elements == 0) {
        t.problem = fmt::format("The tensor {} has no elements.", quoted(t.name));
        return d;
    }
    if (!type) {
        const std::string_view name = ggmlTypeName(type_id);
        t.problem = fmt::format("The tensor {} has the type {}, which this program cannot read{}.", quoted(t.name),
                                name.empty() ? fmt::format("number {}", type_id) : std::string(name),
                                isIkLlamaType(type_id) ? "; it is made for ik_llama.cpp" : "");
        return d;
    }
    if (t.columns() % type->block_weights) {
        t.problem = fmt::format("The tensor {} has rows of {} weights; {} needs a multiple of {}.", quoted(t.name),
                                t.columns(), type->name, type->block_weights);
        return d;
    }
    t.type = type->type;
    d.bytes = elements / type->block_weights * type->block_bytes;
    return d;
}

/// Fails if two tensors share bytes.
Status checkOverlaps(std::vector<const Description*> tensors) {
    std::ranges::sort(tensors, {}, &Description::offset);
    for (std::size_t i = 1; i < tensors.size(); ++i) {
        const Description &a = *tensors[i - 1], &b = *tensors[i];
        if (a.offset + a.bytes > b.offset) {
            return invalid(fmt::format("The tensors {} and {} overlap in the file.", quoted(a.tensor.name),
                                       quoted(b.tensor.name)));
        }
    }
    return {};
}

template <class Wanted, class... From>
Result<std::optional<Wanted>> lookUp(const GgufFile& file, std::string_view key, std::string_view expected) {
    const auto found = file.metadata().find(key);
    if (found == file.metadata().end()) return std::optional<Wanted>();
    std::optional<Wanted> value;
    std::visit(
        [&]<class T>(const T& v) {
            if constexpr ((std::is_same_v<T, From> || ...)) {
                if constexpr (std::is_same_v<T, std::int64_t> && std::is_same_v<Wanted, std::uint64_t>) {
                    if (v < 0) return;
                }
                if constexpr (std::is_same_v<Wanted, bool>) {
                    if (static_cast<std::uint64_t>(v) > 1) return;
                }
                value = static_cast<Wanted>(v);
            }
        },
        found->second);
    if (!value) return invalid(fmt::format("The key {} should hold {}.", key, expected));
    return value;
}

}  // namespace

std::uint64_t GgufTensor::rows() const {
    std::uint64_t n = dims.empty() ? 0 : 1;
    for (std::size_t i = 1; i < dims.size(); ++i) n *= dims[i];
    return n;
}

Result<GgufFile> GgufFile::open(const std::string& path) {
    auto mapped = MappedFile::open(path);
    if (!mapped.ok()) return mapped.status();
    auto file = parse(mapped->bytes());
    if (Status status = mapped->intact(); !status.ok()) return status;
    if (!file.ok()) return Status(file.status().code(), fmt::format("{}: {}", path, file.status().message()));
    file->m_file = std::move(*mapped);
    file->m_file_name = std::filesystem::path(path).filename();
    return file;
}

Result<GgufFile> GgufFile::parse(std::span<const std::byte> bytes) {
    static_assert(std::endian::native == std::endian::little);
    Reader r(bytes);
    GgufFile file;
    file.m_file_bytes = bytes.size();
    if (bytes.size() < 4 || std::memcmp(bytes.data(), "GGUF", 4) != 0) {
        return invalid("It is not a GGUF file (the first four bytes are not \"GGUF\").");
    }
    r.read<std::uint32_t>("the magic number");
    file.m_version = r.read<std::uint32_t>("the version");
    if (r.ok() && file.m_version != 2 && file.m_version != 3) {
        if (std::uint32_t v = file.m_version; v == 0x02000000 || v == 0x03000000) {
            return unsupported("It is a big-endian GGUF file; this program reads little-endian ones.");
        }
        return unsupported(fmt::format("It has GGUF version {}; this program reads 2 and 3.", file.m_version));
    }
    const auto tensor_count = r.read<std::uint64_t>("the header");
    const auto key_count = r.read<std::uint64_t>("the header");
    r.count(key_count, 13, "keys");        // a length, an empty name, a kind and a byte
    r.count(tensor_count, 32, "tensors");  // a length, an empty name, rank, one dimension, type, offset

    for (std::uint64_t i = 0; i < key_count && r.ok(); ++i) {
        std::string key = r.string("a key", kMaxNameBytes);
        GgufValue value = readValue(r, key);
        if (r.ok() && file.m_metadata.contains(key))
            return invalid(fmt::format("The key {} occurs twice.", quoted(key)));
        file.m_metadata.emplace(std::move(key), std::move(value));
    }
    std::vector<Description> descriptions;
    for (std::uint64_t i = 0; i < tensor_count && r.ok(); ++i) {
        auto description = readDescription(r);
        if (!description.ok()) return description.status();
        if (!file.m_tensor_index.emplace(description->tensor.name, i).second) {
            return invalid(fmt::format("The tensor {} occurs twice.", quoted(description->tensor.name)));
        }
        descriptions.push_back(std::move(*description));
    }
    if (!r.ok()) return r.status();

    const auto alignment_key = file.integer("general.alignment");
    if (!alignment_key.ok()) return alignment_key.status();
    const std::uint64_t alignment = alignment_key->value_or(kDefaultAlignment);
    if (!std::has_single_bit(alignment) || alignment > (1u << 20)) {
        return invalid(fmt::format("general.alignment is {}; expected a power of two up to 1048576.", alignment));
    }
    const std::uint64_t data_start = (r.position() + alignment - 1) / alignment * alignment;
    const std::uint64_t data_bytes = bytes.size() > data_start ? bytes.size() - data_start : 0;
    std::vector<const Description*> pointers;
    for (const Description& d : descriptions) {
        if (!d.tensor.problem.empty()) continue;  // its place does not matter
        if (d.offset % alignment) {
            return invalid(fmt::format("The tensor {} starts at offset {}, which is not a multiple of {}.",
                                       quoted(d.tensor.name), d.offset, alignment));
        }
        if (d.offset > data_bytes || d.bytes > data_bytes - d.offset) {
            return invalid(
                fmt::format("The tensor {} needs {} bytes from offset {}, but the file has only {} bytes of "
                            "tensors; it is damaged or incomplete.",
                            quoted(d.tensor.name), d.bytes, d.offset, data_bytes));
        }
        pointers.push_back(&d);
    }
    if (Status status = checkOverlaps(std::move(pointers)); !status.ok()) return status;
    for (Description& d : descriptions) {
        if (d.tensor.problem.empty()) d.tensor.data = bytes.subspan(data_start + d.offset, d.bytes);
        file.m_tensors.push_back(std::move(d.tensor));
    }
    return file;
}

Result<GgufPart> GgufFile::part() const {
    const auto number = integer("split.no"), count = integer("split.count"), tensors = integer("split.tensors.count");
    for (const auto* read : {&number, &count, &tensors}) {
        if (!read->ok()) return read->status();
    }
    GgufPart part{number->value_or(0), std::max<std::uint64_t>(1, count->value_or(1)), *tensors};
    if (part.number >= part.count) {
        return invalid(fmt::format("split.no is {}, but split.count is {}.", part.number, part.count));
    }
    return part;
}

Status GgufFile::wholeModel() const {
    const auto place = part();
    if (!place.ok()) return place.status();
    if (place->count == 1) return {};
    const std::uint64_t part = place->number + 1, parts = place->count;
    std::string sentence = fmt::format(
        "It is part {} of {} of a model that was split into several files; keep them in one "
        "folder under their original names",
        part, parts);
    // The other parts go by the same name: "model-00001-of-00003.gguf".
    const std::string ending = fmt::format("-{:05}-of-{:05}.gguf", part, parts);
    if (m_file_name.ends_with(ending) && parts <= 99999) {
        const std::string stem = m_file_name.substr(0, m_file_name.size() - ending.size());
        const auto named = [&](std::uint64_t n) {
            return quoted(fmt::format("{}-{:05}-of-{:05}.gguf", stem, n, parts));
        };
        sentence += parts == 2 ? fmt::format(" (the other part is {})", named(part == 1 ? 2 : 1))
                               : fmt::format(" (the parts are {} to {})", named(1), named(parts));
    }
    return unsupported(sentence + ".");
}

const GgufTensor* GgufFile::tensor(std::string_view name) const {
    const auto found = m_tensor_index.find(name);
    return found == m_tensor_index.end() ? nullptr : &m_tensors[found->second];
}

Result<std::optional<std::uint64_t>> GgufFile::integer(std::string_view key) const {
    return lookUp<std::uint64_t, std::uint64_t, std::int64_t>(*this, key, "a number that is not negative");
}
Result<std::optional<double>> GgufFile::real(std::string_view key) const {
    return lookUp<double, double, std::uint64_t, std::int64_t>(*this, key, "a number");
}
Result<std::optional<bool>> GgufFile::boolean(std::string_view key) const {
    return lookUp<bool, bool, std::uint64_t, std::int64_t>(*this, key, "true or false");
}
Result<std::optional<std::string>> GgufFile::string(std::string_view key) const {
    return lookUp<std::string, std::string>(*this, key, "a text");
}
const GgufArray* GgufFile::array(std::string_view key) const {
    const auto found = m_metadata.find(key);
    return found == m_metadata.end() ? nullptr : std::get_if<GgufArray>(&found->second);
}

}  // namespace moescope
