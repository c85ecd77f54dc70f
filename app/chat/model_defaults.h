#pragma once
// How answers of a model are made while nobody has chosen.

#include "engine/base/generation_settings.h"

namespace moescope {

class Model;

/// The program's defaults with what the model's makers advise: in its file, or in a generation_config.json beside it,
/// as Hugging Face has it. Values out of range are clamped.
GenerationSettings modelDefaults(const Model& model);

}  // namespace moescope
