#pragma once
// Looks through folders that others made: links in circles, folders that may not be read, and folders without end are
// all there.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace moescope {

/// One walk over any number of folders. Each folder is looked at once, by whichever links it is reached.
class FolderWalk {
public:
    struct Found {
        std::filesystem::path path;                        ///< as it was reached: links are not resolved
        std::pair<std::uint64_t, std::uint64_t> identity;  ///< the same for all names of one file
    };

    /// At most `most_entries` files and folders are looked at.
    FolderWalk(std::size_t most_entries, std::stop_token stop) : m_left(most_entries), m_stop(std::move(stop)) {}

    /// Calls on_file for each regular file of `folder` and of those down to `depth` folders below it, in the order of
    /// their names. Files and folders whose names begin with a dot are passed over. Nothing is written. A folder that
    /// is not there is empty.
    void through(const std::filesystem::path& folder, int depth, const std::function<void(const Found&)>& on_file);

    /// Sentences on what could not be read, at most a few.
    const std::vector<std::string>& notes() const { return m_notes; }
    /// Whether all was seen that there is: false after a stop, or if there was too much.
    bool complete() const { return m_left > 0 && !m_stop.stop_requested(); }

private:
    void note(const std::filesystem::path& folder, const std::string& why);

    std::size_t m_left;
    std::stop_token m_stop;
    std::set<std::pair<std::uint64_t, std::uint64_t>> m_seen;  // folders, by device and number
    std::vector<std::string> m_notes;
    std::size_t m_unreadable = 0;
};

}  // namespace moescope
