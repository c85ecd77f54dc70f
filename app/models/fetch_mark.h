#pragma once
// The file beside a model that is being fetched: what is to come, and what is known of what came. As long as it is
// there, the model is not whole.

#include <optional>
#include <string>
#include <vector>

#include "app/models/hub.h"

namespace moescope {

/// The end of its name. Before it stands the name of the model's file, or what is common to the names of its parts.
inline constexpr const char* kFetchMark = ".fetch.json";

struct FetchMark {
    std::string repository, revision;
    HubVariant variant;
    std::vector<std::string> etags;  ///< of each file, by the server that sent it; "" if it is not known
};

/// Where models of a repository are kept below `folder`: the path of a file of it.
std::string keptPath(const std::string& folder, const std::string& repository, const std::string& file);

/// Its path for a model that is kept below `folder`.
std::string markPath(const std::string& folder, const std::string& repository, const HubVariant& variant);

/// Replaces it in one step.
Status writeMark(const std::string& path, const FetchMark& mark);

/// nullopt if there is none, or if it is damaged. Names in it that lead out of the folder count as damage, since
/// anybody may have written it.
std::optional<FetchMark> readMark(const std::string& path);

}  // namespace moescope
