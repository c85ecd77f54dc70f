#include "kernels/tensor_type.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <iterator>

namespace moescope {
namespace {

constexpr std::array kTypes = {
    TensorTypeInfo{TensorType::kF32, "F32", 1, 4},
    TensorTypeInfo{TensorType::kF16, "F16", 1, 2},
    TensorTypeInfo{TensorType::kQ4_0, "Q4_0", 32, 18},
    TensorTypeInfo{TensorType::kQ4_1, "Q4_1", 32, 20},
    TensorTypeInfo{TensorType::kQ5_0, "Q5_0", 32, 22},
    TensorTypeInfo{TensorType::kQ5_1, "Q5_1", 32, 24},
    TensorTypeInfo{TensorType::kQ8_0, "Q8_0", 32, 34},
    TensorTypeInfo{TensorType::kQ2_K, "Q2_K", 256, 84},
    TensorTypeInfo{TensorType::kQ3_K, "Q3_K", 256, 110},
    TensorTypeInfo{TensorType::kQ4_K, "Q4_K", 256, 144},
    TensorTypeInfo{TensorType::kQ5_K, "Q5_K", 256, 176},
    TensorTypeInfo{TensorType::kQ6_K, "Q6_K", 256, 210},
    TensorTypeInfo{TensorType::kIQ2_XXS, "IQ2_XXS", 256, 66},
    TensorTypeInfo{TensorType::kIQ2_XS, "IQ2_XS", 256, 74},
    TensorTypeInfo{TensorType::kIQ3_XXS, "IQ3_XXS", 256, 98},
    TensorTypeInfo{TensorType::kIQ1_S, "IQ1_S", 256, 50},
    TensorTypeInfo{TensorType::kIQ4_NL, "IQ4_NL", 32, 18},
    TensorTypeInfo{TensorType::kIQ3_S, "IQ3_S", 256, 110},
    TensorTypeInfo{TensorType::kIQ2_S, "IQ2_S", 256, 82},
    TensorTypeInfo{TensorType::kIQ4_XS, "IQ4_XS", 256, 136},
    TensorTypeInfo{TensorType::kIQ1_M, "IQ1_M", 256, 56},
    TensorTypeInfo{TensorType::kBF16, "BF16", 1, 2},
    TensorTypeInfo{TensorType::kMXFP4, "MXFP4", 32, 17},
};

// Names of ggml's type ids, for messages about files that hold what this program does not read. Also of types that
// files had once (4, 5, 31 to 33, 36 to 38), and of those that only ik_llama.cpp has (above 96).
struct GgmlName {
    std::uint32_t id;
    std::string_view name;
};
constexpr GgmlName kGgmlNames[] = {
    {0, "F32"},          {1, "F16"},         {2, "Q4_0"},         {3, "Q4_1"},        {4, "Q4_2"},
    {5, "Q4_3"},         {6, "Q5_0"},        {7, "Q5_1"},         {8, "Q8_0"},        {9, "Q8_1"},
    {10, "Q2_K"},        {11, "Q3_K"},       {12, "Q4_K"},        {13, "Q5_K"},       {14, "Q6_K"},
    {15, "Q8_K"},        {16, "IQ2_XXS"},    {17, "IQ2_XS"},      {18, "IQ3_XXS"},    {19, "IQ1_S"},
    {20, "IQ4_NL"},      {21, "IQ3_S"},      {22, "IQ2_S"},       {23, "IQ4_XS"},     {24, "I8"},
    {25, "I16"},         {26, "I32"},        {27, "I64"},         {28, "F64"},        {29, "IQ1_M"},
    {30, "BF16"},        {31, "Q4_0_4_4"},   {32, "Q4_0_4_8"},    {33, "Q4_0_8_8"},   {34, "TQ1_0"},
    {35, "TQ2_0"},       {36, "IQ4_NL_4_4"}, {37, "IQ4_NL_4_8"},  {38, "IQ4_NL_8_8"}, {39, "MXFP4"},
    {40, "NVFP4"},       {41, "Q1_0"},       {42, "Q2_0"},        {133, "Q6_0"},      {134, "IQ1_BN"},
    {135, "IQ2_BN"},     {136, "Q8_K64"},    {137, "IQ2_K"},      {138, "IQ3_K"},     {139, "IQ4_K"},
    {140, "IQ5_K"},      {141, "IQ6_K"},     {144, "IQ4_KS"},     {145, "IQ2_KS"},    {146, "IQ4_KSS"},
    {147, "Q8_K16"},     {148, "Q8_K32"},    {149, "Q8_KR8"},     {150, "Q8_K128"},   {151, "Q8_KV"},
    {152, "IQ5_KS"},     {153, "IQ2_KT"},    {154, "IQ3_KT"},     {155, "IQ4_KT"},    {156, "IQ3_KS"},
    {157, "IQ2_KL"},     {158, "IQ1_KT"},    {202, "Q4_0_R8"},    {206, "Q5_0_R4"},   {208, "Q8_0_R8"},
    {210, "Q2_K_R4"},    {211, "Q3_K_R4"},   {212, "Q4_K_R4"},    {213, "Q5_K_R4"},   {214, "Q6_K_R4"},
    {216, "IQ2_XXS_R4"}, {217, "IQ2_XS_R4"}, {218, "IQ3_XXS_R4"}, {219, "IQ1_S_R4"},  {220, "IQ4_NL_R4"},
    {221, "IQ3_S_R4"},   {222, "IQ2_S_R4"},  {223, "IQ4_XS_R8"},  {229, "IQ1_M_R4"},  {230, "BF16_R16"},
    {233, "Q6_0_R4"},    {335, "IQ2_BN_R4"}, {337, "IQ2_K_R4"},   {338, "IQ3_K_R4"},  {339, "IQ4_K_R4"},
    {340, "IQ5_K_R4"},   {344, "IQ4_KS_R4"}, {352, "IQ5_KS_R4"},  {398, "Q8_KV_R8"},  {399, "Q8_K_R8"},
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
    const auto* found = std::ranges::find(kGgmlNames, ggml_type_id, &GgmlName::id);
    return found == std::end(kGgmlNames) ? std::string_view{} : found->name;
}

std::size_t rowBytes(TensorType type, std::size_t columns) {
    const TensorTypeInfo& t = info(type);
    assert(columns % t.block_weights == 0);
    return columns / t.block_weights * t.block_bytes;
}

}  // namespace moescope
