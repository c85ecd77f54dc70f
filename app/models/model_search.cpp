#include "app/models/model_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <tuple>

#include "app/models/fetch_mark.h"
#include "app/models/folder_walk.h"
#include "app/models/model_type.h"
#include "app/models/ollama_store.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

class Search {
public:
    Search(const LoadChoices& choices, const std::stop_token& stop, const std::function<void(std::size_t)>& progress,
           const ModelSearchLimits& limits)
        : m_choices(choices), m_stop(stop), m_progress(progress), m_limits(limits), m_walk(limits.entries, stop) {}

    void lookThrough(const ModelPlace& place) {
        const bool ollama = place.layout == ModelPlace::Layout::kOllama;
        const fs::path root = ollama ? fs::path(place.path) / "manifests" : fs::path(place.path);
        m_walk.through(root, place.depth, [&](const FolderWalk::Found& file) {
            if (m_stop.stop_requested() || full()) return;
            ollama ? addOllama(place, file.path.string()) : addFile(place, file);
        });
    }

    FoundModels take() {
        const auto order = [](const FoundModel& m) { return std::tuple(!m.runs(), m.name, m.file_bytes, m.path); };
        std::sort(m_found.models.begin(), m_found.models.end(),
                  [&](const FoundModel& a, const FoundModel& b) { return order(a) < order(b); });
        m_found.notes = m_walk.notes();
        if (m_stop.stop_requested()) {
            m_found.notes.emplace_back("The search was stopped; there may be more models.");
        } else if (full() || !m_walk.complete()) {
            m_found.notes.push_back(
                fmt::format("There are more than {} models or {} files, where the search ends; name fewer folders.",
                            m_limits.models, m_limits.entries));
        }
        return std::move(m_found);
    }

private:
    bool full() const { return m_found.models.size() >= m_limits.models; }

    void addFile(const ModelPlace& place, const FolderWalk::Found& file) {
        const std::string path = file.path.string();
        if (!isModelFileName(path)) return;
        if (const auto part = partName(path)) {
            // One entry for all parts: that of the first, or of the first that is there.
            if (!m_parts.insert(part->stem + "/" + std::to_string(part->count)).second) return;
            if (beingFetched(*part)) return;
        }
        if (!m_files.insert(file.identity).second) return;
        add(place, path, {});
    }

    static bool beingFetched(const PartName& part) {
        std::error_code error;
        return fs::exists(part.stem + kFetchMark, error);
    }

    void addOllama(const ModelPlace& place, const std::string& manifest) {
        const auto model = ollamaModel(place.path, manifest);
        std::error_code error;
        if (!model || !fs::exists(model->path, error)) return;  // on its way, or removed
        // Several names may lead to one file; each is one that its user knows.
        FoundModel& found = add(place, model->path, model->type);
        found.name = model->name;
        if (found.license.empty()) found.license = model->license;
    }

    FoundModel& add(const ModelPlace& place, const std::string& path, const std::string& type) {
        FoundModel found = lookAt(path, m_choices, freeNow());
        found.place = place.name;
        if (!type.empty()) found.type = type;
        m_found.models.push_back(std::move(found));
        if (m_progress) m_progress(m_found.models.size());
        return m_found.models.back();
    }

    /// Asked for once there is a model: a machine without any does not wake its GPU.
    const FreeMemory& freeNow() {
        if (!m_free) m_free = freeMemory(m_choices);
        return *m_free;
    }

    const LoadChoices& m_choices;
    const std::stop_token& m_stop;
    const std::function<void(std::size_t)>& m_progress;
    const ModelSearchLimits& m_limits;
    FolderWalk m_walk;
    std::optional<FreeMemory> m_free;
    std::set<std::pair<std::uint64_t, std::uint64_t>> m_files;  // by device and number
    std::set<std::string> m_parts;                              // stems of models in parts
    FoundModels m_found;
};

}  // namespace

FoundModels findModels(const std::vector<ModelPlace>& places, const LoadChoices& choices, const std::stop_token& stop,
                       const std::function<void(std::size_t found)>& progress, const ModelSearchLimits& limits) {
    Search search(choices, stop, progress, limits);
    for (const ModelPlace& place : places) search.lookThrough(place);
    return search.take();
}

}  // namespace moescope
