#pragma once
// The types of models' tensors that the kernels compute with.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace moescope {

/// Element types; the values are those of `ggml_type`, which files have.
enum class TensorType : std::uint32_t {
    kF32 = 0,
    kF16 = 1,
    kQ4_0 = 2,
    kQ4_1 = 3,
    kQ5_0 = 6,
    kQ5_1 = 7,
    kQ8_0 = 8,
    kQ2_K = 10,
    kQ3_K = 11,
    kQ4_K = 12,
    kQ5_K = 13,
    kQ6_K = 14,
    kIQ2_XXS = 16,
    kIQ2_XS = 17,
    kIQ3_XXS = 18,
    kIQ1_S = 19,
    kIQ4_NL = 20,
    kIQ3_S = 21,
    kIQ2_S = 22,
    kIQ4_XS = 23,
    kIQ1_M = 29,
    kBF16 = 30,
    kMXFP4 = 39,
};

/// How a type is stored: rows are sequences of blocks, each of `block_weights` weights in `block_bytes` bytes.
struct TensorTypeInfo {
    TensorType type;
    std::string_view name;  ///< as the field writes it, such as "Q4_K"
    std::size_t block_weights;
    std::size_t block_bytes;
};

/// All supported types, in order of their ids.
std::span<const TensorTypeInfo> tensorTypes();

/// The description of a supported type, or nullptr for an id that this program does not know.
const TensorTypeInfo* findTensorType(std::uint32_t ggml_type_id);
const TensorTypeInfo& info(TensorType type);

/// The field's name of any ggml type id, also of unsupported ones ("IQ2_XXS").
/// For error messages; empty for an id that nobody uses.
std::string_view ggmlTypeName(std::uint32_t ggml_type_id);
/// Whether an id is one of those that ik_llama.cpp added, which no other program reads.
constexpr bool isIkLlamaType(std::uint32_t ggml_type_id) {
    return ggml_type_id > 96;
}

/// Bytes of a row of `columns` weights, which must be a multiple of the type's block_weights.
std::size_t rowBytes(TensorType type, std::size_t columns);

}  // namespace moescope
