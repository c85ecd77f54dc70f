#include "app/models/hub.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "app/models/model_type.h"
#include "app/models/sha256.h"
#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

constexpr std::size_t kMostListing = 64u << 20;  // bytes of one page
constexpr int kMostPages = 100;
constexpr std::size_t kMostFiles = 10'000;
constexpr int kMostFailures = 6;
constexpr long kLongestWait = 300;                            // seconds that a server may ask for
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 50;  // of a file: sums of them stay numbers

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// A path for an address; slashes stay.
std::string escaped(const std::string& path) {
    std::string out;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~/").find(c) != std::string_view::npos;
        out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

struct Page {
    nlohmann::json json;
    HttpHead head;
};

/// Asks until there is an answer. `what` for sentences.
Result<Page> ask(const HubAccess& hub, const std::string& url, const std::string& what, const std::stop_token& stop,
                 const OnWait& on_wait) {
    Patience patience(stop, on_wait);
    while (true) {
        std::string text;
        bool too_long = false;
        HttpReceiver receiver;
        receiver.on_head = [](const HttpHead&) { return true; };
        receiver.on_piece = [&](std::span<const std::byte> piece) {
            too_long = text.size() + piece.size() > kMostListing;
            if (!too_long) text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
            return !too_long;
        };
        HttpRequest request;
        request.url = url;
        request.token = hub.token;
        auto head = askHttp(request, receiver, hub.patience, stop);
        if (too_long) return invalid(fmt::format("{} answers with more than a list of files could hold.", hub.host()));
        Status failed = head.ok() ? Status() : head.status();
        if (head.ok() && (head->status < 200 || head->status >= 300)) failed = refusal(*head, hub, what);
        if (failed.ok()) {
            Page page{nlohmann::json::parse(text, nullptr, false), std::move(*head)};
            if (page.json.is_discarded()) {
                return invalid(fmt::format("{} does not answer like a model hub; check HF_ENDPOINT.", hub.host()));
            }
            return page;
        }
        if (Status end = patience.afterFailure(failed, head.ok() ? retryAfter(*head) : -1); !end.ok()) return end;
    }
}

std::string textAt(const nlohmann::json& object, const char* key) {
    if (!object.is_object()) return {};
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t sizeAt(const nlohmann::json& object, const char* key) {
    if (!object.is_object()) return 0;
    const auto found = object.find(key);
    return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

/// The address of the next page: Link: <URL>; rel="next". One of another host would get the token.
std::string nextPage(const HttpHead& head, const HubAccess& hub) {
    const std::string& link = head.header("link");
    const std::size_t end = link.find('>');
    if (!link.starts_with('<') || end == std::string::npos || link.find("rel=\"next\"", end) == std::string::npos) {
        return {};
    }
    std::string url = link.substr(1, end - 1);
    return hostOf(url) == hub.host() ? url : std::string();
}

/// Files that go with a model: what sees pictures, and what was measured to quantize it.
bool isCompanion(const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    return name.starts_with("mmproj") || name.find("imatrix.gguf") != std::string::npos;
}

/// What of a listing's entries is a model's file that can be checked.
void addFiles(const nlohmann::json& entries, std::vector<HubFile>& files) {
    if (!entries.is_array()) return;
    for (const auto& entry : entries) {
        HubFile file;
        file.path = textAt(entry, "path");
        if (textAt(entry, "type") != "file" || !isModelFileName(file.path) || files.size() >= kMostFiles) continue;
        if (!isPlainPath(file.path) || isCompanion(file.path)) continue;
        const auto lfs = entry.find("lfs");
        if (lfs == entry.end()) continue;
        file.sha256 = textAt(*lfs, "oid");
        file.bytes = sizeAt(*lfs, "size");
        if (file.bytes > 0 && file.bytes <= kMostBytes && isSha256(file.sha256)) files.push_back(std::move(file));
    }
}

/// Parts are put together; models of which parts are missing are left out.
std::vector<HubVariant> variantsOf(std::vector<HubFile> files) {
    std::sort(files.begin(), files.end(), [](const HubFile& a, const HubFile& b) { return a.path < b.path; });
    std::vector<HubVariant> variants;
    std::map<std::string, std::vector<HubFile>> parts;
    for (HubFile& file : files) {
        const auto part = partName(file.path);
        if (part) {
            parts[fmt::format("{}/{}", part->stem, part->count)].push_back(std::move(file));
        } else {
            variants.push_back({typeInName(file.path), {file}});
        }
    }
    for (auto& [stem, all] : parts) {
        if (all.size() != partName(all.front().path)->count) continue;
        variants.push_back({typeInName(all.front().path), std::move(all)});
    }
    std::stable_sort(variants.begin(), variants.end(),
                     [](const HubVariant& a, const HubVariant& b) { return a.bytes() < b.bytes(); });
    return variants;
}

}  // namespace

Result<HubAccess> hubOfEnvironment() {
    HubAccess hub;
    if (std::string endpoint = variable("HF_ENDPOINT"); !endpoint.empty()) {
        while (endpoint.ends_with('/')) endpoint.pop_back();
        hub.endpoint = endpoint;
    }
    const std::string host = hub.host();
    if (host.empty()) {
        return invalid(fmt::format("HF_ENDPOINT is {}; expected an address such as https://huggingface.co.",
                                   quoted(hub.endpoint)));
    }
    const std::string name = host.substr(0, host.find(':'));
    const bool here = name == "localhost" || name == "127.0.0.1" || host.starts_with("[::1]");
    if (hub.endpoint.starts_with("https://") || here) hub.token = variable("HF_TOKEN");
    // A header has one line.
    if (hub.token.find_first_of("\r\n") != std::string::npos) return invalid("HF_TOKEN has more than one line.");
    return hub;
}

std::uint64_t HubVariant::bytes() const {
    std::uint64_t sum = 0;
    for (const HubFile& file : files) sum += file.bytes;
    return sum;
}

bool isRepository(const std::string& name) {
    constexpr std::size_t kLongest = 96;
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos || name.find('/', slash + 1) != std::string::npos) return false;
    for (const std::string& part : {name.substr(0, slash), name.substr(slash + 1)}) {
        if (part.empty() || part.size() > kLongest || part.front() == '.' || part.front() == '-') return false;
        for (const char c : part) {
            const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                 c == '-' || c == '_' || c == '.';
            if (!allowed) return false;
        }
    }
    return true;
}

bool isPlainPath(const std::string& path) {
    constexpr std::size_t kLongest = 200;  // of a file system's 255 bytes, some are for endings of ours
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view part = std::string_view(path).substr(at, end - at);
        if (part.empty() || part.size() > kLongest || part.front() == '.') return false;
        for (const char c : part) {
            if (static_cast<unsigned char>(c) < ' ' || c == '\x7f' || c == '\\') return false;
        }
        at = end + 1;
    }
    return true;
}

std::string fileUrl(const HubAccess& hub, const std::string& repository, const std::string& revision,
                    const std::string& path) {
    return fmt::format("{}/{}/resolve/{}/{}", hub.endpoint, escaped(repository), escaped(revision), escaped(path));
}

Result<HubListing> listRepository(const HubAccess& hub, const std::string& repository, const std::stop_token& stop,
                                  const OnWait& on_wait) {
    if (!isRepository(repository)) {
        return invalid(fmt::format("{} is not a repository; expected OWNER/NAME.", quoted(repository)));
    }
    HubListing listing;
    listing.repository = repository;
    const std::string base = fmt::format("{}/api/models/{}", hub.endpoint, escaped(repository));
    const std::string what = fmt::format("the repository {}", quoted(repository));
    const auto about = ask(hub, base + "/revision/main", what, stop, on_wait);
    if (!about.ok()) return about.status();
    listing.revision = textAt(about->json, "sha");
    if (listing.revision.empty()) listing.revision = "main";
    if (about->json.is_object() && about->json.contains("cardData")) {
        listing.license = textAt(about->json["cardData"], "license");
    }
    std::vector<HubFile> files;
    std::string url = fmt::format("{}/tree/{}?recursive=true", base, escaped(listing.revision));
    for (int pages = 0; !url.empty() && pages < kMostPages; ++pages) {
        const auto page = ask(hub, url, what, stop, on_wait);
        if (!page.ok()) return page.status();
        addFiles(page->json, files);
        url = nextPage(page->head, hub);
    }
    listing.variants = variantsOf(std::move(files));
    if (listing.variants.empty()) {
        return notFound(
            fmt::format("{} has no GGUF files with a SHA-256; look for a repository whose name ends in "
                        "GGUF.",
                        quoted(repository)));
    }
    return listing;
}

Status Patience::afterFailure(const Status& why, long wanted) {
    if (why.code() != StatusCode::kBusy) return why;
    if (++m_failures >= kMostFailures) {
        return busy(fmt::format("{} {} attempts failed; try again later.", why.message(), m_failures));
    }
    if (wanted > kLongestWait) {
        return busy(fmt::format("{} The server asks you to wait {} minutes; try again then.", why.message(),
                                (wanted + 59) / 60));
    }
    const std::chrono::seconds wait(wanted >= 0 ? wanted : 1L << (m_failures - 1));
    if (m_on_wait) m_on_wait(wait, why.message());
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, m_stop, wait, [] { return false; });
    return m_stop.stop_requested() ? stopped("The request was stopped.") : Status();
}

long retryAfter(const HttpHead& head) {
    const std::string& value = head.header("retry-after");
    long seconds = -1;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (error == std::errc() && end == value.data() + value.size() && seconds >= 0) return seconds;
    const std::time_t date = value.empty() ? -1 : curl_getdate(value.c_str(), nullptr);
    return date < 0 ? -1 : static_cast<long>(std::max<std::time_t>(0, date - std::time(nullptr)));
}

Status refusal(const HttpHead& head, const HubAccess& hub, const std::string& what) {
    const std::string host = head.host.empty() ? hub.host() : head.host;
    switch (head.status) {
        case 401:
        case 403:
            // An address that was signed for a while only: the hub makes another.
            if (host != hub.host()) return busy(fmt::format("{} refuses {}.", host, what));
            return ioError(fmt::format(
                "{} restricts access to {}: accept the terms on its page there, and put your token in HF_TOKEN.", host,
                what));
        case 404:
            return notFound(fmt::format("{} does not have {}.", host, what));
        case 408:
        case 425:
        case 429:
        case 500:
        case 502:
        case 503:
        case 504:
            return busy(fmt::format("{} is busy (status {}).", host, head.status));
        default:
            return ioError(fmt::format("{} answers with status {} when asked for {}.", host, head.status, what));
    }
}

}  // namespace moescope
