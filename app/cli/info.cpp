#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "app/cli/common.h"
#include "app/models/model_facts.h"
#include "engine/backend/plugin_loader.h"
#include "engine/base/foreign_text.h"

namespace moescope::cli {
namespace {

nlohmann::ordered_json describe(const ModelFile& model, const ComputeOptions& compute) {
    const LoadChoices choices = compute.loadChoices();
    const ModelFacts facts = modelFacts(model, choices, freeMemory(choices));
    const ModelConfig& c = facts.config;
    const ModelStatistics& s = facts.statistics;
    const int context = choices.context > 0 ? choices.context : c.context_length;
    const std::uint64_t cache = sessionBytes(c, compute.sessionOptions(), choices.threads).cache;
    const auto optional = [](std::optional<std::int32_t> id) { return id ? nlohmann::ordered_json(*id) : nullptr; };
    auto contexts = nlohmann::ordered_json::array();
    for (const ContextMemory& m : facts.contexts) {
        contexts.push_back({{"context", m.tokens}, {"bytes", m.bytes}, {"fits", m.fits}});
    }
    return {
        {"file", facts.path},
        {"name", facts.name},
        {"license", facts.license},
        {"architecture", c.architecture_name},
        {"files", facts.files},
        {"file_bytes", facts.file_bytes},
        {"quantisation", typesText(facts)},
        {"parameters", s.parameters},
        {"active_parameters", s.active_parameters},
        {"bytes_per_token", s.bytes_per_token},
        {"expert_bytes", s.expert_bytes},
        {"layers", c.layers},
        {"dense_layers", c.dense_layers},
        {"hidden", c.hidden},
        {"attention", attentionName(facts.attention)},
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
        {"chat_template", facts.template_words},
        {"own_chat_template", facts.own_template},
        {"thinking_choice", facts.thinking_choice},
        {"notes", facts.notes},
        {"memory",
         {{"context", context},
          {"weights_bytes", facts.plan.weights},
          {"kv_cache_bytes", cache},
          {"total_bytes", facts.plan.weights + cache},
          {"cache_bytes_per_token", facts.cache_bytes_per_token},
          {"free_bytes", facts.plan.available},
          {"contexts", contexts}}},
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
    const auto files = number("files");
    line("file", fmt::format("{} ({}{})", j["file"].get<std::string>(), bytesText(number("file_bytes")),
                             files > 1 ? fmt::format(" in {} files", files) : ""));
    if (const auto license = j["license"].get<std::string>(); !license.empty()) line("license", license);
    line("quantisation", j["quantisation"].get<std::string>());
    line("parameters", fmt::format("{}, {} active per token", billions("parameters"), billions("active_parameters")));
    line("bytes per token", fmt::format("{} of weights", bytesText(number("bytes_per_token"))));
    line("layers", fmt::format("{} ({} dense, then MoE), hidden size {}", number("layers"), number("dense_layers"),
                               number("hidden")));
    const auto& memory = j["memory"];
    line("attention",
         number("latent") > 0
             ? fmt::format("{} heads of {} (keys) and {} (values) from latents of {} + {} (MLA)", number("heads"),
                           number("head_dim"), number("value_dim"), number("latent"), number("rope_dim"))
             : fmt::format("{} heads of {}, {} key-value heads ({})", number("heads"), number("head_dim"),
                           number("kv_heads"), j["attention"].get<std::string>()));
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
    const auto bytes = [&](const nlohmann::ordered_json& value) { return bytesText(value.get<std::uint64_t>()); };
    line("memory",
         fmt::format("{} weights + {} KV cache for {} tokens = {}", bytes(memory["weights_bytes"]),
                     bytes(memory["kv_cache_bytes"]), memory["context"].get<int>(), bytes(memory["total_bytes"])));
    std::string contexts;
    for (const auto& context : memory["contexts"]) {
        contexts += fmt::format("{}{} tokens {}{}", contexts.empty() ? "" : ", ", context["context"].get<int>(),
                                bytes(context["bytes"]), context["fits"].get<bool>() ? "" : " (more than is free)");
    }
    line("with a context",
         fmt::format("{} per token of cache; all together: {}", bytes(memory["cache_bytes_per_token"]), contexts));
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
            description = describe(model, options->compute);
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
