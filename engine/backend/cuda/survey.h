#pragma once
// What the driver says of this machine, and what follows from it. Plain C++: no CUDA.

#include "engine/backend/plugin.h"

namespace moescope {

/// The oldest GPUs that the kernels are built for: GTX 16, RTX 20, T4.
inline constexpr int kOldestMajor = 7, kOldestMinor = 5;

/// What was found, before it is judged. Versions are CUDA's numbers, such as 13000.
struct CudaFacts {
    int driver_version = 0;            ///< 0: there is no driver
    int runtime_version = 0;           ///< that the plug-in was built with
    bool card_without_driver = false;  ///< the system lists a GPU of NVIDIA's
    std::string error;                 ///< the driver's own words if it refused to list GPUs; empty if it did
    std::vector<CudaCard> cards;       ///< with `problem` empty
};

/// Whether GPUs can be used, and why not.
CudaSurvey judge(CudaFacts facts);

/// Chooses a GPU: the one asked for, or with -1 the usable one with the most free memory.
Result<CudaCard> chooseCard(const CudaSurvey& survey, int device);

/// Whether the system's list of PCI devices (/sys/bus/pci/devices) has a GPU of NVIDIA's.
bool hasNvidiaCard(const std::string& pci_folder = "/sys/bus/pci/devices");

}  // namespace moescope
