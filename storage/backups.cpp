#include "storage/backups.h"

#include <algorithm>
#include <filesystem>

#include "storage/database.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

/// -1: it cannot be read.
std::int64_t everMade(const std::string& path) {
    try {
        return openConnection(path, Access::kImmutable)
            ->execAndGet(
                "SELECT coalesce(sum(seq), 0) FROM sqlite_sequence WHERE name IN ('conversations', 'messages')")
            .getInt64();
    } catch (const SQLite::Exception&) {
        return -1;
    }
}

}  // namespace

std::vector<std::string> backupsNewestFirst(const std::string& folder) {
    struct Backup {
        std::int64_t made;
        fs::file_time_type written;
        std::string path;
        auto operator<=>(const Backup&) const = default;
    };
    std::vector<Backup> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() != ".sqlite") continue;
        const auto written = entry.last_write_time(error);
        found.push_back(
            {everMade(entry.path().string()), error ? fs::file_time_type::min() : written, entry.path().string()});
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> paths;
    for (Backup& backup : found) paths.push_back(std::move(backup.path));
    return paths;
}

}  // namespace moescope
