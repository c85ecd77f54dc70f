#include "app/models/found_model.h"

#include <algorithm>
#include <filesystem>

#include "app/models/model_type.h"
#include "engine/base/out_of_memory.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

/// The sentence without the path that it begins with, as it stands beside one.
std::string withoutPath(const std::string& sentence, const std::string& path) {
    const std::string start = path + ": ";
    return sentence.starts_with(start) ? sentence.substr(start.size()) : sentence;
}

std::string typeOfMost(const ModelSource& source) {
    const auto types = source.bytesByType();
    const auto most =
        std::max_element(types.begin(), types.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == types.end() ? std::string() : std::string(info(most->first).name);
}

/// All that loading would refuse, but for the tokenizer, which takes long to make.
Status understand(ModelFile& file) {
    auto config = file.source->config();
    if (!config.ok()) return config.status();
    file.config = std::move(*config);
    auto matrices = file.source->matrices(file.config);
    if (!matrices.ok()) return matrices.status();
    file.matrices = std::move(*matrices);
    return file.source->vocabulary().status();
}

Status lookInto(FoundModel& found, const LoadChoices& choices, const FreeMemory& free) {
    auto source = ModelSource::open(found.path);
    if (!source.ok()) return source.status();
    ModelFile file;
    file.path = found.path;
    file.source = std::move(*source);
    found.file_bytes = file.source->fileBytes();
    found.license = file.source->license();
    if (found.type.empty()) found.type = typeOfMost(*file.source);
    const Status understood = understand(file);
    if (Status intact = file.source->intact(); !intact.ok()) return intact;
    if (!understood.ok()) return understood;
    if (!file.config.name.empty()) found.name = file.config.name;
    const ModelStatistics s = statistics(file.config, file.matrices);
    found.parameters = s.parameters;
    found.active_parameters = s.active_parameters;
    const LoadPlan plan = planLoad(file, choices, free);
    found.memory_bytes = plan.needed();
    found.context = plan.session.context;
    found.own_context = plan.own_context;
    found.fits = plan.fits();
    return {};
}

}  // namespace

FoundModel lookAt(const std::string& path, const LoadChoices& choices, const FreeMemory& free) {
    FoundModel found;
    found.path = path;
    const auto part = partName(path);
    found.files = part ? static_cast<int>(part->count) : 1;
    const fs::path name(part ? part->stem : path);
    found.name = part || !isModelFileName(path) ? name.filename().string() : name.stem().string();
    found.type = typeInName(path);
    std::error_code error;
    found.file_bytes = fs::file_size(path, error);
    if (error) found.file_bytes = 0;
    const Status status = withinLimits([&] { return lookInto(found, choices, free); });
    if (!status.ok()) found.problem = withoutPath(status.message(), path);
    return found;
}

}  // namespace moescope
