#pragma once
// Where models may be on this machine.

#include <string>
#include <vector>

namespace moescope {

/// A folder in which there may be models, and whose it is.
struct ModelPlace {
    enum class Layout {
        kFolders,  ///< GGUF files in folders of any kind: LM Studio's, the hub's cache, llama.cpp's, one's own
        kOllama,   ///< manifests that name files without endings
    };
    std::string name;  ///< "LM Studio"
    std::string path;
    Layout layout = Layout::kFolders;
    int depth = 8;  ///< folders below it that are looked through
};

/// The folders in which other programs keep models for this user, as these programs and the environment have them, and
/// Downloads. Reads two small settings files at most; most of the folders will not be there.
std::vector<ModelPlace> knownPlaces();

/// A folder that somebody names: of Ollama's layout if it looks like it.
ModelPlace placeAt(const std::string& folder);

}  // namespace moescope
