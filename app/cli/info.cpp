#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/cli/common.h"
#include "engine/backend/plugin_loader.h"
#include "engine/base/foreign_text.h"

namespace moescope::cli {
namespace {

/// Tensor types by the bytes they take, most first: "Q4_K 71 %, Q5_0 20 %, ...".
std::string quantisation(const ModelSource& source) {
    const std::map<TensorType, std::uint64_t> bytes = source.bytesByType();
    std::uint64_t total = 0;
    for (const auto& [type, size] : bytes) total += size;
    std::vector<std::pair<std::uint64_t, std::string_view>> sorted;
    for (const auto& [type, size] : bytes) sorted.emplace_back(size, info(type).name);
    std::sort(sorted.rbegin(), sorted.rend());
    std::string text;
    for (const auto& [size, name] : sorted) {
        const double share = 100.0 * static_cast<double>(size) / static_cast<double>(std::max<std::uint64_t>(1, total));
        text += fmt::format("{}{} {:.1f} %", text.empty() ? "" : ", ", name, share);
    }
    return text;
}

nlohmann::ordered_json describe(const ModelFile& model, const SessionOptions& session) {
    const ModelConfig& c = model.config;
    const ModelStatistics s = statistics(c, model.matrices);
    const int context = session.context > 0 ? session.context : c.context_length;
    const auto optional = [](std::optional<std::int32_t> id) { return id ? nlohmann::ordered_json(*id) : nullptr; };
    return {
        {"file", model.path},
        {"name", c.name},
        {"architecture", c.architecture_name},
        {"file_bytes", model.source->fileBytes()},
        {"quantisation", quantisation(*model.source)},
        {"parameters", s.parameters},
        {"active_parameters", s.active_parameters},
        {"bytes_per_token", s.bytes_per_token},
        {"expert_bytes", s.expert_bytes},
        {"layers", c.layers},
        {"dense_layers", c.dense_layers},
        {"hidden", c.hidden},
        {"heads", c.attention.heads},
        {"kv_heads", c.attention.kv_heads},
        {"head_dim", c.attention.key_dim},
        {"value_dim", c.attention.value_dim},
        {"rope_dim", c.attention.rope_dim},
        {"latent", c.attention.latent},
        {"query_latent", c.attention.query_latent},
        {"dense_ff", c.dense_ff},
        {"experts", c.experts},
        {"experts_used", c.experts_used},
        {"shared_experts", c.shared_experts},
        {"expert_ff", c.expert_ff},
        {"expert_groups", c.expert_groups},
        {"expert_groups_used", c.expert_groups_used},
        {"scores", c.gate_function == GateFunction::kSigmoid ? "sigmoid" : "softmax"},
        {"selection_bias", c.selection_bias},
        {"gates_renormalised", c.renormalise_gates},
        {"routed_scale", c.routed_scale},
        {"vocabulary", c.vocabulary},
        {"context_length", c.context_length},
        {"tokenizer",
         {{"kind", model.tokenizer->kind()},
          {"tokens", model.tokenizer->size()},
          {"bos", optional(model.tokenizer->bos())},
          {"eos", optional(model.tokenizer->eos())}}},
        {"chat_template", model.chat_template.describe()},
        {"notes", model.tokenizer->notes()},
        {"memory",
         {{"context", context},
          {"weights_bytes", s.memory_bytes},
          {"kv_cache_bytes", sessionBytes(c, session).cache},
          {"total_bytes", s.memory_bytes + sessionBytes(c, session).cache}}},
    };
}

void print(const nlohmann::ordered_json& j) {
    const auto line = [](std::string_view name, const std::string& text) {
        fmt::print("{:<16} {}\n", name, harmless(text, true));
    };
    const auto number = [&](const char* key) { return j[key].get<std::uint64_t>(); };
    const auto billions = [&](const char* key) {
        const auto n = static_cast<double>(number(key));
        return n >= 1e9 ? fmt::format("{:.2f} B", n / 1e9) : fmt::format("{:.2f} M", n / 1e6);
    };
    line("name", j["name"].get<std::string>());
    line("architecture", j["architecture"].get<std::string>());
    line("file", fmt::format("{} ({})", j["file"].get<std::string>(), bytesText(number("file_bytes"))));
    line("quantisation", j["quantisation"].get<std::string>());
    line("parameters", fmt::format("{}, {} active per token", billions("parameters"), billions("active_parameters")));
    line("bytes per token", fmt::format("{} of weights", bytesText(number("bytes_per_token"))));
    line("layers", fmt::format("{} ({} dense, then MoE), hidden size {}", number("layers"), number("dense_layers"),
                               number("hidden")));
    line("attention",
         number("latent") > 0
             ? fmt::format("{} heads of {} (keys) and {} (values) from latents of {} + {} (MLA)", number("heads"),
                           number("head_dim"), number("value_dim"), number("latent"), number("rope_dim"))
             : fmt::format("{} heads of {}, {} key-value heads", number("heads"), number("head_dim"),
                           number("kv_heads")));
    line("experts", fmt::format("{} routed of width {} ({} each), {} used per token, {} shared", number("experts"),
                                number("expert_ff"), bytesText(number("expert_bytes")), number("experts_used"),
                                number("shared_experts")));
    if (number("expert_groups") > 1) {
        line("groups",
             fmt::format("{} of experts, {} used per token", number("expert_groups"), number("expert_groups_used")));
    }
    const auto text = [&](const char* key) { return j[key].get<std::string>(); };
    if (j["selection_bias"].get<bool>())
        line("router", fmt::format("{} scores; experts are chosen by score plus a bias", text("scores")));
    line("vocabulary",
         fmt::format("{} rows; tokenizer: {}, {} tokens", number("vocabulary"),
                     j["tokenizer"]["kind"].get<std::string>(), j["tokenizer"]["tokens"].get<std::uint64_t>()));
    line("chat template", j["chat_template"].get<std::string>());
    line("context", fmt::format("{} tokens", number("context_length")));
    for (const auto& note : j["notes"]) line("note", note.get<std::string>());
    const auto& m = j["memory"];
    line("memory",
         fmt::format("{} weights + {} KV cache for {} tokens = {}", bytesText(m["weights_bytes"].get<std::uint64_t>()),
                     bytesText(m["kv_cache_bytes"].get<std::uint64_t>()), m["context"].get<int>(),
                     bytesText(m["total_bytes"].get<std::uint64_t>())));
}

/// What this machine can compute with.
nlohmann::ordered_json describeMachine() {
    const CudaSurvey survey = surveyCuda();
    auto cards = nlohmann::ordered_json::array();
    for (const CudaCard& c : survey.cards) {
        cards.push_back({{"device", c.device},
                         {"name", c.name},
                         {"compute_capability", fmt::format("{}.{}", c.major, c.minor)},
                         {"memory_bytes", c.memory_bytes},
                         {"free_bytes", c.free_bytes},
                         {"usable", c.problem.empty()},
                         {"problem", c.problem}});
    }
    return {{"cpu", {{"instruction_set", isaName(bestIsa())}, {"threads", std::thread::hardware_concurrency()}}},
            {"cuda",
             {{"usable", survey.status.ok()},
              {"problem", survey.status.message()},
              {"driver", survey.driver},
              {"cards", cards}}}};
}

void printMachine(const nlohmann::ordered_json& j) {
    const auto text = [](const nlohmann::ordered_json& value) { return value.get<std::string>(); };
    fmt::print("{:<16} {}, {} threads\n", "CPU", text(j["cpu"]["instruction_set"]),
               j["cpu"]["threads"].get<unsigned>());
    const auto& cuda = j["cuda"];
    for (const auto& card : cuda["cards"]) {
        fmt::print("{:<16} {}, compute capability {}, {} of {} free{}\n",
                   fmt::format("GPU {}", card["device"].get<int>()), text(card["name"]),
                   text(card["compute_capability"]), bytesText(card["free_bytes"].get<std::uint64_t>()),
                   bytesText(card["memory_bytes"].get<std::uint64_t>()),
                   card["usable"].get<bool>() ? "" : " (cannot be used)");
    }
    if (!cuda["usable"].get<bool>()) fmt::print("{:<16} {}\n", "GPUs", text(cuda["problem"]));
}

}  // namespace

void addInfo(CLI::App& app) {
    CLI::App* command = app.add_subcommand("info", "Describe a model file, and the CPU and GPUs of this machine");
    struct Options {
        ComputeOptions compute;
        bool json = false;
    };
    const auto options = std::make_shared<Options>();
    options->compute.addTo(*command, false);
    command->add_flag("--json", options->json, "Print JSON");
    command->callback([options] {
        nlohmann::ordered_json description = nlohmann::ordered_json::object();
        if (!options->compute.model.empty()) {
            const ModelFile model = require(ModelFile::open(options->compute.model));
            description = describe(model, options->compute.sessionOptions());
        }
        description["machine"] = describeMachine();
        if (options->json) {
            fmt::print("{}\n", description.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
            return;
        }
        if (!options->compute.model.empty()) print(description);
        printMachine(description["machine"]);
    });
}

}  // namespace moescope::cli
