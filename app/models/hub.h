#pragma once
// A hub of models: which files a repository has, with sizes and SHA-256. Any server with the interface of
// huggingface.co.
//
//   GET ENDPOINT/api/models/OWNER/NAME/revision/main   {"sha": commit, "cardData": {"license": ...}}
//   GET ENDPOINT/api/models/OWNER/NAME/tree/COMMIT?recursive=true
//       [{"type": "file", "path": ..., "size": ..., "lfs": {"oid": SHA-256, "size": ...}}, ...]; pages follow by
//       Link: <URL>; rel="next"
//   GET ENDPOINT/OWNER/NAME/resolve/COMMIT/PATH        the file, by way of a redirect
//
// Blocking; not for the thread of a window.

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/http/http.h"
#include "engine/base/status.h"

namespace moescope {

/// Which hub, and what it is told of the user.
struct HubAccess {
    std::string endpoint = "https://huggingface.co";
    std::string token;                  ///< empty: none
    std::chrono::seconds patience{60};  ///< for an answer, and for more of one

    std::string host() const { return hostOf(endpoint); }
};

/// HF_ENDPOINT and HF_TOKEN, where they are set. A token is kept for encrypted connections, and for this machine.
/// Error: an endpoint that is no address.
Result<HubAccess> hubOfEnvironment();

struct HubFile {
    std::string path;  ///< in its repository
    std::uint64_t bytes = 0;
    std::string sha256;
};

/// A model as one fetches it: one file, or all of its parts.
struct HubVariant {
    std::string type;             ///< "Q4_K_M"; "" if the name does not say
    std::vector<HubFile> files;   ///< in order; at least one
    std::uint64_t bytes() const;  ///< of all
};

struct HubListing {
    std::string repository;            ///< "OWNER/NAME"
    std::string revision;              ///< a commit, so that what is fetched is what was listed
    std::string license;               ///< empty if the hub does not say
    std::vector<HubVariant> variants;  ///< models in GGUF files, smallest first
};

/// Whether a text is "OWNER/NAME" as hubs allow it: no way out of a folder or an address.
bool isRepository(const std::string& name);
/// Whether a file of a listing may have this path on this machine: no way out of its folder, nothing hidden.
bool isPlainPath(const std::string& path);

/// Called when a server wants one to wait, or does not answer: for how long, and a sentence on why.
using OnWait = std::function<void(std::chrono::seconds, const std::string& why)>;

/// Errors: there is no such repository (kNotFound), it may not be read, it has no models in GGUF files, or nothing can
/// be understood of the answer; kBusy after several attempts.
Result<HubListing> listRepository(const HubAccess& hub, const std::string& repository, const std::stop_token& stop,
                                  const OnWait& on_wait);

/// Where a file of a listing is.
std::string fileUrl(const HubAccess& hub, const std::string& repository, const std::string& revision,
                    const std::string& path);

// What the listing and the fetching share.

/// Waits between attempts that fail one after another: a second, two, four, ...; or as long as a server asks.
class Patience {
public:
    Patience(const std::stop_token& stop, const OnWait& on_wait) : m_stop(stop), m_on_wait(on_wait) {}
    /// Waits and gives Ok, or says why there will be no further attempt: too many, too long, or a stop. `wanted`:
    /// seconds that the server asks for; negative: none.
    Status afterFailure(const Status& why, long wanted = -1);
    /// Something was achieved: the next failure is the first.
    void succeeded() { m_failures = 0; }

private:
    const std::stop_token& m_stop;
    const OnWait& m_on_wait;
    int m_failures = 0;
};

/// The seconds of a Retry-After header, which has them or a date; -1 without one.
long retryAfter(const HttpHead& head);
/// What an answer that is no success means, in a sentence; kBusy if the same may work later. `what` is asked for.
Status refusal(const HttpHead& head, const HubAccess& hub, const std::string& what);

}  // namespace moescope
