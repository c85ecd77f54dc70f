#pragma once
// How files of one model are told apart by their names.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moescope {

/// "Q4_K_M" of ".../deepseek-moe-16b-chat.Q4_K_M.gguf": the type (quantisation) that a file is named after; the last
/// one if there are several, "" if there is none.
std::string typeInName(std::string_view path);

/// A file's place among the parts of a model, by its name.
struct PartName {
    std::string stem;          ///< of all parts: the name without "-00002-of-00003.gguf"
    std::uint32_t number = 0;  ///< from 1
    std::uint32_t count = 0;
};
/// Of "NAME-00002-of-00003.gguf", with its folder if it has one; nullopt for other names.
std::optional<PartName> partName(std::string_view path);

/// Whether a name ends in ".gguf", in letters of either case.
bool isModelFileName(std::string_view name);

}  // namespace moescope
