#include "app/models/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <optional>
#include <utility>

#include "app/models/fetch_mark.h"
#include "app/models/folder_walk.h"
#include "app/models/part_file.h"
#include "app/models/sha256.h"
#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kReportInterval = std::chrono::milliseconds(100);
constexpr auto kRateWindow = std::chrono::seconds(8);
constexpr auto kRateLeast = std::chrono::seconds(1);
constexpr std::uint64_t kSpareDisk = 64u << 20;  // bytes that are left to others
constexpr int kWrongHashes = 2;                  // in a row, of one file: the server has another file than it lists
constexpr std::size_t kMostMarks = 20'000;       // files and folders that are looked at for them

std::string gigabytes(std::uint64_t bytes) {
    return fmt::format("{:.2f} GB", static_cast<double>(bytes) / 1e9);
}

/// How fast something grows.
class Rate {
public:
    void add(Clock::time_point now, std::uint64_t bytes) {
        if (!m_samples.empty() && bytes < m_samples.back().second) m_samples.clear();
        m_samples.emplace_back(now, bytes);
        while (now - m_samples.front().first > kRateWindow) m_samples.pop_front();
    }
    void forget() { m_samples.clear(); }
    /// Bytes per second; 0 if it was not watched for long enough.
    double perSecond() const {
        if (m_samples.empty()) return 0;
        const auto time = m_samples.back().first - m_samples.front().first;
        if (time < kRateLeast) return 0;
        return static_cast<double>(m_samples.back().second - m_samples.front().second) /
               std::chrono::duration<double>(time).count();
    }

private:
    std::deque<std::pair<Clock::time_point, std::uint64_t>> m_samples;
};

/// Of "bytes 5-9/10": whether it begins at `from`, in a file of `total` bytes (or of a size that is not said).
bool continuesAt(const std::string& content_range, std::uint64_t from, std::uint64_t total) {
    const std::string start = fmt::format("bytes {}-", from);
    const std::size_t slash = content_range.find('/');
    if (!content_range.starts_with(start) || slash == std::string::npos) return false;
    const std::string size = content_range.substr(slash + 1);
    return size == "*" || size == std::to_string(total);
}

class Fetch {
public:
    Fetch(const FetchJob& job, const std::stop_token& stop, const std::function<void(const FetchProgress&)>& progress)
        : m_job(job), m_stop(stop), m_progress(progress) {
        m_now.total = job.variant.bytes();
    }

    Result<std::string> run() {
        if (Status status = prepare(); !status.ok()) return status;
        for (Pending& pending : m_pending) {
            if (Status status = fetchFile(pending); !status.ok()) return status;
        }
        std::error_code error;
        fs::remove(markOfJob(), error);
        if (error) return ioError(fmt::format("{} cannot be removed: {}.", quoted(markOfJob()), error.message()));
        report(FetchProgress::State::kFetching, m_before, true);
        return fetchedPath(m_job);
    }

private:
    struct Pending {
        std::size_t index;  // among the files
        PartFile part;
    };

    std::string markOfJob() const { return markPath(m_job.folder, m_job.repository, m_job.variant); }
    const HubFile& fileOf(const Pending& pending) const { return m_job.variant.files[pending.index]; }
    std::string& etagOf(const Pending& pending) { return m_mark.etags[pending.index]; }

    /// Locks what is to be fetched, and looks what is there and whether there is room for the rest.
    Status prepare() {
        bool sound = isRepository(m_job.repository) && !m_job.variant.files.empty();
        for (const HubFile& file : m_job.variant.files)
            sound = sound && isPlainPath(file.path) && isSha256(file.sha256);
        if (!sound) return invalid(fmt::format("{} lists no model files.", quoted(m_job.repository)));
        const auto before = readMark(markOfJob());
        m_mark = {m_job.repository, m_job.revision, m_job.variant, {}};
        std::uint64_t missing = 0;
        for (std::size_t i = 0; i < m_job.variant.files.size(); ++i) {
            const HubFile& file = m_job.variant.files[i];
            const std::string path = keptPath(m_job.folder, m_job.repository, file.path);
            std::error_code error;
            const fs::path folder = fs::path(path).parent_path();
            fs::create_directories(folder, error);
            if (error)
                return ioError(fmt::format("{} cannot be created: {}.", quoted(folder.string()), error.message()));
            auto part = PartFile::open(path);
            if (!part.ok()) return part.status();
            const bool same =
                before && i < before->variant.files.size() && before->variant.files[i].sha256 == file.sha256;
            m_mark.etags.push_back(same ? before->etags[i] : std::string());
            if (before && !same) {  // what came is of another one
                if (Status status = part->restart(); !status.ok()) return status;
            }
            const auto whole = isWhole(path, file.bytes, file.sha256, m_stop, [&](std::uint64_t bytes) {
                report(FetchProgress::State::kChecking, m_before + bytes);
            });
            if (!whole.ok()) return whole.status();
            if (*whole) {
                m_before += file.bytes;
            } else {
                missing += file.bytes - std::min(file.bytes, part->size());
                m_pending.push_back({i, std::move(*part)});
            }
        }
        if (Status status = checkRoom(missing); !status.ok()) return status;
        return m_pending.empty() ? Status() : writeMark(markOfJob(), m_mark);
    }

    Status checkRoom(std::uint64_t missing) const {
        std::error_code error;
        const auto space = fs::space(m_job.folder, error);
        if (error || missing == 0 || space.available >= missing + kSpareDisk) return {};
        return ioError(
            fmt::format("{} more is needed on the disk of {}, which has {} left; free some space, or choose "
                        "another folder.",
                        gigabytes(missing), quoted(m_job.folder), gigabytes(space.available)));
    }

    Status fetchFile(Pending& pending) {
        PartFile& part = pending.part;
        const HubFile& file = fileOf(pending);
        const auto on_read = [&](std::uint64_t bytes) { report(FetchProgress::State::kChecking, m_before + bytes); };
        if (Status status = part.readAgain(file.bytes, m_stop, on_read); !status.ok()) return status;
        m_rate.forget();
        const OnWait on_wait = [&](std::chrono::seconds wait, const std::string& why) {
            m_rate.forget();
            m_now.wait = wait;
            m_now.why = why;
            report(FetchProgress::State::kWaiting, m_before + part.size(), true);
            m_now.why.clear();
        };
        Patience patience(m_stop, on_wait);
        std::uint64_t furthest = part.size();  // beginning again and again gets nowhere
        int wrong = 0;
        while (true) {
            const Status status = part.size() < file.bytes ? request(pending) : Status();
            if (part.size() == file.bytes) {
                const Status finished = part.finish(file.sha256);
                if (finished.ok()) break;
                if (finished.code() != StatusCode::kInvalid || ++wrong == kWrongHashes) return finished;
                etagOf(pending).clear();
                furthest = 0;
                continue;
            }
            if (part.size() > furthest) {
                furthest = part.size();
                patience.succeeded();
            }
            if (Status end = patience.afterFailure(status, m_retry_after); !end.ok()) return end;
        }
        m_before += file.bytes;
        return {};
    }

    /// One attempt to get what is missing of a file; Ok if all is there.
    Status request(Pending& pending) {
        PartFile& part = pending.part;
        const HubFile& file = fileOf(pending);
        HttpRequest request;
        request.url = fileUrl(m_job.hub, m_job.repository, m_job.revision, file.path);
        request.token = m_job.hub.token;
        if (part.size() > 0) {
            request.headers.push_back(fmt::format("Range: bytes={}-", part.size()));
            // One that begins with W/ says too little to go on by; then the hash alone has to tell.
            if (etagOf(pending).starts_with('"')) request.headers.push_back("If-Range: " + etagOf(pending));
        }
        Status failed;
        HttpReceiver receiver;
        receiver.on_head = [&](const HttpHead& head) {
            failed = begin(pending, head);
            return failed.ok();
        };
        receiver.on_piece = [&](std::span<const std::byte> bytes) {
            const bool too_much = bytes.size() > file.bytes - part.size();
            failed = too_much ? other(file, m_host) : part.append(bytes);
            report(FetchProgress::State::kFetching, m_before + part.size());
            return failed.ok();
        };
        const auto head = askHttp(request, receiver, m_job.hub.patience, m_stop);
        m_retry_after = head.ok() ? retryAfter(*head) : -1;
        if (!failed.ok()) return failed;
        if (!head.ok()) return head.status();
        if (head->status == 416) {  // there is no more than what came, which therefore is something else
            etagOf(pending).clear();
            if (Status status = part.restart(); !status.ok()) return status;
            return busy(
                fmt::format("{} now has less of {} than was already downloaded.", head->host, quoted(file.path)));
        }
        if (head->status < 200 || head->status >= 300) return refusal(*head, m_job.hub, quoted(file.path));
        if (part.size() == file.bytes) return {};
        return busy(fmt::format("{} ended the download of {} too early.", head->host, quoted(file.path)));
    }

    /// Whether an answer has what was asked for: the rest of the file (206), or, for whatever reason, all of it (200).
    Status begin(Pending& pending, const HttpHead& head) {
        PartFile& part = pending.part;
        const HubFile& file = fileOf(pending);
        m_host = head.host;
        if (head.status == 206) {
            if (!continuesAt(head.header("content-range"), part.size(), file.bytes)) return other(file, head.host);
        } else {
            const std::string& length = head.header("content-length");
            if (!length.empty() && length != std::to_string(file.bytes)) return other(file, head.host);
            if (Status status = part.restart(); !status.ok()) return status;
        }
        if (const std::string& etag = head.header("etag"); etag != etagOf(pending)) {
            etagOf(pending) = etag;
            return writeMark(markOfJob(), m_mark);
        }
        return {};
    }

    static Status other(const HubFile& file, const std::string& host) {
        return invalid(
            fmt::format("{} sends something other than {}, which it lists with {} bytes; check its page, or "
                        "try again later.",
                        host, quoted(file.path), file.bytes));
    }

    void report(FetchProgress::State state, std::uint64_t done, bool at_once = false) {
        const auto now = Clock::now();
        if (!at_once && now - m_reported < kReportInterval) return;
        m_reported = now;
        if (state == FetchProgress::State::kFetching) m_rate.add(now, done);
        m_now.state = state;
        m_now.done = done;
        m_now.bytes_per_s = m_rate.perSecond();
        if (m_progress) m_progress(m_now);
    }

    const FetchJob& m_job;
    const std::stop_token& m_stop;
    const std::function<void(const FetchProgress&)>& m_progress;
    std::vector<Pending> m_pending;
    FetchMark m_mark;
    std::uint64_t m_before = 0;  // bytes of files that are whole
    long m_retry_after = -1;
    std::string m_host;  // that sends
    Rate m_rate;
    FetchProgress m_now;
    Clock::time_point m_reported;
};

std::uint64_t sizeOf(const std::string& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return error ? 0 : size;
}

}  // namespace

std::string fetchedPath(const FetchJob& job) {
    return keptPath(job.folder, job.repository, job.variant.files.front().path);
}

Result<std::string> fetchModel(const FetchJob& job, const std::stop_token& stop,
                               const std::function<void(const FetchProgress&)>& progress) {
    return Fetch(job, stop, progress).run();
}

std::vector<UnfinishedFetch> unfinishedFetches(const std::string& folder, const HubAccess& hub) {
    std::vector<UnfinishedFetch> unfinished;
    constexpr int kDepth = 8;
    FolderWalk(kMostMarks, {}).through(folder, kDepth, [&](const FolderWalk::Found& file) {
        const std::string path = file.path.string();
        if (!path.ends_with(kFetchMark)) return;
        const auto mark = readMark(path);
        if (!mark || markPath(folder, mark->repository, mark->variant) != path) return;
        UnfinishedFetch found{{hub, mark->repository, mark->revision, mark->variant, folder}, 0};
        for (const HubFile& part : mark->variant.files) {
            const std::string kept = keptPath(folder, mark->repository, part.path);
            found.done += std::min(part.bytes, sizeOf(kept) + sizeOf(kept + ".part"));
        }
        unfinished.push_back(std::move(found));
    });
    return unfinished;
}

Status discardFetch(const FetchJob& job) {
    std::vector<PartFile> parts;
    for (const HubFile& file : job.variant.files) {
        auto part = PartFile::open(keptPath(job.folder, job.repository, file.path));
        if (!part.ok()) return part.status();
        parts.push_back(std::move(*part));
    }
    for (PartFile& part : parts) {  // what is empty is removed
        if (Status status = part.restart(); !status.ok()) return status;
    }
    std::error_code error;
    const std::string mark = markPath(job.folder, job.repository, job.variant);
    if (job.variant.files.size() > 1 && fs::exists(mark, error)) {  // parts alone are no model
        for (const HubFile& file : job.variant.files)
            fs::remove(keptPath(job.folder, job.repository, file.path), error);
    }
    fs::remove(mark, error);
    return error ? ioError(fmt::format("{} cannot be removed: {}.", quoted(mark), error.message())) : Status();
}

}  // namespace moescope
