#pragma once
// Packed weights that are kept on disk, so that a model starts at once: a start maps them instead of packing the
// model's file again, and memory holds them once, as pages of the file that the system may drop and read again.
//
//   FOLDER/FINGERPRINT.packed    a head of 4,096 bytes (packed_store.cpp), then the weights as they are in memory
//
// Files appear whole. A program that packs differently finds none (kPackedFormat).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/base/status.h"
#include "engine/format/mapped_file.h"

namespace moescope {

/// Raised with every change of what packing makes of the same model: the layout of a type, the order of matrices.
inline constexpr std::uint32_t kPackedFormat = 1;

/// Which weights.
struct PackedKey {
    std::string fingerprint;  ///< of the model, see ModelSource; empty: nothing is kept of it
    std::uint64_t bytes = 0;  ///< of its packed weights
};

/// Weights mapped from a store.
struct PackedWeights {
    MappedFile file;
    std::span<const std::byte> bytes;
};

/// A file of a store.
struct KeptModel {
    std::string file;         ///< its path
    std::string model;        ///< path of the model when it was packed
    std::uint64_t bytes = 0;  ///< that it takes on disk
};

/// A folder of packed weights. Copies are cheap; threads may share one.
class PackedStore {
public:
    explicit PackedStore(std::string folder) : m_folder(std::move(folder)) {}

    /// nullopt if there are none, or none that this program can use.
    std::optional<PackedWeights> find(const PackedKey& key) const;
    /// Keeps weights; makes the folder. `model` is the path of the model that they are of. Errors: kStopped, no room on
    /// the disk (some stays free), what the system says.
    Status keep(const PackedKey& key, const std::string& model, std::span<const std::byte> weights,
                const LoadControl& control) const;

    std::vector<KeptModel> models() const;  ///< the largest first; none if the folder cannot be read
    /// Removes a model's file. A program that runs with it keeps its pages.
    Status forget(const KeptModel& model) const;

private:
    std::string m_folder;
};

/// The folder that both programs use: cacheDir()/packed; empty if none is known.
std::string packedFolder();

}  // namespace moescope
