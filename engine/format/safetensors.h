#pragma once
// Safetensors files: u64 header length, a JSON header {name: {dtype, shape, data_offsets}}, then the data.

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/format/mapped_file.h"

namespace moescope {

/// One tensor of a file; `data` points into the file.
struct SafetensorsTensor {
    std::string dtype;  ///< "F32", "I32", "U8"...; as the file says, known or not
    std::vector<std::uint64_t> shape;
    std::span<const std::byte> data;

    /// The data as values of T, copied (files need not be aligned). The caller has checked the dtype.
    template <class T>
    std::vector<T> values() const {
        std::vector<T> v(data.size() / sizeof(T));
        std::copy_n(data.data(), v.size() * sizeof(T), reinterpret_cast<std::byte*>(v.data()));
        return v;
    }
};

/// A parsed file. Immutable.
class SafetensorsFile {
public:
    static Result<SafetensorsFile> open(const std::string& path);
    /// From bytes that outlive the result.
    static Result<SafetensorsFile> parse(std::span<const std::byte> bytes);

    const std::map<std::string, SafetensorsTensor, std::less<>>& tensors() const { return m_tensors; }
    const SafetensorsTensor* tensor(std::string_view name) const;  ///< nullptr if there is none
    const std::map<std::string, std::string>& metadata() const { return m_metadata; }
    /// Whether what was read of the tensors' data so far was that of the file; see MappedFile.
    Status intact() const { return m_file.intact(); }

private:
    MappedFile m_file;
    std::map<std::string, SafetensorsTensor, std::less<>> m_tensors;
    std::map<std::string, std::string> m_metadata;
};

/// Collects copies of tensors and writes them as one file that appears whole or not at all.
class SafetensorsWriter {
public:
    using Shape = std::vector<std::uint64_t>;
    void add(std::string name, Shape shape, std::span<const float> values) {
        addBytes(std::move(name), "F32", std::move(shape), std::as_bytes(values));
    }
    void add(std::string name, Shape shape, std::span<const std::int32_t> values) {
        addBytes(std::move(name), "I32", std::move(shape), std::as_bytes(values));
    }
    void add(std::string name, Shape shape, std::span<const std::uint8_t> values) {
        addBytes(std::move(name), "U8", std::move(shape), std::as_bytes(values));
    }
    void setMetadata(std::map<std::string, std::string> metadata) { m_metadata = std::move(metadata); }

    Status write(const std::string& path) const;

private:
    struct Entry {
        std::string name, dtype;
        Shape shape;
        std::vector<std::byte> bytes;
    };
    void addBytes(std::string name, std::string dtype, Shape shape, std::span<const std::byte> bytes) {
        m_entries.push_back({std::move(name), std::move(dtype), std::move(shape), {bytes.begin(), bytes.end()}});
    }
    std::vector<Entry> m_entries;
    std::map<std::string, std::string> m_metadata;
};

}  // namespace moescope
