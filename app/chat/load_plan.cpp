#include "app/chat/load_plan.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/cpu/packed_store.h"
#include "engine/backend/plugin_loader.h"

namespace moescope {
namespace {

/// Of the GPU that would be used; `device` and `limit` as in ModelOptions.
std::uint64_t freeOnGpu(int device, std::uint64_t limit) {
    const CudaSurvey survey = surveyCuda();
    if (!survey.status.ok()) return 0;
    std::uint64_t most = 0;
    for (const CudaCard& card : survey.cards) {
        const bool chosen = device < 0 || card.device == device;
        if (chosen && card.problem.empty()) most = std::max(most, card.free_bytes);
    }
    return limit > 0 ? std::min(most, limit) : most;
}

/// What the session takes with it, too.
void setContext(LoadPlan& plan, const ModelConfig& config, int context) {
    plan.session.context = context;
    plan.model.session = plan.session;
    const SessionBytes session = sessionBytes(config, plan.session, plan.model.threads);
    plan.cache = session.cache;
    plan.workspace = session.workspace + (64u << 20);  // and what the program itself needs
}

}  // namespace

std::uint64_t availableMemory() {
    std::ifstream file("/proc/meminfo");
    for (std::string line; std::getline(file, line);) {
        constexpr std::string_view kKey = "MemAvailable:";
        if (line.starts_with(kKey)) return std::strtoull(line.c_str() + kKey.size(), nullptr, 10) * 1024;
    }
    return 0;
}

FreeMemory freeMemory(const LoadChoices& choices) {
    FreeMemory free;
    free.ram = availableMemory();
    if (choices.compute.backend != BackendChoice::kCpu) {
        free.gpu = freeOnGpu(choices.compute.device, choices.gpu_memory);
    }
    return free;
}

LoadPlan planLoad(const ModelFile& file, const LoadChoices& choices, const FreeMemory& free) {
    return planLoad(file.config, file.matrices, file.source->fileBytes(), choices, free);
}

LoadPlan planLoad(const ModelConfig& config, const ModelMatrices& matrices, std::uint64_t file_bytes,
                  const LoadChoices& choices, const FreeMemory& free) {
    LoadPlan plan;
    plan.model.threads = choices.threads;
    // The CPU takes over what a GPU cannot do, so that none is insisted on.
    if (choices.compute.backend == BackendChoice::kCpu) plan.model.backend = BackendChoice::kCpu;
    plan.model.device = choices.compute.device;
    plan.model.gpu_memory = choices.gpu_memory;
    // What is kept is used, whoever kept it. A smaller model packs in less than a second.
    constexpr std::uint64_t kWorthKeeping = 500'000'000;
    plan.model.packed_folder = packedFolder();
    plan.model.keep_packed = choices.keep_packed && file_bytes >= kWorthKeeping;
    plan.own_context = config.context_length;
    plan.session.kv_type = choices.kv_type;
    plan.weights = cpuWeightBytes(matrices);
    plan.available = free.all();
    setContext(plan, config, choices.context > 0 ? choices.context : plan.own_context);
    if (choices.context > 0 || plan.fits()) return plan;
    const std::uint64_t for_others = plan.available / 16;
    LoadPlan shorter = plan;
    for (int context = kMaxContext; context >= kShortestContext; context /= 2) {
        if (context >= plan.own_context) continue;
        setContext(shorter, config, context);
        if (shorter.needed() + for_others <= shorter.available) return shorter;
    }
    return plan;
}

SessionPlan planSession(const Model& model, const SessionOptions& like, const FreeMemory& free) {
    constexpr int kPiece = 128;  // tokens
    SessionPlan plan;
    plan.session = like;
    plan.session.chunk_tokens = kPiece;
    plan.available = free.all();
    const auto setContext = [&](SessionPlan& to, int context) {
        to.session.context = context;
        to.bytes = model.backend().sessionBytes({context, to.session.kv_type, std::min(kPiece, context)});
    };
    const int wanted = like.context > 0 ? like.context : model.config().context_length;
    setContext(plan, wanted);
    if (plan.fits()) return plan;
    SessionPlan shorter = plan;
    for (int context = kMaxContext; context >= kShortestContext; context /= 2) {
        if (context >= wanted) continue;
        setContext(shorter, context);
        if (shorter.fits()) return shorter;
    }
    return plan;
}

}  // namespace moescope
