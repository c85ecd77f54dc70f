#pragma once
// Finds and loads the CUDA plug-in, and asks it.

#include <string>
#include <vector>

#include "engine/backend/plugin.h"

namespace moescope {

/// Where the plug-in may be, most wanted first: in the folder that MOESCOPE_PLUGINS names and nowhere else if it is
/// set; otherwise beside the program, in ../lib/moescope (an installation) and in ../../lib/moescope (a build folder).
std::vector<std::string> pluginPaths();

/// Whether code may be loaded from the folder that MOESCOPE_PLUGINS names, before anything in it is looked at. A
/// sentence if the path is not absolute (it would be another folder wherever the program is started), or if others than
/// the user and root could have put something there: the folder or the plug-in belongs to someone else, or everybody
/// may write it. Ok for a folder that is not there.
Status checkPluginFolder(const std::string& folder);

/// Loads the first of the files that exists. kNotFound: none does; kUnsupported: it is not one of ours, or of another
/// build; kIo: the system cannot load it. What was loaded stays until the process ends.
Result<const BackendPlugin*> loadPlugin(const std::vector<std::string>& paths);

/// Uses this plug-in instead of looking for one; for tests.
void usePlugin(const BackendPlugin* plugin);

/// The GPUs of this machine, or why there are none that can be used. Takes up to a second the first time (the driver
/// wakes up); free memory is that of the moment.
CudaSurvey surveyCuda();

/// Loads a model on a GPU; every way to fail is a sentence.
Result<std::unique_ptr<Backend>> loadCudaBackend(const ModelSource& source, const ModelConfig& config,
                                                 const ModelMatrices& matrices, const CudaBackendOptions& options,
                                                 const LoadControl& control);

}  // namespace moescope
