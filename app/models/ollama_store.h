#pragma once
// Ollama's store of models.
//
// Layout: manifests/HOST/NAMESPACE/MODEL/TAG is JSON (an OCI image manifest); of its layers, the one whose mediaType is
// application/vnd.ollama.image.model is the GGUF file, ...license a text; config has the type. A digest "sha256:HEX"
// is the file blobs/sha256-HEX.

#include <optional>
#include <string>

namespace moescope {

struct OllamaModel {
    std::string name;     ///< "deepseek-v2:16b", with host and namespace where they are not Ollama's own
    std::string path;     ///< of the GGUF file; it may be missing
    std::string type;     ///< "Q4_0"; empty if it is not said
    std::string license;  ///< the first line of its text; empty if there is none
};

/// What a manifest below `store`/manifests says; nullopt if it is none of a model. A digest leads to a file of the
/// store and nowhere else. Reads at most a megabyte of each file.
std::optional<OllamaModel> ollamaModel(const std::string& store, const std::string& manifest_path);

}  // namespace moescope
