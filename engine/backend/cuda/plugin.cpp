// The plug-in's one exported function.

#include "engine/backend/plugin.h"

#include "engine/backend/cuda/cards.h"
#include "engine/backend/cuda/cuda_backend.h"
#include "engine/base/version.h"

extern "C" __attribute__((visibility("default"))) const moescope::BackendPlugin* moescope_plugin() {
    using namespace moescope;
    static const BackendPlugin plugin = {pluginFingerprint(), programVersion(), [] { return judge(cudaFacts()); },
                                         &createCudaBackend};
    return &plugin;
}
