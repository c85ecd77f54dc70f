#pragma once
// Models on this machine, wherever programs keep them. Found where somebody asks for it and never else; each is looked
// at in place: nothing is copied, and nothing is written.

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/models/found_model.h"
#include "app/models/model_places.h"

namespace moescope {

struct ModelSearchLimits {
    std::size_t entries = 200'000;  ///< files and folders that are looked at
    std::size_t models = 2'000;
};

struct FoundModels {
    std::vector<FoundModel> models;  ///< those that run first, by name; each file once, whatever leads to it
    std::vector<std::string> notes;  ///< sentences: what could not be read, what was left out
};

/// Looks through the places, in order. A part of a model whose other parts are being fetched is no model yet.
/// `progress` (may be empty) hears how many models were found. Takes some ten milliseconds a model; not for the thread
/// of a window. After a stop: what was found so far.
FoundModels findModels(const std::vector<ModelPlace>& places, const LoadChoices& choices, const std::stop_token& stop,
                       const std::function<void(std::size_t found)>& progress = {},
                       const ModelSearchLimits& limits = {});

}  // namespace moescope
