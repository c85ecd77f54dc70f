// Responses of servers that return which experts ran: ids only.
//
// vLLM 0.21: "prompt_routed_experts" [prompt][layers][k] and choices[i].routed_experts [generated][layers][k], -1 where
//   the prefix was cached. From 0.22: choices[i].routed_experts is base64 of an .npy (tokens - 1, layers, k).
// SGLang: meta_info.routed_experts (/generate) or choices[i].sgl_ext.routed_experts (OpenAI's endpoints): base64 of
//   int32 (tokens - 1, layers, k) without a header. Dense layers show as expert 0.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/routing/trace/base64.h"
#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/id_cube.h"
#include "engine/routing/trace/npy.h"

namespace moescope {
namespace {

using nlohmann::json;

constexpr const char* kOff =
    "the server did not return routed experts; it must be started with "
    "--enable-return-routed-experts";

const json* member(const json* object, const char* key) {
    if (!object || !object->is_object()) return nullptr;
    const auto found = object->find(key);
    return found == object->end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::size_t> count(const json* object, const char* key) {
    const json* number = member(object, key);
    if (!number || !number->is_number_integer() || *number < 0 || *number > (1 << 30)) return std::nullopt;
    return number->get<std::size_t>();
}

Status bad(std::string_view what) {
    return invalid(fmt::format("The response cannot be read: {}.", what));
}

/// Appends nested lists [tokens][layers][k] of the same shape as what the cube has.
Status append(const json& lists, IdCube& cube) {
    if (!lists.is_array()) return bad("routed_experts is no list");
    for (const json& token : lists) {
        if (!token.is_array() || token.empty() || !token[0].is_array()) {
            return bad("routed_experts is no list of tokens, layers and experts");
        }
        if (cube.layers == 0) {
            cube.layers = token.size();
            cube.k = token[0].size();
        }
        if (token.size() != cube.layers) {
            return bad(fmt::format("token {} has {} layers; expected {}", cube.tokens, token.size(), cube.layers));
        }
        for (const json& layer : token) {
            if (!layer.is_array() || layer.size() != cube.k) {
                return bad(fmt::format("token {} has a layer without {} experts", cube.tokens, cube.k));
            }
            for (const json& id : layer) {
                if (!id.is_number_integer() || id < -1 || id >= kMaxTraceExperts) {
                    return bad(fmt::format("token {} names what is no expert", cube.tokens));
                }
                cube.ids.push_back(id.get<std::int32_t>());
            }
        }
        ++cube.tokens;
    }
    return {};
}

/// One of a response's answers.
Result<const json*> chosen(const json& choices, const TraceReadOptions& options, std::vector<std::string>& notes) {
    if (!choices.is_array() || choices.empty()) return bad("it has no answers");
    if (options.choice >= choices.size()) {
        return bad(
            fmt::format("it has {} answers, counted from 0; answer {} was asked for", choices.size(), options.choice));
    }
    if (choices.size() > 1) {
        notes.push_back(
            fmt::format("Answer {} of {} was taken (they are counted from 0).", options.choice, choices.size()));
    }
    return &choices[options.choice];
}

Result<Trace> finish(TraceFormat format, const IdCube& cube, const TraceReadOptions& options,
                     std::vector<std::string> notes) {
    auto log = logOfIds(cube, options, notes);
    if (!log.ok()) return log.status();
    return Trace{format, std::move(*log), std::move(notes)};
}

/// The sizes of SGLang's bare numbers, from what the response and the user say.
Status shapeOf(IdCube& cube, const json* counts, const TraceReadOptions& options, std::vector<std::string>& notes) {
    const std::size_t total = cube.ids.size();
    const auto layers = static_cast<std::size_t>(std::max(0, options.layers));
    auto k = static_cast<std::size_t>(std::max(0, options.experts_used));
    const auto prompt = count(counts, "prompt_tokens"), generated = count(counts, "completion_tokens");
    if (prompt) cube.prompt_tokens = *prompt;
    if (layers > 0 && k > 0) {
        if (total % (layers * k) != 0) {
            return bad(fmt::format("{} ids are no multiple of {} layers with {} experts", total, layers, k));
        }
        cube.tokens = total / (layers * k);
    } else if (prompt && generated) {
        // The last token has not gone in.
        for (const std::size_t tokens : {*prompt + *generated - 1, *prompt + *generated}) {
            if (cube.tokens == 0 && tokens > 0 && tokens <= total && total % tokens == 0) cube.tokens = tokens;
        }
    }
    if (cube.tokens == 0) {
        return bad(
            "it does not say how many tokens it has; give the number of layers and of experts a token (--layers, "
            "--top-k)");
    }
    const std::size_t row = total / cube.tokens;
    if (k == 0 && layers > 0 && row % layers == 0) k = row / layers;
    if (k == 0) {
        k = static_cast<std::size_t>(inferExpertsUsed(cube.ids, row));
        notes.push_back(fmt::format("Each token was taken to have {} experts a layer.", k));
    }
    if (k == 0 || row % k != 0) {
        return bad(fmt::format("{} ids a token are no multiple of a number of experts", row));
    }
    cube.k = k;
    cube.layers = row / k;
    return {};
}

}  // namespace

Result<Trace> parseVllmTrace(std::string_view text, const TraceReadOptions& options) {
    const json response = json::parse(text, nullptr, false);
    if (!response.is_object()) return bad("it is no JSON object");
    std::vector<std::string> notes;
    const json* choices = member(&response, "choices");
    if (!choices) return bad("it has no answers");
    const auto choice = chosen(*choices, options, notes);
    if (!choice.ok()) return choice.status();
    const json* routed = member(*choice, "routed_experts");
    const json* prompt = member(&response, "prompt_routed_experts");
    if (!routed && !prompt) return bad(kOff);
    IdCube cube;
    if (routed && routed->is_string()) {
        const auto bytes = decodeBase64(routed->get_ref<const std::string&>());
        if (!bytes) return bad("routed_experts is no base64");
        const auto array = parseNpy(*bytes);
        if (!array.ok()) return array.status();
        if (array->shape.size() != 3)
            return bad(fmt::format("its array is ({}); expected three sizes", fmt::join(array->shape, ", ")));
        auto ids = array->integers();
        if (!ids.ok()) return ids.status();
        cube.tokens = array->shape[0];
        cube.layers = array->shape[1];
        cube.k = array->shape[2];
        cube.ids = std::move(*ids);
        cube.prompt_tokens = count(member(&response, "usage"), "prompt_tokens");
        return finish(TraceFormat::kVllm, cube, options, std::move(notes));
    }
    if (prompt) {
        if (Status status = append(*prompt, cube); !status.ok()) return status;
        cube.prompt_tokens = cube.tokens;
    }
    if (routed) {
        if (Status status = append(*routed, cube); !status.ok()) return status;
    }
    return finish(TraceFormat::kVllm, cube, options, std::move(notes));
}

Result<Trace> parseSglangTrace(std::string_view text, const TraceReadOptions& options) {
    const json document = json::parse(text, nullptr, false);
    if (!document.is_object() && !document.is_array()) return bad("it is no JSON object");
    std::vector<std::string> notes;
    const json* response = &document;
    if (document.is_array()) {  // /generate with several prompts
        const auto one = chosen(document, options, notes);
        if (!one.ok()) return one.status();
        response = *one;
    }
    const json* counts = member(response, "meta_info");
    const json* routed = member(counts, "routed_experts");
    if (const json* choices = member(response, "choices")) {
        const auto choice = chosen(*choices, options, notes);
        if (!choice.ok()) return choice.status();
        counts = member(response, "usage");
        routed = member(member(*choice, "sgl_ext"), "routed_experts");
    }
    if (!routed) return bad(kOff);
    if (!routed->is_string()) return bad("routed_experts is no base64");
    const auto bytes = decodeBase64(routed->get_ref<const std::string&>());
    if (!bytes || bytes->size() % sizeof(std::int32_t) != 0)
        return bad("routed_experts is no base64 of 4-byte numbers");
    IdCube cube;
    cube.ids.resize(bytes->size() / sizeof(std::int32_t));
    if (cube.ids.empty()) return bad("routed_experts is empty");
    std::memcpy(cube.ids.data(), bytes->data(), bytes->size());
    if (Status status = shapeOf(cube, counts, options, notes); !status.ok()) return status;
    return finish(TraceFormat::kSglang, cube, options, std::move(notes));
}

}  // namespace moescope
