// `models catalog` and `models get`: those to fetch.

#include <fmt/format.h>
#include <strings.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "app/cli/common.h"
#include "app/cli/models.h"
#include "app/models/catalog.h"
#include "app/models/fetch.h"
#include "app/models/recommend.h"
#include "engine/base/data_dir.h"
#include "engine/base/foreign_text.h"

namespace moescope::cli {
namespace {

struct GetOptions {
    std::string name, type, folder;
    bool list = false;
};

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

void catalogOf() {
    std::string lines;
    for (const CatalogModel& model : catalog()) {
        lines += fmt::format("{}\n    {}: {:.3g} B parameters, {:.2g} B active; {}; license: {}\n    {}\n", model.id,
                             model.name, static_cast<double>(model.parameters) / 1e9,
                             static_cast<double>(model.active_parameters) / 1e9, joined(model.good_at), model.license,
                             model.repository);
    }
    writeOut(lines);
}

std::string shownType(const HubVariant& variant) {
    if (!variant.type.empty()) return variant.type;
    return harmless(shortened(variant.files.front().path), true);
}

std::string typesOf(const HubListing& listing) {
    std::string text;
    for (const HubVariant& v : listing.variants) text += (text.empty() ? "" : ", ") + shownType(v);
    return shortened(text, 1000);
}

/// The one of this type, or of this file name.
const HubVariant& variantOf(const HubListing& listing, const std::string& type) {
    for (const HubVariant& variant : listing.variants) {
        if (::strcasecmp(variant.type.c_str(), type.c_str()) == 0) return variant;
    }
    for (const HubVariant& variant : listing.variants) {
        if (variant.files.front().path == type) return variant;
    }
    throw Failure{fmt::format("{} has no {}; it has {}.", quoted(listing.repository), quoted(type), typesOf(listing))};
}

std::string describe(const HubListing& listing, const ContextShape& context, const Recommendation& advice) {
    std::string lines;
    for (std::size_t i = 0; i < listing.variants.size(); ++i) {
        const HubVariant& v = listing.variants[i];
        const std::uint64_t needed = aboutNeeded(v.bytes(), v.type, context);
        const char* verdict = v.type.empty()          ? "its name does not tell the type"
                              : !typeRuns(v.type)     ? "cannot run here"
                              : advice.variant == i   ? "recommended"
                              : needed <= advice.room ? "fits"
                                                      : "does not fit";
        lines += fmt::format("{:<12} {:>10}{}  needs about {}, {}\n", shownType(v), bytesText(v.bytes()),
                             v.files.size() > 1 ? fmt::format(" in {} files", v.files.size()) : "", bytesText(needed),
                             verdict);
    }
    return lines;
}

std::string timeText(double seconds) {
    const auto s = static_cast<long>(seconds + 0.5);
    if (s < 60) return fmt::format("{} s", s);
    if (s < 3600) return fmt::format("{} min", (s + 59) / 60);
    return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
}

/// A status line, redrawn in place on a terminal; elsewhere only what it waits for is printed.
class FetchLine {
public:
    ~FetchLine() { clear(); }
    void show(const FetchProgress& p) {
        if (p.state == FetchProgress::State::kWaiting) {
            clear();
            note(fmt::format("{} Trying again in {}.", p.why, timeText(static_cast<double>(p.wait.count()))));
            return;
        }
        if (!isatty(STDERR_FILENO)) return;
        const bool checking = p.state == FetchProgress::State::kChecking;
        std::string line = fmt::format("{}{} of {}", checking ? "Checking what is already here: " : "",
                                       bytesText(p.done), bytesText(p.total));
        if (!checking && p.bytes_per_s > 0) {
            line += fmt::format(", {}/s, {} left", bytesText(static_cast<std::uint64_t>(p.bytes_per_s)),
                                timeText(p.secondsLeft()));
        }
        std::fputs(("\r\033[K" + line).c_str(), stderr);
        std::fflush(stderr);
        m_shown = true;
    }

private:
    void clear() {
        if (m_shown) std::fputs("\r\033[K", stderr);
        m_shown = false;
    }
    bool m_shown = false;
};

void get(const GetOptions& options) {
    const CatalogModel* known = findInCatalog(options.name);
    const std::string repository = known ? known->repository : options.name;
    if (!isRepository(repository)) {
        throw Failure{
            fmt::format("{} is neither in the catalog (moescope-cli models catalog) nor a repository (OWNER/NAME).",
                        quoted(options.name))};
    }
    FetchJob job;
    job.hub = require(hubOfEnvironment());
    job.repository = repository;
    const std::stop_token stop = Interrupts::begin();
    FetchLine line;
    note(fmt::format("Asking {} for the files of {}.", job.hub.host(), repository));
    const OnWait on_wait = [&](std::chrono::seconds wait, const std::string& why) {
        line.show({FetchProgress::State::kWaiting, 0, 0, 0, wait, why});
    };
    const HubListing listing = require(listRepository(job.hub, repository, stop, on_wait));
    const ContextShape context = known ? known->context : ContextShape();
    const Recommendation advice = recommend(listing.variants, context, memoryOfThisMachine());
    if (options.list) return writeOut(describe(listing, context, advice));
    if (options.type.empty()) {
        if (!advice.variant) {
            throw Failure{fmt::format("{} To download one anyway, name it with --type: {}.",
                                      advice.why(listing.variants), typesOf(listing))};
        }
        note(advice.why(listing.variants));
    }
    job.variant = options.type.empty() ? listing.variants[*advice.variant] : variantOf(listing, options.type);
    job.revision = listing.revision;
    job.folder = options.folder.empty() ? fetchFolder() : std::filesystem::absolute(options.folder).string();
    const std::string license = listing.license.empty() ? "" : "; license: " + shortened(listing.license);
    note(fmt::format("Downloading {} ({}{}{}) to {}.", quoted(job.variant.files.front().path),
                     bytesText(job.variant.bytes()),
                     job.variant.files.size() > 1 ? fmt::format(" in {} files", job.variant.files.size()) : "", license,
                     quoted(job.folder)));
    const auto path = fetchModel(job, stop, [&](const FetchProgress& progress) { line.show(progress); });
    if (!path.ok() && path.status().code() == StatusCode::kStopped) {
        throw Failure{"Stopped. The partial download is kept; run the same command to resume it.", kExitInterrupted};
    }
    writeOut(require(path) + "\n");
}

}  // namespace

std::string fetchFolder() {
    return require(prepareDataDir({})) + "/models";
}

void addCatalog(CLI::App& models) {
    models.add_subcommand("catalog", "Models that are known to run, and where to download them; needs no network")
        ->callback([] { catalogOf(); });
}

void addGet(CLI::App& models) {
    CLI::App* command =
        models.add_subcommand("get",
                              "Download a model from huggingface.co (or HF_ENDPOINT; HF_TOKEN and https_proxy are "
                              "respected), and print its path. Resumes an interrupted download");
    const auto options = std::make_shared<GetOptions>();
    command->add_option("NAME", options->name, "A name from the catalog, or any repository as OWNER/NAME")->required();
    command->add_option(
        "--type", options->type,
        "Such as Q4_K_M, or a file in the repository (default: the largest type that fits this machine)");
    command->add_option("--folder", options->folder, "Where models are kept (default: models in the data folder)");
    command->add_flag("--list", options->list, "List the available types without downloading one");
    command->callback([options] { get(*options); });
}

}  // namespace moescope::cli
