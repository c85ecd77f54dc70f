#pragma once
// What a model is called in histories and on screens.

#include <string>

#include "engine/engine.h"

namespace moescope {

/// Its own name; one without a name is called by its file.
inline const std::string& modelName(const Model& model) {
    return model.config().name.empty() ? model.path() : model.config().name;
}

}  // namespace moescope
