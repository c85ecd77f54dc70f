#include "app/models/recommend.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "engine/backend/plugin_loader.h"

namespace moescope {
namespace {

constexpr std::uint64_t kGiB = 1u << 30;
constexpr std::uint64_t kSystem = kGiB * 3 / 2;  // and a sixth of the rest, for programs beside this one
constexpr std::uint64_t kOfGpu = kGiB * 3 / 4;   // for the screen, and the driver
constexpr std::uint64_t kWorkspace = kGiB / 2;   // to compute with
constexpr std::uint64_t kUnknownCache = kGiB;    // of a model whose shape is not known
constexpr double kBytesOfEightBits = 34.0 / 32;  // a weight in Q8_0

/// What the engine keeps of a byte of the file; docs/kernels.md says why codebooks take more.
double growth(const std::string& type) {
    const bool codebook = type.starts_with("IQ1") || type.starts_with("IQ2") || type.starts_with("IQ3");
    return codebook ? 1.24 : 1.05;
}

bool isFloat(const std::string& type) {
    return type == "F32" || type == "F16" || type == "BF16";
}

std::string gigabytes(std::uint64_t bytes) {
    return fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

}  // namespace

MachineMemory memoryOfThisMachine() {
    MachineMemory machine;
    const long pages = ::sysconf(_SC_PHYS_PAGES), bytes = ::sysconf(_SC_PAGESIZE);
    if (pages > 0 && bytes > 0) machine.ram = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(bytes);
    const CudaSurvey survey = surveyCuda();
    for (const CudaCard& card : survey.cards) {
        if (survey.status.ok() && card.problem.empty()) machine.gpu = std::max(machine.gpu, card.memory_bytes);
    }
    return machine;
}

std::uint64_t roomOf(const MachineMemory& machine) {
    const std::uint64_t ram = machine.ram > kSystem ? (machine.ram - kSystem) / 6 * 5 : 0;
    return ram + (machine.gpu > kOfGpu ? machine.gpu - kOfGpu : 0);
}

std::uint64_t aboutNeeded(std::uint64_t file_bytes, const std::string& type, const ContextShape& context) {
    std::uint64_t cache = kUnknownCache;
    if (context.cache_bytes_per_token > 0) {
        const int positions = context.own > 0 ? std::min(context.own, kContextWorthHaving) : kContextWorthHaving;
        cache = context.cache_bytes_per_token * static_cast<std::uint64_t>(positions);
    }
    return static_cast<std::uint64_t>(static_cast<double>(file_bytes) * growth(type)) + cache + kWorkspace;
}

bool typeRuns(const std::string& type) {
    if (isFloat(type)) return true;
    // Those whose rows are interleaved for other processors.
    for (const char* other : {"Q4_0_4_4", "Q4_0_4_8", "Q4_0_8_8"}) {
        if (type == other) return false;
    }
    for (const char* start : {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "Q8_K_XL",
                              "IQ1_S", "IQ1_M", "IQ2_", "IQ3_", "IQ4_NL", "IQ4_XS", "MXFP4"}) {
        if (type.starts_with(start)) return true;
    }
    return false;
}

Recommendation recommend(std::span<const HubVariant> variants, const ContextShape& context,
                         const MachineMemory& machine) {
    Recommendation found;
    found.room = roomOf(machine);
    // Of an eight-bit file, nothing is gained by a larger one.
    std::uint64_t eight_bits = 0;
    for (const HubVariant& v : variants) {
        if (v.type == "Q8_0") eight_bits = v.bytes();
        if (eight_bits == 0 && isFloat(v.type) && v.type != "F32") {
            eight_bits = static_cast<std::uint64_t>(static_cast<double>(v.bytes()) / 2 * kBytesOfEightBits);
        }
    }
    std::uint64_t smallest = 0;
    bool larger = false;  // one that would run was left out for its size alone
    for (std::size_t i = 0; i < variants.size(); ++i) {
        const HubVariant& v = variants[i];
        if (!typeRuns(v.type)) continue;
        const std::uint64_t needed = aboutNeeded(v.bytes(), v.type, context);
        smallest = smallest == 0 ? needed : std::min(smallest, needed);
        if (needed > found.room) continue;
        if (found.variant && (isFloat(v.type) || (eight_bits > 0 && v.bytes() > eight_bits))) {
            larger = true;
            continue;
        }
        if (found.variant && v.bytes() <= variants[*found.variant].bytes()) continue;
        found.variant = i;
        found.needed = needed;
    }
    if (found.variant) {
        found.reason = larger ? Recommendation::Reason::kBestThereIs : Recommendation::Reason::kLargestThatFits;
    } else if (smallest > 0) {
        found.reason = Recommendation::Reason::kNoneFits;
        found.needed = smallest;
    }
    return found;
}

std::string Recommendation::why(std::span<const HubVariant> variants) const {
    switch (reason) {
        case Reason::kLargestThatFits:
            return fmt::format(
                "{} is recommended, the largest that fits: it needs about {} with a context of {} "
                "tokens, and this machine has {} for a model.",
                variants[*variant].type, gigabytes(needed), kContextWorthHaving, gigabytes(room));
        case Reason::kBestThereIs:
            return fmt::format(
                "{} is recommended: it needs about {} of the {} that this machine has for a model, "
                "and larger types answer no better, only slower.",
                variants[*variant].type, gigabytes(needed), gigabytes(room));
        case Reason::kNoneFits:
            return fmt::format("None fits: the smallest needs about {}, and this machine has {} for a model.",
                               gigabytes(needed), gigabytes(room));
        case Reason::kNoneRuns:
            break;
    }
    return "None has a type that this program runs.";
}

}  // namespace moescope
