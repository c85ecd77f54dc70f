#include "engine/backend/cpu/packed_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "engine/base/atomic_file.h"
#include "engine/base/data_dir.h"
#include "engine/base/durable.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr char kMagic[8] = {'M', 'o', 'e', 'P', 'a', 'c', 'k', '\n'};
constexpr const char* kEnding = ".packed";

/// The first page of a file.
struct Head {
    char magic[8];
    std::uint32_t byte_order;  // 1 as the machine writes it
    std::uint32_t format;
    std::uint64_t bytes;  // of the weights
    char fingerprint[64];
    char model[4008];  // a path that is longer is cut
};
static_assert(sizeof(Head) == 4096);

template <std::size_t kSize>
void put(char (&to)[kSize], const std::string& from) {
    std::memcpy(to, from.data(), std::min(from.size(), kSize - 1));
}

template <std::size_t kSize>
std::string get(const char (&from)[kSize]) {
    return std::string(from, strnlen(from, kSize));
}

/// A file of a store with its head; nullopt if it is none, or of another program's form.
std::optional<std::pair<MappedFile, Head>> openHead(const std::string& path) {
    auto file = MappedFile::open(path);
    if (!file.ok() || file->bytes().size() < sizeof(Head)) return std::nullopt;
    Head head;
    std::memcpy(&head, file->bytes().data(), sizeof head);
    const bool ours = std::memcmp(head.magic, kMagic, sizeof kMagic) == 0 && head.byte_order == 1 &&
                      head.format == kPackedFormat && head.bytes == file->bytes().size() - sizeof head;
    if (!ours || !file->intact().ok()) return std::nullopt;
    return std::pair(std::move(*file), head);
}

}  // namespace

std::string packedFolder() {
    const std::string cache = cacheDir();
    return cache.empty() ? cache : cache + "/packed";
}

std::optional<PackedWeights> PackedStore::find(const PackedKey& key) const {
    if (m_folder.empty() || key.fingerprint.empty()) return std::nullopt;
    auto found = openHead(fmt::format("{}/{}{}", m_folder, key.fingerprint, kEnding));
    if (!found || found->second.bytes != key.bytes || get(found->second.fingerprint) != key.fingerprint) {
        return std::nullopt;
    }
    const auto bytes = found->first.bytes().subspan(sizeof(Head));
    return PackedWeights{std::move(found->first), bytes};
}

Status PackedStore::keep(const PackedKey& key, const std::string& model, std::span<const std::byte> weights,
                         const LoadControl& control) const {
    if (m_folder.empty() || key.fingerprint.empty()) {
        return notFound("There is no folder in which packed weights could be kept, or no file that they belong to.");
    }
    std::error_code error;
    fs::create_directories(m_folder, error);
    if (error) return ioError(fmt::format("{}: the folder cannot be created: {}.", m_folder, error.message()));
    // What the user and the history may need next.
    constexpr std::uint64_t kLeftFree = 2'000'000'000;
    const fs::space_info space = fs::space(m_folder, error);
    if (!error && space.available < weights.size() + kLeftFree) {
        return ioError(fmt::format(
            "{}: keeping the packed weights takes {:.1f} GB, but only {:.1f} GB is free there, "
            "of which 2 GB must stay free.",
            m_folder, static_cast<double>(weights.size()) / 1e9, static_cast<double>(space.available) / 1e9));
    }
    Head head = {};
    std::memcpy(head.magic, kMagic, sizeof kMagic);
    head.byte_order = 1;
    head.format = kPackedFormat;
    head.bytes = weights.size();
    put(head.fingerprint, key.fingerprint);
    put(head.model, model);
    const std::string path = fmt::format("{}/{}{}", m_folder, key.fingerprint, kEnding);
    AtomicFile file(path);
    file.write(std::as_bytes(std::span(&head, 1)));
    constexpr std::size_t kPiece = 16u << 20;
    for (std::size_t at = 0; at < weights.size() && file.status().ok(); at += kPiece) {
        if (control.stop.stop_requested()) return stopped("Keeping the packed weights was stopped.");
        file.write(weights.subspan(at, std::min(kPiece, weights.size() - at)));
        if (control.progress) control.progress(static_cast<double>(at) / static_cast<double>(weights.size()));
    }
    Status status = file.commit();
    // Memory has the weights already; and what the next start reads, it may read in huge pages.
    if (status.ok()) dropCache(path);
    return status;
}

std::vector<KeptModel> PackedStore::models() const {
    std::vector<KeptModel> models;
    std::error_code error;
    for (fs::directory_iterator it(m_folder, error), end; !error && it != end; it.increment(error)) {
        if (it->path().extension() != kEnding) continue;
        KeptModel kept{it->path().string(), {}, 0};
        kept.bytes = it->file_size(error);
        // Also what an older program has left is there to be removed.
        if (const auto found = openHead(kept.file)) kept.model = get(found->second.model);
        models.push_back(std::move(kept));
    }
    std::sort(models.begin(), models.end(), [](const KeptModel& a, const KeptModel& b) { return a.bytes > b.bytes; });
    return models;
}

Status PackedStore::forget(const KeptModel& model) const {
    std::error_code error;
    fs::remove(model.file, error);
    if (error) return ioError(fmt::format("{}: cannot be removed: {}.", model.file, error.message()));
    return {};
}

}  // namespace moescope
