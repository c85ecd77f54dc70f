#pragma once
// Fetches a model from a hub. A file is called NAME.part until all of it is there and its SHA-256 is right; then it
// gets its name. Whatever ends the program, the next fetch of the same goes on where this one was.
//
// FOLDER/OWNER/NAME/FILE             the model
//                  FILE.part         what came so far; locked by whoever writes it
//                  FILE.fetch.json   what is being fetched (fetch_mark.h); for a model in parts, STEM.fetch.json

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/models/hub.h"

namespace moescope {

struct FetchJob {
    HubAccess hub;
    std::string repository, revision;  ///< of the listing
    HubVariant variant;
    std::string folder;  ///< in which models are kept; made if need be
};

struct FetchProgress {
    enum class State {
        kChecking,  ///< reads what is there already
        kFetching,
        kWaiting,  ///< for the server; `why` is a sentence
    };
    State state = State::kFetching;
    std::uint64_t done = 0, total = 0;  ///< bytes of all files
    double bytes_per_s = 0;             ///< of the last seconds; 0: not known yet
    std::chrono::seconds wait{0};
    std::string why;

    /// Seconds; negative if nobody can say.
    double secondsLeft() const { return bytes_per_s > 0 ? static_cast<double>(total - done) / bytes_per_s : -1; }
};

/// The path to open once it is fetched. What is there under its name already is checked, and kept if it is right.
/// `progress` is called on this thread, at most ten times a second. Errors: a sentence that says what to do; kStopped
/// after a stop; kBusy: the same may work later. What came so far stays, unless it was wrong. Blocking; memory does not
/// grow with the file.
Result<std::string> fetchModel(const FetchJob& job, const std::stop_token& stop,
                               const std::function<void(const FetchProgress&)>& progress);

/// Where the first file of a model will be.
std::string fetchedPath(const FetchJob& job);

/// A fetch that somebody began and that has not ended.
struct UnfinishedFetch {
    FetchJob job;
    std::uint64_t done = 0;  ///< bytes that are there
};
/// Those whose models are kept below `folder`, by their names; `hub` is where they would go on.
std::vector<UnfinishedFetch> unfinishedFetches(const std::string& folder, const HubAccess& hub);

/// Forgets a fetch and removes what came of it. kBusy: it is going on.
Status discardFetch(const FetchJob& job);

}  // namespace moescope
