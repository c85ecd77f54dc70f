#include "engine/format/safetensors.h"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/base/atomic_file.h"
#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

/// Bytes of one element, 0 for a dtype that is not known here (the format grows: F8_E4M3, F4).
std::uint64_t elementBytes(std::string_view dtype) {
    if (dtype == "BOOL" || dtype == "U8" || dtype == "I8") return 1;
    if (dtype == "I16" || dtype == "U16" || dtype == "F16" || dtype == "BF16") return 2;
    if (dtype == "I32" || dtype == "U32" || dtype == "F32") return 4;
    if (dtype == "I64" || dtype == "U64" || dtype == "F64") return 8;
    return 0;
}

Status damaged(std::string_view why) {
    return invalid(fmt::format("The safetensors file is damaged: {}.", why));
}

}  // namespace

Result<SafetensorsFile> SafetensorsFile::open(const std::string& path) {
    auto mapped = MappedFile::open(path);
    if (!mapped.ok()) return mapped.status();
    auto file = parse(mapped->bytes());
    if (Status status = mapped->intact(); !status.ok()) return status;
    if (!file.ok()) return Status(file.status().code(), fmt::format("{}: {}", path, file.status().message()));
    file->m_file = std::move(*mapped);
    return file;
}

Result<SafetensorsFile> SafetensorsFile::parse(std::span<const std::byte> bytes) {
    std::uint64_t header_bytes = 0;
    if (bytes.size() < sizeof header_bytes) return damaged("it is shorter than its header");
    std::memcpy(&header_bytes, bytes.data(), sizeof header_bytes);
    if (header_bytes > bytes.size() - sizeof header_bytes) return damaged("its header is longer than the file");
    const char* text = reinterpret_cast<const char*>(bytes.data()) + sizeof header_bytes;
    const auto header = nlohmann::json::parse(text, text + header_bytes, nullptr, false);
    if (!header.is_object()) return damaged("its header is not a JSON object");
    const auto data = bytes.subspan(sizeof header_bytes + header_bytes);

    SafetensorsFile file;
    for (const auto& [name, entry] : header.items()) {
        if (name == "__metadata__") {
            for (const auto& [key, value] : entry.items()) {
                if (value.is_string()) file.m_metadata[key] = value.get<std::string>();
            }
            continue;
        }
        const bool complete = entry.is_object() && entry.contains("dtype") && entry["dtype"].is_string() &&
                              entry.contains("shape") && entry["shape"].is_array() && entry.contains("data_offsets") &&
                              entry["data_offsets"].is_array() && entry["data_offsets"].size() == 2 &&
                              entry["data_offsets"][0].is_number_unsigned() &&
                              entry["data_offsets"][1].is_number_unsigned();
        if (!complete) return damaged(fmt::format("the entry of {} is incomplete", moescope::quoted(name)));
        SafetensorsTensor tensor;
        tensor.dtype = entry["dtype"].get<std::string>();
        const std::uint64_t element = elementBytes(tensor.dtype);
        std::uint64_t size = element;
        for (const auto& n : entry["shape"]) {
            if (!n.is_number_unsigned()) {
                return damaged(fmt::format("the shape of {} is not numbers", moescope::quoted(name)));
            }
            const auto dim = n.get<std::uint64_t>();
            if (dim != 0 && size > data.size() / dim) {
                return damaged(fmt::format("{} is larger than the file", moescope::quoted(name)));
            }
            size *= dim;
            tensor.shape.push_back(dim);
        }
        const auto begin = entry["data_offsets"][0].get<std::uint64_t>();
        const auto end = entry["data_offsets"][1].get<std::uint64_t>();
        // Whoever needs a tensor of another type refuses it; of others only the place is looked at.
        if (element == 0) size = end - begin;
        if (begin > end || end > data.size() || end - begin != size) {
            return damaged(fmt::format("{} is at {}..{} of {} bytes; expected {} bytes", moescope::quoted(name), begin,
                                       end, data.size(), size));
        }
        tensor.data = data.subspan(begin, end - begin);
        file.m_tensors.emplace(name, std::move(tensor));
    }
    return file;
}

const SafetensorsTensor* SafetensorsFile::tensor(std::string_view name) const {
    const auto found = m_tensors.find(name);
    return found == m_tensors.end() ? nullptr : &found->second;
}

Status SafetensorsWriter::write(const std::string& path) const {
    nlohmann::ordered_json header;
    if (!m_metadata.empty()) header["__metadata__"] = m_metadata;
    std::uint64_t at = 0;
    for (const Entry& e : m_entries) {
        header[e.name] = {{"dtype", e.dtype}, {"shape", e.shape}, {"data_offsets", {at, at + e.bytes.size()}}};
        at += e.bytes.size();
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    const std::uint64_t header_bytes = text.size();
    AtomicFile file(path);
    file.write(std::as_bytes(std::span(&header_bytes, 1)));
    file.write(text);
    for (const Entry& e : m_entries) file.write(e.bytes);
    return file.commit();
}

}  // namespace moescope
