#pragma once
// Which parts of a model go on a GPU and which in RAM. Plain C++: no CUDA, so that it can be tested for any GPU.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/model/model_source.h"

namespace moescope {

/// Bytes that a matrix takes in the GPU's layout, given its type, rows and columns.
using PackedBytes = std::function<std::uint64_t(TensorType type, std::uint64_t rows, std::uint64_t columns)>;

/// A model's parts as the GPU holds them, in bytes.
struct PlacementSizes {
    std::uint64_t always = 0;  ///< read for every token: embedding, output, norms, attention, routers, shared experts
    int experts = 0;           ///< routed, a layer
    std::vector<std::uint64_t> expert_bytes;  ///< of one routed expert, for each MoE layer
    std::uint64_t cache = 0;                  ///< keys and values of a session
    std::uint64_t workspace = 0;              ///< of a session
    std::uint64_t exchange = 0;               ///< where an expert arrives, if not all have a place

    std::uint64_t routed() const;  ///< all routed experts
    std::uint64_t whole() const { return always + routed() + cache + workspace; }
};

/// The weights' part of the sizes; matrices' types and shapes are read, not their data.
PlacementSizes placementSizes(const ModelConfig& config, const ModelMatrices& matrices, const PackedBytes& packed);

/// Where everything goes.
struct Placement {
    /// kOutOfMemory: not even what every token reads fits; the message says what is needed and what there is.
    Status status;
    std::vector<int> on_card;      ///< experts that have a place on the GPU, for each MoE layer
    bool whole = false;            ///< all experts have: the CPU computes nothing
    std::uint64_t card_bytes = 0;  ///< taken on the GPU, cache and workspace included
    std::uint64_t ram_bytes = 0;   ///< taken in memory for routed experts
    std::string sentence;          ///< for the user
};

/// Kept free on the GPU for the driver and for what else the screen needs, when all free memory may be used.
inline constexpr std::uint64_t kCardReserve = 320u << 20;

/// Plans for a GPU of that name with `free` bytes. `limit`: a number of bytes set by hand, 0 for none; what is planned
/// never takes more than either. Attention, routers and shared experts come first; then routed experts, as many
/// as fit and as evenly over the layers as it goes. Where not all fit, memory holds all of them, so that any may leave
/// the GPU.
Placement plan(const PlacementSizes& sizes, const std::string& card, std::uint64_t free, std::uint64_t limit);

}  // namespace moescope
