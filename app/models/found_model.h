#pragma once
// A model's file on this machine, and what there is to know before it is loaded.

#include <cstdint>
#include <string>

#include "app/chat/load_plan.h"

namespace moescope {

struct FoundModel {
    std::string path;   ///< to open; of a model in several files the first
    std::string place;  ///< whose folder it is in: "LM Studio"
    std::string name;   ///< its own; else that of its store or of its file
    std::string type;   ///< quantisation: "Q4_K_M", or the type of most of its weights
    std::string license;
    int files = 1;
    std::uint64_t file_bytes = 0;  ///< of all of them
    std::string problem;           ///< why it cannot run here, one sentence; empty if it can

    // Of a model that can run.
    std::uint64_t parameters = 0, active_parameters = 0;
    std::uint64_t memory_bytes = 0;  ///< that it takes, by the plan
    int context = 0;                 ///< positions, with which it takes that
    int own_context = 0;
    bool fits = false;  ///< into what is free now

    bool runs() const { return problem.empty(); }
};

/// Looks at a GGUF file (of one in parts: at all of them) by its header; reads no weights. Takes some ten milliseconds.
FoundModel lookAt(const std::string& path, const LoadChoices& choices, const FreeMemory& free);

}  // namespace moescope
