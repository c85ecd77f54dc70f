#pragma once
// What published models take, by their shapes, before any of their files is there.

#include <cstdint>
#include <span>
#include <string_view>

#include "app/chat/load_plan.h"

namespace moescope {

/// A shape that one or more models share, from the configuration that their makers publish.
struct PublishedModel {
    std::string_view names;  ///< "DeepSeek-V2-Lite, DeepSeek-Coder-V2-Lite"
    ModelConfig config;
};
std::span<const PublishedModel> publishedModels();

/// How a whole file is quantised, as such files are named.
enum class FileType : std::uint8_t { kQ4_K_M, kQ8_0, kBF16 };
inline constexpr FileType kFileTypes[] = {FileType::kQ4_K_M, FileType::kQ8_0, FileType::kBF16};
std::string_view fileTypeName(FileType type);  ///< "Q4_K_M"

/// Matrices without weights, of the types that the usual quantiser gives each in such a file: what takes more bits than
/// others, and what stands in where rows are no multiple of a block.
ModelMatrices publishedMatrices(const ModelConfig& config, FileType type);

}  // namespace moescope
