#include "engine/backend/cuda/survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace moescope {
namespace {

std::string versionText(int version) {
    return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

}  // namespace

CudaSurvey judge(CudaFacts facts) {
    CudaSurvey survey;
    survey.cards = std::move(facts.cards);
    if (facts.driver_version == 0) {
        survey.status =
            notFound(facts.card_without_driver
                         ? "This machine has an NVIDIA GPU but no NVIDIA driver; install version 580 or later "
                           "to compute on it."
                         : "This machine has no NVIDIA driver, so GPUs are not used.");
        return survey;
    }
    survey.driver = versionText(facts.driver_version);
    // A runtime works with every driver of its own major version and later ones.
    if (facts.driver_version / 1000 < facts.runtime_version / 1000) {
        survey.status =
            unsupported(fmt::format("The NVIDIA driver is too old: it supports CUDA {}, but {}.0 is needed; install "
                                    "driver version 580 or later.",
                                    survey.driver, facts.runtime_version / 1000));
        return survey;
    }
    if (!facts.error.empty()) {
        survey.status = ioError(fmt::format(
            "The NVIDIA driver does not respond ({}); restart the machine or reinstall the driver.", facts.error));
        return survey;
    }
    if (survey.cards.empty()) {
        survey.status = notFound("There is an NVIDIA driver, but no GPU that it can use.");
        return survey;
    }
    for (CudaCard& card : survey.cards) {
        if (card.major > kOldestMajor || (card.major == kOldestMajor && card.minor >= kOldestMinor)) continue;
        card.problem = fmt::format("The GPU {} is too old: its compute capability is {}.{}, and {}.{} is needed.",
                                   card.name, card.major, card.minor, kOldestMajor, kOldestMinor);
    }
    const bool usable =
        std::any_of(survey.cards.begin(), survey.cards.end(), [](const CudaCard& c) { return c.problem.empty(); });
    if (!usable) survey.status = unsupported(survey.cards.front().problem);
    return survey;
}

Result<CudaCard> chooseCard(const CudaSurvey& survey, int device) {
    if (!survey.status.ok()) return survey.status;
    if (device < 0) {
        const CudaCard* best = nullptr;
        for (const CudaCard& card : survey.cards) {
            if (card.problem.empty() && (!best || card.free_bytes > best->free_bytes)) best = &card;
        }
        return *best;  // the survey would not be ok otherwise
    }
    for (const CudaCard& card : survey.cards) {
        if (card.device != device) continue;
        if (!card.problem.empty()) return unsupported(card.problem);
        return card;
    }
    return invalid(
        fmt::format("There is no GPU {}; this machine's GPUs are numbered 0 to {}.", device, survey.cards.size() - 1));
}

bool hasNvidiaCard(const std::string& pci_folder) {
    std::error_code error;
    for (std::filesystem::directory_iterator at(pci_folder, error), end; !error && at != end; at.increment(error)) {
        const auto read = [&](const char* name) {
            std::ifstream in(at->path() / name);
            std::string text;
            in >> text;
            return text;
        };
        if (read("vendor") == "0x10de" && read("class").starts_with("0x03")) return true;
    }
    return false;
}

}  // namespace moescope
