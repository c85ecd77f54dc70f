#pragma once
// GGUF v2 and v3 model files.
//
// Layout (little endian): "GGUF", u32 version, u64 tensor count, u64 key count; then the keys (string, u32 type,
// value), the tensor descriptions (string, u32 rank, u64 dims innermost first, u32 type, u64 offset), padding to
// `general.alignment` (default 32), and the tensors' data, each at its offset from there.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/status.h"
#include "engine/format/mapped_file.h"
#include "kernels/tensor_type.h"

namespace moescope {

/// A metadata value. Arrays hold scalars of one kind; arrays of arrays are refused.
struct GgufArray;
using GgufValue = std::variant<bool, std::int64_t, std::uint64_t, double, std::string, GgufArray>;
struct GgufArray {
    std::variant<std::vector<bool>, std::vector<std::int64_t>, std::vector<std::uint64_t>, std::vector<double>,
                 std::vector<std::string>>
        items;
};

/// One tensor of a file. `data` points into the file and lives as long as it.
struct GgufTensor {
    std::string name;
    /// A sentence that says why the tensor cannot be used: it has no elements, or is of a type that is not read. Then
    /// `type` and `data` mean nothing. No matter for tensors that the model does not need.
    std::string problem;
    TensorType type = TensorType::kF32;
    std::vector<std::uint64_t> dims;  ///< innermost (columns) first, as in the file
    std::span<const std::byte> data;

    std::uint64_t columns() const { return dims.empty() ? 0 : dims[0]; }
    std::uint64_t rows() const;  ///< product of all dims but the first
};

/// A file's place among those that a model was split into.
struct GgufPart {
    std::uint64_t number = 0;  ///< from 0
    std::uint64_t count = 1;
    std::optional<std::uint64_t> tensors;  ///< of all parts, if the file says
};

/// A parsed file: all metadata, and views of the tensors. Immutable.
class GgufFile {
public:
    /// Maps and validates a file: sizes, offsets, alignment, overlaps, duplicate keys and names.
    static Result<GgufFile> open(const std::string& path);
    /// The same from bytes that outlive the result; for tests and fuzzers.
    static Result<GgufFile> parse(std::span<const std::byte> bytes);

    std::uint32_t version() const { return m_version; }
    const std::map<std::string, GgufValue, std::less<>>& metadata() const { return m_metadata; }
    const std::vector<GgufTensor>& tensors() const { return m_tensors; }
    const GgufTensor* tensor(std::string_view name) const;  ///< nullptr if there is none
    std::uint64_t fileBytes() const { return m_file_bytes; }
    /// Error: it says what cannot be.
    Result<GgufPart> part() const;
    /// Ok, unless the file is one part of a model that was split into several; then a sentence that names the parts.
    Status wholeModel() const;

    // Typed look-ups: nullopt if the key is missing, an error Status if it has another kind or does not fit.
    Result<std::optional<std::uint64_t>> integer(std::string_view key) const;
    Result<std::optional<double>> real(std::string_view key) const;
    Result<std::optional<bool>> boolean(std::string_view key) const;  ///< also from the numbers 0 and 1
    Result<std::optional<std::string>> string(std::string_view key) const;
    const GgufArray* array(std::string_view key) const;

    /// Whether what was read of the tensors' data so far was that of the file; see MappedFile.
    Status intact() const { return m_file.intact(); }
    std::string fingerprint() const { return m_file.fingerprint(); }  ///< see MappedFile
    /// Maps a part of a tensor's data in one go; see MappedFile.
    void populate(std::span<const std::byte> part) const { m_file.populate(part); }
    /// Tells the system that a part's pages are no longer needed, after a backend has taken its own copy.
    void release(std::span<const std::byte> part) const { m_file.release(part); }

private:
    MappedFile m_file;
    std::string m_file_name;  // without its folder; empty if parsed from bytes
    std::uint32_t m_version = 0;
    std::uint64_t m_file_bytes = 0;
    std::map<std::string, GgufValue, std::less<>> m_metadata;
    std::vector<GgufTensor> m_tensors;
    std::map<std::string, std::size_t, std::less<>> m_tensor_index;
};

}  // namespace moescope
