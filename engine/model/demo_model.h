#pragma once
// The model that the program ships.

#include "engine/model/config.h"

namespace moescope {

/// Whether the file says that it is the demo model, wherever it lies. It is small: what it finds most likely is what it
/// knows, so that its answers are exact (temperature 0) unless somebody asks otherwise.
inline bool isDemoModel(const ModelConfig& model) {
    return model.name == "Moescope Demo";
}

}  // namespace moescope
