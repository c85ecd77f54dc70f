// `models needs`: what published models take, whether one has them or not.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "app/cli/common.h"
#include "app/cli/models.h"
#include "app/models/model_facts.h"
#include "app/models/published.h"

namespace moescope::cli {
namespace {

struct NeedsOptions {
    int context = 8192;
    KvType kv_type = KvType::kF16;
    bool json = false, markdown = false;
};

struct Need {
    FileType type;
    std::uint64_t file_bytes, memory_bytes;
};

struct Line {
    const PublishedModel* model;
    int context;
    std::uint64_t parameters, active_parameters, cache_bytes_per_token;
    std::vector<Need> needs;
};

Line lineOf(const PublishedModel& model, const NeedsOptions& options) {
    const ModelConfig& c = model.config;
    LoadChoices choices;
    choices.compute.backend = BackendChoice::kCpu;
    choices.threads = 1;  // what a further one takes is little
    choices.kv_type = options.kv_type;
    choices.context = std::min(options.context, c.context_length);
    Line line{&model, choices.context, 0, 0, cacheBytesPerToken(c, options.kv_type), {}};
    for (const FileType type : kFileTypes) {
        const ModelMatrices matrices = publishedMatrices(c, type);
        const ModelStatistics s = statistics(c, matrices);
        line.parameters = s.parameters;
        line.active_parameters = s.active_parameters;
        line.needs.push_back({type, s.bytes, planLoad(c, matrices, s.bytes, choices, {}).needed()});
    }
    return line;
}

std::string billions(std::uint64_t n) {
    return fmt::format("{:.1f} B", static_cast<double>(n) / 1e9);
}
std::string gigabytes(std::uint64_t n) {
    const double value = static_cast<double>(n) / 1e9;
    return fmt::format(fmt::runtime(value < 100 ? "{:.1f} GB" : "{:.0f} GB"), value);
}

nlohmann::ordered_json describe(const Line& line) {
    auto needs = nlohmann::ordered_json::object();
    for (const Need& need : line.needs) {
        needs[std::string(fileTypeName(need.type))] = {{"file_bytes", need.file_bytes},
                                                       {"memory_bytes", need.memory_bytes}};
    }
    const ModelConfig& c = line.model->config;
    return {{"names", line.model->names},
            {"parameters", line.parameters},
            {"active_parameters", line.active_parameters},
            {"attention", attentionName(attentionKind(c.attention))},
            {"experts", c.experts},
            {"experts_used", c.experts_used},
            {"shared_experts", c.shared_experts},
            {"expert_groups", c.expert_groups},
            {"own_context", c.context_length},
            {"context", line.context},
            {"cache_bytes_per_token", line.cache_bytes_per_token},
            {"needs", needs}};
}

std::vector<std::string> cells(const Line& line) {
    const ModelConfig& c = line.model->config;
    std::string experts = fmt::format("{} of {}", c.experts_used, c.experts);
    if (c.expert_groups > 1) experts += fmt::format(" in {} groups", c.expert_groups);
    std::vector<std::string> row{
        std::string(line.model->names),
        fmt::format("{}, {} active", billions(line.parameters), billions(line.active_parameters)), std::move(experts),
        std::string(attentionName(attentionKind(c.attention))), std::to_string(c.context_length)};
    for (const Need& need : line.needs) row.push_back(gigabytes(need.memory_bytes));
    row.push_back(gigabytes(line.cache_bytes_per_token * 32768));
    return row;
}

void needs(const NeedsOptions& options) {
    std::vector<Line> lines;
    for (const PublishedModel& model : publishedModels()) lines.push_back(lineOf(model, options));
    if (options.json) {
        auto list = nlohmann::ordered_json::array();
        for (const Line& line : lines) list.push_back(describe(line));
        writeOut(list.dump(2) + "\n");
        return;
    }
    std::vector<std::vector<std::string>> rows{{"model", "parameters", "experts", "attention", "own context"}};
    for (const FileType type : kFileTypes) rows.front().emplace_back(fileTypeName(type));
    rows.front().emplace_back("32,768 tokens more");
    for (const Line& line : lines) rows.push_back(cells(line));
    std::string text;
    if (options.markdown) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            text += fmt::format("| {} |\n", fmt::join(rows[i], " | "));
            if (i > 0) continue;
            for (std::size_t column = 0; column < rows[i].size(); ++column) text += "|---";
            text += "|\n";
        }
        return writeOut(text);
    }
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) text += fmt::format("{:<{}}  ", row[i], widths[i]);
        text += '\n';
    }
    text += fmt::format(
        "Memory of all together, with a context of {} tokens (the model's own, if that is shorter) in a "
        "KV cache of {}.\n",
        options.context, kvTypeName(options.kv_type));
    writeOut(text);
}

}  // namespace

void addNeeds(CLI::App& models) {
    CLI::App* command = models.add_subcommand("needs", "What published models take, by their shapes");
    const auto options = std::make_shared<NeedsOptions>();
    command->add_option("-c,--context", options->context, "Positions in the context")
        ->check(CLI::Range(1, 1 << 22))
        ->capture_default_str();
    addChoice(*command, "--kv", options->kv_type, {KvType::kF16, KvType::kF32, KvType::kQ8_0}, kvTypeName, parseKvType,
              "Type of the KV cache");
    command->add_flag("--json", options->json, "Print JSON");
    command->add_flag("--markdown", options->markdown, "Print the table of the README");
    command->callback([options] { needs(*options); });
}

}  // namespace moescope::cli
