#pragma once
// The file that a download grows in.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "app/models/sha256.h"
#include "engine/base/status.h"

namespace moescope {

/// Whether a file is there that has this size and hash; `progress` hears of bytes that were read.
Result<bool> isWhole(const std::string& path, std::uint64_t bytes, const std::string& sha256,
                     const std::stop_token& stop, const std::function<void(std::uint64_t)>& progress);

/// FILE.part, locked against other programs, with the hash of what it has. One that has nothing is removed at the end.
/// Move-only.
class PartFile {
public:
    /// Opens or makes it. kBusy: another program is fetching it.
    static Result<PartFile> open(const std::string& target);
    ~PartFile();
    PartFile(PartFile&& other) noexcept;
    PartFile& operator=(PartFile&&) = delete;

    std::uint64_t size() const { return m_size; }
    /// Reads what is there, so that it can be gone on with; `progress` hears of bytes. More than `most` is no part of
    /// the file, and all is forgotten.
    Status readAgain(std::uint64_t most, const std::stop_token& stop,
                     const std::function<void(std::uint64_t)>& progress);
    Status append(std::span<const std::byte> bytes);
    /// Forgets all that it has.
    Status restart();
    /// Gives it its name if its hash is right, on the disk. kInvalid: it is not, and all is forgotten.
    Status finish(const std::string& sha256);

private:
    PartFile(std::string target, int fd) : m_target(std::move(target)), m_fd(fd) {}
    std::string path() const { return m_target + ".part"; }
    Status failed(const char* what) const;

    std::string m_target;
    int m_fd = -1;
    bool m_mine = false;  // locked, and still called so
    std::uint64_t m_size = 0;
    std::unique_ptr<Sha256> m_hash = std::make_unique<Sha256>();
};

}  // namespace moescope
