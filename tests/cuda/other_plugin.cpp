// A plug-in as another version would have built it, and with FOREIGN a library that is none.

#include "engine/backend/plugin.h"

#ifdef FOREIGN
extern "C" int not_a_plugin() {
    return 1;
}
#else
extern "C" const moescope::BackendPlugin* moescope_plugin() {
    static const moescope::BackendPlugin plugin = {moescope::pluginFingerprint() + 1, "0.0.1", nullptr, nullptr};
    return &plugin;
}
#endif
