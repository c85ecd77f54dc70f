#include "app/models/folder_walk.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNotes = 5;

}  // namespace

void FolderWalk::note(const fs::path& folder, const std::string& why) {
    if (++m_unreadable > kMostNotes) return;
    m_notes.push_back(fmt::format("{} cannot be read: {}.", quoted(folder.string()), why));
}

void FolderWalk::through(const fs::path& folder, int depth, const std::function<void(const Found&)>& on_file) {
    struct Folder {
        fs::path path;
        int depth;
    };
    std::vector<Folder> waiting = {{folder, depth}};
    while (!waiting.empty() && complete()) {
        const Folder now = std::move(waiting.back());
        waiting.pop_back();
        struct stat about {};
        if (::stat(now.path.c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) continue;
        if (!m_seen.insert({about.st_dev, about.st_ino}).second) continue;
        std::error_code error;
        std::vector<fs::path> entries;
        for (fs::directory_iterator at(now.path, error), end; !error && at != end && complete(); at.increment(error)) {
            if (!at->path().filename().native().starts_with('.')) entries.push_back(at->path());
            --m_left;
        }
        if (error) note(now.path, error.message());
        std::sort(entries.begin(), entries.end());
        std::vector<Folder> below;
        for (const fs::path& path : entries) {
            if (m_stop.stop_requested()) return;
            if (::stat(path.c_str(), &about) != 0) continue;  // a link that leads nowhere
            if (S_ISDIR(about.st_mode) && now.depth > 0) below.push_back({path, now.depth - 1});
            if (S_ISREG(about.st_mode)) on_file({path, {about.st_dev, about.st_ino}});
        }
        waiting.insert(waiting.end(), below.rbegin(), below.rend());  // the first name is next
    }
}

}  // namespace moescope
