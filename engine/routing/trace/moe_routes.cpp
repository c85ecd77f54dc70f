// moe_routes.jsonl, as loggers that people patch into vLLM write it (VLLM_LOG_MOE): JSONL, a line of facts, then a
// record per token and layer:
//   {"type": "meta", "model_id": "Qwen/Qwen1.5-MoE-A2.7B-Chat", "layers_logged": [0], "top_k": 4, "num_experts": 60}
//   {"type": "route", "req_id": "r1", "token_idx": 17, "layer": 0, "topk_ids": [3, 12], "topk_weights": [0.72, 0.28]}
//
// Only token_idx, layer and topk_ids are needed. token_idx counts the tokens of a request, or all of them. Records of
// requests that run at once are mixed. A token whose layers do not rise is another one: some loggers count anew with
// each pass. So is any after a second line of facts, as logs are appended to. topk_weights are the gates; topk_ids need
// not be in their order.

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unordered_map>

#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/id_cube.h"
#include "engine/routing/trace/text.h"

namespace moescope {
namespace {

using nlohmann::json;

/// A member that is a whole number in a range.
std::optional<std::int64_t> number(const json& record, const char* key, std::int64_t lowest, std::int64_t highest) {
    const auto found = record.find(key);
    if (found == record.end() || !found->is_number_integer() || *found < lowest || *found > highest) return {};
    return found->get<std::int64_t>();
}

/// What names the request of a record; "" if nothing does.
std::string requestOf(const json& record) {
    const auto found = record.find("req_id");
    if (found == record.end()) return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

/// Makes tokens of one request follow each other, in the order in which requests begin.
void sortByRequest(Choices& choices, const std::vector<std::uint32_t>& requests) {
    std::vector<std::uint32_t> order(choices.tokens.size()), place(order.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::stable_sort(order, {}, [&](std::uint32_t token) { return requests[token]; });
    std::vector<RoutingLog::Token> tokens;
    tokens.reserve(order.size());
    for (const std::uint32_t token : order) {
        place[token] = static_cast<std::uint32_t>(tokens.size());
        tokens.push_back(choices.tokens[token]);
    }
    choices.tokens = std::move(tokens);
    for (Choice& choice : choices.choices) choice.token = place[choice.token];
}

}  // namespace

Result<Trace> parseMoeRoutes(std::string_view text, const TraceReadOptions& options) {
    struct Last {
        std::uint32_t token;
        std::int64_t layer;
    };
    Choices choices;
    choices.shape = idsOnly();
    std::vector<std::string> notes;
    std::map<std::string, std::uint32_t> numbers;  // of requests since the last line of facts
    std::vector<std::uint32_t> requests;           // of each token, by number
    std::uint32_t next_request = 0;
    std::unordered_map<std::uint64_t, Last> tokens;  // by request and token_idx
    std::size_t skipped = 0;
    LineReader lines(text);
    std::string_view line;
    while (lines.next(line)) {
        if (trimmed(line).empty()) continue;
        const auto bad = [&](std::string_view what) {
            return invalid(fmt::format("Line {}: {}.", lines.number(), what));
        };
        const json record = json::parse(line, nullptr, false);
        if (!record.is_object()) return bad("it is not a JSON object");
        const auto type = record.find("type");
        if (type != record.end() && *type == "meta") {
            numbers.clear();
            if (!record.contains("num_experts")) continue;
            const auto experts = number(record, "num_experts", 1, kMaxTraceExperts);
            if (!experts) return bad(fmt::format("\"num_experts\" is not a number from 1 to {}", kMaxTraceExperts));
            choices.shape.experts = static_cast<int>(*experts);
            continue;
        }
        if (type != record.end() && *type != "route") {
            ++skipped;
            continue;
        }
        const auto index = number(record, "token_idx", 0, std::numeric_limits<std::int32_t>::max());
        if (!index) return bad("\"token_idx\" is not a number from 0");
        const auto layer = number(record, "layer", 0, kMaxTraceLayers - 1);
        if (!layer) return bad(fmt::format("\"layer\" is not a number from 0 to {}", kMaxTraceLayers - 1));
        const auto ids = record.find("topk_ids");
        if (ids == record.end() || !ids->is_array() || ids->empty() || ids->size() > kMaxActiveExperts) {
            return bad(fmt::format("\"topk_ids\" is not a list of 1 to {} experts", kMaxActiveExperts));
        }
        const auto weights = record.find("topk_weights");
        const bool weighted = weights != record.end() && !weights->is_null();
        if (weighted && (!weights->is_array() || weights->size() != ids->size())) {
            return bad(fmt::format("\"topk_weights\" is not a list of {} numbers", ids->size()));
        }

        const auto request = numbers.try_emplace(requestOf(record), next_request);
        next_request += request.second;
        const std::uint64_t key = std::uint64_t{request.first->second} << 32 | static_cast<std::uint64_t>(*index);
        const auto added = static_cast<std::uint32_t>(choices.tokens.size());
        const auto [known, is_new] = tokens.try_emplace(key, Last{added, *layer});
        if (!is_new && *layer <= known->second.layer) known->second.token = added;
        known->second.layer = *layer;
        if (known->second.token == added) {
            choices.tokens.push_back({-1, static_cast<std::int32_t>(*index), Phase::kPrefill});
            requests.push_back(request.first->second);
        }
        for (std::size_t slot = 0; slot < ids->size(); ++slot) {
            const json& id = (*ids)[slot];
            const bool none = id.is_null() || id == -1;
            if (!none && (!id.is_number_integer() || id < 0 || id >= kMaxTraceExperts)) {
                return bad(fmt::format("\"topk_ids\" has an invalid expert; expected 0 to {}", kMaxTraceExperts - 1));
            }
            float weight = std::numeric_limits<float>::quiet_NaN();
            if (weighted && !(*weights)[slot].is_null()) {
                if (!(*weights)[slot].is_number()) return bad("\"topk_weights\" has a value that is not a number");
                weight = static_cast<float>((*weights)[slot].get<double>());
                choices.shape.has_gates = true;
            }
            choices.choices.push_back({known->second.token, static_cast<std::uint16_t>(*layer),
                                       static_cast<std::uint16_t>(slot), none ? kNoExpert : id.get<std::uint16_t>(),
                                       weight});
        }
    }
    if (skipped > 0) notes.push_back(fmt::format("{} lines of other types than \"route\" were left out.", skipped));
    sortByRequest(choices, requests);
    choices.sort_by_weight = choices.shape.has_order = choices.shape.has_gates;
    auto log = choices.build(options, notes);
    if (!log.ok()) return log.status();
    return Trace{TraceFormat::kMoeRoutes, std::move(*log), std::move(notes)};
}

}  // namespace moescope
