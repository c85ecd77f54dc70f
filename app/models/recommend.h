#pragma once
// Which type of a model to fetch for a machine. Before a file is there, what it will take is an estimate; afterwards
// planLoad() knows.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "app/models/catalog.h"
#include "app/models/hub.h"

namespace moescope {

/// Bytes of memory that a machine has, whoever uses it at the moment.
struct MachineMemory {
    std::uint64_t ram = 0;
    std::uint64_t gpu = 0;  ///< of the one GPU that would be used; 0: none
};

/// Of this machine. Takes up to a second the first time (see surveyCuda()).
MachineMemory memoryOfThisMachine();

/// Bytes that a model can have there, beside the system and a few other programs.
std::uint64_t roomOf(const MachineMemory& machine);

/// Bytes that a model of such files needs with the shortest context worth having, about.
std::uint64_t aboutNeeded(std::uint64_t file_bytes, const std::string& type, const ContextShape& context);

/// Whether the engine computes with a type, as files are named after it.
bool typeRuns(const std::string& type);

struct Recommendation {
    enum class Reason {
        kLargestThatFits,  ///< the next larger one does not fit
        kBestThereIs,      ///< larger ones would fit, and give no better answers
        kNoneFits,         ///< the smallest needs more than there is
        kNoneRuns,         ///< of the types that there are
    };
    std::optional<std::size_t> variant;  ///< that is recommended; nullopt for the last two
    Reason reason = Reason::kNoneRuns;
    std::uint64_t needed = 0, room = 0;  ///< bytes: of that one (or of the smallest), and of the machine

    /// In a sentence, for people.
    std::string why(std::span<const HubVariant> variants) const;
};

/// The largest type that fits, up to 8 bits a weight: above these, answers do not get better, only slower. `variants`
/// as a listing has them.
Recommendation recommend(std::span<const HubVariant> variants, const ContextShape& context,
                         const MachineMemory& machine);

/// Positions of the context that aboutNeeded() counts on.
inline constexpr int kContextWorthHaving = 8192;

}  // namespace moescope
