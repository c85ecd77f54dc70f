#include "app/models/ollama_store.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = 1u << 20;  // of a manifest, or of a text
constexpr std::string_view kOwn = "registry.ollama.ai/";
constexpr std::string_view kOwnNamespace = "library/";

std::string smallFile(const fs::path& path) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) return {};
    std::ifstream in(path, std::ios::binary);
    std::string text(kMostBytes, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

nlohmann::json parsed(const fs::path& path) {
    return nlohmann::json::parse(smallFile(path), nullptr, false);
}

std::string textAt(const nlohmann::json& object, const char* key) {
    if (!object.is_object()) return {};
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The file of a digest; empty if it is none, so that a manifest leads nowhere else.
fs::path blob(const fs::path& store, const std::string& digest) {
    constexpr std::string_view kStart = "sha256:";
    constexpr std::size_t kHex = 64;
    if (!digest.starts_with(kStart) || digest.size() != kStart.size() + kHex) return {};
    const std::string hex = digest.substr(kStart.size());
    if (hex.find_first_not_of("0123456789abcdef") != std::string::npos) return {};
    return store / "blobs" / ("sha256-" + hex);
}

std::string firstLine(const std::string& text) {
    std::size_t at = text.find_first_not_of(" \t\r\n");
    if (at == std::string::npos) return {};
    std::string line = text.substr(at, text.find_first_of("\r\n", at) - at);
    line.resize(line.find_last_not_of(" \t") + 1);
    return line;
}

/// "registry.ollama.ai/library/deepseek-v2/16b" as Ollama shows it.
std::string shownName(std::string path) {
    if (path.starts_with(kOwn)) path.erase(0, kOwn.size());
    if (path.starts_with(kOwnNamespace)) path.erase(0, kOwnNamespace.size());
    if (const std::size_t slash = path.rfind('/'); slash != std::string::npos) path[slash] = ':';
    return path;
}

}  // namespace

std::optional<OllamaModel> ollamaModel(const std::string& store, const std::string& manifest_path) {
    const nlohmann::json manifest = parsed(manifest_path);
    if (!manifest.is_object()) return {};
    const auto layers = manifest.find("layers");
    if (layers == manifest.end() || !layers->is_array()) return {};
    OllamaModel model;
    model.name = shownName(fs::path(manifest_path).lexically_relative(fs::path(store) / "manifests").string());
    for (const auto& layer : *layers) {
        const std::string kind = textAt(layer, "mediaType");
        const fs::path file = blob(store, textAt(layer, "digest"));
        if (file.empty()) continue;
        if (kind == "application/vnd.ollama.image.model" && model.path.empty()) model.path = file.string();
        if (kind == "application/vnd.ollama.image.license" && model.license.empty()) {
            model.license = firstLine(smallFile(file));
        }
    }
    if (model.path.empty()) return {};
    if (const auto config = manifest.find("config"); config != manifest.end()) {
        if (const fs::path file = blob(store, textAt(*config, "digest")); !file.empty()) {
            model.type = textAt(parsed(file), "file_type");
        }
    }
    return model;
}

}  // namespace moescope
