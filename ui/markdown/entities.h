#pragma once
// HTML entities in Markdown text: all numeric ones and the named ones that are in use.

#include <QString>
#include <string_view>

namespace moescope {

/// "&amp;" -> "&". An unknown name stays as it is written.
QString decodeEntity(std::string_view entity);

}  // namespace moescope
