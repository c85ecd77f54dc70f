#include "app/remote/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/remote/bounded_json.h"
#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kPatience = 30s;
/// A model may have to be brought into memory first.
constexpr auto kTokenPatience = 120s;
constexpr std::size_t kListBytes = 4 << 20, kAnswerBytes = 64 << 20, kConfigBytes = 1 << 20;

/// Long enough that rows of bare numbers can be told apart, and that most experts are named.
constexpr const char* kProbe =
    "The quick brown fox jumps over the lazy dog. In 1897 a physicist measured the charge of the electron; 27 of 64 "
    "samples agreed. def add(a, b): return a + b  # sums. Le chat dort sur la table, und der Hund schläft. 专家路由 "
    "decides which part of a network reads each word: small, many, and rarely the same twice.";

std::string textAt(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// What the configuration says about a layer's experts; 0: nothing.
struct ExpertFacts {
    int experts = 0, groups = 0, groups_used = 0;
};

int numberAt(const json& object, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
        const auto found = object.find(key);
        if (found != object.end() && found->is_number_unsigned()) {
            return static_cast<int>(std::min<std::uint64_t>(found->get<std::uint64_t>(), 1 << 16));
        }
    }
    return 0;
}

/// In the model's configuration, if this machine has it.
ExpertFacts factsInConfig(const std::string& root) {
    if (!root.starts_with('/')) return {};
    const std::filesystem::path path = std::filesystem::path(root) / "config.json";
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error) || std::filesystem::file_size(path, error) > kConfigBytes)
        return {};
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto config = boundedJson(text);
    if (!config || !config->is_object()) return {};
    return {numberAt(*config, {"n_routed_experts", "num_local_experts", "num_experts"}), numberAt(*config, {"n_group"}),
            numberAt(*config, {"topk_group"})};
}

/// SGLang says in another place where it has its model from.
std::string rootOf(const Server& server, const ServedModel& model, const std::stop_token& stop) {
    if (model.owner != "sglang") return model.root;
    const auto info = server.ask("/model_info", nullptr, kListBytes, kPatience, stop);
    return info.ok() && info->is_object() ? textAt(*info, "model_path") : std::string();
}

/// What one token of an answer shows.
void learn(RemoteModel& remote, const json& answer, const ExpertFacts& facts) {
    const auto choices = answer.find("choices");
    if (choices == answer.end() || !choices->is_array() || choices->empty() || !choices->front().is_object()) return;
    const json& choice = choices->front();
    const ChatEvent event = readChatEvent(answer);
    remote.completions = true;
    remote.token_ids = !event.tokens.empty() && !event.prompt_ids.empty();
    const bool sglang = answer.contains("sglext") || remote.model.owner == "sglang";
    const bool vllm = choice.contains("routed_experts") || remote.model.owner == "vllm";
    remote.kind = sglang ? ServerKind::kSglang : vllm ? ServerKind::kVllm : ServerKind::kOther;
    if (remote.kind == ServerKind::kOther) return;
    if (event.routed.is_null()) {
        remote.routing_note =
            "It does not report experts; that takes a model with experts, and "
            "--enable-return-routed-experts when the server is started.";
    } else if (!remote.token_ids) {
        remote.routing_note = "It reports experts, but not the tokens routed to them; a newer version may.";
    } else if (auto layout = layoutOf(answer.dump(-1, ' ', false, json::error_handler_t::replace), facts.experts);
               layout.ok()) {
        RoutingShape& shape = layout->shape;
        shape.groups = std::max(1, facts.groups);
        shape.groups_used = std::max(1, facts.groups_used);
        if (!shape.groupsFit()) shape.groups = shape.groups_used = 1;
        remote.rows = *layout;
    } else {
        remote.routing_note = layout.status().message();
    }
}

}  // namespace

Result<std::vector<ServedModel>> listModels(const Server& server, const std::stop_token& stop) {
    const auto list = server.ask("/v1/models", nullptr, kListBytes, kPatience, stop);
    if (!list.ok()) return list.status();
    std::vector<ServedModel> models;
    const auto data = list->is_object() ? list->find("data") : list->end();
    if (!list->is_object() || data == list->end() || !data->is_array()) {
        return invalid(fmt::format("{} does not answer like an OpenAI-compatible server; check the address.",
                                   server.address().host()));
    }
    for (const json& entry : *data) {
        if (!entry.is_object()) continue;
        ServedModel model{textAt(entry, "id"), 0, textAt(entry, "owned_by"), textAt(entry, "root")};
        const auto length = entry.find("max_model_len");
        if (length != entry.end() && length->is_number_unsigned()) {
            model.context = static_cast<int>(std::min<std::uint64_t>(length->get<std::uint64_t>(), 1 << 30));
        }
        if (!model.id.empty()) models.push_back(std::move(model));
    }
    return models;
}

Result<RemoteModel> probe(const ServerAddress& address, const std::string& model, int experts,
                          const std::stop_token& stop) {
    if (Status status = checkAddress(address.url); !status.ok()) return status;
    const Server server(address);
    const std::string host = address.host();
    RemoteModel remote;
    remote.address = address;
    const auto models = listModels(server, stop);
    // Servers without a list of models answer all the same.
    if (!models.ok() && (models.status().code() != StatusCode::kNotFound || model.empty())) return models.status();
    remote.model.id = model;
    if (models.ok()) {
        if (model.empty() && models->size() != 1) {
            std::string names;
            for (const ServedModel& m : *models) names += (names.empty() ? "" : ", ") + quoted(m.id);
            return notFound(models->empty()
                                ? fmt::format("{} has no models.", host)
                                : fmt::format("{} has several models; choose one: {}.", host, shortened(names, 600)));
        }
        const auto found = std::ranges::find(*models, model, &ServedModel::id);
        if (model.empty()) remote.model = models->front();
        if (found != models->end()) remote.model = *found;
        if (!model.empty() && found == models->end()) {
            return notFound(
                fmt::format("{} has no model {}; `models --server` lists what it has.", host, quoted(model)));
        }
    }
    const json body = {{"model", remote.model.id}, {"prompt", kProbe},         {"max_tokens", 1},
                       {"temperature", 0},         {"return_token_ids", true}, {"return_routed_experts", true}};
    const auto answer = server.ask("/v1/completions", &body, kAnswerBytes, kTokenPatience, stop);
    if (!answer.ok()) {
        // It may be able to hold chats and nothing else.
        const StatusCode code = answer.status().code();
        if (code != StatusCode::kNotFound && code != StatusCode::kInvalid) return answer.status();
        return remote;
    }
    if (!answer->is_object()) return remote;
    ExpertFacts facts = factsInConfig(rootOf(server, remote.model, stop));
    if (experts > 0) facts.experts = experts;
    learn(remote, *answer, facts);
    return remote;
}

}  // namespace moescope
