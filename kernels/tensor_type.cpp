#include "kernels/tensor_type.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace moescope {
namespace {

constexpr std::array kTypes = {
    TensorTypeInfo{TensorType::kF32, "F32", 1, 4},         TensorTypeInfo{TensorType::kF16, "F16", 1, 2},
    TensorTypeInfo{TensorType::kQ4_0, "Q4_0", 32, 18},     TensorTypeInfo{TensorType::kQ4_1, "Q4_1", 32, 20},
    TensorTypeInfo{TensorType::kQ5_0, "Q5_0", 32, 22},     TensorTypeInfo{TensorType::kQ5_1, "Q5_1", 32, 24},
    TensorTypeInfo{TensorType::kQ8_0, "Q8_0", 32, 34},     TensorTypeInfo{TensorType::kQ2_K, "Q2_K", 256, 84},
    TensorTypeInfo{TensorType::kQ3_K, "Q3_K", 256, 110},   TensorTypeInfo{TensorType::kQ4_K, "Q4_K", 256, 144},
    TensorTypeInfo{TensorType::kQ5_K, "Q5_K", 256, 176},   TensorTypeInfo{TensorType::kQ6_K, "Q6_K", 256, 210},
    TensorTypeInfo{TensorType::kIQ4_NL, "IQ4_NL", 32, 18}, TensorTypeInfo{TensorType::kIQ4_XS, "IQ4_XS", 256, 136},
    TensorTypeInfo{TensorType::kBF16, "BF16", 1, 2},
};

// Names of ggml's type ids, for messages about files that hold what this program does not read.
constexpr std::array<std::string_view, 40> kGgmlNames = {
    "F32",    "F16",   "Q4_0",  "Q4_1",   "",      "",      "Q5_0",    "Q5_1",   "Q8_0",    "Q8_1",
    "Q2_K",   "Q3_K",  "Q4_K",  "Q5_K",   "Q6_K",  "Q8_K",  "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S",
    "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "I8",    "I16",   "I32",     "I64",    "F64",     "IQ1_M",
    "BF16",   "",      "",      "",       "TQ1_0", "TQ2_0", "",        "",       "",        "MXFP4",
};

}  // namespace

std::span<const TensorTypeInfo> tensorTypes() {
    return kTypes;
}

const TensorTypeInfo* findTensorType(std::uint32_t ggml_type_id) {
    const auto* found = std::ranges::find(kTypes, static_cast<TensorType>(ggml_type_id), &TensorTypeInfo::type);
    return found == kTypes.end() ? nullptr : found;
}

const TensorTypeInfo& info(TensorType type) {
    const TensorTypeInfo* found = findTensorType(static_cast<std::uint32_t>(type));
    assert(found);
    return *found;
}

std::string_view ggmlTypeName(std::uint32_t ggml_type_id) {
    return ggml_type_id < kGgmlNames.size() ? kGgmlNames[ggml_type_id] : std::string_view{};
}

std::size_t rowBytes(TensorType type, std::size_t columns) {
    const TensorTypeInfo& t = info(type);
    assert(columns % t.block_weights == 0);
    return columns / t.block_weights * t.block_bytes;
}

}  // namespace moescope
