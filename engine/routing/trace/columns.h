#pragma once
// Logs out of arrays, as safetensors and .npz hold them: one row per token, one record per token and layer.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/routing/trace.h"
#include "engine/routing/trace/masked.h"

namespace moescope {

/// What arrays say of tokens; each is empty (not known), or has a value per token.
struct TokenColumns {
    std::vector<std::int32_t> ids, positions, phases;

    /// Error: a position below 0, an id below -1, a phase other than 0 and 1.
    Status check() const;
    TokenRouting at(std::size_t token, std::span<const LayerRouting> layers) const;
};

/// A record as stored in arrays; spans of what is not known are empty.
struct RecordView {
    std::span<const std::int32_t> experts, runners_up;
    std::span<const float> gates, probabilities, runner_up_probabilities;
    float shared_norm = 0, routed_norm = 0;
    std::uint16_t on_card = 0;
    std::span<const float> selections = {}, runner_up_selections = {};  ///< where choices went by them
};

enum class RecordKind { kKnown, kMasked, kTwice };

/// Takes a record over; slots of expert -1 are passed over. kMasked: no expert is named (the rest is kept), or one id
/// in all slots (nothing is kept). kTwice: an error, an expert is named twice.
RecordKind takeRecord(const RecordView& view, LayerRouting& out);

/// The error of an expert that a record names twice.
Status namedTwice(std::size_t token, int layer);

/// The number of leading layers that a program filled with 0 as it could not leave them out: dense ones. record(token,
/// layer) gives slots.
template <class Record>
std::size_t denseLayers(std::size_t tokens, std::size_t layers, Record record);

/// Whether several slots name one id.
bool isFilled(std::span<const std::int32_t> slots);

/// The largest id of records of `width` slots, without those that are filled; -1 if there is none. Error: an id below
/// -1.
Result<int> largestId(std::span<const std::int32_t> ids, std::size_t width);

template <class Record>
std::size_t denseLayers(std::size_t tokens, std::size_t layers, Record record) {
    for (std::size_t l = 0; l < layers; ++l) {
        bool filled = false;
        for (std::size_t t = 0; t < tokens; ++t) {
            const std::span<const std::int32_t> slots = record(t, l);
            if (!isMasked(slots)) return l;
            filled = filled || isFilled(slots);
        }
        if (!filled) return l;  // nothing but -1: our own way to say that records are not known
    }
    return 0;  // no layer is known: none is the first
}

}  // namespace moescope
