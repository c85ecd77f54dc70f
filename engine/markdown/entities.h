#pragma once
// HTML entities in Markdown text.

#include <string>
#include <string_view>

namespace moescope::markdown {

/// "&amp;" -> "&", "&#x27;" -> "'": the characters of an entity, as UTF-8. All names of HTML are known; an unknown one
/// stays as it is written. U+FFFD for numbers that are no character.
std::string decodedEntity(std::string_view entity);

}  // namespace moescope::markdown
