#include "app/serve/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "app/serve/fields.h"
#include "engine/base/foreign_text.h"
#include "engine/base/generation_settings.h"
#include "engine/routing/rules_text.h"

namespace moescope::serve {
namespace {

using Json = nlohmann::json;

/// Of bookkeeping, of the service that is paid for, of caches, of speed; and of tools, where there are none.
constexpr const char* kWithoutEffect[] = {"user",
                                          "metadata",
                                          "store",
                                          "service_tier",
                                          "safety_identifier",
                                          "prompt_cache_key",
                                          "prompt_cache_retention",
                                          "prediction",
                                          "parallel_tool_calls",
                                          "request_id",
                                          "cache_salt",
                                          "priority",
                                          "tool_choice",
                                          "function_call"};

/// Fields of OpenAI's and vLLM's servers with the value that asks for nothing.
struct Neutral {
    const char* name;
    const char* value;  // as JSON
};
constexpr Neutral kOnlyAs[] = {
    {"best_of", "1"},
    {"use_beam_search", "false"},
    {"length_penalty", "1.0"},
    {"early_stopping", "false"},
    {"ignore_eos", "false"},
    {"min_tokens", "0"},
    {"stop_token_ids", "[]"},
    {"include_stop_str_in_output", "false"},
    {"skip_special_tokens", "true"},
    {"spaces_between_special_tokens", "true"},
    {"return_tokens_as_token_ids", "false"},
    {"tools", "[]"},
    {"functions", "[]"},
    {"modalities", "[\"text\"]"},
    {"response_format", "{\"type\":\"text\"}"},
    {"suffix", "\"\""},
};

void readModel(Fields& fields, const ServedModel& model) {
    std::string name;
    fields.text("model", name);
    if (name.empty() || name == model.name) return;
    ApiError error = badField(
        "model", fmt::format("There is no model {} here; this server has {}.", quoted(name), quoted(model.name)));
    error.status = 404;
    error.code = "model_not_found";
    fields.fail(std::move(error));
}

void readStop(Fields& fields, std::vector<std::string>& stop) {
    const Json* found = fields.take("stop");
    if (!found) return;
    const std::string expected = fmt::format("a text, or an array of at most {} texts of 1 to {} bytes",
                                             GenerationSettings::kMaxStops, GenerationSettings::kMaxStopBytes);
    const Json texts = found->is_array() ? *found : Json::array({*found});
    if (texts.size() > GenerationSettings::kMaxStops) return fields.fail("stop", expected);
    for (const Json& text : texts) {
        if (!text.is_string()) return fields.fail("stop", expected);
        const auto& value = text.get_ref<const std::string&>();
        if (value.empty() || value.size() > GenerationSettings::kMaxStopBytes) return fields.fail("stop", expected);
        stop.push_back(value);
    }
}

void readBias(Fields& fields, const ServedModel& model, SamplerSettings& sampling) {
    const Json* found = fields.take("logit_bias");
    if (!found) return;
    const std::string expected = fmt::format("an object of at most {} ids from 0 to {} with numbers from -100 to 100",
                                             kMaxBiases, model.vocabulary - 1);
    if (!found->is_object() || found->size() > kMaxBiases) return fields.fail("logit_bias", expected);
    for (const auto& [key, value] : found->items()) {
        std::int32_t id = -1;
        const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
        const bool known = error == std::errc() && end == key.data() + key.size() && id >= 0 && id < model.vocabulary;
        const double bias = value.is_number() ? value.get<double>() : NAN;
        if (!known || !(bias >= -100 && bias <= 100)) return fields.fail("logit_bias", expected);
        sampling.logit_bias.emplace_back(id, static_cast<float>(bias));
    }
}

void readSampling(Fields& fields, const ServedModel& model, CompletionRequest& request) {
    SamplerSettings& s = request.sampling;
    // What is not asked for is as with OpenAI: the model's own distribution.
    s.temperature = 1;
    s.top_k = 0;
    s.top_p = 1;
    s.min_p = 0;
    s.repetition_window = 1 << 20;  // all, as with vLLM
    fields.number("temperature", s.temperature, 0, 100);
    fields.number("top_p", s.top_p, 0, 1);
    fields.number("min_p", s.min_p, 0, 1);
    std::optional<int> top_k;
    fields.integer("top_k", top_k, -1, 1 << 30);
    s.top_k = std::max(0, top_k.value_or(0));
    fields.number("presence_penalty", s.presence_penalty, -2, 2);
    fields.number("frequency_penalty", s.frequency_penalty, -2, 2);
    fields.number("repetition_penalty", s.repetition_penalty, 0.01f, 100);
    readBias(fields, model, s);
    if (const Json* seed = fields.take("seed")) {
        if (!seed->is_number_integer()) return fields.fail("seed", "a whole number");
        s.seed = seed->is_number_unsigned() ? seed->get<std::uint64_t>()
                                            : static_cast<std::uint64_t>(seed->get<std::int64_t>());
        request.random_seed = false;
    }
}

void readStream(Fields& fields, CompletionRequest& request) {
    fields.boolean("stream", request.stream);
    const Json* options = fields.take("stream_options");
    if (!options) return;
    if (!options->is_object()) return fields.fail("stream_options", "an object");
    if (!request.stream) return fields.fail("stream_options", "it only where \"stream\" is true");
    Fields inner(*options, "stream_options.");
    inner.boolean("include_usage", request.include_usage);
    inner.onlyAs("continuous_usage_stats", false);
    inner.ignore(std::array{"include_obfuscation"});
    if (auto error = inner.error()) fields.fail(std::move(*error));
}

void readRouting(Fields& fields, const ServedModel& model, CompletionRequest& request) {
    RoutingWanted& routing = request.routing;
    fields.boolean("return_routed_experts", routing.experts);
    std::optional<int> vllm_start, sglang_start;
    fields.integer("routed_experts_prompt_start", vllm_start, 0, 1 << 30);
    fields.integer("routed_experts_start_len", sglang_start, 0, 1 << 30);
    routing.start = vllm_start.value_or(sglang_start.value_or(0));
    fields.boolean("return_token_ids", request.token_ids);
    fields.boolean("return_input_ids_in_sglext", request.input_ids_in_sglext);
    fields.boolean("return_output_ids_in_sglext", request.output_ids_in_sglext);
    const Json* own = fields.take("moescope");
    if (!own) return;
    if (!own->is_object()) return fields.fail("moescope", "an object");
    Fields inner(*own, "moescope.");
    inner.boolean("gates", routing.gates);
    inner.boolean("norms", routing.norms);
    std::string text;
    inner.text("rules", text);
    const auto rules = parseRules(text);
    const Status status = rules.ok() ? validate(*rules, model.shape) : rules.status();
    if (status.ok()) {
        request.rules = *rules;
    } else {
        inner.fail(badField("moescope.rules", status.message()));
    }
    if (auto error = inner.error()) fields.fail(std::move(*error));
    routing.experts |= routing.gates || routing.norms;
}

/// All that chats and texts have in common, but log-probabilities.
void readCommon(Fields& fields, const ServedModel& model, CompletionRequest& request) {
    readModel(fields, model);
    readSampling(fields, model, request);
    readStop(fields, request.stop);
    readStream(fields, request);
    readRouting(fields, model, request);
    std::optional<int> choices;
    fields.integer("n", choices, 1, kMaxChoices);
    request.choices = choices.value_or(1);
    for (const Neutral& field : kOnlyAs) fields.onlyAs(field.name, Json::parse(field.value));
    fields.ignore(kWithoutEffect);
}

/// The texts of a message: a text, or an array of parts.
std::optional<std::string> contentOf(Fields& fields, const Json& message) {
    const auto content = message.find("content");
    if (content == message.end() || content->is_null()) return std::string();
    if (content->is_string()) return content->get<std::string>();
    std::string text;
    if (content->is_array()) {
        for (const Json& part : *content) {
            const std::string type =
                part.is_object() ? part.value("type", Json()).is_string() ? part["type"] : Json("") : "";
            const auto words = part.is_object() ? part.find("text") : part.end();
            if (type == "text" && words != part.end() && words->is_string()) {
                text += words->get_ref<const std::string&>();
                continue;
            }
            fields.fail(badField(
                "messages", fmt::format("A message has a part of type {}; this model reads text only.", quoted(type))));
            return std::nullopt;
        }
        return text;
    }
    fields.fail("messages", "a text as the \"content\" of each message");
    return std::nullopt;
}

std::optional<Role> roleNamed(const std::string& name) {
    if (name == "system" || name == "developer") return Role::kSystem;
    if (name == "user") return Role::kUser;
    if (name == "assistant") return Role::kAssistant;
    return std::nullopt;
}

std::vector<ChatMessage> readMessages(Fields& fields) {
    std::vector<ChatMessage> messages;
    const Json* found = fields.take("messages");
    if (!found || !found->is_array() || found->empty()) {
        fields.fail("messages", "an array of at least one message");
        return messages;
    }
    for (const Json& message : *found) {
        const auto role = message.is_object() ? message.find("role") : message.end();
        if (!message.is_object() || role == message.end() || !role->is_string()) {
            fields.fail("messages", "objects with \"role\" and \"content\"");
            return messages;
        }
        const auto named = roleNamed(*role);
        if (!named) {
            fields.fail(
                badField("messages", fmt::format("A message has the role {}; expected system, user or assistant.",
                                                 quoted(role->get_ref<const std::string&>()))));
            return messages;
        }
        for (const char* field : {"tool_calls", "function_call", "audio"}) {
            const auto call = message.find(field);
            if (call == message.end() || call->is_null() || (call->is_array() && call->empty())) continue;
            fields.fail(badField("messages", fmt::format("A message has {}, which is not supported.", quoted(field))));
            return messages;
        }
        auto text = contentOf(fields, message);
        if (!text) return messages;
        messages.push_back({*named, std::move(*text)});
    }
    return messages;
}

void readThinking(Fields& fields, const ServedModel& model, ChatRequest& request) {
    const Json* arguments = fields.take("chat_template_kwargs");
    if (!arguments) return;
    if (!arguments->is_object()) return fields.fail("chat_template_kwargs", "an object");
    Fields inner(*arguments, "chat_template_kwargs.");
    for (const char* name : {"thinking", "enable_thinking"}) {
        bool thinking = request.thinking.value_or(false);
        if (!arguments->contains(name)) continue;
        inner.boolean(name, thinking);
        request.thinking = thinking;
        if (model.thinking_choice) continue;
        inner.fail(badField(std::string("chat_template_kwargs.") + name,
                            "This model's chat template cannot turn thinking on or off."));
    }
    if (auto error = inner.error()) fields.fail(std::move(*error));
}

std::optional<std::vector<std::int32_t>> idsOf(const Json& array, const ServedModel& model) {
    std::vector<std::int32_t> ids;
    ids.reserve(array.size());
    for (const Json& id : array) {
        if (!id.is_number_integer()) return std::nullopt;
        const auto value = id.get<std::int64_t>();
        if (value < 0 || value >= model.vocabulary) return std::nullopt;
        ids.push_back(static_cast<std::int32_t>(value));
    }
    return ids;
}

void readPrompts(Fields& fields, const ServedModel& model, TextRequest& request) {
    const Json* found = fields.take("prompt");
    const std::string expected = fmt::format(
        "a text, an array of ids from 0 to {}, or an array of at most {} of either", model.vocabulary - 1, kMaxChoices);
    if (!found || (!found->is_string() && !found->is_array()) || (found->is_array() && found->empty())) {
        return fields.fail("prompt", expected);
    }
    const bool one = found->is_string() || found->front().is_number();
    if (!one && found->size() > static_cast<std::size_t>(kMaxChoices)) return fields.fail("prompt", expected);
    const Json prompts = one ? Json::array({*found}) : *found;
    for (const Json& prompt : prompts) {
        if (prompt.is_string()) {
            request.prompts.emplace_back(prompt.get<std::string>());
            continue;
        }
        auto ids = prompt.is_array() && !prompt.empty() ? idsOf(prompt, model) : std::nullopt;
        if (!ids) return fields.fail("prompt", expected);
        request.prompts.emplace_back(std::move(*ids));
    }
    if (request.prompts.size() * static_cast<std::size_t>(request.choices) > static_cast<std::size_t>(kMaxChoices)) {
        fields.fail("n", fmt::format("at most {} answers to all prompts together", kMaxChoices));
    }
}

/// The request, unless a field was wrong.
template <class T>
ApiResult<T> checked(const Fields& fields, T request) {
    if (auto error = fields.error()) return *error;
    return request;
}

}  // namespace

ApiResult<ChatRequest> parseChatRequest(std::string_view body, const ServedModel& model) {
    const auto object = parseObject(body);
    if (!object.ok()) return object.error();
    Fields fields(*object);
    ChatRequest request;
    readCommon(fields, model, request);
    request.messages = readMessages(fields);
    std::optional<int> max_tokens, max_completion_tokens;
    fields.integer("max_tokens", max_tokens, 1, GenerationSettings::kMaxAnswer);
    fields.integer("max_completion_tokens", max_completion_tokens, 1, GenerationSettings::kMaxAnswer);
    request.max_tokens = max_completion_tokens ? max_completion_tokens : max_tokens;
    bool logprobs = false;
    fields.boolean("logprobs", logprobs);
    std::optional<int> alternatives;
    fields.integer("top_logprobs", alternatives, 0, kMaxAlternatives);
    if (alternatives.value_or(0) > 0 && !logprobs) fields.fail("top_logprobs", "it only where \"logprobs\" is true");
    if (logprobs) request.logprobs = alternatives.value_or(0);
    fields.onlyAs("echo", false);
    bool opens_answer = true;
    fields.boolean("add_generation_prompt", opens_answer);
    fields.boolean("continue_final_message", request.continue_last);
    if (request.continue_last) {
        // As vLLM has it: one of both, and an answer to go on with.
        if (opens_answer && object->contains("add_generation_prompt")) {
            fields.fail("add_generation_prompt", "false where \"continue_final_message\" is true");
        }
        if (!request.messages.empty() && request.messages.back().role != Role::kAssistant) {
            fields.fail("continue_final_message", "a last message of the role \"assistant\"");
        }
    } else if (!opens_answer) {
        fields.fail("add_generation_prompt", "true, or \"continue_final_message\" beside it");
    }
    readThinking(fields, model, request);
    return checked(fields, std::move(request));
}

ApiResult<TextRequest> parseTextRequest(std::string_view body, const ServedModel& model) {
    const auto object = parseObject(body);
    if (!object.ok()) return object.error();
    Fields fields(*object);
    TextRequest request;
    readCommon(fields, model, request);
    readPrompts(fields, model, request);
    request.max_tokens = 16;  // OpenAI's
    fields.integer("max_tokens", request.max_tokens, 0, GenerationSettings::kMaxAnswer);
    std::optional<int> logprobs;
    fields.integer("logprobs", logprobs, 0, kMaxAlternatives);
    request.logprobs = logprobs.value_or(-1);
    fields.boolean("echo", request.echo);
    fields.boolean("add_special_tokens", request.add_bos);
    if (request.max_tokens == 0 && !request.echo) fields.fail("max_tokens", "at least 1, except with \"echo\"");
    return checked(fields, std::move(request));
}

ApiResult<TokenizeRequest> parseTokenizeRequest(std::string_view body, const ServedModel& model) {
    const auto object = parseObject(body);
    if (!object.ok()) return object.error();
    Fields fields(*object);
    TokenizeRequest request;
    readModel(fields, model);
    if (object->contains("messages")) {
        request.messages = readMessages(fields);
        fields.boolean("add_generation_prompt", request.answer_follows);
        fields.ignore(std::array{"add_special_tokens"});  // the template's own are in it
    } else {
        if (!object->contains("prompt")) fields.fail("prompt", "a text, or \"messages\" instead");
        fields.text("prompt", request.prompt);
        fields.boolean("add_special_tokens", request.add_bos);
    }
    fields.boolean("return_token_strs", request.token_texts);
    return checked(fields, std::move(request));
}

ApiResult<std::vector<std::int32_t>> parseDetokenizeRequest(std::string_view body, const ServedModel& model) {
    const auto object = parseObject(body);
    if (!object.ok()) return object.error();
    Fields fields(*object);
    readModel(fields, model);
    const Json* tokens = fields.take("tokens");
    auto ids = tokens && tokens->is_array() ? idsOf(*tokens, model) : std::nullopt;
    if (!ids) fields.fail("tokens", fmt::format("an array of ids from 0 to {}", model.vocabulary - 1));
    return checked(fields, std::move(ids).value_or(std::vector<std::int32_t>()));
}

}  // namespace moescope::serve
