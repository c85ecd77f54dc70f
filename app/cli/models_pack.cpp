// `models pack` and `models packed`: packed weights on disk, from which models start at once.

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/cli/common.h"
#include "app/cli/models.h"
#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/cpu/packed_store.h"
#include "engine/base/foreign_text.h"

namespace moescope::cli {
namespace {

std::string folder() {
    const std::string known = packedFolder();
    if (known.empty())
        throw Failure{"No folder for packed weights is known, as neither HOME nor XDG_CACHE_HOME is set."};
    return known;
}

void pack(const std::string& path) {
    const ModelFile file = require(ModelFile::open(path));
    CpuBackendOptions options;
    options.packed_folder = folder();
    std::error_code error;
    options.model_path = std::filesystem::absolute(path, error).string();
    ProgressLine line("Packing");
    LoadControl control;
    control.stop = Interrupts::begin();
    control.progress = [&](double fraction) { line.update(fraction); };
    const PackedResult result = require(keepPackedWeights(*file.source, file.config, file.matrices, options, control));
    line.clear();
    writeOut(fmt::format("{} {} of packed weights in {}\n", result.were_there ? "There are" : "Kept",
                         bytesText(result.bytes), harmless(options.packed_folder, true)));
}

struct PackedOptions {
    bool clear = false, json = false;
};

void packed(const PackedOptions& options) {
    const PackedStore store(folder());
    auto entries = nlohmann::ordered_json::array();
    std::string lines;
    for (const KeptModel& kept : store.models()) {
        if (options.clear) require(store.forget(kept));
        entries.push_back({{"model", kept.model}, {"bytes", kept.bytes}, {"file", kept.file}});
        lines += fmt::format("{}  {}{}\n", bytesText(kept.bytes),
                             kept.model.empty() ? "from another version of this program" : harmless(kept.model, true),
                             options.clear ? "  removed" : "");
    }
    if (options.json) return writeOut(entries.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    writeOut(lines);
    if (lines.empty()) note("No packed weights are kept. To keep a model's: moescope-cli models pack MODEL");
}

}  // namespace

void addPack(CLI::App& models) {
    CLI::App* command = models.add_subcommand(
        "pack", "Keep the packed weights of a model on disk, so that it starts instantly on the CPU");
    const auto path = std::make_shared<std::string>();
    command->add_option("MODEL", *path, "GGUF model file")->required();
    command->callback([path] { pack(*path); });
}

void addPacked(CLI::App& models) {
    CLI::App* command = models.add_subcommand("packed", "Packed weights that are kept on disk");
    const auto options = std::make_shared<PackedOptions>();
    command->add_flag("--clear", options->clear, "Remove them");
    command->add_flag("--json", options->json, "Print JSON");
    command->callback([options] { packed(*options); });
}

}  // namespace moescope::cli
