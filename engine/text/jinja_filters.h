#pragma once
// Tables of filters, for applyFilter() only.

#include <map>
#include <string_view>

#include "engine/text/jinja_library.h"

namespace moescope::jinja {

using Filter = Value (*)(const Value& input, const Arguments& arguments, const Context& context);

const std::map<std::string_view, Filter>& listFilters();

}  // namespace moescope::jinja
