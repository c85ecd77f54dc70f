#include "app/models/model_places.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostSettings = 1u << 20;  // bytes of another program's settings
constexpr int kDownloadsDepth = 2;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string smallFile(const fs::path& path) {
    std::error_code error;
    if (!fs::is_regular_file(path, error) || fs::file_size(path, error) > kMostSettings || error) return {};
    std::ifstream in(path, std::ios::binary);
    std::string text(kMostSettings, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

/// $NAME, else `otherwise` below the home folder.
fs::path folderOf(const char* name, const fs::path& home, const char* otherwise) {
    const std::string value = variable(name);
    return value.starts_with('/') ? fs::path(value) : home / otherwise;
}

/// LM Studio's folder says where it was moved to, and its settings where models are.
std::vector<fs::path> lmStudio(const fs::path& home) {
    std::vector<fs::path> homes = {home / ".lmstudio", home / ".cache/lm-studio"};
    std::string moved = smallFile(home / ".lmstudio-home-pointer");
    while (!moved.empty() && (moved.back() == '\n' || moved.back() == ' ')) moved.pop_back();
    if (moved.starts_with('/')) homes.insert(homes.begin(), moved);
    std::vector<fs::path> folders;
    for (const fs::path& at : homes) {
        const auto settings = nlohmann::json::parse(smallFile(at / "settings.json"), nullptr, false);
        if (settings.is_object()) {
            const auto folder = settings.find("downloadsFolder");
            if (folder != settings.end() && folder->is_string() && folder->get<std::string>().starts_with('/')) {
                folders.emplace_back(folder->get<std::string>());
            }
        }
        folders.push_back(at / "models");
    }
    return folders;
}

/// As desktops name it: XDG_DOWNLOAD_DIR="$HOME/Downloads" in user-dirs.dirs.
fs::path downloads(const fs::path& home) {
    const std::string text = smallFile(folderOf("XDG_CONFIG_HOME", home, ".config") / "user-dirs.dirs");
    constexpr std::string_view kKey = "\nXDG_DOWNLOAD_DIR=\"";
    const std::string lines = "\n" + text;
    const std::size_t at = lines.find(kKey);
    const std::size_t end = at == std::string::npos ? at : lines.find('"', at + kKey.size());
    if (end != std::string::npos) {
        std::string folder = lines.substr(at + kKey.size(), end - at - kKey.size());
        constexpr std::string_view kHome = "$HOME/";
        if (folder.starts_with(kHome)) folder = (home / folder.substr(kHome.size())).string();
        // One that is the home folder itself means that there is none.
        if (folder.starts_with('/') && fs::path(folder) != home) return folder;
    }
    return home / "Downloads";
}

}  // namespace

std::vector<ModelPlace> knownPlaces() {
    std::vector<ModelPlace> places;
    const auto add = [&](const char* name, const fs::path& path, ModelPlace::Layout layout = {}) {
        const bool known = std::any_of(places.begin(), places.end(),
                                       [&](const ModelPlace& place) { return place.path == path.string(); });
        if (!known) places.push_back({name, path.string(), layout});
    };
    const fs::path home = variable("HOME");
    if (!home.is_absolute()) return places;
    const fs::path cache = folderOf("XDG_CACHE_HOME", home, ".cache");
    for (const fs::path& folder : lmStudio(home)) add("LM Studio", folder);
    if (const std::string hub = variable("HF_HUB_CACHE"); hub.starts_with('/')) add("Hugging Face", hub);
    if (const std::string hub = variable("HF_HOME"); hub.starts_with('/')) add("Hugging Face", fs::path(hub) / "hub");
    add("Hugging Face", cache / "huggingface/hub");
    add("Ollama", folderOf("OLLAMA_MODELS", home, ".ollama/models"), ModelPlace::Layout::kOllama);
    add("Ollama", "/usr/share/ollama/.ollama/models", ModelPlace::Layout::kOllama);
    const std::string llama = variable("LLAMA_CACHE");
    add("llama.cpp", llama.starts_with('/') ? fs::path(llama) : cache / "llama.cpp");
    add("Downloads", downloads(home));
    places.back().depth = kDownloadsDepth;
    return places;
}

ModelPlace placeAt(const std::string& folder) {
    ModelPlace place{folder, folder};
    std::error_code error;
    const fs::path path = folder;
    if (fs::is_directory(path / "manifests", error) && fs::is_directory(path / "blobs", error)) {
        place.layout = ModelPlace::Layout::kOllama;
    }
    return place;
}

}  // namespace moescope
