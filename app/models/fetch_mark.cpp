#include "app/models/fetch_mark.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "app/models/model_type.h"
#include "app/models/sha256.h"
#include "engine/base/atomic_file.h"

namespace moescope {
namespace {

constexpr std::size_t kLongestEtag = 256;

/// Throws nlohmann's exceptions where it has another form.
FetchMark markOf(const nlohmann::json& json) {
    FetchMark mark;
    mark.repository = json.at("repository");
    mark.revision = json.at("revision");
    for (const auto& entry : json.at("files")) {
        mark.variant.files.push_back({entry.at("path"), entry.at("bytes"), entry.at("sha256")});
        mark.etags.push_back(entry.at("etag"));
    }
    return mark;
}

bool isSound(const FetchMark& mark) {
    if (!isRepository(mark.repository) || mark.variant.files.empty()) return false;
    for (const HubFile& file : mark.variant.files) {
        if (!isPlainPath(file.path) || file.bytes == 0 || !isSha256(file.sha256)) return false;
    }
    for (const std::string& etag : mark.etags) {
        if (etag.size() > kLongestEtag || etag.find_first_of("\r\n") != std::string::npos) return false;
    }
    return true;
}

}  // namespace

std::string keptPath(const std::string& folder, const std::string& repository, const std::string& file) {
    return folder + "/" + repository + "/" + file;
}

std::string markPath(const std::string& folder, const std::string& repository, const HubVariant& variant) {
    const std::string& first = variant.files.front().path;
    const auto part = partName(first);
    return keptPath(folder, repository, part ? part->stem : first) + kFetchMark;
}

Status writeMark(const std::string& path, const FetchMark& mark) {
    auto files = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < mark.variant.files.size(); ++i) {
        const HubFile& file = mark.variant.files[i];
        const std::string etag = mark.etags[i].size() <= kLongestEtag ? mark.etags[i] : std::string();
        files.push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}, {"etag", etag}});
    }
    const nlohmann::ordered_json json = {
        {"repository", mark.repository}, {"revision", mark.revision}, {"files", std::move(files)}};
    AtomicFile out(path);
    out.write(json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return out.commit();
}

std::optional<FetchMark> readMark(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    try {
        FetchMark mark = markOf(nlohmann::json::parse(text));
        if (!isSound(mark)) return {};
        mark.variant.type = typeInName(mark.variant.files.front().path);
        return mark;
    } catch (const nlohmann::json::exception&) {
        return {};
    }
}

}  // namespace moescope
