#include "app/chat/load_plan.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "engine/backend/plugin_loader.h"

namespace moescope {
namespace {

/// Of the GPU that would be used.
std::uint64_t freeOnGpu(const ModelOptions& options) {
    const CudaSurvey survey = surveyCuda();
    if (!survey.status.ok()) return 0;
    std::uint64_t most = 0;
    for (const CudaCard& card : survey.cards) {
        const bool chosen = options.device < 0 || card.device == options.device;
        if (chosen && card.problem.empty()) most = std::max(most, card.free_bytes);
    }
    return options.gpu_memory > 0 ? std::min(most, options.gpu_memory) : most;
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

LoadPlan planLoad(const ModelFile& file, const LoadChoices& choices) {
    LoadPlan plan;
    plan.model.threads = choices.threads;
    // The CPU takes over what a GPU cannot do, so that none is insisted on.
    if (choices.compute.backend == BackendChoice::kCpu) plan.model.backend = BackendChoice::kCpu;
    plan.model.device = choices.compute.device;
    plan.model.gpu_memory = choices.gpu_memory;
    plan.session.context = choices.context > 0 ? choices.context : file.config.context_length;
    plan.session.kv_type = choices.kv_type;
    plan.model.session = plan.session;
    plan.weights = statistics(file.config, file.matrices).memory_bytes;
    const SessionBytes session = sessionBytes(file.config, plan.session, plan.model.threads);
    plan.cache = session.cache;
    plan.workspace = session.workspace + (64u << 20);  // and what the program itself needs
    plan.available = availableMemory();
    if (plan.model.backend != BackendChoice::kCpu) plan.available += freeOnGpu(plan.model);
    return plan;
}

}  // namespace moescope
