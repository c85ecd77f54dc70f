#include "engine/backend/plugin_loader.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

constexpr const char* kFileName = "moescope-cuda.so";

std::mutex g_mutex;
const BackendPlugin* g_plugin = nullptr;  // of this program; guarded by g_mutex

/// Looks for the plug-in as long as there is none.
Result<const BackendPlugin*> programPlugin() {
    const std::lock_guard lock(g_mutex);
    if (g_plugin) return g_plugin;
    if (const char* folder = std::getenv("MOESCOPE_PLUGINS"); folder && *folder) {
        if (Status status = checkPluginFolder(folder); !status.ok()) return status;
    }
    auto plugin = loadPlugin(pluginPaths());
    if (plugin.ok()) g_plugin = *plugin;
    return plugin;
}

}  // namespace

std::vector<std::string> pluginPaths() {
    namespace fs = std::filesystem;
    if (const char* folder = std::getenv("MOESCOPE_PLUGINS"); folder && *folder) {
        return {(fs::path(folder) / kFileName).string()};
    }
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (error) return {};
    const fs::path folder = program.parent_path();
    std::vector<std::string> paths;
    for (const char* beside : {".", "../lib/moescope", "../../lib/moescope"}) {
        paths.push_back((folder / beside / kFileName).lexically_normal().string());
    }
    return paths;
}

Status checkPluginFolder(const std::string& folder) {
    const std::string named = "MOESCOPE_PLUGINS names the folder " + quoted(folder);
    if (!folder.starts_with('/')) {
        return invalid(named + ", which is not an absolute path; GPUs are not used. Use a path that starts with /.");
    }
    for (const std::string& path : {folder, (std::filesystem::path(folder) / kFileName).string()}) {
        struct stat found = {};
        if (stat(path.c_str(), &found) != 0) return {};
        if (found.st_uid != 0 && found.st_uid != geteuid()) {
            return invalid(
                fmt::format("{}; {} belongs to another user, so nothing is loaded from it and GPUs are not used.",
                            named, path == folder ? "it" : "the plug-in there"));
        }
        if (found.st_mode & S_IWOTH) {
            return invalid(
                fmt::format("{}; everyone can write to {}, so nothing is loaded from it and GPUs are not used. "
                            "Remove that permission (chmod o-w).",
                            named, path == folder ? "it" : "the plug-in there"));
        }
    }
    return {};
}

Result<const BackendPlugin*> loadPlugin(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        std::error_code error;
        if (!std::filesystem::exists(path, error)) continue;
        void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!library) {
            const char* reason = dlerror();
            return ioError(fmt::format("The CUDA plug-in cannot be loaded: {}. Reinstall it.",
                                       reason ? reason : "the system gives no reason"));
        }
        const auto entry = reinterpret_cast<PluginEntry>(dlsym(library, kPluginEntryName));
        if (!entry) {
            dlclose(library);
            return unsupported(
                fmt::format("{} is not a Moescope plug-in; install the one that belongs to this program.", path));
        }
        const BackendPlugin* plugin = entry();
        if (plugin->fingerprint != pluginFingerprint()) {
            // Nothing but the two fields before the functions may be read of it.
            Status status = unsupported(
                fmt::format("The CUDA plug-in {} is from another build (version {}); install the program and the "
                            "plug-in from the same release.",
                            path, plugin->version));
            dlclose(library);
            return status;
        }
        return plugin;
    }
    return notFound("The CUDA plug-in is not installed, so GPUs are not used.");
}

void usePlugin(const BackendPlugin* plugin) {
    const std::lock_guard lock(g_mutex);
    g_plugin = plugin;
}

CudaSurvey surveyCuda() {
    const auto plugin = programPlugin();
    if (!plugin.ok()) return {plugin.status(), {}, {}};
    return (*plugin)->survey();
}

Result<std::unique_ptr<Backend>> loadCudaBackend(const ModelSource& source, const ModelConfig& config,
                                                 const ModelMatrices& matrices, const CudaBackendOptions& options,
                                                 const LoadControl& control) {
    const auto plugin = programPlugin();
    if (!plugin.ok()) return plugin.status();
    return (*plugin)->load(source, config, matrices, options, control);
}

}  // namespace moescope
